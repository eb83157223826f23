//! Creating objects.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::wire::{Wire, widget};

pub async fn a_new_object_has_defaults_and_system_fields(wire: &mut Wire) -> Result<()> {
    let mut object = widget("one", json!({"color": "Red", "subjects": [{"name": "a"}]}));
    object["status"] = json!({"phase": "Forged"});
    object["metadata"]["labels"] = json!({"team": "a"});
    object["metadata"]["generation"] = json!(7);
    let path = wire.widgets();
    let created = wire.post(&path, object).await?.expect(201)?;
    ensure!(created["metadata"]["generation"] == 1);
    ensure!(created["spec"]["size"] == 3 && created["spec"]["nested"]["mode"] == "Exclusive");
    ensure!(created["spec"]["subjects"][0]["kind"] == "User");
    ensure!(created.get("status").is_none());
    let path = wire.widget("one");
    let read = wire.get(&path).await?.expect(200)?;
    ensure!(read == created);
    Ok(())
}

pub async fn undeclared_fields_are_pruned_or_refused(wire: &mut Wire) -> Result<()> {
    let object = widget(
        "one",
        json!({"color": "Red", "colour": "Red", "free": {"any": {"thing": 1}}, "nested": {"more": 1}}),
    );
    let path = wire.widgets();
    wire.post(&format!("{path}?fieldValidation=Strict"), object.clone())
        .await?
        .refused(400, "BadRequest")?;
    let created = wire.post(&path, object).await?.expect(201)?;
    ensure!(
        created["spec"].get("colour").is_none() && created["spec"]["nested"].get("more").is_none()
    );
    ensure!(created["spec"]["free"]["any"]["thing"] == 1);
    Ok(())
}

pub async fn invalid_objects_are_refused_field_by_field(wire: &mut Wire) -> Result<()> {
    let path = wire.widgets();
    let cases = [
        json!({}),
        json!({"color": "Pink"}),
        json!({"color": "Red", "size": 11}),
        json!({"color": "Red", "size": 0}),
        json!({"color": "Red", "size": "big"}),
        json!({"color": "Red", "code": "X1"}),
        json!({"color": "Red", "code": "abcde"}),
        json!({"color": "Red", "words": ["a", "b", "c", "d"]}),
        json!({"color": "Red", "words": [1]}),
        json!({"color": "Red", "tags": ["a", "a"]}),
        json!({"color": "Red", "subjects": [{"name": "a"}, {"name": "a"}]}),
        json!({"color": "Red", "subjects": [{"kind": "User"}]}),
        json!({"color": "Red", "options": {"a": 1}}),
        json!({"color": "Red", "window": {}}),
        json!({"color": "Red", "window": {"days": 1, "hours": 2}}),
        json!({"color": "Red", "low": 2, "high": 1}),
        json!({"color": "Pink", "size": 20}),
    ];
    for (index, spec) in cases.into_iter().enumerate() {
        let fields = wire
            .post(&path, widget(&format!("case-{index}"), spec.clone()))
            .await?
            .refused(422, "Invalid")?;
        ensure!(!fields.is_empty(), "{spec}");
    }
    Ok(())
}

pub async fn a_create_is_refused_for_what_it_names(wire: &mut Wire) -> Result<()> {
    let path = wire.widgets();
    let spec = json!({"color": "Red"});
    wire.create("one", spec.clone()).await?;
    wire.post(&path, widget("one", spec.clone()))
        .await?
        .refused(409, "AlreadyExists")?;
    wire.post(&path, widget("Two", spec.clone()))
        .await?
        .refused(422, "Invalid")?;
    wire.post(&path, widget("", spec.clone()))
        .await?
        .refused(422, "Invalid")?;
    let mut elsewhere = widget("two", spec.clone());
    elsewhere["metadata"]["namespace"] = json!("elsewhere");
    wire.post(&path, elsewhere)
        .await?
        .refused(400, "BadRequest")?;
    let mut other = widget("two", spec.clone());
    other["apiVersion"] = json!("memory.test/v2");
    wire.post(&path, other).await?.refused(400, "BadRequest")?;
    for metadata in [
        json!({"name": "two", "labels": {"team": "not valid"}}),
        json!({"name": "two", "labels": {"/team": "a"}}),
        json!({"name": "two", "finalizers": ["not valid"]}),
    ] {
        let mut wrong = widget("two", spec.clone());
        wrong["metadata"] = metadata;
        wire.post(&path, wrong.clone())
            .await?
            .refused(422, "Invalid")?;
        wrong["metadata"]["name"] = json!("one");
        let standing = wire.widget("one");
        wire.patch(&standing, crate::wire::MERGE, wrong)
            .await?
            .refused(422, "Invalid")?;
    }
    let mut versioned = widget("two", spec.clone());
    versioned["metadata"]["resourceVersion"] = json!("5");
    wire.post(&path, versioned).await?.expect(500)?;
    let missing = "/apis/memory.test/v1/namespaces/no-such-namespace/widgets";
    wire.post(missing, widget("two", spec))
        .await?
        .refused(404, "NotFound")?;
    let path = wire.widget("none");
    wire.get(&path).await?.refused(404, "NotFound")?;
    Ok(())
}

pub async fn a_dry_run_stores_nothing(wire: &mut Wire) -> Result<()> {
    let path = format!("{}?dryRun=All", wire.widgets());
    wire.post(&path, widget("one", json!({"color": "Pink"})))
        .await?
        .refused(422, "Invalid")?;
    wire.post(&path, widget("one", json!({"color": "Red"})))
        .await?
        .expect(201)?;
    let path = wire.widget("one");
    wire.get(&path).await?.refused(404, "NotFound")?;
    wire.create("one", json!({"color": "Red"})).await?;
    wire.put(
        &format!("{path}?dryRun=All"),
        widget("one", json!({"color": "Blue"})),
    )
    .await?
    .refused(422, "Invalid")?;
    wire.patch(
        &format!("{path}?dryRun=All"),
        crate::wire::MERGE,
        json!({"spec": {"color": "Blue"}}),
    )
    .await?
    .expect(200)?;
    wire.delete(&path, Some(json!({"dryRun": ["All"]})))
        .await?
        .expect(200)?;
    let read = wire.get(&path).await?.expect(200)?;
    ensure!(read["spec"]["color"] == "Red");
    Ok(())
}

pub async fn nulls_count_as_absent_unless_nullable(wire: &mut Wire) -> Result<()> {
    let spec = json!({"color": "Red", "size": null, "code": null, "note": null, "nested": null});
    let created = wire.create("one", spec).await?;
    ensure!(
        created["spec"]
            == json!({"color": "Red", "size": 3, "note": null, "nested": {"mode": "Exclusive"}})
    );
    Ok(())
}

pub async fn names_are_generated(wire: &mut Wire) -> Result<()> {
    let path = wire.widgets();
    let mut names = Vec::new();
    for _ in 0..2 {
        let body = json!({"apiVersion": "memory.test/v1", "kind": "Widget", "metadata": {"generateName": "made-"}, "spec": {"color": "Red"}});
        let answer = wire
            .unrecorded(http::Method::POST, &path, crate::wire::JSON, Some(body))
            .await?
            .expect(201)?;
        let name = answer["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        ensure!(name.starts_with("made-") && name.len() == 10, "{name}");
        names.push(name);
    }
    ensure!(names[0] != names[1]);
    Ok(())
}
