//! Groups of thousands: how long it takes until somebody is let in or taken out depends on what changes, not on how many others
//! are in the group, whether manifests declare them or nobody does.

use std::collections::BTreeSet;
use std::time::Duration;

use entra_sim::Seed;
use entra_sim::ids::ObjectId;
use entra_sim::journal::{Effect, Entry};
use entra_sim::seed::{SeedGroup, SeedUser};
use serde_json::{Value, json};

use crate::harness::{NAMESPACE, Setup, World, days, demo, manifest};
use crate::story::{self, person};

/// A group that somebody has made and filled by hand.
const ID: &str = "1a910b00-2222-4222-8222-1a910b0000ff";

/// The name of its object, of its boundary and of the object with the people who may activate.
const GROUP: &str = "everybody";

/// How many are in it.
const MANY: usize = 5000;

/// The most that etcd and those who watch should be bothered with for one object, in bytes.
const LARGEST_STATUS: usize = 64 * 1024;

fn name(number: usize) -> String {
    format!("many-{number:05}@contoso.com")
}

fn id(number: usize) -> String {
    format!("1a910b00-3333-4333-8333-{number:012}")
}

/// The demo's tenant with so many more people.
fn with_people(people: usize) -> Seed {
    let mut seed = demo();
    let user = |number| SeedUser {
        id: Some(id(number).parse().unwrap()),
        ..SeedUser::named(name(number))
    };
    seed.users.extend((0..people).map(user));
    seed
}

/// The same, and they are plain members of a group.
fn with_full_group() -> Seed {
    let mut seed = with_people(MANY);
    let members: Vec<String> = (0..MANY).map(id).collect();
    let group = json!({
        "id": ID, "displayName": "PAG-Everybody", "roleAssignable": true, "members": members,
        "owners": ["boss@contoso.com"],
    });
    let group: SeedGroup = serde_json::from_value(group).unwrap();
    seed.groups.push(group);
    seed
}

/// Describes that group and its owner; its members are nobody's.
fn describe_full_group(world: &World) {
    let lasting = json!({"permanent": "Allowed"});
    world.apply(&json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": "AccessBoundary", "metadata": {"name": GROUP},
        "spec": {
            "namespaces": [NAMESPACE], "tenants": ["contoso"],
            "groups": {"namePatterns": ["PAG-*"], "adoptable": [ID]},
            "subjects": {"kinds": ["User"], "userPrincipalNameSuffixes": ["@contoso.com"]},
            "assignments": {
                "eligible": {"permanent": "Forbidden", "maximumDuration": "P90D"}, "active": lasting,
                "owners": {"active": lasting},
            },
            "policyFloor": {},
        },
    }));
    let group = json!({
        "tenantRef": {"name": "contoso"}, "boundaryRef": {"name": GROUP}, "displayName": "PAG-Everybody",
        "adopt": {"id": ID}, "deletionPolicy": "Retain", "policy": {},
    });
    world.apply(&manifest("PrivilegedGroup", GROUP, &group));
    let owner = json!({
        "groupRef": {"name": GROUP}, "access": "Owner", "subjects": [person("boss@contoso.com")],
        "schedule": {"expiration": {"never": {}}},
    });
    world.apply(&manifest("ActiveAssignment", GROUP, &owner));
    eligible(world, GROUP, GROUP, [person("jose@contoso.com")]);
}

/// Declares who may activate.
fn eligible(world: &World, group: &str, name: &str, subjects: impl IntoIterator<Item = Value>) {
    let subjects: Vec<Value> = subjects.into_iter().collect();
    let spec = json!({"groupRef": {"name": group}, "subjects": subjects, "schedule": days(60)});
    world.apply(&manifest("EligibleAssignment", name, &spec));
}

/// What the tenant was asked and did after an entry of its journal.
fn since(world: &World, sequence: u64) -> Vec<Entry> {
    let mut journal = world.tenant.journal();
    journal.retain(|entry| entry.sequence > sequence);
    journal
}

fn last(world: &World) -> u64 {
    let journal = world.tenant.journal();
    journal.last().map_or(0, |entry| entry.sequence)
}

/// Every status is small enough.
fn statuses_are_small(world: &World) {
    for (kind, name) in world.ours(NAMESPACE) {
        let object = world.object(&kind, &name).unwrap();
        let size = object["status"].to_string().len();
        assert!(size < LARGEST_STATUS, "{kind} {name}: {size} bytes");
    }
}

/// No pass ended before its work did, by its deadline or by the number of its rounds.
fn no_pass_was_cut_off(world: &World) {
    for line in world.metrics().lines() {
        let counts = line.contains("reconcile") && line.contains("\"error\"");
        assert!(!counts || line.ends_with(" 0"), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_the_names_of_thousands_whom_nobody_declares() {
    let world = World::with(Setup {
        seed: Some(with_full_group()),
        ..Setup::default()
    });
    describe_full_group(&world);
    world.start();
    world.until_ready(NAMESPACE).await;
    let told = world.condition("PrivilegedGroup", GROUP, "UndeclaredAccess");
    let told = told.unwrap().message;
    assert!(
        told.contains(&format!("no object declares {MANY} ")),
        "{told}"
    );
    let whom: Vec<&str> = told.split("plain member ").skip(1).collect();
    assert!(
        whom.len() > 3 && whom.iter().all(|one| one.starts_with("many")),
        "{told}"
    );
    statuses_are_small(&world);

    let before = last(&world);
    world.edit("EligibleAssignment", GROUP, |manifest| {
        let subjects = manifest["spec"]["subjects"].as_array_mut().unwrap();
        subjects.push(person("dana@contoso.com"));
    });
    world.pass(Duration::from_mins(1)).await;
    let held = world.tenant.holdings().eligible().len();
    assert_eq!(held, 2, "{}", world.summary());
    let ours = since(&world, before);
    let named = ours.iter().filter(|entry| entry.path.contains("getByIds"));
    assert!(named.count() < 5, "nobody is looked up who is not shown");
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());

    every_page_is_read_once(&world).await;
    no_pass_was_cut_off(&world);
}

/// A look that reads everything reads each page of the longest list once.
async fn every_page_is_read_once(world: &World) {
    let before = last(world);
    world.annotate("PrivilegedGroup", GROUP, "entra-pim.dev/resync", "now");
    world.pass(Duration::from_mins(1)).await;
    let ours = since(world, before);
    let pages: Vec<&str> = ours
        .iter()
        .map(|entry| entry.path.as_str())
        .filter(|path| path.contains("/assignmentSchedules"))
        .collect();
    let different: BTreeSet<&str> = pages.iter().copied().collect();
    assert_eq!(pages.len(), different.len(), "{pages:?}");
    assert!(pages.len() > 10, "{pages:?}");
}

/// How many objects name how many people each.
const OBJECTS: usize = 100;
const EACH: usize = MANY / OBJECTS;

/// How many objects change, and how many go and come in each.
const CHANGED: usize = 10;
const EXCHANGED: usize = 5;

fn people_of(object: usize) -> impl Iterator<Item = Value> {
    (object * EACH..(object + 1) * EACH).map(|number| person(&name(number)))
}

fn many(object: usize) -> String {
    format!("many-{object:03}")
}

#[tokio::test(start_paused = true)]
async fn of_thousands_who_are_declared_only_those_are_touched_who_change_and_whoever_goes_goes_first()
 {
    let world = World::with(Setup {
        seed: Some(with_people(MANY + CHANGED * EXCHANGED)),
        ..Setup::default()
    });
    story::apply(&world);
    for object in 0..OBJECTS {
        eligible(&world, story::GROUP, &many(object), people_of(object));
    }
    world.start();
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.tenant.holdings().eligible().len(), MANY + 3);
    statuses_are_small(&world);
    // What was just granted cannot be taken back at once.
    world.pass(Duration::from_mins(6)).await;

    let before = last(&world);
    for object in 0..CHANGED {
        let newcomers = MANY + object * EXCHANGED..MANY + (object + 1) * EXCHANGED;
        let newcomers = newcomers.map(|number| person(&name(number)));
        let people = people_of(object).skip(EXCHANGED).chain(newcomers);
        eligible(&world, story::GROUP, &many(object), people);
    }
    world.until_ready(NAMESPACE).await;
    statuses_are_small(&world);
    let effects: Vec<Effect> = since(&world, before)
        .into_iter()
        .flat_map(|entry| entry.effects)
        .map(|recorded| recorded.effect)
        .collect();
    let mut gone: BTreeSet<ObjectId> = BTreeSet::new();
    let mut come: BTreeSet<ObjectId> = BTreeSet::new();
    for effect in &effects {
        match effect {
            Effect::EligibilityEnded(grant) => {
                assert!(
                    come.is_empty(),
                    "somebody was let in before all others were out"
                );
                assert!(gone.insert(grant.principal));
            }
            Effect::EligibilityCreated(grant) => assert!(come.insert(grant.principal)),
            other => panic!("nobody asked for {other:?}"),
        }
    }
    let to_go = (0..CHANGED).flat_map(|object| object * EACH..object * EACH + EXCHANGED);
    assert_eq!(gone, ids(to_go));
    assert_eq!(come, ids(MANY..MANY + CHANGED * EXCHANGED));
    assert_eq!(world.tenant.holdings().eligible().len(), MANY + 3);
    no_pass_was_cut_off(&world);
}

/// The ids of some people of the seed.
fn ids(numbers: impl Iterator<Item = usize>) -> BTreeSet<ObjectId> {
    numbers.map(|number| id(number).parse().unwrap()).collect()
}
