//! Members and owners past PIM, service principals above all: found though PIM leaves them out, told by what they are, left
//! alone or taken out as the group says, and never on half of what there is to read.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{
    APPLICATION, ExternalActor, NAMESPACE, Setup, World, operation, refuse_with, text,
};
use super::hazards::activation::activate;
use super::story::{self, GROUP};
use super::undeclared::{undeclared, until_told};

/// What people call the application of the demo's tenant.
const ROBOT: &str = "Nightly Automation";

/// What is said of a service principal that PIM leaves out.
const LEFT_OUT: &str = "a service principal that PIM does not list";

/// Longer than two looks at the directory.
const TWO_HOURS: Duration = Duration::from_hours(2);

/// The lists of the directory.
const LISTS: [&str; 4] = [
    "groups.members.list",
    "groups.members.listTyped",
    "groups.owners.list",
    "groups.owners.listTyped",
];

async fn robot(actor: &ExternalActor) -> String {
    let path = format!("/servicePrincipals?$filter=appId%20eq%20'{APPLICATION}'");
    text(&actor.rows(&path).await[0]["id"])
}

/// Makes the application a plain member or owner of the group of the story, and says its id.
async fn let_robot_in(world: &World, list: &str) -> String {
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let robot = robot(actor).await;
    actor.join(&group, list, &robot).await;
    robot
}

async fn let_person_in(world: &World, who: &str) {
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let person = actor.user(who).await;
    actor.join(&group, "members", &person).await;
}

fn wish(world: &World, undeclared: Value) {
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["undeclared"] = undeclared;
    });
}

fn is_member(world: &World, principal: &str) -> bool {
    world.held().contains(&format!("active member {principal}"))
}

/// How often the lists of the directory were read.
fn reads(world: &World) -> Vec<u64> {
    let asked = world.tenant.operations();
    let times = |list: &&str| asked.get(*list).copied().unwrap_or_default();
    LISTS.iter().map(times).collect()
}

#[tokio::test(start_paused = true)]
async fn an_application_that_pim_leaves_out_is_told_by_name_and_left_alone() {
    let world = story::standing().await;
    let_robot_in(&world, "members").await;
    let_robot_in(&world, "owners").await;
    let writes = world.tenant.counters().writes;
    world.pass(TWO_HOURS).await;
    let (status, told) = undeclared(&world, GROUP);
    assert_eq!(status, "True", "within the hour, without being asked");
    for access in ["owner", "member"] {
        let expected = format!("plain {access} {ROBOT} (");
        assert!(told.contains(&expected), "{told}");
    }
    assert_eq!(told.matches(LEFT_OUT).count(), 2, "{told}");
    assert!(world.is_ready("PrivilegedGroup", GROUP));
    assert_eq!(world.tenant.counters().writes, writes);
    assert_eq!(world.notes("UndeclaredAccessFound", GROUP), [told]);
}

#[tokio::test(start_paused = true)]
async fn the_directory_is_read_once_in_an_hour_whether_it_shows_anybody_or_not() {
    let world = story::standing().await;
    // A look every ten minutes, and an hour between two of these.
    let is_hourly = |times: &u64| (5..=6).contains(times);
    world.tenant.reset_journal();
    world.pass(Duration::from_hours(6)).await;
    assert!(reads(&world).iter().all(is_hourly), "{:?}", reads(&world));
    let_robot_in(&world, "members").await;
    world.pass(TWO_HOURS).await;
    assert_eq!(undeclared(&world, GROUP).0, "True");
    world.tenant.reset_journal();
    world.pass(Duration::from_hours(6)).await;
    assert!(reads(&world).iter().all(is_hourly), "{:?}", reads(&world));
    wish(&world, json!({"standing": "Ignore"}));
    world.pass(Duration::from_mins(1)).await;
    world.tenant.reset_journal();
    world.pass(TWO_HOURS).await;
    assert_eq!(reads(&world), [0; 4]);
    assert_eq!(undeclared(&world, GROUP).0, "False", "nobody looks for it");
}

#[tokio::test(start_paused = true)]
async fn what_the_tenant_tells_of_members_is_looked_for_at_once() {
    let world = World::with(Setup {
        overrides: vec![("servicePrincipalsInDelta", "on")],
        hints_every: Some(Duration::from_mins(1)),
        ..Setup::default()
    });
    story::comes_true(&world).await;
    world.pass(Duration::from_mins(3)).await;
    let_robot_in(&world, "members").await;
    world.pass(Duration::from_mins(5)).await;
    let (status, told) = undeclared(&world, GROUP);
    assert_eq!(status, "True");
    assert!(told.contains(ROBOT), "{told}");
}

#[tokio::test(start_paused = true)]
async fn who_is_there_past_pim_goes_by_reference_and_everybody_else_stays() {
    let world = story::standing().await;
    let before = world.held();
    let_person_in(&world, "grace@contoso.com").await;
    let_person_in(&world, "dana@contoso.com").await;
    let robot = let_robot_in(&world, "members").await;
    wish(
        &world,
        json!({"standing": "Remove", "allowed": [{"kind": "User", "name": "dana@contoso.com"}]}),
    );
    until_told(&world, GROUP, "True").await;
    world.tenant.reset_journal();
    world
        .until("the plain member is gone", |world| {
            !is_member(world, "grace@contoso.com")
        })
        .await;
    let removals = world.tenant.operations()["groups.members.remove"];
    assert_eq!(removals, 1, "PIM is not asked for it");
    world.pass(TWO_HOURS).await;
    let mut expected = before;
    expected.insert("active member dana@contoso.com".to_owned());
    expected.insert(format!("active member {robot}"));
    assert_eq!(world.held(), expected);
    let events = world.notes("DriftCorrected", GROUP);
    let told = "plain member grace@contoso.com (";
    assert!(events.iter().any(|note| note.contains(told)), "{events:?}");
    let (_, told) = undeclared(&world, GROUP);
    assert!(told.contains(LEFT_OUT), "{told}");
    assert!(world.is_ready("PrivilegedGroup", GROUP), "nobody waits");
}

#[tokio::test(start_paused = true)]
async fn an_application_goes_where_pim_lists_it_as_well_and_not_where_it_is_allowed_or_declared() {
    let service_principal = json!({"kind": "ServicePrincipal", "name": APPLICATION});
    for is_allowed in [true, false] {
        let world = World::behaving(&[("plainServicePrincipalsInPim", "on")]);
        story::comes_true(&world).await;
        let robot = let_robot_in(&world, "members").await;
        let allowed = if is_allowed {
            json!([service_principal])
        } else {
            json!([])
        };
        world.edit("AccessBoundary", "exchange", |manifest| {
            let kinds = manifest["spec"]["subjects"]["kinds"].as_array_mut();
            kinds.unwrap().push(json!("ServicePrincipal"));
        });
        wish(&world, json!({"standing": "Remove", "allowed": allowed}));
        world.pass(TWO_HOURS).await;
        assert_eq!(is_member(&world, &robot), is_allowed);
        assert_eq!(undeclared(&world, GROUP).0, "False");
        world.until_ready(NAMESPACE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_goes_while_half_of_the_directory_cannot_be_read_and_everything_else_goes_on() {
    for list in LISTS {
        let world = story::standing().await;
        let_person_in(&world, "grace@contoso.com").await;
        world.fault(
            operation(list),
            refuse_with(403, "Authorization_RequestDenied", "not yours"),
        );
        wish(&world, json!({"standing": "Remove"}));
        world.pass(TWO_HOURS).await;
        assert!(is_member(&world, "grace@contoso.com"), "{list}");
        story::until_group(&world, "ReadRefused").await;
        story::add_person(&world, "dana@contoso.com");
        world
            .until("others are let in", |world| {
                crate::hazards::holds(world, "dana@contoso.com")
            })
            .await;
        world.clear_faults();
        until_told(&world, GROUP, "False").await;
        assert!(!is_member(&world, "grace@contoso.com"), "{list}");
        world.until_ready(NAMESPACE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_activation_is_never_taken_for_access_past_pim_however_late_lists_are() {
    let world = World::with(Setup {
        overrides: vec![("pimRemovalLag", "40s")],
        hints_every: Some(Duration::from_mins(1)),
        ..Setup::default()
    });
    story::comes_true(&world).await;
    wish(&world, json!({"standing": "Remove", "active": "Remove"}));
    activate(&world).await;
    world.pass(Duration::from_hours(12)).await;
    assert_eq!(
        world.notes("UndeclaredAccessFound", GROUP),
        [] as [String; 0]
    );
    assert_eq!(world.notes("DriftCorrected", GROUP), [] as [String; 0]);
    assert_eq!(undeclared(&world, GROUP).0, "False");
}

#[tokio::test(start_paused = true)]
async fn the_last_owner_past_pim_stays_until_somebody_declares_another() {
    let world = story::standing().await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let grace = actor.user("grace@contoso.com").await;
    actor.join(&group, "owners", &grace).await;
    let owner = world.object("ActiveAssignment", story::OWNER).unwrap();
    world.pass(Duration::from_mins(6)).await;
    world.delete("ActiveAssignment", story::OWNER);
    world.until_gone("ActiveAssignment", story::OWNER).await;
    wish(&world, json!({"standing": "Remove"}));
    story::until_group(&world, "LastOwner").await;
    world.pass(TWO_HOURS).await;
    let owns = "active owner grace@contoso.com";
    assert!(world.held().contains(owns), "{:?}", world.held());
    world.apply(&json!({
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "spec": owner["spec"],
        "metadata": {"name": story::OWNER, "namespace": NAMESPACE},
    }));
    world
        .until("the plain one is out", |world| !world.held().contains(owns))
        .await;
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_group_that_goes_is_read_only_to_see_it_empty() {
    let world = story::standing().await;
    let_robot_in(&world, "members").await;
    world.pass(TWO_HOURS).await;
    world.delete_ours();
    world.until_nothing_is_left().await;
    assert!(world.held().is_empty(), "{:?}", world.held());
}
