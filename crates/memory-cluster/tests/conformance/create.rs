//! Creating objects.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::wire::{Wire, widget};

pub async fn a_new_object_has_defaults_and_system_fields(wire: &mut Wire) -> Result<()> {
    let mut object = widget("one", json!({"color": "Red", "subjects": [{"name": "a"}]}));
    object["status"] = json!({"phase": "Forged"});
    object["metadata"]["labels"] = json!({"team": "a"});
    object["metadata"]["generation"] = json!(7);
    let created = wire.post_widget(object).await?.expect(201)?;
    ensure!(created["metadata"]["generation"] == 1);
    ensure!(created["spec"]["size"] == 3 && created["spec"]["nested"]["mode"] == "Exclusive");
    ensure!(created["spec"]["subjects"][0]["kind"] == "User");
    ensure!(created.get("status").is_none());
    let read = wire.get(&wire.widget("one")).await?.expect(200)?;
    ensure!(read == created);
    Ok(())
}

pub async fn undeclared_fields_are_pruned(wire: &mut Wire) -> Result<()> {
    let spec = json!({"color": "Red", "colour": "Red", "free": {"any": {"thing": 1}}, "nested": {"more": 1}});
    let created = wire.create("one", spec).await?;
    ensure!(
        created["spec"].get("colour").is_none() && created["spec"]["nested"].get("more").is_none()
    );
    ensure!(created["spec"]["free"]["any"]["thing"] == 1);
    Ok(())
}

pub async fn invalid_objects_are_refused_field_by_field(wire: &mut Wire) -> Result<()> {
    let cases = [
        json!({}),
        json!({"color": "Pink"}),
        json!({"color": "Red", "size": "big"}),
        json!({"color": "Red", "code": "X1"}),
        json!({"color": "Red", "code": "abcde"}),
        json!({"color": "Red", "words": ["a", "b", "c", "d"]}),
        json!({"color": "Red", "words": [1]}),
        json!({"color": "Red", "tags": ["a", "a"]}),
        json!({"color": "Red", "subjects": [{"name": "a"}, {"name": "a"}]}),
        json!({"color": "Red", "subjects": [{"kind": "User"}]}),
        json!({"color": "Red", "options": {"a": 1}}),
        json!({"color": "Red", "low": 2, "high": 1}),
        json!({"color": "Pink", "code": "X1"}),
    ];
    for (index, spec) in cases.into_iter().enumerate() {
        let object = widget(&format!("case-{index}"), spec.clone());
        let fields = wire.post_widget(object).await?.refused(422, "Invalid")?;
        ensure!(!fields.is_empty(), "{spec}");
    }
    Ok(())
}

pub async fn a_create_is_refused_for_what_it_names(wire: &mut Wire) -> Result<()> {
    let spec = json!({"color": "Red"});
    let named = |name: &str| widget(name, spec.clone());
    wire.post_widget(named("one")).await?.expect(201)?;
    wire.post_widget(named("one"))
        .await?
        .refused(409, "AlreadyExists")?;
    for invalid in ["Two", ""] {
        wire.post_widget(named(invalid))
            .await?
            .refused(422, "Invalid")?;
    }
    let mut elsewhere = named("two");
    elsewhere["metadata"]["namespace"] = json!("elsewhere");
    let mut other = named("two");
    other["apiVersion"] = json!("memory.test/v2");
    for misplaced in [elsewhere, other] {
        wire.post_widget(misplaced)
            .await?
            .refused(400, "BadRequest")?;
    }
    for metadata in [
        json!({"name": "two", "labels": {"team": "not valid"}}),
        json!({"name": "two", "labels": {"/team": "a"}}),
        json!({"name": "two", "finalizers": ["not valid"]}),
    ] {
        let mut wrong = named("two");
        wrong["metadata"] = metadata;
        wire.post_widget(wrong.clone())
            .await?
            .refused(422, "Invalid")?;
        wrong["metadata"]["name"] = json!("one");
        wire.merge(&wire.widget("one"), wrong)
            .await?
            .refused(422, "Invalid")?;
    }
    let mut versioned = named("two");
    versioned["metadata"]["resourceVersion"] = json!("5");
    wire.post_widget(versioned).await?.expect(500)?;
    let missing = "/apis/memory.test/v1/namespaces/no-such-namespace/widgets";
    wire.post(missing, named("two"))
        .await?
        .refused(404, "NotFound")?;
    wire.get(&wire.widget("none"))
        .await?
        .refused(404, "NotFound")?;
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
