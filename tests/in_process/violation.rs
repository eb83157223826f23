//! A boundary that takes away what it does not admit any more: after five minutes, whatever its objects say, and only what it
//! says at that moment.

use std::collections::BTreeSet;
use std::time::Duration;

use entra_sim::faults::FaultEffect;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::boundary::edit;
use super::harness::{
    FaultPoint, Mode, NAMESPACE, Release, Replicas, Setup, World, operation, text,
};
use super::story::{self, BREAK_GLASS, GROUP, OWNER, ROLE};

/// What stays of the story when nothing is admitted any more: the last owner.
const LAST_OWNER: &str = "active owner boss@contoso.com";

/// How long nothing happens that has to happen within it.
const LONG: Duration = Duration::from_mins(30);

/// The story under a boundary that takes away, once the service lets go what was just given.
async fn standing(world: World) -> World {
    story::comes_true(&world).await;
    edit(&world, |spec| spec["onViolation"] = json!("Revoke"));
    world.pass(Duration::from_mins(6)).await;
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    world
}

/// The boundary admits neither the people of the story nor its role.
fn tighten(world: &World) {
    edit(world, |spec| {
        spec["directoryRoles"] = json!([]);
        spec["subjects"]["userPrincipalNameSuffixes"] = json!(["@fabrikam.com"]);
    });
}

fn spec(world: &World, name: &str) -> Value {
    world.object("AccessBoundary", name).unwrap()["spec"].clone()
}

fn only_the_last_owner(world: &World) -> bool {
    world.held() == BTreeSet::from([LAST_OWNER.to_owned()])
}

async fn goes(world: &World) {
    world
        .until("only the last owner is left", only_the_last_owner)
        .await;
}

async fn until_all(world: &World, reason: &str) {
    for (kind, name) in [
        ("RoleBinding", ROLE),
        ("EligibleAssignment", GROUP),
        ("ActiveAssignment", BREAK_GLASS),
    ] {
        world.until_reason(kind, name, reason).await;
    }
}

/// When somebody was first granted something, as the status says.
fn first_granted(world: &World) -> Timestamp {
    let object = world.object("EligibleAssignment", GROUP).unwrap();
    text(&object["status"]["subjects"][0]["firstGranted"])
        .parse()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_not_admitted_any_more_goes_after_five_minutes_and_comes_back_as_a_new_wish() {
    for lag in [None, Some(SignedDuration::from_secs(30))] {
        let world = World::with(Setup {
            lag,
            ..Setup::default()
        });
        let world = standing(world).await;
        let (before, right) = (world.held(), spec(&world, "exchange"));
        tighten(&world);
        until_all(&world, "BoundaryViolated").await;
        let message = world.message("EligibleAssignment", GROUP);
        assert!(message.contains("spec.onViolation"), "{message}");
        assert_eq!(world.writes_within(Duration::from_mins(4)).await, 0);
        assert_eq!(world.held(), before);
        goes(&world).await;
        until_all(&world, "RevokedByBoundary").await;
        world
            .until_reason("ActiveAssignment", OWNER, "LastOwner")
            .await;
        let is_settled = |world: &World| states(world) == ["Revoked".to_owned()].into();
        world.until("the status says it is gone", is_settled).await;
        told(&world);
        // What is told outlives the process, and nothing more happens.
        world.kill();
        world.start();
        assert_eq!(world.writes_within(LONG).await, 0);
        until_all(&world, "RevokedByBoundary").await;
        let since = world.clock.time();
        edit(&world, |spec| *spec = right);
        world.until_ready(NAMESPACE).await;
        assert_eq!(world.held(), before);
        let granted = first_granted(&world);
        assert!(granted.as_second() >= since.as_second(), "{granted}");
    }
}

/// How the people who may activate stand, as the status says.
fn states(world: &World) -> BTreeSet<String> {
    let subjects = world.subjects("EligibleAssignment", GROUP).into_iter();
    subjects.map(|(_, state)| state).collect()
}

/// Each object tells what was taken from it, and what to do.
fn told(world: &World) {
    for (event, name) in [
        ("EligibilityRevoked", GROUP),
        ("ActiveRevoked", BREAK_GLASS),
        ("RoleRevoked", ROLE),
    ] {
        let notes = world.notes(event, name).concat();
        assert!(
            notes.contains("AccessBoundary exchange does not admit"),
            "{event}: {notes}"
        );
    }
    let message = world.message("RoleBinding", ROLE);
    for part in ["spec.directoryRoles", "spec.onViolation"] {
        assert!(message.contains(part), "{message}");
    }
    let authorized = world.condition("RoleBinding", ROLE, "Authorized").unwrap();
    assert_eq!(authorized.reason, "RevokedByBoundary");
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_not_admitted_loses_what_its_objects_were_granted_although_it_is_paused() {
    for field in ["namespaces", "tenants"] {
        let world = standing(World::new()).await;
        world.annotate("PrivilegedGroup", GROUP, "entra-pim.dev/paused", "true");
        story::until_group(&world, "Paused").await;
        edit(&world, |spec| spec[field] = json!([]));
        goes(&world).await;
        until_all(&world, "RevokedByBoundary").await;
        assert_eq!(world.writes_within(LONG).await, 0);
        let group = world.group_id(GROUP).await;
        assert!(!group.is_empty(), "the group itself stays");
    }
}

#[tokio::test(start_paused = true)]
async fn a_boundary_that_is_wrong_for_four_minutes_takes_nothing_away() {
    let world = standing(World::new()).await;
    let (before, right) = (world.held(), spec(&world, "exchange"));
    for _ in 0..3 {
        tighten(&world);
        world.pass(Duration::from_mins(4)).await;
        let right = right.clone();
        edit(&world, |spec| *spec = right);
        world.until_ready(NAMESPACE).await;
        world.pass(Duration::from_mins(2)).await;
    }
    assert_eq!(world.writes_within(LONG).await, 0);
    assert_eq!(world.held(), before);
}

#[tokio::test(start_paused = true)]
async fn a_boundary_that_is_deleted_or_cannot_be_read_takes_nothing_away() {
    for is_deleted in [true, false] {
        let world = standing(World::new()).await;
        let before = world.held();
        tighten(&world);
        until_all(&world, "BoundaryViolated").await;
        world.pass(Duration::from_mins(3)).await;
        if is_deleted {
            world.delete("AccessBoundary", "exchange");
        } else {
            let mut stored = world.object("AccessBoundary", "exchange").unwrap();
            stored["spec"]["onViolation"] = json!("Punish");
            let generation = stored["metadata"]["generation"].as_i64().unwrap();
            stored["metadata"]["generation"] = json!(generation + 1);
            world.cluster.plant(stored).unwrap();
        }
        assert_eq!(world.writes_within(Duration::from_hours(2)).await, 0);
        assert_eq!(world.held(), before);
    }
}

#[tokio::test(start_paused = true)]
async fn settings_below_the_floor_take_nothing_away() {
    let world = standing(World::new()).await;
    let before = world.held();
    edit(&world, |spec| {
        spec["policyFloor"]["activation"]["maximumDuration"] = json!("PT1H");
    });
    story::until_group(&world, "BoundaryViolated").await;
    assert_eq!(world.writes_within(LONG).await, 0);
    assert_eq!(world.held(), before);
}

#[tokio::test(start_paused = true)]
async fn people_who_were_moved_into_an_object_that_is_admitted_keep_their_access() {
    let world = standing(World::new()).await;
    let mut short = world.object("EligibleAssignment", GROUP).unwrap()["spec"].clone();
    short["subjects"] = json!([story::person("jose@contoso.com")]);
    short["schedule"] = json!({"expiration": {"afterDuration": "P30D"}});
    let short = super::harness::manifest("EligibleAssignment", "short", &short);
    world.apply(&short);
    world
        .until_reason("EligibleAssignment", "short", "Conflict")
        .await;
    edit(&world, |spec| {
        spec["assignments"]["eligible"]["maximumDuration"] = json!("P30D");
    });
    let jose = "eligible member jose@contoso.com";
    let is_gone = |world: &World| {
        assert!(world.held().contains(jose), "{}", world.summary());
        world
            .held()
            .iter()
            .filter(|what| what.starts_with("eligible"))
            .count()
            == 1
    };
    world.until("the others are gone", is_gone).await;
    world.pass(LONG).await;
    assert!(world.held().contains(jose));
    assert!(
        world.is_ready("EligibleAssignment", "short"),
        "{}",
        world.summary()
    );
}

/// Another boundary that says the same.
fn second_boundary(world: &World, change: impl FnOnce(&mut Value)) {
    let mut boundary = world.object("AccessBoundary", "exchange").unwrap();
    boundary["metadata"] = json!({"name": "other"});
    boundary.as_object_mut().unwrap().remove("status");
    change(&mut boundary["spec"]);
    world.apply(&boundary);
}

fn move_to(world: &World, boundary: &str) {
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["boundaryRef"]["name"] = json!(boundary);
    });
}

#[tokio::test(start_paused = true)]
async fn a_group_that_moves_to_another_boundary_is_judged_by_that_one() {
    let world = standing(World::new()).await;
    let before = world.held();
    second_boundary(&world, |_| {});
    tighten(&world);
    until_all(&world, "BoundaryViolated").await;
    world.pass(Duration::from_mins(3)).await;
    move_to(&world, "other");
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.writes_within(LONG).await, 0);
    assert_eq!(world.held(), before);
    world.edit("AccessBoundary", "other", |manifest| {
        manifest["spec"]["groups"]["namePatterns"] = json!(["PAG-Other-*"]);
    });
    goes(&world).await;
}

/// What the tenant was done to since, in words.
fn writes(world: &World) -> Vec<String> {
    let journal = world.tenant.journal();
    let effective = journal.iter().filter(|entry| !entry.effects.is_empty());
    effective.map(|entry| entry.operation.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_for_a_boundary_or_a_move_that_a_stalled_watch_does_not_show() {
    for is_moved in [false, true] {
        let world = World::new();
        story::apply(&world);
        story::look_every(&world, "PT1M");
        edit(&world, |spec| spec["onViolation"] = json!("Revoke"));
        second_boundary(&world, |_| {});
        let replicas = Replicas::start(&world, Release::USUAL, 1);
        world.until_ready(NAMESPACE).await;
        world.pass(Duration::from_mins(6)).await;
        let (before, right) = (world.held(), spec(&world, "exchange"));
        tighten(&world);
        until_all(&world, "BoundaryViolated").await;
        world.pass(Duration::from_mins(3)).await;
        replicas.set_stalled(0, true);
        world.tenant.reset_journal();
        if is_moved {
            move_to(&world, "other");
        } else {
            edit(&world, |spec| *spec = right);
        }
        world.pass(Duration::from_mins(15)).await;
        assert_eq!(writes(&world), Vec::<String>::new(), "{}", world.summary());
        assert_eq!(world.held(), before);
        assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_edits_the_group_again_and_again_puts_nothing_off() {
    let world = standing(World::new()).await;
    // A pass lasts longer than nothing is edited.
    let slow = FaultEffect::Delay {
        duration: SignedDuration::from_secs(3),
    };
    world.fault(operation("pimGroups.*"), slow);
    tighten(&world);
    let begun = Instant::now();
    let mut number = 0_u64;
    while !only_the_last_owner(&world) {
        number += 1;
        let value = number.to_string();
        world.annotate("PrivilegedGroup", GROUP, "entra-pim.dev/resync", &value);
        sleep(Duration::from_secs(1)).await;
        assert!(
            begun.elapsed() < Duration::from_mins(9),
            "{}",
            world.summary()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn neither_lost_answers_nor_a_death_at_a_write_leaves_anything() {
    for mode in [Mode::AnswerLost, Mode::KilledBefore, Mode::KilledAfter] {
        for at in [1, 3, 5] {
            let world = World::with(Setup {
                lag: Some(SignedDuration::from_secs(20)),
                ..Setup::default()
            });
            let world = standing(world).await;
            tighten(&world);
            until_all(&world, "BoundaryViolated").await;
            world.line.arm([FaultPoint { at, mode }]);
            world.pass(Duration::from_mins(8)).await;
            if world.line.was_killed() {
                world.kill();
                world.start();
            }
            goes(&world).await;
            until_all(&world, "RevokedByBoundary").await;
            world.pass(LONG).await;
            assert!(
                only_the_last_owner(&world),
                "{mode:?} {at}: {}",
                world.summary()
            );
        }
    }
}
