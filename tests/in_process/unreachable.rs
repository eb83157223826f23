//! A tenant that refuses, breaks off or cannot be reached at all: nothing is written on what was not read, and nothing
//! is said that is not known.

use std::time::Duration;

use entra_sim::faults::{FaultEffect, Match, Rule, Traffic};
use jiff::SignedDuration;

use super::harness::{NAMESPACE, OUTDATED_SECRET, SECRET, World, always, operation, refuse};
use super::story::{self, GROUP};

fn reads() -> Match {
    Match {
        traffic: Some(Traffic::Reads),
        ..Match::default()
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_before_retry_after_has_passed() {
    let world = story::applied();
    let wait = SignedDuration::from_secs(40);
    world.tenant.faults().add(Rule {
        count: Some(1),
        ..always(operation("pimGroups.*.create"), refuse(429, Some(wait)))
    });
    world.start();
    world.until_ready(NAMESPACE).await;
    let journal = world.tenant.journal();
    let refused = journal.iter().find(|entry| entry.status == 429).unwrap();
    let early: Vec<String> = journal
        .iter()
        .filter(|entry| {
            entry.sequence > refused.sequence && entry.operation.starts_with("pimGroups")
        })
        .filter(|entry| {
            entry.batch.as_ref().map(|item| item.envelope)
                != refused.batch.as_ref().map(|item| item.envelope)
        })
        .filter(|entry| entry.at < refused.at + wait)
        .map(|entry| format!("{} {}", entry.at, entry.operation))
        .collect();
    assert_eq!(early, Vec::<String>::new(), "{}", refused.at);
    assert_eq!(world.held().len(), 6, "and nothing was lost");
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_of_refusals_lose_nothing() {
    let world = story::applied();
    let wait = SignedDuration::from_secs(30);
    world.fault(Match::default(), refuse(429, Some(wait)));
    world.start();
    world.pass(Duration::from_mins(10)).await;
    assert_eq!(world.tenant.counters().writes, 0);
    assert!(world.held().is_empty());
    world.tenant.faults().clear();
    world.pass(Duration::from_mins(2)).await;
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    assert_eq!(world.held().len(), 6);
}

/// Everything that stands in the tenant on account of an object.
fn ours(world: &World) -> Vec<(String, String)> {
    let mut ours = world.ours(NAMESPACE);
    ours.retain(|(kind, _)| kind != "AccessBoundary" && kind != "EntraTenant");
    ours
}

/// Lets reads fail for some hours, in which nothing is to be done, written or said that is not known.
async fn nothing_follows_from(rule: Rule) {
    let world = story::standing().await;
    let before = world.held();
    world.tenant.faults().add(rule);
    assert_eq!(world.writes_within(Duration::from_mins(15)).await, 0);
    assert!(
        world.all_ready(NAMESPACE),
        "what was seen shortly before still counts: {}",
        world.summary()
    );
    assert_eq!(world.writes_within(Duration::from_hours(3)).await, 0);
    for (kind, name) in ours(&world) {
        let ready = world.condition(&kind, &name, "Ready").unwrap();
        assert_eq!(
            (ready.status.as_str(), ready.reason.as_str()),
            ("Unknown", "TenantUnreachable"),
            "{kind} {name}: {}",
            ready.message
        );
    }
    assert_eq!(world.held(), before);
    world.tenant.faults().clear();
    assert_eq!(world.writes_within(Duration::from_mins(20)).await, 0);
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn nothing_follows_from_reads_that_are_refused() {
    nothing_follows_from(always(reads(), refuse(503, None))).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_follows_from_reads_that_break_off() {
    nothing_follows_from(always(reads(), FaultEffect::DropAfter)).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_follows_from_one_list_that_cannot_be_read() {
    let one = operation("pimGroups.eligibilitySchedules.list");
    nothing_follows_from(always(one, refuse(500, None))).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_created_while_the_group_cannot_be_looked_for() {
    let world = story::applied();
    let deleted = operation("deletedItems.listGroups");
    world.fault(deleted, refuse(503, None));
    world.start();
    world.pass(Duration::from_hours(1)).await;
    assert_eq!(world.tenant.counters().writes, 0);
    assert_eq!(world.reason("PrivilegedGroup", GROUP), "TenantUnreachable");
    world.tenant.faults().clear();
    world.until_ready(NAMESPACE).await;
}

/// The token that the operator holds lasts for an hour and says nothing of that.
#[tokio::test(start_paused = true)]
async fn a_tenant_that_cannot_be_reached_says_so_itself() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(15)).await;
    assert!(world.is_ready("EntraTenant", "contoso"));
    let last_sync = |world: &World| {
        world.object("EntraTenant", "contoso").unwrap()["status"]["lastSyncTime"].clone()
    };
    world.fault(Match::default(), FaultEffect::DropBefore);
    world.until_tenant("TenantUnreachable").await;
    let before = last_sync(&world);
    world.pass(Duration::from_mins(30)).await;
    assert!(!world.is_ready("EntraTenant", "contoso"));
    assert_eq!(last_sync(&world), before, "nothing has answered");
    world.tenant.faults().clear();
    world.until_tenant_ready().await;
    assert_ne!(last_sync(&world), before);
}

/// In a quiet tenant nothing but this asks.
#[tokio::test(start_paused = true)]
async fn a_tenant_without_groups_that_cannot_be_reached_says_so_too() {
    let world = World::new();
    world.start();
    world.until_tenant_ready().await;
    world.fault(Match::default(), FaultEffect::DropBefore);
    world.until_tenant("TenantUnreachable").await;
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_is_down_is_said_and_survived() {
    let world = story::applied();
    world.fault(operation("token"), refuse(503, None));
    world.start();
    world.until_tenant("TenantUnreachable").await;
    story::until_group(&world, "TenantUnreachable").await;
    world.tenant.faults().clear();
    world.until_ready(NAMESPACE).await;
    world.until_tenant_ready().await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_secret_is_said_and_a_right_one_is_taken_up_by_itself() {
    let world = story::applied();
    world.set_secret(OUTDATED_SECRET);
    world.start();
    world.until_tenant("CredentialInvalid").await;
    story::until_group(&world, "CredentialInvalid").await;
    let message = world.message("EntraTenant", "contoso");
    assert!(!message.contains("last-years-secret"), "{message}");
    world.set_secret(SECRET);
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_is_named() {
    let world = story::applied();
    let some = [
        "Group.ReadWrite.All",
        "User.Read.All",
        "Application.Read.All",
    ];
    world.permit_only(&some);
    world.start();
    world.until_tenant("PermissionDenied").await;
    let message = world.message("EntraTenant", "contoso");
    assert!(
        message.contains("PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"),
        "{message}"
    );
    world.pass(Duration::from_mins(30)).await;
    assert!(world.held().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_refused_keeps_nobody_in() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    let list = operation("roleAssignmentSchedules.list");
    world.fault(list, refuse(403, None));
    let (amira, chidi) = ("amira@contoso.com", "chidi@contoso.com");
    story::edit_people(&world, |people| {
        people.retain(|one| one["name"] != amira);
        people.push(story::person(chidi));
    });
    let holds = |world: &World, who| world.held().iter().any(|held| held.ends_with(who));
    world
        .until("amira has nothing", |world| !holds(world, amira))
        .await;
    story::until_people(&world, "PermissionDenied").await;
    assert!(!holds(&world, chidi), "nothing else is done");
}
