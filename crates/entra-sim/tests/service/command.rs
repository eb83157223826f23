//! The binary.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

fn entra_sim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entra-sim"));
    command.args(arguments).kill_on_drop(true);
    command
}

async fn output(arguments: &[&str]) -> (bool, String, String) {
    let output = entra_sim(arguments).output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test]
async fn behaviours_are_listed_for_people_and_for_programs() {
    let (_, text, _) = output(&["behaviours"]).await;
    assert!(
        text.contains("roleAssignableUpsert")
            && text.contains("source: microsoftgraph/msgraph-bicep-types")
    );
    let (_, json, _) = output(&["behaviours", "-o", "json"]).await;
    let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert!(
        rows.iter().any(|row| row["name"] == "throttling"
            && row["service"] == "on"
            && row["ideal"] == "off")
    );
}

#[tokio::test]
async fn the_built_in_seed_can_be_printed_changed_and_checked() {
    let (_, yaml, _) = output(&["seed"]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seed.yaml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, &yaml).unwrap();
    let (worked, text, _) = output(&["seed", "--check", path]).await;
    assert!(worked && text.contains("12 users and 3 groups"), "{text}");
    std::fs::write(
        &file,
        yaml.replace("boss@contoso.com]", "nobody@contoso.com]"),
    )
    .unwrap();
    let (worked, _, problem) = output(&["seed", "--check", path]).await;
    assert!(
        !worked && problem.contains("nobody@contoso.com"),
        "{problem}"
    );
}

#[tokio::test]
async fn serving_announces_its_addresses_and_obeys_its_switches() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.crt");
    let mut child = entra_sim(&[
        "serve",
        "--profile",
        "ideal",
        "--listen",
        "127.0.0.1:0",
        "--admin",
        "127.0.0.1:0",
    ])
    .args(["--set", "licence=governance", "-o", "json", "--ca-out"])
    .arg(&ca)
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(Duration::from_secs(20), lines.next_line())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let announced: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        announced["ca"].as_str().unwrap(),
        std::fs::read_to_string(&ca).unwrap()
    );
    let authority =
        reqwest::Certificate::from_pem(announced["ca"].as_str().unwrap().as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([authority])
        .build()
        .unwrap();
    let metadata = format!(
        "{}/metadata/endpoints",
        announced["resourceManager"].as_str().unwrap()
    );
    assert!(
        client
            .get(metadata)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    let behaviours = format!("{}/behaviours", announced["admin"].as_str().unwrap());
    let behaviours: Value = client
        .get(behaviours)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (
            behaviours["licence"].as_str(),
            behaviours["throttling"].as_str()
        ),
        (Some("governance"), Some("off"))
    );
    child.kill().await.unwrap();
}

#[tokio::test]
async fn wrong_arguments_are_said() {
    let (worked, _, problem) = output(&["serve", "--set", "gravity=off"]).await;
    assert!(
        !worked && problem.contains("gravity") && problem.contains("entra-sim behaviours"),
        "{problem}"
    );
    let (worked, _, problem) = output(&["serve", "--seed", "/nowhere/seed.yaml"]).await;
    assert!(
        !worked && problem.contains("/nowhere/seed.yaml"),
        "{problem}"
    );
}
