//! What the directory tells of changed groups.

use std::time::Duration;

use serde_json::json;

use super::super::harness::{NAMESPACE, World, operation, refuse_with};
use super::super::story::{self, GROUP};
use super::{NOTICED, counted, join, standing, told_of_undeclared};

const SOURCE: &str = "group_changes";

fn looks(world: &World) -> u64 {
    counted(world, "hint_looks", SOURCE)
}

#[tokio::test(start_paused = true)]
async fn somebody_who_is_put_into_a_group_by_hand_is_noticed_within_a_minute() {
    let world = standing(&[]).await;
    join(&world, "grace@contoso.com").await;
    world.pass(NOTICED).await;
    assert_eq!(told_of_undeclared(&world), 1, "{}", world.summary());
    assert_eq!(looks(&world), 1);
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(looks(&world), 1, "it was seen");
}

#[tokio::test(start_paused = true)]
async fn an_active_member_who_is_taken_out_by_hand_is_in_again_within_a_minute() {
    let world = standing(&[]).await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let before = world.held();
    actor
        .remove("assignment", &group, "breakglass1@contoso.com", "member")
        .await;
    world.pass(NOTICED).await;
    assert_eq!(world.held(), before);
    world.pass(Duration::from_mins(30)).await;
    assert!(looks(&world) <= 2, "{}", looks(&world));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_renamed_or_deleted_by_hand_is_put_right_within_minutes() {
    let world = standing(&[]).await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let path = format!("/groups/{group}");
    let other = json!({"displayName": "Mine now"});
    actor.ask("PATCH", &path, Some(other)).await;
    world.pass(NOTICED).await;
    let stands = actor.groups(&world.key(GROUP)).await;
    assert_eq!(stands[0]["displayName"], "PAG-Exchange-Admins");
    let before = world.held();
    actor.ask("DELETE", &path, None).await;
    world.pass(Duration::from_mins(5)).await;
    assert_eq!(world.group_id(GROUP).await, group);
    assert_eq!(world.held(), before);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_our_own_causes_no_look() {
    let world = standing(&[("deltaReplays", "on")]).await;
    world.edit("ActiveAssignment", story::BREAK_GLASS, |manifest| {
        let subjects = manifest["spec"]["subjects"].as_array_mut().unwrap();
        subjects.push(story::person("breakglass2@contoso.com"));
    });
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(10)).await;
    assert!(
        counted(&world, "hints", SOURCE) >= 2,
        "it was told, and twice"
    );
    assert_eq!(looks(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_told_late_and_twice_is_looked_at_when_it_is_told() {
    let world = standing(&[("deltaReplays", "on"), ("deltaDelay", "4m")]).await;
    join(&world, "grace@contoso.com").await;
    world.pass(Duration::from_mins(3)).await;
    assert_eq!(told_of_undeclared(&world), 0);
    world.pass(Duration::from_mins(3)).await;
    assert_eq!(told_of_undeclared(&world), 1);
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(looks(&world), 1);
}

#[tokio::test(start_paused = true)]
async fn where_no_stream_begins_with_now_it_begins_with_everything() {
    let world = standing(&[("deltaLatestWithFilter", "off"), ("deltaSlice", "1")]).await;
    join(&world, "grace@contoso.com").await;
    world.pass(NOTICED).await;
    assert_eq!((told_of_undeclared(&world), looks(&world)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_token_is_lost_is_begun_anew() {
    for (status, code) in [(410, "syncStateNotFound"), (400, "resyncRequired")] {
        let world = standing(&[]).await;
        world.fault(
            operation("groups.delta"),
            refuse_with(status, code, "from the start"),
        );
        world.pass(Duration::from_secs(65)).await;
        world.clear_faults();
        world.pass(Duration::from_secs(65)).await;
        join(&world, "grace@contoso.com").await;
        world.pass(NOTICED).await;
        assert_eq!(told_of_undeclared(&world), 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_grew_old_while_nobody_asked_is_replaced() {
    let world = standing(&[("deltaTokenLifetime", "30s")]).await;
    world.pass(Duration::from_mins(5)).await;
    let began = world.tenant.operations()["groups.delta"];
    world.pass(Duration::from_mins(5)).await;
    let asked = world.tenant.operations()["groups.delta"] - began;
    assert!((5..=12).contains(&asked), "{asked}");
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_tells_no_changes_is_looked_at_as_before_and_no_object_says_so() {
    let world = standing(&[]).await;
    story::look_every(&world, "PT10M");
    world.fault(
        operation("groups.delta"),
        refuse_with(403, "Authorization_RequestDenied", "no"),
    );
    let before = world.kubernetes_writes();
    world.pass(Duration::from_mins(5)).await;
    join(&world, "grace@contoso.com").await;
    world.pass(Duration::from_mins(12)).await;
    assert_eq!((told_of_undeclared(&world), looks(&world)), (1, 0));
    assert!(counted(&world, "hint_failures", SOURCE) >= 10);
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    let writes = world.kubernetes_writes() - before;
    assert!(writes < 10, "{writes}");
}
