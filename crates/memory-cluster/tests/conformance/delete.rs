//! Deleting objects.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::wire::{JSON_PATCH, MERGE, Wire, widget};

pub async fn an_object_without_finalizers_goes_at_once(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    let status = wire.delete(&path, None).await?.expect(200)?;
    ensure!(status["kind"] == "Status" && status["status"] == "Success");
    wire.get(&path).await?.refused(404, "NotFound")?;
    wire.delete(&path, None).await?.refused(404, "NotFound")?;
    wire.create("one", json!({"color": "Blue"})).await?;
    Ok(())
}

fn held(name: &str) -> Value {
    let mut object = widget(name, json!({"color": "Red"}));
    object["metadata"]["finalizers"] = json!(["memory.test/hold", "memory.test/other"]);
    object
}

pub async fn a_finalizer_keeps_an_object_until_it_is_removed(wire: &mut Wire) -> Result<()> {
    let (widgets, path, status) = (wire.widgets(), wire.widget("one"), wire.status("one"));
    wire.post(&widgets, held("one")).await?.expect(201)?;
    let dying = wire.delete(&path, None).await?.expect(200)?;
    ensure!(
        dying["metadata"]["deletionTimestamp"].is_string() && dying["metadata"]["generation"] == 2
    );
    let again = wire.delete(&path, None).await?.expect(200)?;
    ensure!(again["metadata"]["resourceVersion"] == dying["metadata"]["resourceVersion"]);
    wire.post(&widgets, held("one"))
        .await?
        .refused(409, "AlreadyExists")?;
    wire.patch(&path, MERGE, json!({"spec": {"color": "Blue"}}))
        .await?
        .expect(200)?;
    wire.patch(&status, MERGE, json!({"status": {"phase": "Leaving"}}))
        .await?
        .expect(200)?;
    wire.patch(
        &path,
        MERGE,
        json!({"metadata": {"deletionTimestamp": null}}),
    )
    .await?
    .expect(200)?;
    wire.patch(
        &path,
        MERGE,
        json!({"metadata": {"finalizers": ["memory.test/other"]}}),
    )
    .await?
    .expect(200)?;
    let release = json!([{"op": "remove", "path": "/metadata/finalizers/0"}]);
    let gone = wire.patch(&path, JSON_PATCH, release).await?.expect(200)?;
    ensure!(
        gone["metadata"]
            .get("finalizers")
            .is_none_or(|list| list == &json!([])),
        "{gone}"
    );
    wire.get(&path).await?.refused(404, "NotFound")?;
    Ok(())
}

pub async fn a_dying_object_takes_no_new_finalizers(wire: &mut Wire) -> Result<()> {
    let (widgets, path) = (wire.widgets(), wire.widget("one"));
    wire.post(&widgets, held("one")).await?.expect(201)?;
    wire.delete(&path, None).await?.expect(200)?;
    let more = json!({"metadata": {"finalizers": ["memory.test/hold", "memory.test/new"]}});
    let fields = wire
        .patch(&path, MERGE, more)
        .await?
        .refused(422, "Invalid")?;
    ensure!(
        fields.contains(&"metadata.finalizers".to_owned()),
        "{fields:?}"
    );
    wire.patch(&path, MERGE, json!({"metadata": {"finalizers": null}}))
        .await?
        .expect(200)?;
    wire.get(&path).await?.refused(404, "NotFound")?;
    Ok(())
}

pub async fn preconditions_guard_a_deletion(wire: &mut Wire) -> Result<()> {
    let object = wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    let with = |field: &str, value: &Value| Some(json!({"preconditions": {field: value}}));
    wire.delete(
        &path,
        with("uid", &json!("11111111-1111-4111-8111-111111111111")),
    )
    .await?
    .refused(409, "Conflict")?;
    wire.delete(&path, with("resourceVersion", &json!("1")))
        .await?
        .refused(409, "Conflict")?;
    wire.delete(&path, with("uid", &object["metadata"]["uid"]))
        .await?
        .expect(200)?;
    Ok(())
}

pub async fn a_collection_is_deleted_by_selector(wire: &mut Wire) -> Result<()> {
    let widgets = wire.widgets();
    for (name, team) in [("one", "a"), ("two", "b"), ("three", "a")] {
        let mut object = widget(name, json!({"color": "Red"}));
        object["metadata"]["labels"] = json!({"team": team});
        wire.post(&widgets, object).await?.expect(201)?;
    }
    wire.delete(&format!("{widgets}?labelSelector=team%3Da"), None)
        .await?
        .expect(200)?;
    let left = wire.get(&widgets).await?.expect(200)?;
    ensure!(
        left["items"].as_array().map(Vec::len) == Some(1)
            && left["items"][0]["metadata"]["name"] == "two"
    );
    Ok(())
}
