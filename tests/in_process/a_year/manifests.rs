//! What is declared for the year, and who therefore holds what on which day.

use entra_sim::Seed;
use entra_sim::ids::Access;
use entra_sim::seed::SeedUser;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::harness::{NAMESPACE, World, manifest};

/// How many groups there are, counted from one.
pub const GROUPS: usize = 20;

/// How many people each group has of its own, counted from one.
const PEOPLE: usize = 10;

/// Who answers for all groups.
const LEAD: &str = "lead@contoso.com";

/// Whose account is deleted, and on which day.
pub const DELETED: &str = "person-05-3@contoso.com";
pub const LEFT: i64 = 80;

/// Nobody declares anything for them.
pub const STRANGER: &str = "stranger@contoso.com";

/// Eligible for it, or a holder without activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Eligible,
    Active,
}

/// What somebody holds of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    pub group: usize,
    pub kind: Kind,
    pub access: Access,
    pub person: String,
}

/// One assignment of a person.
#[derive(Clone, Debug)]
pub struct Term {
    pub held: Held,
    /// The object that declares it.
    pub object: String,
    /// The first day on which it stands.
    pub from: i64,
    /// The day on which it ends for good, if it does.
    pub until: Option<i64>,
    /// The day on which the person's account is deleted, if it is.
    pub left: Option<i64>,
    /// For how many days at most it is given at a time; nothing means without end.
    pub longest: Option<i64>,
}

impl Term {
    /// When it ends at the latest if it is given at a moment of a year that began then.
    pub fn latest(&self, begin: Timestamp, at: Timestamp) -> Option<Timestamp> {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        let until = self.until.map(|until| begin + days(until));
        let longest = self.longest.map(|longest| at + days(longest));
        [until, longest].into_iter().flatten().min()
    }

    /// Whether it stands at the end of a day. Nothing on the very days on which it begins or ends.
    pub fn stands(&self, day: i64) -> Option<bool> {
        let is_edge = |edge: i64| (edge - 1..=edge + 1).contains(&day);
        let ends = [self.until, self.left].into_iter().flatten().min();
        if self.from > 0 && is_edge(self.from) || ends.is_some_and(is_edge) {
            return None;
        }
        Some(self.from <= day && ends.is_none_or(|end| day < end))
    }
}

/// How an object of a group is scheduled.
struct Line {
    name: &'static str,
    kind: Kind,
    access: Access,
    people: &'static [usize],
    schedule: fn(&World, i64) -> Value,
    renewal: fn(&World) -> Option<Value>,
    from: i64,
    until: Option<i64>,
    longest: Option<i64>,
}

fn moment(world: &World, day: i64) -> String {
    let at = world.clock.time() + SignedDuration::from_hours(24 * day);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn never(_: &World, _: i64) -> Value {
    json!({"expiration": {"never": {}}})
}

fn no_renewal(_: &World) -> Option<Value> {
    None
}

/// The ten assignments of every group but for the owner, who never ends either.
fn lines() -> Vec<Line> {
    let line = |name, people, schedule: fn(&World, i64) -> Value, longest| Line {
        name,
        kind: Kind::Eligible,
        access: Access::Member,
        people,
        schedule,
        renewal: no_renewal,
        from: 0,
        until: None,
        longest,
    };
    vec![
        Line {
            kind: Kind::Active,
            ..line("break-glass", &[1], never, None)
        },
        line("standing", &[2], never, None),
        Line {
            renewal: |_| Some(json!({"mode": "Auto", "before": "P14D"})),
            ..line("renewed", &[3, 4], |_, _| after("P90D"), Some(104))
        },
        Line {
            renewal: |world| {
                Some(json!({"mode": "Auto", "before": "P10D", "until": moment(world, 200)}))
            },
            until: Some(200),
            ..line("for-a-time", &[5], |_, _| after("P30D"), Some(40))
        },
        Line {
            until: Some(120),
            ..line("manual", &[6], |_, _| after("P120D"), Some(120))
        },
        Line {
            until: Some(150),
            ..line(
                "dated",
                &[7],
                |world, _| json!({"expiration": {"endTime": moment(world, 150)}}),
                Some(150),
            )
        },
        Line {
            from: 60,
            until: Some(300),
            longest: None,
            ..line(
                "later",
                &[8],
                |world, _| json!({"startTime": moment(world, 60), "expiration": {"endTime": moment(world, 300)}}),
                Some(300),
            )
        },
        Line {
            kind: Kind::Active,
            renewal: |world| {
                Some(json!({"mode": "Auto", "before": "P10D", "until": moment(world, 320)}))
            },
            until: Some(320),
            ..line("project", &[9], |_, _| after("P60D"), Some(70))
        },
        Line {
            access: Access::Owner,
            renewal: |_| Some(json!({"mode": "Auto", "before": "P20D"})),
            ..line("deputy", &[10], |_, _| after("P180D"), Some(200))
        },
    ]
}

fn after(duration: &str) -> Value {
    json!({"expiration": {"afterDuration": duration}})
}

fn person(group: usize, number: usize) -> String {
    format!("person-{group:02}-{number}@contoso.com")
}

/// The name of a group's object.
pub fn name(group: usize) -> String {
    format!("year-{group:02}")
}

/// The display name of a group.
pub fn display_name(group: usize) -> String {
    format!("PAG-year-{group:02}")
}

fn object(group: usize, line: &str) -> String {
    format!("{}-{line}", name(group))
}

/// The demo's tenant with the people of the year in it.
pub fn seed() -> Seed {
    let mut seed = Seed::default();
    let people = people().into_iter();
    seed.users.extend(people.map(SeedUser::named));
    seed
}

/// Everybody who is named, and the person of whom nobody knows.
pub fn people() -> Vec<String> {
    let numbered =
        (1..=GROUPS).flat_map(|group| (1..=PEOPLE).map(move |number| person(group, number)));
    numbered
        .chain([LEAD, STRANGER].map(str::to_owned))
        .collect()
}

/// Who holds what during the year.
pub fn terms() -> Vec<Term> {
    let mut terms = Vec::new();
    for group in 1..=GROUPS {
        terms.push(Term {
            held: Held {
                group,
                kind: Kind::Active,
                access: Access::Owner,
                person: LEAD.to_owned(),
            },
            object: object(group, "owner"),
            from: 0,
            until: None,
            left: None,
            longest: None,
        });
        for line in lines() {
            for number in line.people {
                let person = person(group, *number);
                let left = (person == DELETED).then_some(LEFT);
                terms.push(Term {
                    held: Held {
                        group,
                        kind: line.kind,
                        access: line.access,
                        person,
                    },
                    object: object(group, line.name),
                    from: line.from,
                    until: line.until,
                    left,
                    longest: line.longest,
                });
            }
        }
    }
    terms
}

/// Declares everything.
pub fn apply(world: &World) {
    world.edit("EntraTenant", "contoso", |tenant| {
        tenant["spec"]["resyncInterval"] = json!("PT24H");
    });
    world.apply(&boundary());
    for group in 1..=GROUPS {
        world.apply(&group_manifest(group));
        world.apply(&manifest(
            "RoleBinding",
            &object(group, "role"),
            &json!({"groupRef": {"name": name(group)}, "directoryRole": {"role": "Exchange Administrator"}}),
        ));
        let owner = json!({
            "groupRef": {"name": name(group)}, "access": "Owner", "justification": "Answers for it",
            "subjects": [{"kind": "User", "name": LEAD}], "schedule": never(world, 0),
        });
        world.apply(&manifest(
            "ActiveAssignment",
            &object(group, "owner"),
            &owner,
        ));
        for line in lines() {
            world.apply(&assignment(world, group, &line));
        }
    }
    assert_eq!(world.ours(NAMESPACE).len(), GROUPS * 12);
}

fn assignment(world: &World, group: usize, line: &Line) -> Value {
    let subjects = line.people.iter();
    let subjects: Vec<Value> = subjects
        .map(|number| json!({"kind": "User", "name": person(group, *number)}))
        .collect();
    let mut spec = json!({
        "groupRef": {"name": name(group)}, "subjects": subjects, "justification": "Is part of the team",
        "schedule": (line.schedule)(world, 0),
    });
    if line.access == Access::Owner {
        spec["access"] = json!("Owner");
    }
    if let Some(renewal) = (line.renewal)(world) {
        spec["renewal"] = renewal;
    }
    let kind = match line.kind {
        Kind::Eligible => "EligibleAssignment",
        Kind::Active => "ActiveAssignment",
    };
    manifest(kind, &object(group, line.name), &spec)
}

fn boundary() -> Value {
    let limits =
        json!({"permanent": "Allowed", "maximumDuration": "P365D", "autoRenewal": "Allowed"});
    json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": "AccessBoundary", "metadata": {"name": "year"},
        "spec": {
            "namespaces": [NAMESPACE],
            "tenants": ["contoso"],
            "groups": {"namePatterns": ["PAG-year-*"]},
            "directoryRoles": [{"roles": ["Exchange Administrator"], "scopes": ["/"], "assignments": ["Active"]}],
            "subjects": {"kinds": ["User"], "userPrincipalNameSuffixes": ["@contoso.com"]},
            "assignments": {
                "eligible": limits, "active": limits,
                "owners": {"eligible": limits, "active": limits},
            },
            "policyFloor": {},
        },
    })
}

fn group_manifest(group: usize) -> Value {
    let settings = json!({
        "activation": {"maximumDuration": "PT8H", "require": ["Justification"]},
        "eligible": {"permanent": "Allowed"},
        "active": {"permanent": "Allowed"},
    });
    manifest(
        "PrivilegedGroup",
        &name(group),
        &json!({
            "tenantRef": {"name": "contoso"}, "boundaryRef": {"name": "year"},
            "displayName": display_name(group), "description": "Stands for a year",
            "policy": {"member": settings, "owner": settings},
            "undeclared": {"standing": "Remove", "eligible": "Remove", "active": "Remove"},
        }),
    )
}

/// Takes somebody out of every manifest that names others, too; of one that names only them nothing is left.
pub fn take_out(world: &World, person: &str) {
    let objects: Vec<Term> = terms()
        .into_iter()
        .filter(|term| term.held.person == person)
        .collect();
    for term in objects {
        world.edit("EligibleAssignment", &term.object, |manifest| {
            let subjects = manifest["spec"]["subjects"].as_array_mut().unwrap();
            subjects.retain(|subject| subject["name"] != person);
        });
    }
}
