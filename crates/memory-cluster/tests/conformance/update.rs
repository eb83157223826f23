//! Replacing objects.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::wire::{MERGE, Wire};

pub async fn only_changes_of_content_count_as_generations(wire: &mut Wire) -> Result<()> {
    let mut object = wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    object["metadata"]["labels"] = json!({"team": "a"});
    object["metadata"]["finalizers"] = json!(["memory.test/hold"]);
    let mut object = wire.put(&path, object).await?.expect(200)?;
    ensure!(object["metadata"]["generation"] == 1);
    object["spec"]["color"] = json!("Blue");
    object["status"] = json!({"phase": "Forged"});
    let mut object = wire.put(&path, object).await?.expect(200)?;
    ensure!(object["metadata"]["generation"] == 2 && object.get("status").is_none());
    object["metadata"]["finalizers"] = json!([]);
    object["metadata"]["creationTimestamp"] = json!("2001-01-01T00:00:00Z");
    object["metadata"]["generation"] = json!(17);
    let object = wire.put(&path, object).await?.expect(200)?;
    ensure!(object["metadata"]["generation"] == 2);
    Ok(())
}

pub async fn a_replace_needs_the_current_version(wire: &mut Wire) -> Result<()> {
    let first = wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    let mut second = first.clone();
    second["spec"]["color"] = json!("Blue");
    wire.put(&path, second).await?.expect(200)?;
    let mut stale = first.clone();
    stale["spec"]["color"] = json!("Green");
    wire.put(&path, stale.clone())
        .await?
        .refused(409, "Conflict")?;
    stale["metadata"]["resourceVersion"] = json!("");
    let fields = wire.put(&path, stale).await?.refused(422, "Invalid")?;
    ensure!(fields == ["metadata.resourceVersion"], "{fields:?}");
    let mut foreign = wire.get(&path).await?.expect(200)?;
    foreign["metadata"]["uid"] = json!("11111111-1111-4111-8111-111111111111");
    wire.put(&path, foreign).await?.refused(409, "Conflict")?;
    let other = wire.widget("other");
    wire.put(&other, first.clone())
        .await?
        .refused(400, "BadRequest")?;
    let mut missing = first;
    missing["metadata"]["name"] = json!("other");
    wire.put(&other, missing).await?.refused(404, "NotFound")?;
    Ok(())
}

pub async fn a_replace_that_changes_nothing_writes_nothing(wire: &mut Wire) -> Result<()> {
    let object = wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    let again = wire.put(&path, object.clone()).await?.expect(200)?;
    ensure!(again["metadata"]["resourceVersion"] == object["metadata"]["resourceVersion"]);
    Ok(())
}

pub async fn rules_compare_with_what_stood(wire: &mut Wire) -> Result<()> {
    let object = wire
        .create("one", json!({"color": "Red", "serial": "a"}))
        .await?;
    let path = wire.widget("one");
    let mut changed = object.clone();
    changed["spec"]["serial"] = json!("b");
    let fields = wire.put(&path, changed).await?.refused(422, "Invalid")?;
    ensure!(fields == ["spec.serial"], "{fields:?}");
    wire.patch(&path, MERGE, json!({"spec": {"serial": "c"}}))
        .await?
        .refused(422, "Invalid")?;
    wire.patch(&path, MERGE, json!({"spec": {"serial": null}}))
        .await?
        .expect(200)?;
    wire.patch(&path, MERGE, json!({"spec": {"serial": "d"}}))
        .await?
        .expect(200)?;
    wire.patch(&path, MERGE, json!({"spec": {"low": 5, "high": 4}}))
        .await?
        .refused(422, "Invalid")?;
    Ok(())
}

pub async fn a_kind_without_status_endpoint_takes_status_as_content(wire: &mut Wire) -> Result<()> {
    let path = "/apis/memory.test/v1/gadgets";
    let name = wire.namespace.clone();
    let gadget = json!({"apiVersion": "memory.test/v1", "kind": "Gadget", "metadata": {"name": name}, "spec": {"size": 1}, "status": {"phase": "A"}});
    let created = wire.post(path, gadget).await?.expect(201)?;
    ensure!(created["status"]["phase"] == "A");
    let path = format!("{path}/{name}");
    let changed = wire
        .patch(&path, MERGE, json!({"status": {"phase": "B"}}))
        .await?
        .expect(200)?;
    ensure!(changed["metadata"]["generation"] == 2);
    wire.patch(
        &format!("{path}/status"),
        MERGE,
        json!({"status": {"phase": "C"}}),
    )
    .await?
    .expect(404)?;
    wire.delete(&path, None).await?.expect(200)?;
    Ok(())
}
