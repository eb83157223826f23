//! The story of the examples, in three parts: everything is created, something of everything changes, everything goes.
//! Each part says what is declared from then on, so that the oracle can hold every effect against it.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{FaultPoint, Mode, NAMESPACE, World};
use super::oracle::{Declared, Oracle};

/// The files of the example, in the order of their names, without its namespace.
const FILES: [&str; 6] = [
    include_str!("../../examples/exchange-admins/10-boundary.yaml"),
    include_str!("../../examples/exchange-admins/20-group.yaml"),
    include_str!("../../examples/exchange-admins/30-role.yaml"),
    include_str!("../../examples/exchange-admins/40-owner.yaml"),
    include_str!("../../examples/exchange-admins/50-eligible.yaml"),
    include_str!("../../examples/exchange-admins/60-break-glass.yaml"),
];

/// Id of the role Exchange Administrator (learn.microsoft.com: "Microsoft Entra built-in roles").
pub const EXCHANGE_ADMINISTRATOR: &str = "29232cdf-9323-42fd-ade2-1d097af3e4de";

/// The name of the group's object, and of the object with the people who may activate.
pub const GROUP: &str = "exchange-admins";

/// The name of the owner's object.
pub const OWNER: &str = "exchange-admins-owner";

/// The name of the object with the break-glass account.
pub const BREAK_GLASS: &str = "break-glass";

/// The name of the role's object.
pub const ROLE: &str = "exchange-administrator";

/// Whatever is still hidden or under way at the end of a part has come to light after this.
const COMES_TO_LIGHT: Duration = Duration::from_mins(1);

/// A part of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All objects of the example are created.
    Creation,
    /// One person leaves and one comes, activation becomes shorter, the group gets another name.
    Change,
    /// All objects of the example are deleted.
    Teardown,
}

impl Part {
    pub const ALL: [Self; 3] = [Self::Creation, Self::Change, Self::Teardown];
}

/// Applies the boundary of the example and nothing else of it.
pub fn apply_boundary(world: &World) {
    world.apply_yaml(FILES[0]);
}

/// Applies all files of the example.
pub fn apply(world: &World) {
    for file in FILES {
        world.apply_yaml(file);
    }
}

/// Applies the group, its role and the people who may activate: what is enough to see who writes.
pub fn apply_core(world: &World) {
    for file in [FILES[0], FILES[1], FILES[2], FILES[4]] {
        world.apply_yaml(file);
    }
}

/// Applies the owner of the group.
pub fn apply_owner(world: &World) {
    world.apply_yaml(FILES[3]);
}

/// A world in which the example is declared, and no operator runs yet.
pub fn applied() -> World {
    let world = World::new();
    apply(&world);
    world
}

/// Applies the example and starts the operator, which makes it true.
pub async fn comes_true(world: &World) {
    apply(world);
    world.start();
    world.until_ready(NAMESPACE).await;
}

/// A world in which the example stands and is true.
pub async fn standing() -> World {
    let world = World::new();
    comes_true(&world).await;
    world
}

/// Waits until the reason of the group is this one.
pub async fn until_group(world: &World, reason: &str) {
    world.until_reason("PrivilegedGroup", GROUP, reason).await;
}

/// Waits until the reason of the people who may activate is this one.
pub async fn until_people(world: &World, reason: &str) {
    world
        .until_reason("EligibleAssignment", GROUP, reason)
        .await;
}

/// Sets how often every group of the tenant is reconciled.
pub fn look_every(world: &World, interval: &str) {
    world.edit("EntraTenant", "contoso", |manifest| {
        manifest["spec"]["resyncInterval"] = json!(interval);
    });
}

/// Somebody edits the group's settings in the tenant, so that activations take neither MFA nor a justification. Returns the rule.
pub async fn lets_anybody_activate(world: &World) -> &'static str {
    let (group, rule) = (world.group_id(GROUP).await, "Enablement_EndUser_Assignment");
    world
        .external_actor()
        .edit_rule(&group, "member", rule, |rule| {
            rule["enabledRules"] = json!([]);
        })
        .await;
    rule
}

/// Asks for a reconcile of the group, as somebody does who has no patience.
pub fn resync(world: &World) {
    world.annotate("PrivilegedGroup", GROUP, "entra-pim.dev/resync", "now");
}

/// Puts somebody on the list of people who may activate.
pub fn add_person(world: &World, name: &str) {
    edit_people(world, |people| people.push(person(name)));
}

/// Takes somebody off that list.
pub fn remove_person(world: &World, name: &str) {
    edit_people(world, |people| people.retain(|one| one["name"] != name));
}

/// Edits the list of people who may activate.
pub fn edit_people(world: &World, change: impl FnOnce(&mut Vec<Value>)) {
    world.edit("EligibleAssignment", GROUP, |manifest| {
        change(manifest["spec"]["subjects"].as_array_mut().unwrap());
    });
}

/// A subject who is a person.
pub fn person(name: &str) -> Value {
    json!({"kind": "User", "name": name})
}

/// What is declared after a part.
pub fn declared(part: Part) -> Declared {
    let everybody = |eligible: [&str; 3], longest: &str| Declared {
        holdings: eligible
            .iter()
            .map(|name| format!("eligible member {name}"))
            .chain([
                "active owner boss@contoso.com".to_owned(),
                "active member breakglass1@contoso.com".to_owned(),
                format!("role {EXCHANGE_ADMINISTRATOR} at /"),
            ])
            .collect(),
        longest_activation: longest.to_owned(),
    };
    match part {
        Part::Creation => everybody(
            ["jose@contoso.com", "amira@contoso.com", "farid@contoso.com"],
            "PT8H",
        ),
        Part::Change => everybody(
            ["jose@contoso.com", "amira@contoso.com", "chidi@contoso.com"],
            "PT4H",
        ),
        Part::Teardown => Declared::default(),
    }
}

/// The object that grants something, by kind and name, in the words of what is held.
pub fn granted_by(what: &str) -> (&'static str, &'static str) {
    match what.split(' ').take(2).collect::<Vec<_>>()[..] {
        ["eligible", _] => ("EligibleAssignment", GROUP),
        ["active", "owner"] => ("ActiveAssignment", OWNER),
        ["active", _] => ("ActiveAssignment", BREAK_GLASS),
        _ => ("RoleBinding", ROLE),
    }
}

/// What happened in each part of a story.
pub struct Told {
    /// The writes of each part, in words.
    pub writes: Vec<(Part, Vec<String>)>,
    /// The writes that faults struck, in words; nothing for a fault that found no write at its place.
    pub struck: Vec<String>,
}

/// The story with faults in its parts. Every effect is held against what is declared, and every part against its end.
pub async fn tell(world: &World, faults: &[(Part, FaultPoint)]) -> Told {
    let oracle = Oracle::watch(world).await;
    let mut told = Told {
        writes: Vec::new(),
        struck: Vec::new(),
    };
    for part in Part::ALL {
        let points = faults.iter().filter(|(at, _)| *at == part);
        let points: Vec<FaultPoint> = points.map(|(_, point)| *point).collect();
        world.line.arm(points.iter().copied());
        let by_hand = |point: &FaultPoint| matches!(point.mode, Mode::ByHand(_));
        if points.iter().any(by_hand) {
            oracle.expect_an_external_actor();
        }
        oracle.declare(declared(part));
        match part {
            Part::Creation => {
                comes_true(world).await;
            }
            Part::Change => {
                change(world);
                world.until_ready(NAMESPACE).await;
            }
            Part::Teardown => {
                world.delete_ours();
                world.until_nothing_is_left().await;
            }
        }
        world
            .until("what was to be done by hand done", |world| {
                world.line.due().is_none()
            })
            .await;
        if !points.is_empty() {
            world.clear_faults();
        }
        world
            .until("held what is declared", |world| oracle.is_settled(world))
            .await;
        world.pass(COMES_TO_LIGHT + world.lag()).await;
        told.struck.extend(world.line.struck());
        told.writes.push((part, world.line.writes()));
        oracle.settle(world).await;
    }
    told
}

fn change(world: &World) {
    edit_people(world, |people| {
        people.retain(|one| one["name"] != "farid@contoso.com");
        people.push(person("chidi@contoso.com"));
    });
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        let spec = &mut manifest["spec"];
        spec["displayName"] = json!("PAG-Exchange-Operators");
        spec["policy"]["member"]["activation"]["maximumDuration"] = json!("PT4H");
    });
}
