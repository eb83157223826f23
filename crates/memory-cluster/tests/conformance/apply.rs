//! Server-side apply of whole objects.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::wire::{APPLY, Wire, widget};

fn version(object: &Value) -> &Value {
    &object["metadata"]["resourceVersion"]
}

pub async fn an_apply_creates_and_then_removes_what_it_leaves_out(wire: &mut Wire) -> Result<()> {
    let path = wire.widget("one");
    let full = json!({"color": "Red", "size": 5, "code": "ab", "nested": {"deep": {"value": "x"}}, "options": {"a": "1", "b": "2"}});
    wire.apply_spec("one", full).await?.expect(201)?;
    let less = wire
        .apply_spec("one", json!({"color": "Red", "options": {"a": "1"}}))
        .await?
        .expect(200)?;
    ensure!(less["spec"]["size"] == 3 && less["spec"].get("code").is_none());
    ensure!(less["spec"]["options"] == json!({"a": "1"}));
    ensure!(
        less["spec"]["nested"] == json!({"mode": "Exclusive"}),
        "{less}"
    );
    let mut labelled = widget("one", json!({"color": "Red"}));
    labelled["metadata"]["labels"] = json!({"team": "a"});
    labelled["metadata"]["finalizers"] = json!(["memory.test/hold"]);
    wire.apply(&path, "two", labelled).await?.expect(200)?;
    let last = wire
        .apply_spec("two", json!({"color": "Red"}))
        .await?
        .expect(200)?;
    ensure!(
        last["metadata"].get("labels").is_none() && last["metadata"].get("finalizers").is_none(),
        "{last}"
    );
    Ok(())
}

pub async fn an_apply_that_changes_nothing_writes_nothing(wire: &mut Wire) -> Result<()> {
    let path = wire.widget("one");
    let object = widget("one", json!({"color": "Red", "subjects": [{"name": "a"}]}));
    let first = wire
        .apply(&path, "one", object.clone())
        .await?
        .expect(201)?;
    let second = wire
        .apply(&path, "one", object.clone())
        .await?
        .expect(200)?;
    ensure!(version(&first) == version(&second));
    let third = wire.apply(&path, "two", object).await?.expect(200)?;
    ensure!(
        version(&first) != version(&third),
        "a new manager is a change"
    );
    Ok(())
}

pub async fn fields_of_others_are_taken_by_force_only(wire: &mut Wire) -> Result<()> {
    let path = wire.widget("one");
    wire.apply_spec("one", json!({"color": "Red", "size": 5}))
        .await?
        .expect(201)?;
    wire.merge(&path, json!({"spec": {"code": "ab"}}))
        .await?
        .expect(200)?;
    let wanted = widget("one", json!({"color": "Blue", "size": 5, "code": "cd"}));
    let fields = wire
        .apply(&path, "two", wanted.clone())
        .await?
        .refused(409, "Conflict")?;
    ensure!(fields.len() == 2, "{fields:?}");
    wire.send(
        http::Method::PATCH,
        &format!("{path}?fieldManager=two&force=true"),
        APPLY,
        Some(wanted),
    )
    .await?
    .expect(200)?;
    let left = wire
        .apply_spec("one", json!({"size": 5}))
        .await?
        .expect(200)?;
    ensure!(left["spec"]["color"] == "Blue");
    let gone = wire
        .apply_spec("two", json!({"color": "Blue"}))
        .await?
        .expect(200)?;
    ensure!(
        gone["spec"]["size"] == 5 && gone["spec"].get("code").is_none(),
        "{gone}"
    );
    Ok(())
}

pub async fn lists_merge_by_their_type(wire: &mut Wire) -> Result<()> {
    let first = json!({"color": "Red", "tags": ["a", "b"], "words": ["x"], "subjects": [{"name": "a", "note": "1"}, {"kind": "Group", "name": "a"}]});
    wire.apply_spec("one", first).await?.expect(201)?;
    let other = json!({"tags": ["c"], "subjects": [{"name": "b"}, {"name": "a"}]});
    let merged = wire.apply_spec("two", other).await?.expect(200)?;
    ensure!(
        merged["spec"]["tags"].as_array().map(Vec::len) == Some(3),
        "{merged}"
    );
    wire.apply_spec("two", json!({"words": ["y"]}))
        .await?
        .refused(409, "Conflict")?;
    let second = json!({"color": "Red", "tags": ["b"], "words": ["x"], "subjects": [{"kind": "Group", "name": "a"}]});
    let merged = wire.apply_spec("one", second).await?.expect(200)?;
    ensure!(
        merged["spec"]["subjects"].as_array().map(Vec::len) == Some(3),
        "{merged}"
    );
    let emptied = wire
        .apply_spec("two", json!({"color": "Red"}))
        .await?
        .expect(200)?;
    ensure!(emptied["spec"]["tags"] == json!(["b"]), "{emptied}");
    wire.apply_spec("one", json!({"color": "Red", "tags": [], "subjects": []}))
        .await?
        .expect(200)?;
    Ok(())
}

pub async fn an_apply_checks_version_and_uid(wire: &mut Wire) -> Result<()> {
    let path = wire.widget("one");
    let mut object = widget("one", json!({"color": "Red"}));
    object["metadata"]["uid"] = json!("11111111-1111-4111-8111-111111111111");
    wire.apply(&path, "one", object.clone())
        .await?
        .refused(409, "Conflict")?;
    let first = wire
        .apply_spec("one", json!({"color": "Red"}))
        .await?
        .expect(201)?;
    wire.apply(&path, "one", object)
        .await?
        .refused(422, "Invalid")?;
    wire.apply_spec("one", json!({"color": "Blue"}))
        .await?
        .expect(200)?;
    let mut stale = widget("one", json!({"color": "Green"}));
    stale["metadata"]["resourceVersion"] = version(&first).clone();
    wire.apply(&path, "one", stale)
        .await?
        .refused(409, "Conflict")?;
    Ok(())
}

pub async fn a_malformed_apply_is_refused(wire: &mut Wire) -> Result<()> {
    let path = wire.widget("one");
    let good = widget("one", json!({"color": "Red"}));
    wire.apply(&path, "", good.clone())
        .await?
        .refused(422, "Invalid")?;
    wire.apply_spec("one", json!({"color": "Red", "unknown": 1}))
        .await?
        .expect(500)?;
    wire.apply_spec("one", json!({"color": "Red", "size": "big"}))
        .await?
        .expect(500)?;
    wire.apply_spec("one", json!({"color": "Red", "tags": ["a", "a"]}))
        .await?
        .expect(500)?;
    wire.apply_spec("one", json!({"color": "Pink"}))
        .await?
        .refused(422, "Invalid")?;
    wire.apply(&path, "one", widget("two", json!({"color": "Red"})))
        .await?
        .refused(400, "BadRequest")?;
    let mut other = good.clone();
    other["apiVersion"] = json!("memory.test/v2");
    wire.apply(&path, "one", other)
        .await?
        .refused(400, "BadRequest")?;
    let created = wire.apply(&path, "one", good).await?.expect(201)?;
    wire.apply(&path, "one", created)
        .await?
        .refused(400, "BadRequest")?;
    Ok(())
}

pub async fn an_apply_after_an_update_shares_ownership(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red", "size": 5}))
        .await?;
    let path = wire.widget("one");
    wire.apply_spec("one", json!({"color": "Red", "size": 5}))
        .await?
        .expect(200)?;
    let kept = wire
        .apply_spec("one", json!({"color": "Red"}))
        .await?
        .expect(200)?;
    ensure!(kept["spec"]["size"] == 5, "the creator still owns it");
    wire.merge(&path, json!({"spec": {"size": null}}))
        .await?
        .expect(200)?;
    wire.apply_spec("one", json!({"color": "Red"}))
        .await?
        .expect(200)?;
    Ok(())
}

pub async fn atomic_and_free_maps_are_owned_differently(wire: &mut Wire) -> Result<()> {
    let first = json!({"color": "Red", "whole": {"a": "1", "b": "2"}, "free": {"x": {"y": 1, "z": [1, 2]}, "w": "v"}});
    wire.apply_spec("one", first).await?.expect(201)?;
    wire.apply_spec("two", json!({"whole": {"a": "1"}}))
        .await?
        .refused(409, "Conflict")?;
    wire.apply_spec("two", json!({"free": {"x": {"q": 1}}}))
        .await?
        .expect(200)?;
    let last = wire
        .apply_spec(
            "one",
            json!({"color": "Red", "whole": {"b": "2"}, "free": {"w": "v"}}),
        )
        .await?
        .expect(200)?;
    ensure!(
        last["spec"]["whole"] == json!({"b": "2"})
            && last["spec"]["free"] == json!({"x": {"q": 1}, "w": "v"}),
        "{last}"
    );
    Ok(())
}
