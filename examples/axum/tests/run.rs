//! `cargo run`: the program serves, and each of its decisions is a line of the log.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};

use labelgate::Matrix;
use labelgate::log::LogEntry;

/// The program, and the secrets of the users from 1 to 8.
struct Program {
    process: Child,
    /// Kept: a program whose errors nobody reads cannot print them.
    _errors: Lines<BufReader<ChildStderr>>,
    address: String,
    secrets: Vec<String>,
}

impl Program {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_labelgate-example-axum"))
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = BufReader::new(process.stderr.take().unwrap()).lines();
        let (mut address, mut secrets) = (String::new(), Vec::new());
        // "curl -b sid=SECRET http://ADDRESS/projects/100 # OW"
        for line in errors.by_ref().take(8) {
            let line = line.unwrap();
            let (secret, rest) =
                line.strip_prefix("curl -b sid=").unwrap().split_once(" http://").unwrap();
            address = rest.split_once('/').unwrap().0.to_owned();
            secrets.push(secret.to_owned());
        }
        Self { process, _errors: errors, address, secrets }
    }

    fn status(&self, user: usize, request: &str) -> u16 {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let secret = &self.secrets[user - 1];
        let head = format!("{request} HTTP/1.1\r\nHost: {}\r\nCookie: sid={secret}", self.address);
        let request = format!("{head}\r\nConnection: close\r\nContent-Length: 4\r\n\r\nMice");
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn each_decision_is_a_line_of_the_log() {
    let mut program = Program::start();
    for (user, request, status) in [
        (3, "PATCH /projects/100", 200),
        (4, "PATCH /projects/100", 403),
        (6, "GET /projects/200", 404),
        (6, "GET /projects/999", 404),
        (3, "PATCH /projects/999", 404),
        (6, "GET /projects/999/people", 404),
        (6, "GET /projects", 200),
        (8, "GET /projects", 404),
        (1, "GET /projects/100/people", 200),
        (5, "GET /projects/100/people", 403),
    ] {
        assert_eq!(program.status(user, request), status, "user {user}: {request}");
    }
    program.process.kill().unwrap();
    let log = BufReader::new(program.process.stdout.take().unwrap()).lines();
    let log: Vec<LogEntry> =
        log.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert!(log.iter().all(|entry| entry.agrees_with(&Matrix::BUILT_IN)));
    let lines: Vec<String> = log.iter().map(LogEntry::to_string).collect();
    assert_eq!(
        lines,
        [
            "user 3 of organization 1: projects.change of project 100: allowed",
            "user 4 of organization 1: projects.change of project 100: scope_not_held",
            "user 6 of organization 1: projects.view of project 200: outside_organization",
            "user 6 of organization 1: projects.view of project 999: not_found",
            "user 3 of organization 1: projects.change of project 999: not_found",
            "user 6 of organization 1: people for projects.change of project 999: projects.view: not_found",
            "user 6 of organization 1: list of projects.view within organization 1: allowed",
            "user 8 of organization 1: list of projects.view within organization 1: deactivated",
            "user 1 of organization 1: people for projects.change of project 100: allowed",
            "user 5 of organization 1: people for projects.change of project 100: members.view: role_never_holds",
        ]
    );
}

#[test]
fn without_a_log_nothing_is_permitted() {
    let mut program = Program::start();
    assert_eq!(program.status(1, "GET /projects/100"), 200);
    drop(program.process.stdout.take());
    for request in
        ["GET /projects/100", "PATCH /projects/100", "GET /projects", "GET /projects/999"]
    {
        assert_eq!(program.status(1, request), 500, "{request}");
    }
}
