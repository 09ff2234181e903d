//! Do the links of the pages lead somewhere? The compiler checks those to items, not those to headings and
//! files. And are the examples listed? This is about the repository, with all packages in it.

use std::fs;
use std::path::Path;

const GUIDE: &str = "src/guide";

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

/// The pages of the guide, and all files of the crate: their docs have links too.
fn sources() -> Vec<String> {
    let mut sources = Vec::new();
    let mut folders = vec![Path::new("src").to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                None => folders.push(path),
                Some("md" | "rs") => sources.push(read(path)),
                Some(_) => {}
            }
        }
    }
    sources
}

/// A heading as rustdoc spells it in a link.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

fn anchors(page: &str) -> Vec<String> {
    let mut in_code = false;
    let headings = page.lines().filter(|line| {
        in_code ^= line.starts_with("```");
        !in_code && line.starts_with('#')
    });
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

#[test]
fn links_to_headings_of_guides_lead_to_one() {
    let mut links = 0;
    for source in sources() {
        for link in source.split("](crate::guide::").skip(1) {
            let Some((link, _)) = link.split_once(')') else { continue };
            let Some((page, heading)) = link.split_once('#') else { continue };
            let text = read(format!("{GUIDE}/{page}.md"));
            assert!(anchors(&text).iter().any(|anchor| anchor == heading), "{link}");
            links += 1;
        }
    }
    assert!(links >= 3, "{links}");
}

/// Rustdoc numbers a heading that stands twice, so that its link is not what one would write.
#[test]
fn no_heading_stands_twice_on_a_page() {
    for entry in fs::read_dir(GUIDE).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let mut anchors = anchors(&read(&path));
            let all = anchors.len();
            anchors.sort();
            anchors.dedup();
            assert_eq!(anchors.len(), all, "{path:?}");
        }
    }
}

#[test]
fn links_to_files_lead_to_one() {
    let mut links = 0;
    for page in
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "examples/README.md"]
    {
        // README's table has a line for each action.
        let most = if page == "README.md" { 130 + labelgate::Action::COUNT } else { 160 };
        assert!(page == "CHANGELOG.md" || read(page).lines().count() <= most, "{page} is long");
        let folder = Path::new(page).parent().unwrap();
        for link in read(page).split("](").skip(1) {
            let (link, _) = link.split_once(')').unwrap();
            if !link.starts_with("https://") {
                let (file, heading) = link.split_once('#').unwrap_or((link, ""));
                let file = folder.join(file);
                assert!(file.exists(), "{page}: {link}");
                assert!(
                    heading.is_empty() || anchors(&read(file)).iter().any(|a| a == heading),
                    "{link}"
                );
                links += 1;
            }
        }
    }
    assert!(links >= 15, "{links}");
}

#[test]
fn every_page_of_the_guide_is_in_all_contents() {
    let (readme, root, contents) =
        (read("README.md"), read("src/lib.rs"), read("src/guide/mod.rs"));
    let mut pages = 0;
    for entry in fs::read_dir(GUIDE).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let page = path.file_stem().unwrap().to_str().unwrap();
            assert!(readme.contains(&format!("({GUIDE}/{page}.md)")), "{page}");
            assert!(root.contains(&format!("(guide::{page})")), "{page}");
            assert!(contents.contains(&format!("]({page})")), "{page}");
            pages += 1;
        }
    }
    assert!(pages >= 9, "{pages}");
}

/// Every example is in the list, and its first line says what it teaches.
#[test]
fn examples_say_what_they_teach() {
    let list = include_str!("../examples/README.md");
    let in_folder = |folder: &str| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        in_folder("examples").chain(in_folder("examples/programs/src")).collect();
    files.extend(in_folder("examples/sql").map(|path| path.join("src/main.rs")));
    files.extend(["examples/axum/src/main.rs".into(), "examples/export/src/main.rs".into()]);
    // These run the programs, and hold what they have in common.
    let shared = ["lib.rs", "main.rs", "common.rs"]
        .map(|name| Path::new("examples/programs/src").join(name));
    files.retain(|path| {
        path.extension().is_some_and(|extension| extension == "rs")
            && path.exists()
            && !shared.contains(path)
    });
    assert!(files.len() >= 11);
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! Teaches "), "{path:?}");
        let name = path.strip_prefix("examples").unwrap().to_str().unwrap();
        assert!(list.contains(&format!("({name})")), "{name}");
    }
}

/// What README shows after its first program is in a service that is tested, line by line. The service is short.
#[test]
fn the_readme_shows_lines_of_a_service() {
    let service = read("examples/axum/src/main.rs");
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    assert!(service.lines().filter(is_code).count() <= 150);
    let readme = read("README.md");
    let blocks = readme.split("```rust\n").skip(1).map(|block| block.split_once("```").unwrap().0);
    let blocks: Vec<&str> = blocks.collect();
    assert_eq!(blocks.len(), 4);
    assert!(blocks[0].lines().count() <= 12);
    for block in &blocks[1..] {
        assert!(service.contains(&format!("\n{block}\n")), "{block}");
    }
}

/// A page counts the rows of memberships and assignments, so somebody copies keys with the tables.
#[test]
fn every_table_that_is_shown_has_a_key() {
    let mut tables = 0;
    let files = [
        "examples/axum/src/tables.sql",
        "examples/sql/tables.sql",
        "examples/service/migrations/tables.sql",
    ];
    let guide = fs::read_dir(GUIDE).unwrap().map(|entry| entry.unwrap().path());
    let guide = guide.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    for path in guide.chain(files.map(Into::into)) {
        for table in read(&path).split("CREATE TABLE ").skip(1) {
            let (table, _) = table.split_once(';').unwrap();
            let has_key = table.contains("PRIMARY KEY") || table.contains("id {id},");
            assert!(has_key, "{path:?}: {table}");
            tables += 1;
        }
    }
    assert!(tables >= 40, "{tables}");
}

/// SQLite takes a misspelt column for a text, unless its table is named. So examples name it.
#[test]
fn every_column_in_an_example_has_a_table() {
    let mut columns = 0;
    for source in sources() {
        for call in [".column(", "Expr::col("] {
            for column in source.split(call).skip(1) {
                assert!(!column.starts_with('"'), "{}", column.lines().next().unwrap());
                columns += 1;
            }
        }
    }
    assert!(columns >= 50, "{columns}");
}
