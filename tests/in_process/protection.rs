//! The tenant protects somebody: nothing is taken from them, the objects that would have to say so, and nothing hangs once they
//! are off the list.

use std::time::Duration;

use serde_json::json;

use super::emergency_stop::{list, problems};
use super::harness::{NAMESPACE, World, text};
use super::hazards::holds;
use super::story::{self, BREAK_GLASS, GROUP};

const JOSE: &str = "jose@contoso.com";
const BREAKGLASS: &str = "breakglass1@contoso.com";

async fn protect(world: &World, people: &[&str]) {
    list(world, "protectedPrincipals", people).await;
    world.pass(Duration::from_secs(10)).await;
}

#[tokio::test(start_paused = true)]
async fn who_is_taken_out_of_a_spec_stays_and_goes_when_nobody_protects_them_any_more() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    protect(&world, &[JOSE]).await;
    story::remove_person(&world, JOSE);
    story::until_people(&world, "PrincipalProtected").await;
    let message = world.message("EligibleAssignment", GROUP);
    assert!(message.contains("remove their id there"), "{message}");
    assert_eq!(world.writes_within(Duration::from_hours(2)).await, 0);
    assert!(holds(&world, JOSE));
    protect(&world, &[]).await;
    world.until("they go", |world| !holds(world, JOSE)).await;
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_deleted_says_whom_it_waits_for_and_is_let_go_afterwards() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    protect(&world, &[BREAKGLASS]).await;
    world.delete_ours();
    world
        .until_reason("ActiveAssignment", BREAK_GLASS, "PrincipalProtected")
        .await;
    world.pass(Duration::from_hours(1)).await;
    assert!(holds(&world, BREAKGLASS), "{:?}", world.held());
    let deleting = world.condition("ActiveAssignment", BREAK_GLASS, "Deleting");
    assert_eq!(deleting.unwrap().reason, "PrincipalProtected");
    protect(&world, &[]).await;
    world.until_nothing_is_left().await;
    assert!(world.held().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_group_that_goes_waits_for_whom_nobody_declares_and_the_tenant_protects() {
    let world = story::standing().await;
    let (actor, id) = (world.external_actor(), world.group_id(GROUP).await);
    let grace = actor.user("grace@contoso.com").await;
    actor.join(&id, "members", &grace).await;
    world.pass(Duration::from_mins(6)).await;
    protect(&world, &["grace@contoso.com"]).await;
    world.delete_ours();
    story::until_group(&world, "PrincipalProtected").await;
    world.pass(Duration::from_hours(1)).await;
    assert!(holds(&world, "grace@contoso.com"));
    protect(&world, &[]).await;
    world.until_nothing_is_left().await;
}

#[tokio::test(start_paused = true)]
async fn a_window_is_not_made_shorter_for_who_is_protected() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    protect(&world, &[JOSE]).await;
    world.edit("EligibleAssignment", GROUP, |manifest| {
        manifest["spec"]["schedule"] = json!({"expiration": {"afterDuration": "P30D"}});
    });
    story::until_people(&world, "PrincipalProtected").await;
    let told = |who| problems(&world, "EligibleAssignment", GROUP, who);
    assert_eq!(told(JOSE), ["PrincipalProtected"]);
    assert_eq!(told("amira@contoso.com"), [] as [&str; 0]);
    assert_eq!(world.writes_within(Duration::from_hours(2)).await, 0);
    let (actor, id) = (world.external_actor(), world.group_id(GROUP).await);
    let rows = actor.eligible(&id).await;
    let mut ends = Vec::new();
    for who in [JOSE, "amira@contoso.com"] {
        let row = actor.row_of(&rows, who).await.unwrap();
        ends.push(text(&row["scheduleInfo"]["expiration"]["endDateTime"]));
    }
    assert!(ends[0] > ends[1], "{ends:?}");
}

#[tokio::test(start_paused = true)]
async fn who_is_undeclared_and_protected_is_told_and_stays() {
    let world = story::standing().await;
    let (actor, id) = (world.external_actor(), world.group_id(GROUP).await);
    actor.make_eligible(&id, "dana@contoso.com", "P30D").await;
    actor.make_eligible(&id, "grace@contoso.com", "P30D").await;
    world.pass(Duration::from_mins(6)).await;
    protect(&world, &["dana@contoso.com"]).await;
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["undeclared"] = json!({"eligible": "Remove", "active": "Remove"});
    });
    world
        .until("the other one is out", |world| {
            !holds(world, "grace@contoso.com")
        })
        .await;
    story::until_group(&world, "PrincipalProtected").await;
    world.pass(Duration::from_hours(1)).await;
    assert!(holds(&world, "dana@contoso.com"));
}
