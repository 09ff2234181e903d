//! Teaches how other engines get the same rules: prints them as models of OpenFGA and SpiceDB, policies of Cedar, and
//! constants of TypeScript.
//!
//! `cargo run -p labelgate-export -- openfga`, or with an organization's overrides,
//! `cargo run -p labelgate-export -- openfga examples/overrides.json`

use std::process::ExitCode;

use labelgate::Matrix;
use labelgate::overrides::Overrides;
use labelgate_export::levels::Levels;
use labelgate_export::model::Model;
use labelgate_export::rules::Rules;
use labelgate_export::{cedar, openfga, spicedb, typescript};

const USAGE: &str = "usage: labelgate-export FORMAT [OVERRIDES.json]
formats: openfga, spicedb, cedar-schema, cedar-policies, typescript;
         spicedb-levels, openfga-levels: one model for organizations with any overrides";

fn print(format: &str, overrides: Option<&str>) -> Result<String, String> {
    let matrix = match overrides {
        None => Matrix::BUILT_IN,
        Some(path) => {
            let text =
                std::fs::read_to_string(path).map_err(|error| format!("{path:?}: {error}"))?;
            let overrides: Overrides =
                serde_json::from_str(&text).map_err(|error| error.to_string())?;
            overrides.matrix()
        }
    };
    let rules = Rules::of(matrix);
    Ok(match format {
        "openfga" => openfga::print(&Model::new(&rules)),
        "spicedb" => spicedb::print(&Model::new(&rules)),
        "openfga-levels" => openfga::print(&Model::with_levels(&Levels::new())),
        "spicedb-levels" => spicedb::print(&Model::with_levels(&Levels::new())),
        "cedar-schema" => cedar::schema(),
        "cedar-policies" => cedar::policies(&rules),
        "typescript" => typescript::print(&matrix),
        _ => return Err(USAGE.to_owned()),
    })
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let printed = match &arguments[..] {
        [format] => print(format, None),
        [format, overrides] => print(format, Some(overrides)),
        _ => Err(USAGE.to_owned()),
    };
    match printed {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
