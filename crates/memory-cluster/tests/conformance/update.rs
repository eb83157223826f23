//! What holds for every change.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::wire::Wire;

pub async fn only_changes_of_content_count_as_generations(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    let changes = [
        (
            json!({"metadata": {"labels": {"team": "a"}, "finalizers": ["memory.test/hold"]}}),
            1,
        ),
        (
            json!({"spec": {"color": "Blue"}, "status": {"phase": "Forged"}}),
            2,
        ),
        (
            json!({"metadata": {"finalizers": [], "creationTimestamp": "2001-01-01T00:00:00Z", "generation": 17}}),
            2,
        ),
    ];
    for (change, generation) in changes {
        let object = wire.merge(&path, change).await?.expect(200)?;
        ensure!(object["metadata"]["generation"] == generation);
        ensure!(object.get("status").is_none());
    }
    Ok(())
}

pub async fn rules_compare_with_what_stood(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red", "serial": "a"}))
        .await?;
    let path = wire.widget("one");
    let changed = json!({"spec": {"serial": "b"}});
    let fields = wire.merge(&path, changed).await?.refused(422, "Invalid")?;
    ensure!(fields == ["spec.serial"], "{fields:?}");
    for serial in [json!(null), json!("d")] {
        wire.merge(&path, json!({"spec": {"serial": serial}}))
            .await?
            .expect(200)?;
    }
    wire.merge(&path, json!({"spec": {"low": 5, "high": 4}}))
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
        .merge(&path, json!({"status": {"phase": "B"}}))
        .await?
        .expect(200)?;
    ensure!(changed["metadata"]["generation"] == 2);
    wire.merge(&format!("{path}/status"), json!({"status": {"phase": "C"}}))
        .await?
        .expect(404)?;
    wire.delete(&path).await?.expect(200)?;
    Ok(())
}
