//! What the router serves, read from the sources of the service: each method and path.

use std::fs;
use std::path::{Path, PathBuf};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every file of the service that may have routes.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Each method in capital letters, and the path with its parameters in braces.
pub fn routes() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let service = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/service/src");
    sources(&service, &mut files);
    let mut routes = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source");
        for other in [".nest", ".route_service", "::any"] {
            assert!(!text.contains(&format!("{other}(")), "{}: {other}", file.display());
        }
        for route in text.split(".route(").skip(1) {
            let path = route.split('"').nth(1).expect("a path");
            // What comes after the last route serves none.
            let route = route.split(";\n").next().unwrap_or_default();
            let before = routes.len();
            for method in METHODS {
                let is_served = route.match_indices(&format!("{method}(")).any(|(at, _)| {
                    !route[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
                });
                if is_served {
                    routes.push((method.to_uppercase(), path.to_owned()));
                }
            }
            assert!(routes.len() > before, "{path} is served with no method");
        }
    }
    routes
}

/// Whether a path is served by a route.
pub fn is_of(path: &str, route: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<_> = path.split('/').zip(route.split('/')).collect();
    path.split('/').count() == route.split('/').count()
        && parts.iter().all(|(part, of)| part == of || of.starts_with('{'))
}
