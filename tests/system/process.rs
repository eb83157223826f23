//! The operator as a process: what a kubelet and Prometheus ask it, how it ends, and what it says when it is started
//! wrongly.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use testenv::repository;

use super::place::Place;
use super::world;

/// Half of what a kubelet waits between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(15);

pub async fn get(url: &str) -> reqwest::Response {
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap();
    client.get(url).send().await.unwrap()
}

/// The families on a page of metrics.
fn families(page: &str) -> BTreeSet<String> {
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types
        .map(|line| {
            let mut words = line.split(' ');
            let (name, kind) = (words.next().unwrap(), words.next().unwrap());
            // OpenMetrics names the family of a counter without its ending.
            match kind {
                "counter" => format!("{name}_total"),
                _ => name.to_owned(),
            }
        })
        .collect()
}

#[tokio::test]
async fn probes_and_metrics_answer_as_documented() {
    let world = world::shared().await;
    let place = Place::new(world.control_plane, "metrics").await;
    place.tell_story().await;
    for probe in ["healthz", "readyz"] {
        let answer = get(&world.installation.probe_url(probe)).await;
        assert_eq!(answer.status(), 200, "{probe}");
    }
    let answer = get(&world.installation.metrics_url()).await;
    let kind = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let page = answer.text().await.unwrap();
    assert!(page.ends_with("# EOF\n"));
    let served = families(&page);
    let documented =
        std::fs::read_to_string(repository::root().join("docs/reference/metrics.md")).unwrap();
    let undocumented: Vec<&String> = served
        .iter()
        .filter(|name| !documented.contains(&format!("`{name}`")))
        .collect();
    assert_eq!(undocumented, Vec::<&String>::new());
    for name in [
        "controller_runtime_reconcile_total",
        "controller_runtime_reconcile_time_seconds",
        "entra_pim_build_info",
        "entra_pim_api_requests_total",
        "entra_pim_api_request_duration_seconds",
        "entra_pim_external_writes_total",
        "entra_pim_resources",
        "entra_pim_resource_ready",
        "process_resident_memory_bytes",
        "rest_client_requests_total",
    ] {
        assert!(served.contains(name), "{name} is not served: {served:?}");
    }
    let ready =
        r#"entra_pim_resource_ready{kind="PrivilegedGroup",namespace="metrics",name="admins"} 1"#;
    assert!(page.contains(ready), "{page}");
    for secret in [place.tenant.client_secret(), "jose@contoso.com"] {
        assert!(!page.contains(secret), "metrics carry {secret}");
    }
}

#[tokio::test]
async fn a_stopped_operator_ends_in_time_and_without_an_error() {
    let (control_plane, mut installation) = world::exclusive().await;
    let place = Place::new(control_plane, "stopped").await;
    place.tell_story().await;
    installation.operator.terminate().unwrap();
    let ended = installation
        .operator
        .process()
        .wait_at_most(GRACE)
        .await
        .unwrap();
    let log = || installation.operator.process().log_tail(20);
    let status = ended.unwrap_or_else(|| panic!("it still runs:\n{}", log()));
    assert_eq!(status.code(), Some(0), "{}", log());

    // What changed meanwhile is seen by the one that comes after.
    let change = serde_json::json!({"spec": {"displayName": "PAG-stopped-2"}});
    place.patch("PrivilegedGroup", "admins", &change).await;
    installation.operator.restart().unwrap();
    installation.wait_ready().await.unwrap();
    place.until_ready().await;
    let group = place.group().await;
    let found = place
        .graph(http::Method::GET, &format!("/groups/{group}"), None)
        .await;
    assert_eq!(found["displayName"], "PAG-stopped-2");
    let log = std::fs::read_to_string(world::log(control_plane)).unwrap();
    for line in log.lines() {
        assert!(line.matches("\"name\":").count() <= 1, "two names: {line}");
        let line: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(line.is_ok_and(|line| line["timestamp"].is_string() && line["level"].is_string()));
    }
    assert!(!log.contains(place.tenant.client_secret()));
}

#[test]
fn a_wrong_setting_ends_with_status_2_and_one_line() {
    for arguments in [
        &["--no-such-flag"][..],
        &[],
        &["--namespace=x", "--concurrency=none"],
    ] {
        let output = Command::new(world::binary())
            .args(arguments)
            .env_clear()
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn without_a_cluster_it_says_what_is_missing() {
    let output = Command::new(world::binary())
        .args([
            "--namespace=x",
            "--metrics-address=127.0.0.1:0",
            "--probes-address=127.0.0.1:0",
        ])
        .env_clear()
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("run inside a cluster, or let KUBECONFIG name a usable configuration"),
        "{said}"
    );
}
