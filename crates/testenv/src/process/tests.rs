//! Tests of supervised processes: none outlives whoever started it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::time::Instant;

use super::*;

const LIMIT: Duration = Duration::from_secs(30);
/// Set for the copy of this test program that plays the parent in `a_child_dies_with_a_parent_that_is_killed`.
const PARENT: &str = "TESTENV_PLAYS_THE_PARENT";

fn shell(directory: &Path, script: &str) -> Program {
    Program::new("/bin/sh", directory.join("log")).args(["-c", script])
}

fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie has ended; only its new parent has not asked yet.
    !stat.is_empty()
        && !stat
            .rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with('Z'))
}

fn eventually(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < LIMIT, "not reached: {what}");
        std::thread::sleep(POLL);
    }
}

#[tokio::test]
async fn exit_status_output_and_log_come_from_the_program() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("output");
    let program = shell(
        directory.path(),
        "echo \"$GREETING\"; echo to-the-log >&2; exit 7",
    )
    .env("GREETING", "hello");
    let process = Supervised::spawn(&program.output(&output)).unwrap();
    assert_eq!(process.wait().await.unwrap().code(), Some(7));
    assert_eq!(process.wait().await.unwrap().code(), Some(7));
    assert_eq!(fs::read_to_string(output).unwrap(), "hello\n");
    assert_eq!(process.log_tail(10), "to-the-log");
}

#[tokio::test]
async fn the_program_gets_its_input_and_nothing_of_our_environment() {
    let directory = tempfile::tempdir().unwrap();
    let input = directory.path().join("input");
    fs::write(&input, "from the file\n").unwrap();
    let program = shell(
        directory.path(),
        "read -r line; echo \"$line\"; echo \"[$CARGO_MANIFEST_DIR]\"",
    );
    let process = Supervised::spawn(&program.input(&input)).unwrap();
    assert!(process.wait().await.unwrap().success());
    assert_eq!(process.log_tail(10), "from the file\n[]");
}

#[tokio::test]
async fn the_process_id_is_the_programs_own() {
    let directory = tempfile::tempdir().unwrap();
    let process = Supervised::spawn(&shell(directory.path(), "echo $$")).unwrap();
    process.wait().await.unwrap();
    assert_eq!(process.log_tail(1), process.pid().to_string());
}

#[tokio::test]
async fn kill_ends_the_program_and_what_it_started() {
    let directory = tempfile::tempdir().unwrap();
    let process = Supervised::spawn(&shell(directory.path(), "sleep 600 & echo $!; wait")).unwrap();
    eventually("the grandchild runs", || !process.log_tail(1).is_empty());
    let grandchild = process.log_tail(1).parse().unwrap();
    assert!(is_alive(grandchild));
    assert!(!process.kill().unwrap().success());
    assert!(!is_alive(process.pid()));
    eventually("the grandchild is gone", || !is_alive(grandchild));
}

#[tokio::test]
async fn what_a_program_leaves_behind_goes_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let process = Supervised::spawn(&shell(directory.path(), "sleep 600 & echo $!")).unwrap();
    assert!(process.wait().await.unwrap().success());
    let left = process.log_tail(1).parse().unwrap();
    eventually("what was left is gone", || !is_alive(left));
}

#[tokio::test]
async fn terminate_lets_the_program_end_in_its_own_way() {
    let directory = tempfile::tempdir().unwrap();
    let script = "trap 'echo orderly; exit 3' TERM; echo ready; while :; do sleep 0.01; done";
    let process = Supervised::spawn(&shell(directory.path(), script)).unwrap();
    eventually("the trap is set", || process.log_tail(1) == "ready");
    assert!(process.wait_at_most(POLL).await.unwrap().is_none());
    process.terminate().unwrap();
    assert_eq!(
        process.wait_at_most(LIMIT).await.unwrap().unwrap().code(),
        Some(3)
    );
    assert_eq!(process.log_tail(1), "orderly");
    process.terminate().unwrap();
}

#[test]
fn dropping_kills() {
    let directory = tempfile::tempdir().unwrap();
    let process = Supervised::spawn(&shell(directory.path(), "sleep 600")).unwrap();
    let pid = process.pid();
    assert!(is_alive(pid));
    drop(process);
    assert!(!is_alive(pid));
}

#[test]
fn a_missing_program_is_an_error_that_names_it() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("no-such-program");
    let error =
        Supervised::spawn(&Program::new(&missing, directory.path().join("log"))).unwrap_err();
    assert!(error.to_string().contains("no-such-program"), "{error}");
}

#[test]
fn debug_output_shows_no_value_of_the_environment() {
    let program = Program::new("/bin/sh", "/dev/null")
        .env("SECRET", "hidden-value")
        .arg("hidden-argument");
    assert!(!format!("{program:?}").contains("hidden"));
}

#[test]
fn tail_gives_the_last_lines_only() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    fs::write(&path, "one\ntwo\nthree\n").unwrap();
    assert_eq!(tail(&path, 2), "two\nthree");
    assert!(tail(&directory.path().join("none"), 2).contains("no log"));
}

/// The parent of the next test: it starts a child and a directory, tells of them, and waits to be killed.
#[test]
fn plays_the_parent_for_another_test() {
    if std::env::var_os(PARENT).is_none() {
        return;
    }
    let scratch = ScratchDir::new().unwrap();
    let process = Supervised::spawn(&shell(scratch.path(), "sleep 600 & echo $!; wait")).unwrap();
    eventually("the grandchild runs", || !process.log_tail(1).is_empty());
    println!(
        "\nstarted {} {} {}",
        process.pid(),
        process.log_tail(1),
        scratch.path().display()
    );
    loop {
        std::thread::park();
    }
}

#[test]
fn a_child_dies_with_a_parent_that_is_killed() {
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "process::tests::plays_the_parent_for_another_test",
            "--nocapture",
        ])
        .env(PARENT, "yes")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    let line = lines
        .find_map(|line| line.unwrap().strip_prefix("started ").map(str::to_owned))
        .unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let (child, grandchild) = (words[0].parse().unwrap(), words[1].parse().unwrap());
    assert!(is_alive(child) && is_alive(grandchild) && Path::new(words[2]).is_dir());

    parent.kill().unwrap();
    parent.wait().unwrap();

    eventually("the child is gone", || !is_alive(child));
    eventually("the grandchild is gone", || !is_alive(grandchild));
    eventually("the directory is gone", || !Path::new(words[2]).exists());
}
