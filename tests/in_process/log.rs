//! What the log says of what happens: each line of a pass names its object and its pass, once.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entra_pim_operator::telemetry::logs::{self, Format, LogFilter};
use serde_json::Value;

use super::harness::{NAMESPACE, OUTDATED_SECRET, SECRET, World};
use super::story::{self, GROUP};

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

/// Everything that is logged on this thread, where the whole world lives, for as long as the guard does.
fn listen(filter: &str) -> (Page, tracing::subscriber::DefaultGuard) {
    let page = Page::default();
    let writer = page.clone();
    let filter = LogFilter::parse(filter).unwrap();
    let subscriber = logs::subscriber(Format::Json, &filter, move || writer.clone());
    (page, tracing::subscriber::set_default(subscriber))
}

/// The only line for which something holds, and each field of it stands once.
#[track_caller]
fn line(page: &Page, holds: impl Fn(&Value) -> bool) -> Value {
    let lines = page.lines();
    for text in &lines {
        let line: Value = serde_json::from_str(text).unwrap();
        for field in ["kind", "namespace", "name", "reconcile_id"] {
            let times = text.matches(&format!("\"{field}\":")).count();
            assert!(times <= 1, "{field} stands {times} times in {text}");
        }
        if holds(&line) {
            return line;
        }
    }
    panic!("no such line in\n{}", lines.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_line_of_a_pass_names_its_object_and_its_pass() {
    let (page, _guard) = listen("info");
    let world = World::new();
    world.remove_secret();
    story::apply(&world);
    world.start();
    world.pass(Duration::from_secs(10)).await;
    let failed = line(&page, |line| line["message"] == "pass failed");
    assert_eq!(failed["kind"], "PrivilegedGroup", "{failed}");
    assert_eq!(failed["namespace"], NAMESPACE, "{failed}");
    assert_eq!(failed["name"], GROUP, "{failed}");
    assert!(failed["reconcile_id"].is_string(), "{failed}");
}

#[tokio::test(start_paused = true)]
async fn an_audit_line_names_the_object_that_is_written_for_and_the_pass_that_writes() {
    for filter in ["info", "error"] {
        let (page, _guard) = listen(filter);
        let _world = story::standing().await;
        let granted = line(&page, |line| {
            line["target"] == "audit" && line["event"] == "EligibilityGranted"
        });
        assert_eq!(granted["kind"], "EligibleAssignment", "{granted}");
        assert_eq!(granted["name"], GROUP, "{granted}");
        assert_eq!(granted["outcome"], "success", "{granted}");
        assert!(granted["reconcile_id"].is_string(), "{granted}");
    }
}

/// What begins every token: its head, in Base64.
const TOKEN: &str = "eyJ";

#[tokio::test(start_paused = true)]
async fn no_secret_and_no_token_is_logged_at_any_level_or_told_anywhere() {
    let (page, _guard) = listen("trace");
    let world = World::new();
    world.set_secret(OUTDATED_SECRET);
    story::apply(&world);
    world.start();
    world.until_tenant("CredentialInvalid").await;
    world.set_secret(SECRET);
    world.until_ready(NAMESPACE).await;
    let objects = world.cluster.objects().into_iter();
    let told = objects
        .filter(|object| object["kind"] != "Secret")
        .map(|object| object.to_string());
    let lines = page.lines();
    assert!(lines.len() > 100, "{}", lines.len());
    let all = lines.into_iter().chain(told).chain([world.metrics()]);
    for text in all {
        let values = ["contoso-demo-secret", "last-years-secret"];
        for canary in [SECRET, OUTDATED_SECRET, TOKEN].into_iter().chain(values) {
            assert!(!text.contains(canary), "{canary} in {text}");
        }
    }
}
