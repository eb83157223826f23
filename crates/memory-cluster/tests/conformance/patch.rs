//! JSON patches and merge patches.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::wire::{JSON_PATCH, Wire};

pub async fn json_patches_test_before_they_change(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    let hold = json!([
        {"op": "test", "path": "/metadata/finalizers", "value": null},
        {"op": "add", "path": "/metadata/finalizers", "value": ["memory.test/hold"]},
    ]);
    let release = json!([
        {"op": "test", "path": "/metadata/finalizers/0", "value": "memory.test/hold"},
        {"op": "remove", "path": "/metadata/finalizers/0"},
    ]);
    for patch in [hold, release] {
        wire.patch(&path, JSON_PATCH, patch.clone())
            .await?
            .expect(200)?;
        let again = wire.patch(&path, JSON_PATCH, patch).await?;
        ensure!(again.refused(422, "Invalid")?.is_empty());
    }
    Ok(())
}

pub async fn json_patches_fail_on_what_is_missing(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    let cases = [
        (json!({"op": "remove", "path": "/spec/none"}), 422),
        (
            json!({"op": "replace", "path": "/spec/tags/0", "value": "a"}),
            422,
        ),
        (json!({"op": "test", "path": "/spec/low", "value": 1}), 422),
        (
            json!({"op": "add", "path": "/spec/none/deeper", "value": 1}),
            422,
        ),
        (
            json!({"op": "replace", "path": "/spec/code", "value": "ab"}),
            200,
        ),
        (
            json!({"op": "replace", "path": "/spec/color", "value": "Blue"}),
            200,
        ),
        (
            json!({"op": "add", "path": "/spec/tags", "value": ["a"]}),
            200,
        ),
        (
            json!({"op": "add", "path": "/spec/tags/-", "value": "b"}),
            200,
        ),
        (
            json!({"op": "add", "path": "/spec/tags/5", "value": "b"}),
            422,
        ),
        (
            json!({"op": "move", "from": "/spec/code", "path": "/spec/serial"}),
            200,
        ),
    ];
    for (operation, code) in cases {
        wire.patch(&path, JSON_PATCH, json!([operation]))
            .await?
            .expect(code)?;
    }
    Ok(())
}

pub async fn merge_patches_remove_by_null(wire: &mut Wire) -> Result<()> {
    let spec = json!({"color": "Red", "options": {"a": "1", "b": "2"}, "words": ["x"], "size": 5});
    wire.create("one", spec).await?;
    let path = wire.widget("one");
    let change = json!({"spec": {"options": {"a": null, "c": "3"}, "words": ["y"], "size": null}, "metadata": {"annotations": {"n": "v"}}});
    let patched = wire.merge(&path, change).await?.expect(200)?;
    ensure!(patched["spec"]["options"] == json!({"b": "2", "c": "3"}));
    ensure!(patched["spec"]["size"] == 3);
    wire.merge(&path, json!({"metadata": {"annotations": {"n": null}}}))
        .await?
        .expect(200)?;
    Ok(())
}

pub async fn a_patch_with_a_stale_version_conflicts(wire: &mut Wire) -> Result<()> {
    let object = wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    wire.merge(&path, json!({"spec": {"color": "Blue"}}))
        .await?
        .expect(200)?;
    let version = object["metadata"]["resourceVersion"].clone();
    let stale = json!({"metadata": {"resourceVersion": version}, "spec": {"color": "Green"}});
    wire.merge(&path, stale).await?.refused(409, "Conflict")?;
    let foreign = json!({"metadata": {"uid": "11111111-1111-4111-8111-111111111111"}});
    wire.merge(&path, foreign).await?.refused(422, "Invalid")?;
    let renamed = json!({"metadata": {"name": "other"}});
    wire.merge(&path, renamed)
        .await?
        .refused(400, "BadRequest")?;
    Ok(())
}

pub async fn a_patch_that_changes_nothing_writes_nothing(wire: &mut Wire) -> Result<()> {
    let object = wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    for patch in [
        json!({}),
        json!({"spec": {"color": "Red"}}),
        json!({"status": {"phase": "Forged"}}),
        json!({"spec": {"unknown": 1}}),
    ] {
        let same = wire.merge(&path, patch).await?.expect(200)?;
        ensure!(same["metadata"]["resourceVersion"] == object["metadata"]["resourceVersion"]);
    }
    let same = wire
        .patch(&path, JSON_PATCH, json!([]))
        .await?
        .expect(200)?;
    ensure!(same == object);
    Ok(())
}

pub async fn invalid_patches_are_refused(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    for color in [json!("Pink"), json!(null)] {
        wire.merge(&path, json!({"spec": {"color": color}}))
            .await?
            .refused(422, "Invalid")?;
    }
    wire.patch(&path, "application/strategic-merge-patch+json", json!({}))
        .await?
        .refused(415, "UnsupportedMediaType")?;
    wire.patch(&path, JSON_PATCH, json!({"no": "list"}))
        .await?
        .refused(400, "BadRequest")?;
    let missing = wire.widget("none");
    wire.merge(&missing, json!({}))
        .await?
        .refused(404, "NotFound")?;
    wire.patch(&missing, JSON_PATCH, json!([]))
        .await?
        .refused(404, "NotFound")?;
    Ok(())
}
