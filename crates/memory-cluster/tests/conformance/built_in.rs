//! Built-in kinds.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::wire::Wire;

fn place(wire: &Wire, plural: &str) -> String {
    format!("/api/v1/namespaces/{}/{plural}", wire.namespace)
}

fn map(name: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

pub async fn config_maps_and_secrets_are_typed(wire: &mut Wire) -> Result<()> {
    let maps = place(wire, "configmaps");
    let good = map("one", &json!({"a": "1"}));
    let created = wire.post(&maps, good).await?.expect(201)?;
    ensure!(created["metadata"].get("generation").is_none());
    let wrong = map("two", &json!({"a": 1}));
    wire.post(&maps, wrong).await?.refused(400, "BadRequest")?;
    let secrets = place(wire, "secrets");
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "one"}, "stringData": {"key": "text"}});
    let created = wire.post(&secrets, secret).await?.expect(201)?;
    ensure!(
        created["data"]["key"] == "dGV4dA=="
            && created["type"] == "Opaque"
            && created.get("stringData").is_none()
    );
    let list = wire.get(&secrets).await?.expect(200)?;
    ensure!(list["kind"] == "SecretList" && list["items"][0].get("kind").is_none());
    Ok(())
}

pub async fn events_are_checked(wire: &mut Wire) -> Result<()> {
    let path = format!(
        "/apis/events.k8s.io/v1/namespaces/{}/events",
        wire.namespace
    );
    let event = json!({
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "one.1"}, "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingController": "memory.test/operator", "reportingInstance": "pod-1", "action": "Create", "reason": "Created", "type": "Normal",
        "note": "made", "regarding": {"apiVersion": "memory.test/v1", "kind": "Widget", "name": "one", "namespace": wire.namespace},
    });
    wire.post(&path, event.clone()).await?.expect(201)?;
    for (name, value) in [
        ("reason", json!("")),
        ("action", json!("")),
        ("reportingController", json!("")),
        ("reason", json!("r".repeat(129))),
        ("note", json!("n".repeat(1025))),
    ] {
        let mut wrong = event.clone();
        wrong["metadata"]["name"] = json!("two.1");
        wrong[name] = value;
        wire.post(&path, wrong).await?.refused(422, "Invalid")?;
    }
    Ok(())
}

pub async fn a_namespace_is_active(wire: &mut Wire) -> Result<()> {
    let path = format!("/api/v1/namespaces/{}", wire.namespace);
    let namespace = wire.get(&path).await?.expect(200)?;
    ensure!(namespace["status"]["phase"] == "Active");
    Ok(())
}

pub async fn owners_of_built_in_fields_are_known(wire: &mut Wire) -> Result<()> {
    let path = format!("{}/one", place(wire, "configmaps"));
    let map = |data: Value| map("one", &data);
    wire.apply(&path, "one", map(json!({"a": "1", "b": "2"})))
        .await?
        .expect(201)?;
    wire.apply(&path, "two", map(json!({"c": "3"})))
        .await?
        .expect(200)?;
    wire.apply(&path, "two", map(json!({"a": "4"})))
        .await?
        .refused(409, "Conflict")?;
    let left = wire
        .apply(&path, "one", map(json!({"b": "2"})))
        .await?
        .expect(200)?;
    ensure!(left["data"] == json!({"b": "2", "c": "3"}));
    Ok(())
}
