//! The status endpoint.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::wire::{Wire, widget, widget_status};

fn version(object: &Value) -> &Value {
    &object["metadata"]["resourceVersion"]
}

pub async fn status_is_written_at_its_endpoint_only(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let (whole, status) = (wire.widget("one"), wire.status("one"));
    let mut object = widget("one", json!({"color": "Blue"}));
    object["status"] = json!({"phase": "A"});
    object["metadata"]["labels"] = json!({"team": "a"});
    let written = wire.apply(&status, "reporter", object).await?.expect(200)?;
    ensure!(
        written["spec"]["color"] == "Red"
            && written["status"]["phase"] == "A"
            && written["metadata"].get("labels").is_none()
    );
    ensure!(written["metadata"]["generation"] == 1);
    let misplaced = widget_status("one", json!({"phase": "B"}));
    let written = wire
        .apply(&whole, "applier", misplaced)
        .await?
        .expect(200)?;
    ensure!(written["status"]["phase"] == "A");
    wire.get(&status).await?.expect(200)?;
    let missing = widget_status("none", json!({"phase": "A"}));
    wire.apply(&wire.status("none"), "reporter", missing)
        .await?
        .refused(404, "NotFound")?;
    Ok(())
}

pub async fn an_applied_status_field_that_is_left_out_goes(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let condition = |kind: &str, status: &str| json!({"type": kind, "status": status, "reason": "Because", "message": "m"});
    let full = json!({"phase": "A", "count": 1, "detail": {"one": "1", "two": "2"}, "conditions": [condition("Ready", "True"), condition("Synced", "True")]});
    wire.apply_status("reporter", full).await?.expect(200)?;
    let less =
        json!({"count": 2, "detail": {"two": "2"}, "conditions": [condition("Synced", "False")]});
    for status in [less, json!({"count": 2})] {
        let written = wire.apply_status("reporter", status.clone()).await?;
        ensure!(written.expect(200)?["status"] == status, "{status}");
    }
    wire.apply_status("reporter", json!({}))
        .await?
        .refused(422, "Invalid")?;
    let without = json!({"apiVersion": "memory.test/v1", "kind": "Widget"});
    wire.apply(&wire.status("one"), "reporter", without)
        .await?
        .expect(200)?;
    Ok(())
}

pub async fn an_applied_status_ignores_uid_and_checks_version(wire: &mut Wire) -> Result<()> {
    let created = wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.status("one");
    let mut foreign = widget_status("one", json!({"phase": "A"}));
    foreign["metadata"]["uid"] = json!("11111111-1111-4111-8111-111111111111");
    let written = wire.apply(&path, "reporter", foreign).await?.expect(200)?;
    ensure!(written["metadata"]["uid"] == created["metadata"]["uid"]);
    let mut stale = widget_status("one", json!({"phase": "B"}));
    stale["metadata"]["resourceVersion"] = version(&created).clone();
    wire.apply(&path, "reporter", stale)
        .await?
        .refused(409, "Conflict")?;
    let mut fresh = widget_status("one", json!({"phase": "C"}));
    fresh["metadata"]["resourceVersion"] = version(&written).clone();
    wire.apply(&path, "reporter", fresh).await?.expect(200)?;
    Ok(())
}

pub async fn an_equal_status_writes_nothing(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let status = json!({"phase": "A", "time": "2026-01-01T00:00:00Z", "conditions": [{"type": "Ready", "status": "True"}]});
    let first = wire.apply_status("reporter", status.clone()).await?;
    let first = first.expect(200)?;
    let second = wire.apply_status("reporter", status.clone()).await?;
    ensure!(version(&first) == version(&second.expect(200)?));
    let more = json!({"status": status, "spec": {"color": "Blue"}});
    let third = wire.merge(&wire.status("one"), more).await?.expect(200)?;
    ensure!(version(&first) == version(&third));
    Ok(())
}

pub async fn two_managers_share_conditions(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let condition =
        |kind: &str, value: &str| json!({"conditions": [{"type": kind, "status": value}]});
    for (manager, kind) in [("one", "Ready"), ("two", "Synced")] {
        wire.apply_status(manager, condition(kind, "True"))
            .await?
            .expect(200)?;
    }
    wire.apply_status("two", condition("Ready", "False"))
        .await?
        .refused(409, "Conflict")?;
    let written = wire.apply_status("one", condition("Ready", "Unknown"));
    let written = written.await?.expect(200)?;
    ensure!(
        written["status"]["conditions"].as_array().map(Vec::len) == Some(2),
        "{written}"
    );
    let written = wire.apply_status("one", json!({"phase": "A"}));
    let written = written.await?.expect(200)?;
    ensure!(
        written["status"]["conditions"] == json!([{"type": "Synced", "status": "True"}]),
        "{written}"
    );
    Ok(())
}

pub async fn a_patched_status_leaves_the_rest(wire: &mut Wire) -> Result<()> {
    let mut object = wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.status("one");
    object["spec"]["color"] = json!("Blue");
    object["metadata"]["labels"] = json!({"team": "a"});
    object["status"] = json!({"phase": "A", "count": 4});
    let written = wire.merge(&path, object.clone()).await?.expect(200)?;
    ensure!(
        written["spec"]["color"] == "Red"
            && written["status"]["count"] == 4
            && written["metadata"].get("labels").is_none()
    );
    wire.merge(&path, object).await?.refused(409, "Conflict")?;
    let written = wire.merge(&path, json!({"status": {"count": null}}));
    let written = written.await?.expect(200)?;
    ensure!(written["status"] == json!({"phase": "A"}));
    wire.merge(&path, json!({"status": null}))
        .await?
        .expect(200)?;
    Ok(())
}

pub async fn an_invalid_status_is_refused(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let cases = [
        json!({"count": "many"}),
        json!({"time": "yesterday"}),
        json!({"conditions": [{"type": "Ready"}]}),
        json!({"conditions": [{"type": "Ready", "status": "Maybe"}]}),
    ];
    for status in cases {
        let path = wire.status("one");
        let refused = wire.merge(&path, json!({"status": status})).await?;
        let fields = refused.refused(422, "Invalid")?;
        ensure!(
            fields.iter().all(|field| field.starts_with("status.")) || !fields.is_empty(),
            "{status}"
        );
        // An apply that has another type than declared does not come as far as validation.
        let is_typed = status.get("count").is_none();
        let refused = wire.apply_status("reporter", status).await?;
        refused.expect(if is_typed { 422 } else { 500 })?;
    }
    Ok(())
}
