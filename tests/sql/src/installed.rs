//! Where PostgreSQL is installed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Debian keeps the programs of each version in `bin` of a folder here, and not in `PATH`.
const DEBIAN: &str = "/usr/lib/postgresql";

pub struct Installed {
    /// The folder that has `initdb`, `pg_ctl` and `postgres`.
    pub programs: PathBuf,
    /// The user that they have to run as, if not this one: they refuse root.
    pub user: Option<&'static str>,
}

/// Finds the programs, in `PATH` before Debian's newest version.
pub fn postgres() -> Result<Installed, &'static str> {
    let path = env::var_os("PATH").unwrap_or_default();
    let programs = env::split_paths(&path)
        .chain(debian())
        .find(|folder| {
            ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file())
        })
        .ok_or("initdb, pg_ctl and postgres are neither in PATH nor where Debian has them")?;
    let user = if output("id", &["-u"]).as_deref() == Some("0") { Some("postgres") } else { None };
    if user.is_some_and(|user| output("runuser", &["-u", user, "--", "true"]).is_none()) {
        return Err("they do not run as root, and there is no user `postgres` to run them as");
    }
    Ok(Installed { programs, user })
}

/// The folders of Debian's versions, newest first.
fn debian() -> Vec<PathBuf> {
    let mut versions: Vec<u32> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    let folder = |version: u32| Path::new(DEBIAN).join(version.to_string()).join("bin");
    versions.into_iter().map(folder).collect()
}

/// What a program prints, if it succeeds.
pub fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
