//! The status endpoint.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::wire::{MERGE, Wire, widget, widget_status};

fn version(object: &Value) -> &Value {
    &object["metadata"]["resourceVersion"]
}

pub async fn status_is_written_at_its_endpoint_only(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let (whole, status) = (wire.widget("one"), wire.status("one"));
    let mut object = widget("one", json!({"color": "Blue"}));
    object["status"] = json!({"phase": "A"});
    object["metadata"]["labels"] = json!({"team": "a"});
    let written = wire
        .apply(&status, "reporter", object.clone())
        .await?
        .expect(200)?;
    ensure!(
        written["spec"]["color"] == "Red"
            && written["status"]["phase"] == "A"
            && written["metadata"].get("labels").is_none()
    );
    ensure!(written["metadata"]["generation"] == 1);
    let written = wire
        .apply(
            &whole,
            "applier",
            widget_status("one", json!({"phase": "B"})),
        )
        .await?
        .expect(200)?;
    ensure!(written["status"]["phase"] == "A");
    wire.get(&status).await?.expect(200)?;
    let missing = wire.status("none");
    wire.apply(
        &missing,
        "reporter",
        widget_status("none", json!({"phase": "A"})),
    )
    .await?
    .refused(404, "NotFound")?;
    Ok(())
}

pub async fn an_applied_status_field_that_is_left_out_goes(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.status("one");
    let condition = |kind: &str, status: &str| json!({"type": kind, "status": status, "reason": "Because", "message": "m"});
    let full = json!({"phase": "A", "count": 1, "detail": {"one": "1", "two": "2"}, "conditions": [condition("Ready", "True"), condition("Synced", "True")]});
    wire.apply(&path, "reporter", widget_status("one", full))
        .await?
        .expect(200)?;
    let less =
        json!({"count": 2, "detail": {"two": "2"}, "conditions": [condition("Synced", "False")]});
    let written = wire
        .apply(&path, "reporter", widget_status("one", less.clone()))
        .await?
        .expect(200)?;
    ensure!(written["status"] == less, "{written}");
    let written = wire
        .apply(&path, "reporter", widget_status("one", json!({"count": 2})))
        .await?
        .expect(200)?;
    ensure!(written["status"] == json!({"count": 2}), "{written}");
    wire.apply(&path, "reporter", widget_status("one", json!({})))
        .await?
        .refused(422, "Invalid")?;
    wire.apply(
        &path,
        "reporter",
        json!({"apiVersion": "memory.test/v1", "kind": "Widget"}),
    )
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
    let path = wire.status("one");
    let status = json!({"phase": "A", "time": "2026-01-01T00:00:00Z", "conditions": [{"type": "Ready", "status": "True"}]});
    let first = wire
        .apply(&path, "reporter", widget_status("one", status.clone()))
        .await?
        .expect(200)?;
    let second = wire
        .apply(&path, "reporter", widget_status("one", status.clone()))
        .await?
        .expect(200)?;
    ensure!(version(&first) == version(&second));
    let third = wire
        .patch(
            &path,
            MERGE,
            json!({"status": status, "spec": {"color": "Blue"}}),
        )
        .await?
        .expect(200)?;
    ensure!(version(&first) == version(&third));
    Ok(())
}

pub async fn two_managers_share_conditions(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.status("one");
    let status = |kind: &str, value: &str| {
        widget_status(
            "one",
            json!({"conditions": [{"type": kind, "status": value}]}),
        )
    };
    wire.apply(&path, "one", status("Ready", "True"))
        .await?
        .expect(200)?;
    wire.apply(&path, "two", status("Synced", "True"))
        .await?
        .expect(200)?;
    wire.apply(&path, "two", status("Ready", "False"))
        .await?
        .refused(409, "Conflict")?;
    let written = wire
        .apply(&path, "one", status("Ready", "Unknown"))
        .await?
        .expect(200)?;
    ensure!(
        written["status"]["conditions"].as_array().map(Vec::len) == Some(2),
        "{written}"
    );
    let written = wire
        .apply(&path, "one", widget_status("one", json!({"phase": "A"})))
        .await?
        .expect(200)?;
    ensure!(
        written["status"]["conditions"] == json!([{"type": "Synced", "status": "True"}]),
        "{written}"
    );
    Ok(())
}

pub async fn a_replaced_status_leaves_the_rest(wire: &mut Wire) -> Result<()> {
    let mut object = wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.status("one");
    object["spec"]["color"] = json!("Blue");
    object["metadata"]["labels"] = json!({"team": "a"});
    object["status"] = json!({"phase": "A", "count": 4});
    let written = wire.put(&path, object.clone()).await?.expect(200)?;
    ensure!(
        written["spec"]["color"] == "Red"
            && written["status"]["count"] == 4
            && written["metadata"].get("labels").is_none()
    );
    wire.put(&path, object).await?.refused(409, "Conflict")?;
    let written = wire
        .patch(&path, MERGE, json!({"status": {"count": null}}))
        .await?
        .expect(200)?;
    ensure!(written["status"] == json!({"phase": "A"}));
    wire.patch(&path, MERGE, json!({"status": null}))
        .await?
        .expect(200)?;
    Ok(())
}

pub async fn an_invalid_status_is_refused(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.status("one");
    let cases = [
        json!({"count": -1}),
        json!({"time": "yesterday"}),
        json!({"conditions": [{"type": "Ready"}]}),
        json!({"conditions": [{"type": "Ready", "status": "Maybe"}]}),
    ];
    for status in cases {
        let fields = wire
            .apply(&path, "reporter", widget_status("one", status.clone()))
            .await?
            .refused(422, "Invalid")?;
        ensure!(
            fields.iter().all(|field| field.starts_with("status.")) || !fields.is_empty(),
            "{status}"
        );
        wire.patch(&path, MERGE, json!({"status": status}))
            .await?
            .refused(422, "Invalid")?;
    }
    Ok(())
}
