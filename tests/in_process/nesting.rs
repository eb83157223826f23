//! Groups as subjects of other groups: those that stand in the tenant anyway, and those that another object declares.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{NAMESPACE, World, manifest, text};
use super::story::{self, GROUP};

/// The guide whose manifests are applied here.
const GUIDE: &str = include_str!("../../docs/assignments.md");

/// The name of the group that is to be in the one of the story, and of the object with its people.
const ONCALL: &str = "oncall";

/// The name of the object by which it is.
const NESTED: &str = "oncall-of-admins";

const EVERYBODY: &[&str] = &["User", "Group", "PrivilegedGroup"];

/// Lets the boundary admit subjects of these kinds.
fn admit(world: &World, kinds: &[&str]) {
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["subjects"]["kinds"] = json!(kinds);
    });
}

/// A group like the one of the story.
fn group(world: &World, name: &str) -> Value {
    let mut spec = world.object("PrivilegedGroup", GROUP).unwrap()["spec"].clone();
    spec["displayName"] = json!(format!("PAG-Exchange-{name}"));
    manifest("PrivilegedGroup", name, &spec)
}

/// An assignment by which subjects are eligible members of a group.
fn eligible(name: &str, group: &str, subjects: &Value) -> Value {
    let spec = json!({
        "groupRef": {"name": group}, "subjects": subjects, "schedule": {"expiration": {"afterDuration": "P90D"}},
    });
    manifest("EligibleAssignment", name, &spec)
}

fn nested(name: &str) -> Value {
    json!([{"kind": "PrivilegedGroup", "name": name}])
}

/// The story, with a group of people on call who may become its members.
fn apply_nested(world: &World) {
    story::apply(world);
    admit(world, EVERYBODY);
    // The outer one comes first: order does not matter.
    world.apply(&eligible(NESTED, GROUP, &nested(ONCALL)));
    world.apply(&group(world, ONCALL));
    world.apply(&eligible(
        ONCALL,
        ONCALL,
        &json!([story::person("chidi@contoso.com")]),
    ));
}

async fn standing() -> World {
    let world = World::new();
    apply_nested(&world);
    world.start();
    world.until_ready(NAMESPACE).await;
    world
}

/// What is held by a principal that is no person.
fn holds(world: &World, kind: &str, id: &str) -> bool {
    world.held().contains(&format!("{kind} member {id}"))
}

async fn plain_group(world: &World, assignable: bool) -> String {
    let body = json!({
        "displayName": "Team Exchange", "mailNickname": "team-exchange", "mailEnabled": false, "securityEnabled": true,
        "isAssignableToRole": assignable,
    });
    let made = world.external_actor().ask("POST", "/groups", Some(body));
    text(&made.await["id"])
}

/// Declares a group of the tenant eligible in the one of the story.
fn let_in(world: &World, team: &str) {
    let subjects = json!([{"kind": "Group", "name": team}]);
    world.apply(&eligible("team", GROUP, &subjects));
}

fn list(world: &World, group: &str) {
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["subjects"]["groups"] = json!([group]);
    });
}

#[tokio::test(start_paused = true)]
async fn a_group_that_the_boundary_lists_is_made_eligible_and_told_by_its_name() {
    let world = story::standing().await;
    let team = plain_group(&world, true).await;
    let_in(&world, &team);
    world
        .until_reason("EligibleAssignment", "team", "BoundaryDenied")
        .await;
    let told = world.message("EligibleAssignment", "team");
    assert!(told.contains("spec.subjects.kinds"), "{told}");
    admit(&world, EVERYBODY);
    world
        .until("not listed", |world| {
            world
                .message("EligibleAssignment", "team")
                .contains("spec.subjects.groups")
        })
        .await;
    assert!(!holds(&world, "eligible", &team));
    list(&world, &team);
    world.until_ready(NAMESPACE).await;
    assert!(holds(&world, "eligible", &team));
    let notes = world.notes("EligibilityGranted", "team");
    assert!(
        notes.iter().any(|note| note.contains("Team Exchange")),
        "{notes:?}"
    );
    world.delete("EligibleAssignment", "team");
    world.until_gone("EligibleAssignment", "team").await;
    assert!(!holds(&world, "eligible", &team));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_not_role_assignable_comes_into_one_that_is_only_where_the_boundary_says_so()
 {
    let world = story::standing().await;
    let team = plain_group(&world, false).await;
    admit(&world, EVERYBODY);
    list(&world, &team);
    let_in(&world, &team);
    world
        .until_reason("EligibleAssignment", "team", "BoundaryDenied")
        .await;
    let told = world.message("EligibleAssignment", "team");
    for part in ["spec.subjects.ordinaryGroups", "Team Exchange"] {
        assert!(told.contains(part), "{told}");
    }
    world.pass(Duration::from_mins(15)).await;
    assert!(!holds(&world, "eligible", &team));
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["subjects"]["ordinaryGroups"] = json!("Allowed");
    });
    world.until_ready(NAMESPACE).await;
    assert!(holds(&world, "eligible", &team));
}

#[tokio::test(start_paused = true)]
async fn a_group_is_not_active_in_a_role_assignable_one_and_owns_none() {
    let world = story::standing().await;
    let team = plain_group(&world, true).await;
    admit(&world, EVERYBODY);
    list(&world, &team);
    let active = |access| {
        let spec = json!({
            "groupRef": {"name": GROUP}, "access": access, "subjects": [{"kind": "Group", "name": team}],
            "schedule": {"expiration": {"never": {}}},
        });
        manifest("ActiveAssignment", "team", &spec)
    };
    let refused = world.cluster.apply(active("Owner")).unwrap_err();
    assert!(
        refused.to_string().contains("a group cannot own a group"),
        "{refused}"
    );
    world.apply(&active("Member"));
    world
        .until_reason("ActiveAssignment", "team", "InvalidSpec")
        .await;
    let told = world.message("ActiveAssignment", "team");
    assert!(told.contains("EligibleAssignment"), "{told}");
    world.pass(Duration::from_mins(15)).await;
    assert!(!holds(&world, "active", &team));
}

#[tokio::test(start_paused = true)]
async fn a_deleted_group_is_no_subject() {
    let world = story::standing().await;
    let team = plain_group(&world, true).await;
    admit(&world, EVERYBODY);
    list(&world, &team);
    let_in(&world, &team);
    world.until_ready(NAMESPACE).await;
    let actor = world.external_actor();
    actor.ask("DELETE", &format!("/groups/{team}"), None).await;
    world
        .until_reason("EligibleAssignment", "team", "PrincipalNotFound")
        .await;
    world.delete("EligibleAssignment", "team");
    world.until_gone("EligibleAssignment", "team").await;
}

#[tokio::test(start_paused = true)]
async fn a_declared_group_is_made_eligible_once_it_is_there_and_its_guard_stands() {
    let world = standing().await;
    let inner = world.group_id(ONCALL).await;
    assert!(holds(&world, "eligible", &inner));
    let notes = world.notes("EligibilityGranted", NESTED);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("PAG-Exchange-oncall"), "{notes:?}");
    // Whoever is in it may activate the outer one; nothing of that is undeclared or corrected.
    let writes = world.writes_within(Duration::from_mins(25)).await;
    assert_eq!(writes, 0);
}

#[tokio::test(start_paused = true)]
async fn a_grant_waits_for_a_declared_group_and_says_what_it_waits_for() {
    let world = story::standing().await;
    admit(&world, EVERYBODY);
    world.apply(&eligible(NESTED, GROUP, &nested(ONCALL)));
    world
        .until_reason("EligibleAssignment", NESTED, "ReferenceNotFound")
        .await;
    let mut inner = group(&world, ONCALL);
    // The floor of the boundary is not reached, so that nothing is made.
    inner["spec"]["policy"]["member"]["activation"]["maximumDuration"] = json!("P1D");
    world.apply(&inner);
    world
        .until_reason("EligibleAssignment", NESTED, "WaitingForDependency")
        .await;
    let told = world.message("EligibleAssignment", NESTED);
    assert!(told.contains("PrivilegedGroup oncall"), "{told}");
    world.apply(&group(&world, ONCALL));
    world.until_ready(NAMESPACE).await;
    let inner = world.group_id(ONCALL).await;
    assert!(holds(&world, "eligible", &inner));
}

#[tokio::test(start_paused = true)]
async fn a_declared_group_under_another_boundary_or_of_a_kind_that_is_not_listed_is_refused() {
    let world = World::new();
    story::apply(&world);
    let mut other = world.object("AccessBoundary", "exchange").unwrap();
    other["metadata"] = json!({"name": "other"});
    other.as_object_mut().unwrap().remove("status");
    world.apply(&other);
    world.apply(&eligible(NESTED, GROUP, &nested(ONCALL)));
    let mut inner = group(&world, ONCALL);
    inner["spec"]["boundaryRef"]["name"] = json!("other");
    world.apply(&inner);
    world.start();
    world
        .until_reason("EligibleAssignment", NESTED, "BoundaryDenied")
        .await;
    admit(&world, EVERYBODY);
    world
        .until("one boundary", |world| {
            world
                .message("EligibleAssignment", NESTED)
                .contains("judged by one boundary")
        })
        .await;
    world.pass(Duration::from_mins(15)).await;
    let id = world.group_id(ONCALL).await;
    assert!(!holds(&world, "eligible", &id));
}

#[tokio::test(start_paused = true)]
async fn groups_that_would_be_in_each_other_are_refused_with_the_way_on_every_object() {
    for names in [
        &["first"][..],
        &["first", "second"],
        &["first", "second", "third"],
    ] {
        let world = story::standing().await;
        admit(&world, EVERYBODY);
        for name in names {
            world.apply(&group(&world, name));
        }
        for (place, name) in names.iter().enumerate() {
            let next = names[(place + 1) % names.len()];
            world.apply(&eligible(name, name, &nested(next)));
        }
        for name in names {
            world
                .until_reason("EligibleAssignment", name, "InvalidSpec")
                .await;
            let told = world.message("EligibleAssignment", name);
            for other in names {
                assert!(told.contains(other), "{told}");
            }
        }
        world.pass(Duration::from_mins(15)).await;
        for name in names {
            let id = world.group_id(name).await;
            assert!(!holds(&world, "eligible", &id));
        }
        // Where the circle is broken, the others go on.
        world.delete("EligibleAssignment", names[0]);
        world.until_ready(NAMESPACE).await;
        for name in &names[1..] {
            let next = names[(names.iter().position(|one| one == name).unwrap() + 1) % names.len()];
            let id = world.group_id(next).await;
            assert!(holds(&world, "eligible", &id));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_declared_group_is_deleted_only_after_it_is_taken_out_of_the_other() {
    let world = standing().await;
    let inner = world.group_id(ONCALL).await;
    world.pass(Duration::from_mins(6)).await;
    world.delete("EligibleAssignment", ONCALL);
    world.delete("PrivilegedGroup", ONCALL);
    world
        .until_reason("PrivilegedGroup", ONCALL, "DeletionBlocked")
        .await;
    let told = world.message("PrivilegedGroup", ONCALL);
    assert!(told.contains(NESTED), "{told}");
    world.pass(Duration::from_mins(30)).await;
    assert!(holds(&world, "eligible", &inner));
    world.delete("EligibleAssignment", NESTED);
    world.until_gone("PrivilegedGroup", ONCALL).await;
    assert!(!holds(&world, "eligible", &inner));
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn everything_goes_when_everything_is_deleted_at_once() {
    let world = standing().await;
    world.pass(Duration::from_mins(6)).await;
    world.delete_ours();
    world.until_nothing_is_left().await;
    assert!(world.held().is_empty(), "{:?}", world.held());
}

#[tokio::test(start_paused = true)]
async fn a_subject_that_is_taken_out_lets_the_deleted_group_go() {
    let world = standing().await;
    world.pass(Duration::from_mins(6)).await;
    world.delete("EligibleAssignment", ONCALL);
    world.delete("PrivilegedGroup", ONCALL);
    world
        .until_reason("PrivilegedGroup", ONCALL, "DeletionBlocked")
        .await;
    world.edit("EligibleAssignment", NESTED, |manifest| {
        manifest["spec"]["subjects"] = json!([story::person("dana@contoso.com")]);
    });
    world.until_gone("PrivilegedGroup", ONCALL).await;
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_declared_group_that_was_made_anew_is_a_new_principal() {
    let world = standing().await;
    let before = world.group_id(ONCALL).await;
    world.pass(Duration::from_mins(6)).await;
    let actor = world.external_actor();
    actor
        .ask("DELETE", &format!("/groups/{before}"), None)
        .await;
    actor
        .ask("DELETE", &format!("/directory/deletedItems/{before}"), None)
        .await;
    world
        .until("another group", |world| {
            let object = world.object("PrivilegedGroup", ONCALL).unwrap();
            text(&object["status"]["externalId"]) != before
        })
        .await;
    world.until_ready(NAMESPACE).await;
    let after = world.group_id(ONCALL).await;
    assert_ne!(before, after);
    assert!(holds(&world, "eligible", &after));
    assert!(!holds(&world, "eligible", &before));
    let rows = world.subjects("EligibleAssignment", NESTED);
    assert_eq!(rows, [(ONCALL.to_owned(), "Eligible".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_whose_lists_lag_gets_each_group_once() {
    let world = World::with(super::harness::Setup {
        lag: Some(jiff::SignedDuration::from_secs(40)),
        ..Default::default()
    });
    apply_nested(&world);
    world.start();
    world.until_ready(NAMESPACE).await;
    let inner = world.group_id(ONCALL).await;
    assert!(holds(&world, "eligible", &inner));
    let dump = world.tenant.dump();
    let ours = dump["groups"].as_array().unwrap().iter();
    let ours = ours.filter(|one| text(&one["mailNickname"]).starts_with("epim-"));
    assert_eq!(ours.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_the_guide_shows_of_groups_as_subjects_stands() {
    let world = story::applied();
    let shown: Vec<&str> = GUIDE
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|yaml| yaml.contains("PrivilegedGroup"))
        .collect();
    let [yaml] = shown[..] else {
        panic!("the guide shows groups as subjects once");
    };
    let team = "1a910b00-1111-4111-8111-1a910b000002";
    assert!(yaml.contains(team));
    admit(&world, EVERYBODY);
    list(&world, team);
    world.apply_yaml(yaml);
    world.start();
    world.until_ready(NAMESPACE).await;
    assert!(holds(&world, "eligible", team));
    let inner = world.group_id(ONCALL).await;
    assert!(holds(&world, "eligible", &inner));
}

/// Everybody who is eligible for one of the two groups, in words.
fn eligible_members(world: &World) -> Vec<String> {
    let held = world.held().into_iter();
    held.filter(|what| what.starts_with("eligible")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_group_that_its_boundary_does_not_admit_any_more_leaves_the_other_one_and_loses_its_people()
 {
    let world = standing().await;
    let inner = world.group_id(ONCALL).await;
    assert!(holds(&world, "eligible", &inner));
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["onViolation"] = json!("Revoke");
        manifest["spec"]["groups"]["namePatterns"] = json!(["PAG-Exchange-Admins"]);
    });
    let is_left = |world: &World| {
        let left = eligible_members(world);
        let others =
            ["amira", "farid", "jose"].map(|who| format!("eligible member {who}@contoso.com"));
        left == others
    };
    world
        .until("only the outer group's people are left", is_left)
        .await;
    for (kind, name) in [
        ("EligibleAssignment", NESTED),
        ("EligibleAssignment", ONCALL),
    ] {
        world.until_reason(kind, name, "RevokedByBoundary").await;
    }
    assert_eq!(world.writes_within(Duration::from_mins(30)).await, 0);
    assert!(is_left(&world), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn a_group_that_cannot_be_read_stays_in_the_other_one() {
    let world = standing().await;
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["onViolation"] = json!("Revoke");
    });
    world.pass(Duration::from_mins(6)).await;
    let before = world.held();
    let mut stored = world.object("PrivilegedGroup", ONCALL).unwrap();
    stored["spec"]["deletionPolicy"] = json!("Perhaps");
    let generation = stored["metadata"]["generation"].as_i64().unwrap();
    stored["metadata"]["generation"] = json!(generation + 1);
    world.cluster.plant(stored).unwrap();
    world
        .until_reason("PrivilegedGroup", ONCALL, "InvalidSpec")
        .await;
    assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
    assert_eq!(world.held(), before);
}
