//! What people change by hand in a group that was adopted is found at the next look, and put right or told, as in any
//! other group.

use serde_json::{Value, json};

use super::{GROUP, adopted, held, look};
use crate::harness::{ExternalActor, NAMESPACE, World};

/// Id of the role Reports Reader (learn.microsoft.com: "Microsoft Entra built-in roles").
const REPORTS_READER: &str = "4a5d8f65-41da-4de4-8968-e035b65339cf";

async fn change(actor: &ExternalActor, id: &str, fields: Value) {
    actor
        .ask("PATCH", &format!("/groups/{id}"), Some(fields))
        .await;
}

async fn read(actor: &ExternalActor, id: &str) -> Value {
    actor.ask("GET", &format!("/groups/{id}"), None).await
}

/// How often it was told that something was put right, about whatever object.
fn corrections(world: &World) -> Vec<String> {
    let names = [
        "owner",
        "auditor",
        "break-glass",
        "people",
        "deputy",
        "exchange",
        "messages",
        GROUP,
    ];
    let told = names.map(|name| world.notes("DriftCorrected", name));
    told.into_iter().flatten().collect()
}

/// The last thing that was put right speaks of this, and everything is as it was.
async fn assert_put_right(
    world: &World,
    id: &str,
    before: &std::collections::BTreeSet<String>,
    about: &str,
) {
    look(world, GROUP).await;
    let told = corrections(world);
    assert!(
        told.iter().any(|note| note.contains(about)),
        "{about}: {told:?}\n{}",
        world.summary()
    );
    assert_eq!(held(world, id), *before, "{about}");
    world.until_ready(NAMESPACE).await;
    world.forget_events();
}

#[tokio::test(start_paused = true)]
async fn what_is_declared_and_was_changed_by_hand_is_put_right() {
    let (world, id) = adopted().await;
    let (actor, before) = (world.external_actor(), held(&world, &id));
    change(actor, &id, json!({"displayName": "Renamed"})).await;
    assert_put_right(&world, &id, &before, "spec.displayName").await;
    change(actor, &id, json!({"description": "Somebody's own"})).await;
    assert_put_right(&world, &id, &before, "spec.description").await;
    let stands = read(actor, &id).await;
    assert_eq!(stands["displayName"], super::DISPLAY_NAME);
    assert_eq!(stands["description"], "Made in the portal, long ago");
    actor.loosen(&id).await;
    assert_put_right(
        &world,
        &id,
        &before,
        "spec.policy.member.activation.maximumDuration",
    )
    .await;
    actor
        .edit_rule(
            &id,
            "owner",
            "Notification_Admin_EndUser_Assignment",
            |rule| {
                rule["notificationRecipients"] = json!([]);
            },
        )
        .await;
    assert_put_right(&world, &id, &before, "spec.policy.owner.notifications").await;
    actor
        .remove("eligibility", &id, "jose@contoso.com", "member")
        .await;
    assert_put_right(&world, &id, &before, "jose@contoso.com").await;
    actor
        .remove("assignment", &id, "breakglass1@contoso.com", "member")
        .await;
    assert_put_right(&world, &id, &before, "breakglass1@contoso.com").await;
    actor.remove_role(&id).await;
    assert_put_right(&world, &id, &before, "Exchange Administrator").await;
}

#[tokio::test(start_paused = true)]
async fn what_nobody_declares_is_told_and_left_alone() {
    let (world, id) = adopted().await;
    let actor = world.external_actor();
    actor.make_eligible(&id, "dana@contoso.com", "P30D").await;
    let farid = actor.user("farid@contoso.com").await;
    actor.join(&id, "members", &farid).await;
    let before = held(&world, &id);
    let writes = world.tenant.counters().writes;
    look(&world, GROUP).await;
    let told = world
        .condition("PrivilegedGroup", GROUP, "UndeclaredAccess")
        .unwrap();
    for who in ["dana@contoso.com", "farid@contoso.com"] {
        assert!(told.message.contains(who), "{}", told.message);
    }
    assert_eq!(world.tenant.counters().writes, writes);
    assert_eq!(held(&world, &id), before);
    assert!(world.all_ready(NAMESPACE));
}

#[tokio::test(start_paused = true)]
async fn a_role_that_the_boundary_does_not_cover_stops_whatever_would_give_something() {
    let (world, id) = adopted().await;
    let actor = world.external_actor();
    let never =
        json!({"action": "adminAssign", "scheduleInfo": {"expiration": {"type": "noExpiration"}}});
    actor
        .request_role("Assignment", &id, REPORTS_READER, never)
        .await;
    world.pass(super::OLD_ENOUGH).await;
    look(&world, GROUP).await;
    assert_eq!(world.reason("PrivilegedGroup", GROUP), "AdoptionRequired");
    let writes = world.tenant.counters().writes;
    world.edit("EligibleAssignment", "people", |manifest| {
        let subjects = manifest["spec"]["subjects"].as_array_mut().unwrap();
        subjects.push(crate::story::person("chidi@contoso.com"));
    });
    world
        .until_reason("EligibleAssignment", "people", "AdoptionRequired")
        .await;
    assert_eq!(
        world.tenant.counters().writes,
        writes,
        "nobody is given anything"
    );
    world.edit("EligibleAssignment", "people", |manifest| {
        manifest["spec"]["subjects"] = json!([crate::story::person("chidi@contoso.com")]);
    });
    world
        .until("jose is taken out all the same", |world| {
            !held(world, &id).contains("eligible member jose@contoso.com")
        })
        .await;
    let taken = json!({"action": "adminRemove"});
    actor
        .request_role("Assignment", &id, REPORTS_READER, taken)
        .await;
    look(&world, GROUP).await;
    world.until_ready(NAMESPACE).await;
    assert!(held(&world, &id).contains("eligible member chidi@contoso.com"));
}

#[tokio::test(start_paused = true)]
async fn its_mail_nickname_is_nobodys_business() {
    let (world, id) = adopted().await;
    let actor = world.external_actor();
    change(actor, &id, json!({"mailNickname": "something-else"})).await;
    let writes = world.tenant.counters().writes;
    look(&world, GROUP).await;
    assert_eq!(world.tenant.counters().writes, writes);
    assert_eq!(read(actor, &id).await["mailNickname"], "something-else");
    assert!(world.all_ready(NAMESPACE));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_was_deleted_by_hand_is_brought_back_and_never_made_anew() {
    let (world, id) = adopted().await;
    let (actor, before) = (world.external_actor(), held(&world, &id));
    let path = format!("/groups/{id}");
    actor.ask("DELETE", &path, None).await;
    look(&world, GROUP).await;
    world.until_ready(NAMESPACE).await;
    assert_eq!(read(actor, &id).await["id"], id.as_str());
    assert_eq!(held(&world, &id), before);
    actor.ask("DELETE", &path, None).await;
    let item = format!("/directory/deletedItems/{id}");
    actor.ask("DELETE", &item, None).await;
    let writes = world.tenant.counters().writes;
    look(&world, GROUP).await;
    assert_eq!(
        world.reason("PrivilegedGroup", GROUP),
        "WaitingForReplication"
    );
    world
        .until_reason("PrivilegedGroup", GROUP, "ReferenceNotFound")
        .await;
    world.pass(super::NEXT_LOOK).await;
    assert_eq!(
        world.tenant.counters().writes,
        writes,
        "nothing is made in its place"
    );
    world.delete_ours();
    world.until_nothing_is_left().await;
    assert_eq!(world.tenant.counters().writes, writes);
}
