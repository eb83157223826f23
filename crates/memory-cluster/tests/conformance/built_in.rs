//! Built-in kinds.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::wire::{MERGE, Wire, widget};

fn place(wire: &Wire, plural: &str) -> String {
    format!("/api/v1/namespaces/{}/{plural}", wire.namespace)
}

pub async fn config_maps_and_secrets_are_typed(wire: &mut Wire) -> Result<()> {
    let maps = place(wire, "configmaps");
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"a": "1"}});
    let created = wire.post(&maps, map.clone()).await?.expect(201)?;
    ensure!(created["metadata"].get("generation").is_none());
    wire.put(&format!("{maps}/one"), map).await?.expect(200)?;
    let wrong = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "two"}, "data": {"a": 1}});
    wire.post(&maps, wrong).await?.refused(400, "BadRequest")?;
    let secrets = place(wire, "secrets");
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "one"}, "stringData": {"key": "text"}});
    let created = wire.post(&secrets, secret).await?.expect(201)?;
    ensure!(
        created["data"]["key"] == "dGV4dA=="
            && created["type"] == "Opaque"
            && created.get("stringData").is_none()
    );
    wire.patch(&format!("{secrets}/one"), MERGE, json!({"type": "other"}))
        .await?
        .refused(422, "Invalid")?;
    let list = wire.get(&secrets).await?.expect(200)?;
    ensure!(list["kind"] == "SecretList" && list["items"][0].get("kind").is_none());
    Ok(())
}

pub async fn leases_are_guarded_by_version(wire: &mut Wire) -> Result<()> {
    let path = format!(
        "/apis/coordination.k8s.io/v1/namespaces/{}/leases",
        wire.namespace
    );
    let lease = |holder: &str, version: &Value| {
        json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "one", "resourceVersion": version},
            "spec": {"holderIdentity": holder, "leaseDurationSeconds": 15, "leaseTransitions": 1, "renewTime": "2026-01-01T00:00:00.000000Z"}})
    };
    let first = wire
        .post(&path, lease("a", &json!("")))
        .await?
        .expect(201)?;
    let path = format!("{path}/one");
    let version = &first["metadata"]["resourceVersion"];
    wire.put(&path, lease("b", version)).await?.expect(200)?;
    wire.put(&path, lease("c", version))
        .await?
        .refused(409, "Conflict")?;
    wire.put(&path, lease("d", &json!("")))
        .await?
        .refused(422, "Invalid")?;
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
    let repeated =
        json!({"series": {"count": 2, "lastObservedTime": "2026-01-01T00:01:00.000000Z"}});
    wire.patch(&format!("{path}/one.1"), MERGE, repeated)
        .await?
        .expect(200)?;
    wire.patch(
        &format!("{path}/one.1"),
        MERGE,
        json!({"reason": "Changed"}),
    )
    .await?
    .expect(422)?;
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

pub async fn namespaces_admit_objects(wire: &mut Wire) -> Result<()> {
    let path = format!("/api/v1/namespaces/{}", wire.namespace);
    let namespace = wire.get(&path).await?.expect(200)?;
    ensure!(namespace["status"]["phase"] == "Active");
    let held = {
        let mut object = widget("one", json!({"color": "Red"}));
        object["metadata"]["finalizers"] = json!(["memory.test/hold"]);
        object
    };
    let (widgets, widget_path) = (wire.widgets(), wire.widget("one"));
    wire.post(&widgets, held).await?.expect(201)?;
    let dying = wire
        .unrecorded(http::Method::DELETE, &path, crate::wire::JSON, None)
        .await?
        .expect(200)?;
    ensure!(
        dying["metadata"]["deletionTimestamp"].is_string()
            && dying["status"]["phase"] == "Terminating",
        "{dying}"
    );
    wire.post(&widgets, widget("two", json!({"color": "Red"})))
        .await?
        .refused(403, "Forbidden")?;
    wire.unrecorded(
        http::Method::PATCH,
        &widget_path,
        MERGE,
        Some(json!({"metadata": {"finalizers": null}})),
    )
    .await?
    .expect(200)?;
    Ok(())
}

pub async fn owners_of_built_in_fields_are_known(wire: &mut Wire) -> Result<()> {
    let path = format!("{}/one", place(wire, "configmaps"));
    let map = |data: Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": data});
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
