//! The commands and the program of the guide *Decide for other languages*, as they stand on the page.

use std::process::Command;

use labelgate_service_tests::{Engine, Service, run};

use super::{HERE, credential};

const PAGE: &str = include_str!("../../../../../src/guide/authzen.md");

/// The only block of a language.
fn block(language: &str) -> &'static str {
    let begin = format!("```{language}\n");
    let mut blocks = PAGE.split(&begin).skip(1);
    let block = blocks.next().and_then(|rest| rest.split("```").next()).expect("a block");
    assert!(blocks.next().is_none(), "a second block of {language}");
    block
}

/// Runs a program that asks the service, and returns what it prints.
async fn printed(service: &Service, secret: &str, program: &str, text: &str) -> String {
    let mut command = Command::new(program);
    command.args(["-c", text]).env("PDP", &*service.app.origin).env("TOKEN", secret);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("a task");
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {error}");
    String::from_utf8(output.stdout).expect("a text")
}

#[test]
fn the_page_is_right() {
    run(Engine::Sqlite, async |service| {
        let secret = credential(service, HERE).await;
        let curl = block("sh");
        let (_, said) = curl.trim_end().rsplit_once("\n# ").expect("what is printed");
        assert_eq!(printed(service, &secret, "sh", curl).await, said);
        assert_eq!(printed(service, &secret, "python3", block("python")).await, "");
    });
}
