//! Somebody changes in the portal what is declared. It is put right at the next reconcile, and an event says what it
//! was. What nobody declares is left alone.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::World;
use super::story::{self, EXCHANGE_ADMINISTRATOR, GROUP, ROLE};

/// Longer than the interval of reconciles.
const NEXT_LOOK: Duration = Duration::from_mins(12);

/// Longer than the service insists on keeping what was just made.
const OLD_ENOUGH: Duration = Duration::from_mins(6);

/// The one note of a correction of an object.
fn note(world: &World, object: &str) -> String {
    let notes = world.notes("DriftCorrected", object);
    assert_eq!(notes.len(), 1, "{notes:?}\n{}", world.summary());
    notes.into_iter().next().unwrap()
}

fn end(row: &Value) -> &Value {
    &row["scheduleInfo"]["expiration"]["endDateTime"]
}

fn assert_says(note: &str, parts: &[&str]) {
    for part in parts {
        assert!(note.contains(part), "{part:?} is missing in {note:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_eligibility_that_was_taken_away_is_given_again_with_its_old_end() {
    let world = story::standing().await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let rows = actor.eligible(&group).await;
    let before = actor.row_of(&rows, "jose@contoso.com").await.unwrap();
    world.pass(Duration::from_mins(3)).await;
    actor
        .remove("eligibility", &group, "jose@contoso.com", "member")
        .await;
    world.pass(NEXT_LOOK).await;
    let rows = actor.eligible(&group).await;
    let after = actor.row_of(&rows, "jose@contoso.com").await.unwrap();
    assert_eq!(end(&after), end(&before), "it counts from the first grant");
    assert_says(
        &note(&world, GROUP),
        &["spec.subjects", "jose@contoso.com", "nothing"],
    );
}

#[tokio::test(start_paused = true)]
async fn an_end_that_was_changed_is_put_back() {
    let world = story::standing().await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let before = actor.eligible(&group).await;
    let shorter = json!({
        "action": "adminUpdate",
        "scheduleInfo": {
            "startDateTime": world.clock.time().to_string(),
            "expiration": {"type": "afterDateTime", "endDateTime": "2026-12-24T00:00:00Z"},
        },
    });
    actor
        .request(
            "eligibility",
            &group,
            "amira@contoso.com",
            "member",
            shorter,
        )
        .await;
    world.pass(NEXT_LOOK).await;
    let after = actor.eligible(&group).await;
    let row = async |rows| actor.row_of(rows, "amira@contoso.com").await.unwrap();
    assert_eq!(end(&row(&after).await), end(&row(&before).await));
    assert_says(
        &note(&world, GROUP),
        &["spec.schedule", "2026-12-24T00:00:00Z", "instead of"],
    );
}

#[tokio::test(start_paused = true)]
async fn an_active_member_who_was_removed_is_added_again() {
    let world = story::standing().await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let before = world.held();
    world.pass(OLD_ENOUGH).await;
    actor
        .remove("assignment", &group, "breakglass1@contoso.com", "member")
        .await;
    assert_ne!(world.held(), before);
    world.pass(NEXT_LOOK).await;
    assert_eq!(world.held(), before);
    assert_says(
        &note(&world, story::BREAK_GLASS),
        &["breakglass1@contoso.com", "nothing"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_was_edited_is_put_back_within_the_hour() {
    let world = story::standing().await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let rule = "Expiration_EndUser_Assignment";
    actor.loosen(&group).await;
    world.pass(NEXT_LOOK).await;
    let stands = actor.rule(&group, "member", rule).await;
    assert_eq!(
        stands["maximumDuration"], "PT24H",
        "policies are not read at every look"
    );
    world.pass(Duration::from_mins(65)).await;
    let stands = world.external_actor().rule(&group, "member", rule).await;
    assert_eq!(stands["maximumDuration"], "PT8H");
    assert_says(
        &note(&world, GROUP),
        &["spec.policy.member.activation.maximumDuration", "PT8H"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_resync_that_is_asked_for_puts_a_rule_back_at_once() {
    let world = story::standing().await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let rule = "Enablement_EndUser_Assignment";
    actor
        .edit_rule(&group, "member", rule, |rule| {
            rule["enabledRules"] = json!(["Justification"]);
        })
        .await;
    story::resync(&world);
    world.pass(Duration::from_secs(10)).await;
    let stands = actor.rule(&group, "member", rule).await;
    assert_eq!(stands["enabledRules"].as_array().unwrap().len(), 2);
    assert_says(
        &note(&world, GROUP),
        &[
            "spec.policy.member.activation.require",
            "MultiFactorAuthentication",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_that_was_renamed_gets_its_name_back() {
    let world = story::standing().await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let other = json!({"displayName": "Mine now"});
    actor
        .ask("PATCH", &format!("/groups/{group}"), Some(other))
        .await;
    world.pass(NEXT_LOOK).await;
    let stands = actor.groups(&world.key(GROUP)).await;
    assert_eq!(stands[0]["displayName"], "PAG-Exchange-Admins");
    assert_says(
        &note(&world, GROUP),
        &["spec.displayName", "Mine now", "PAG-Exchange-Admins"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_role_that_was_taken_away_is_bound_again() {
    let world = story::standing().await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let before = world.held();
    world.pass(OLD_ENOUGH).await;
    actor.remove_role(&group).await;
    let role = format!("role {EXCHANGE_ADMINISTRATOR} at /");
    assert!(!world.held().contains(&role));
    world.pass(NEXT_LOOK).await;
    assert_eq!(world.held(), before);
    assert_says(
        &note(&world, ROLE),
        &["spec.directoryRole", "Exchange Administrator"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_that_was_deleted_is_restored_with_all_it_held() {
    let world = story::standing().await;
    let (actor, key) = (world.external_actor(), world.key(GROUP));
    let (group, before) = (actor.group(&key).await, world.held());
    actor.ask("DELETE", &format!("/groups/{group}"), None).await;
    assert!(actor.groups(&key).await.is_empty());
    world.pass(NEXT_LOOK).await;
    assert_eq!(actor.group(&key).await, group, "it is the same group");
    assert_eq!(world.held(), before);
    assert!(
        world.all_ready(super::harness::NAMESPACE),
        "{}",
        world.summary()
    );
    // With its restoration the policies are as those of a new group, which is one more correction.
    let notes = world.notes("DriftCorrected", GROUP);
    assert_says(&notes[0], &["status.externalId", "deleted", &group]);
}

#[tokio::test(start_paused = true)]
async fn access_that_nobody_declares_is_left_alone() {
    let world = story::standing().await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    actor
        .make_eligible(&group, "dana@contoso.com", "P30D")
        .await;
    let grace = actor.user("grace@contoso.com").await;
    let member =
        json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{grace}")});
    let path = format!("/groups/{group}/members/$ref");
    actor.ask("POST", &path, Some(member)).await;
    let before = world.held();
    assert_eq!(before.len(), 8, "{before:?}");
    assert_eq!(world.writes_within(Duration::from_mins(90)).await, 0);
    assert_eq!(world.held(), before);
    assert!(
        world.all_ready(super::harness::NAMESPACE),
        "{}",
        world.summary()
    );
}
