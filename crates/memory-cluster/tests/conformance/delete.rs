//! Deleting objects.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::wire::{JSON_PATCH, Wire, widget};

const FINALIZERS: [&str; 2] = ["memory.test/hold", "memory.test/other"];

pub async fn an_object_without_finalizers_goes_at_once(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    let status = wire.delete(&path).await?.expect(200)?;
    ensure!(status["kind"] == "Status" && status["status"] == "Success");
    wire.get(&path).await?.refused(404, "NotFound")?;
    wire.delete(&path).await?.refused(404, "NotFound")?;
    wire.create("one", json!({"color": "Blue"})).await?;
    Ok(())
}

pub async fn a_finalizer_keeps_an_object_until_it_is_removed(wire: &mut Wire) -> Result<()> {
    let (path, status) = (wire.widget("one"), wire.status("one"));
    wire.create_held(&FINALIZERS).await?;
    let dying = wire.delete(&path).await?.expect(200)?;
    ensure!(
        dying["metadata"]["deletionTimestamp"].is_string() && dying["metadata"]["generation"] == 2
    );
    let again = wire.delete(&path).await?.expect(200)?;
    ensure!(again["metadata"]["resourceVersion"] == dying["metadata"]["resourceVersion"]);
    wire.post_widget(widget("one", json!({"color": "Red"})))
        .await?
        .refused(409, "AlreadyExists")?;
    for (path, change) in [
        (&path, json!({"spec": {"color": "Blue"}})),
        (&status, json!({"status": {"phase": "Leaving"}})),
        (&path, json!({"metadata": {"deletionTimestamp": null}})),
        (
            &path,
            json!({"metadata": {"finalizers": ["memory.test/other"]}}),
        ),
    ] {
        wire.merge(path, change).await?.expect(200)?;
    }
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
    let path = wire.widget("one");
    wire.create_held(&FINALIZERS).await?;
    wire.delete(&path).await?.expect(200)?;
    let more = json!({"metadata": {"finalizers": ["memory.test/hold", "memory.test/new"]}});
    let fields = wire.merge(&path, more).await?.refused(422, "Invalid")?;
    ensure!(
        fields.contains(&"metadata.finalizers".to_owned()),
        "{fields:?}"
    );
    wire.merge(&path, json!({"metadata": {"finalizers": null}}))
        .await?
        .expect(200)?;
    wire.get(&path).await?.refused(404, "NotFound")?;
    Ok(())
}
