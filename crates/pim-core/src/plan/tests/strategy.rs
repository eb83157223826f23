//! Random worlds and random events.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::fixture::*;
use crate::boundary::{ApprovalFloor, AutoRenewal, Boundary, DurationLimit, OnViolation};
use crate::desired::{
    Assignability, GrantRecord, GroupOperation, Lifecycle, ManagementPolicy, Mode, Pause,
    PendingGroup, Readability, RemovedByOthers, Renewal, RenewalMode, Role, TenantRules,
    Undeclared, UndeclaredAccess,
};
use crate::duration::Length;
use crate::ids::{AuthenticationContextId, ExtensionId, RequestId, RuleId};
use crate::knowledge::{Held, Progress, Request, Sent};
use crate::observed::{self, Management, Presence};
use crate::principal::{Account, Identity, Resolution};
use crate::rule::{
    Approver, Expiration as RuleExpiration, Extension, NotificationLevel, Requirement, Rule,
    RuleKey, Rules, UnknownRule, UnknownRuleState,
};
use crate::schedule::{Access, ByAccess, End, Key, Kind, Schedule, ScheduleExpiration, Window};
use crate::settings::{
    Activation, ApprovalSetting, Demand, MaximumDuration, Permanent, PolicySettings,
};
use crate::verdict::SubjectState;

/// Rules with one of them changed, for each of the 17.
pub fn altered(rules: &Rules) -> Vec<(RuleKey, Rules)> {
    let other = |key: RuleKey| {
        let value = match rules.rule(key) {
            Rule::Expiration(_) => Rule::Expiration(RuleExpiration {
                required: true,
                maximum: Some(Length::hours(3)),
            }),
            Rule::Enablement(_) => Rule::Enablement([Requirement::Ticketing].into()),
            Rule::Approval(mut approval) => {
                approval.required = !approval.required;
                approval.approvers = [Approver::User(id("eve"))].into();
                Rule::Approval(approval)
            }
            Rule::AuthenticationContext(_) => {
                Rule::AuthenticationContext(Some(AuthenticationContextId::new("c9")))
            }
            Rule::Notification(mut mails) => {
                mails.level = NotificationLevel::None;
                Rule::Notification(mails)
            }
        };
        let mut changed = rules.clone();
        changed.set(key, value);
        (key, changed)
    };
    RuleKey::all().map(other).collect()
}

pub fn someone() -> impl Strategy<Value = &'static str> {
    select(&PEOPLE[..])
}

pub fn access() -> impl Strategy<Value = Access> {
    prop_oneof![3 => Just(Access::Member), 1 => Just(Access::Owner)]
}

pub fn kind() -> impl Strategy<Value = Kind> {
    select(&[Kind::Eligible, Kind::Active][..])
}

fn any_key() -> impl Strategy<Value = Key> {
    (access(), someone(), kind()).prop_map(|(access, name, kind)| Key {
        access,
        principal: id(name),
        kind,
    })
}

/// Seconds around now, near and far.
fn moment() -> impl Strategy<Value = i64> {
    prop_oneof![-400 * DAY..400 * DAY, -10 * MINUTE..10 * MINUTE, Just(0)]
}

fn future() -> impl Strategy<Value = i64> {
    prop_oneof![1..400 * DAY, 1..10 * MINUTE]
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![Just(End::Never), future().prop_map(|end| End::At(at(end)))]
}

pub fn schedule() -> impl Strategy<Value = Schedule> {
    let expiration = prop_oneof![
        3 => Just(ScheduleExpiration::Never),
        3 => select(&["P1D", "P30D", "P180D", "P365D"][..]).prop_map(|text| ScheduleExpiration::AfterDuration(days(text))),
        2 => moment().prop_map(|end| ScheduleExpiration::EndTime(at(end))),
    ];
    (option::weighted(0.2, moment()), expiration).prop_map(|(start, expiration)| Schedule {
        start: start.map(at),
        expiration,
    })
}

fn renewal() -> impl Strategy<Value = Renewal> {
    let mode = prop_oneof![2 => Just(RenewalMode::Manual), 1 => Just(RenewalMode::Auto)];
    let before = option::of(select(&["P1D", "P30D"][..]).prop_map(days));
    // What is renewed for ever never comes to rest.
    (mode, before, -DAY..3 * DAY).prop_map(|(mode, before, until)| Renewal {
        mode,
        before,
        until: Some(at(until)),
    })
}

/// How a role is to be held: most of them active, and without end.
fn held() -> impl Strategy<Value = (Kind, Schedule)> {
    let lasting = Schedule {
        start: None,
        expiration: ScheduleExpiration::Never,
    };
    let schedule = prop_oneof![2 => Just(lasting), 1 => schedule()];
    (
        prop_oneof![2 => Just(Kind::Active), 1 => Just(Kind::Eligible)],
        schedule,
    )
}

pub fn standing() -> impl Strategy<Value = (Key, Option<i64>, End)> {
    (any_key(), option::weighted(0.9, moment()), end())
}

/// Something that was sent. Requests are carried out: one that never is waits for somebody.
pub fn sent() -> impl Strategy<Value = Sent> {
    (moment(), prop::bool::ANY).prop_map(|(sent, is_known)| Sent {
        at: at(sent),
        request: is_known.then(|| Request {
            id: RequestId::new("request-1"),
            status: "Provisioned".to_owned(),
            progress: Progress::Finished,
        }),
    })
}

fn pause() -> impl Strategy<Value = Pause> {
    prop_oneof![12 => Just(Pause::Running), 1 => Just(Pause::Paused)]
}

fn readability() -> impl Strategy<Value = Readability> {
    prop_oneof![
        12 => Just(Readability::Readable),
        1 => Just(Readability::Unreadable("a date that nobody can read".to_owned())),
    ]
}

fn record() -> impl Strategy<Value = GrantRecord> {
    (
        someone(),
        someone(),
        prop::bool::weighted(0.9),
        moment(),
        option::weighted(0.3, sent()),
    )
        .prop_map(|(name, other, same, granted, sent)| GrantRecord {
            subject: person(name),
            principal: id(if same { name } else { other }),
            state: SubjectState::Eligible,
            first_granted: at(granted),
            sent,
            activated_until: None,
            removed: None,
        })
}

pub fn settings() -> impl Strategy<Value = PolicySettings> {
    let permanent = || option::of(select(&[Permanent::Allowed, Permanent::Forbidden][..]));
    let maximum =
        || option::of(select(&["P15D", "P180D"][..]).prop_map(|text| MaximumDuration(days(text))));
    let approval = option::weighted(0.3, someone()).prop_map(|approver| {
        approver.map(|name| ApprovalSetting {
            required: Some(Demand::Always),
            approvers: Some(vec![person(name)]),
            approver_justification: None,
        })
    });
    (approval, permanent(), maximum(), permanent(), maximum()).prop_map(
        |(approval, eligible_permanent, eligible_maximum, active_permanent, active_maximum)| {
            PolicySettings {
                activation: Some(Activation {
                    approval,
                    ..Activation::default()
                }),
                eligible: Some(crate::settings::Eligible {
                    permanent: eligible_permanent,
                    maximum_duration: eligible_maximum,
                }),
                active: Some(crate::settings::Active {
                    permanent: active_permanent,
                    maximum_duration: active_maximum,
                    require: None,
                }),
                notifications: None,
            }
        },
    )
}

pub fn some_boundary() -> impl Strategy<Value = Option<Boundary>> {
    (0..10_u8, prop::bool::ANY).prop_map(|(choice, revokes)| {
        let mut boundary = boundary();
        if revokes {
            boundary.rules.on_violation = OnViolation::Revoke;
        }
        match choice {
            0 => return None,
            1 => boundary.rules.subjects.user_principal_name_suffixes.clear(),
            2 => {
                let month = DurationLimit {
                    permanent: Permanent::Forbidden,
                    auto_renewal: AutoRenewal::Forbidden,
                    maximum_duration: Some(days("P30D")),
                };
                boundary.rules.assignments.eligible = Some(month.clone());
                boundary.rules.assignments.active = Some(month);
            }
            3 => {
                let floor = ApprovalFloor {
                    required: Demand::Always,
                    approvers: None,
                };
                boundary.rules.policy_floor.approval = Some(floor);
            }
            4 => boundary.rules.roles.directory_roles.clear(),
            6 => boundary.rules.namespaces.clear(),
            5 => boundary.rules.policy_floor.custom_extensions = vec![LISTED.to_owned()],
            _ => {}
        }
        Some(boundary)
    })
}

/// The extension that some boundaries list.
pub const LISTED: &str = "listed";

pub fn unknown_rule() -> impl Strategy<Value = Vec<UnknownRule>> {
    let state = select(&[UnknownRuleState::Off, UnknownRuleState::OnOrSilent][..]);
    let extension = select(&[None, Some(LISTED), Some("another")][..]);
    option::weighted(0.2, (state, extension)).prop_map(|rule| {
        rule.map(|(state, extension)| UnknownRule {
            id: RuleId::new("CustomExtension"),
            state,
            extension: extension.map(|id| Extension {
                id: ExtensionId::new(id),
                name: None,
            }),
        })
        .into_iter()
        .collect()
    })
}

pub fn tenant_policy() -> impl Strategy<Value = observed::Policy> {
    (
        btree_set(0..17_usize, 0..3),
        unknown_rule(),
        option::weighted(0.1, 0..17_usize),
    )
        .prop_map(|(changed, unknown, missing)| {
            let variants = altered(&Rules::defaults());
            let mut rules = Rules::defaults();
            for place in changed {
                let (key, variant) = &variants[place];
                rules.set(*key, variant.rule(*key));
            }
            let mut policy = policy(&rules);
            policy.unknown = unknown;
            if let Some(place) = missing {
                policy.rules.remove(&variants[place].0);
            }
            policy
        })
}

fn presence() -> impl Strategy<Value = Presence> {
    prop_oneof![
        16 => Just(Presence::Living(living())),
        2 => Just(deleted()),
        2 => (-200_i64..0).prop_map(|since| Presence::Absent { since: at(since) }),
        1 => Just(Presence::Living(observed::Group { management: Management::Restricted, ..living() })),
        1 => Just(Presence::Living(observed::Group { display_name: "old".to_owned(), ..living() })),
        1 => Just(Presence::Duplicates(vec![group_id()])),
        1 => Just(Presence::KeyMismatch(group_id())),
    ]
}

fn pending() -> impl Strategy<Value = PendingGroup> {
    (prop::bool::ANY, -100..1000_i64, prop::bool::ANY).prop_map(|(restores, since, is_known)| {
        let operation = if restores {
            GroupOperation::RestoreGroup
        } else {
            GroupOperation::CreateGroup
        };
        PendingGroup {
            operation,
            since: at(since),
            group: (restores || is_known).then(group_id),
        }
    })
}

fn lifecycle() -> impl Strategy<Value = Lifecycle> {
    prop_oneof![5 => Just(Lifecycle::Living), 1 => Just(Lifecycle::Deleting)]
}

/// Another meaning of a person's name. The application keeps its own: what an owner is must be known somehow.
fn resolution() -> impl Strategy<Value = (&'static str, Resolution)> {
    (0..5_usize, 0..5_usize, 0..4_u8).prop_map(|(name, other, choice)| {
        let (name, other) = (PEOPLE[name], PEOPLE[other]);
        let resolution = match choice {
            0 => Resolution::NotFound,
            1 => Resolution::Ambiguous(vec![id(name), id(other)]),
            2 => Resolution::Found(Identity {
                account: Account::Disabled,
                ..identity(name)
            }),
            _ => Resolution::Found(identity(other)),
        };
        (name, resolution)
    })
}

prop_compose! {
    fn objects(records: std::ops::Range<usize>)(
        assignments in vec(
            (kind(), access(), btree_set(someone(), 1..4), (schedule(), renewal()), lifecycle(), vec(record(), records.clone()), -90..0_i64, pause(), readability()),
            0..5,
        ),
        bindings in vec((0..3_u128, option::weighted(0.4, (0..3_u128, moment())), lifecycle(), 0..10_u8, option::weighted(0.3, sent()), pause(), held()), 0..4),
    ) -> World {
        let mut world = World::new();
        for (place, (kind, access, subjects, (schedule, renewal), lifecycle, memory, age, pause, readability)) in assignments.into_iter().enumerate() {
            let subjects: Vec<&str> = subjects.into_iter().collect();
            let assignment = world.assign(kind, &format!("a{place}"), &subjects);
            assignment.access = access;
            assignment.schedule = schedule;
            assignment.renewal = renewal;
            assignment.lifecycle = lifecycle;
            assignment.created = at(age * DAY);
            let memory: BTreeMap<String, GrantRecord> = memory.into_iter().map(|record| (record.subject.name.clone(), record)).collect();
            assignment.memory = memory.into_values().collect();
            assignment.pause = pause;
            assignment.readability = readability;
        }
        for (place, (role, bound, lifecycle, choice, sent, pause, (kind, schedule))) in bindings.into_iter().enumerate() {
            let binding = world.bind(&format!("b{place}"), role);
            binding.kind = kind;
            binding.schedule = schedule;
            binding.bound = bound.map(|(role, _)| role_target(role));
            binding.first_bound = bound.map(|(_, since)| at(since));
            binding.lifecycle = lifecycle;
            binding.sent = sent.filter(|_| bound.is_some());
            binding.pause = pause;
            binding.role = match choice {
                0 => Role::NotFound,
                1 => Role::Ambiguous(vec![role_id(role), role_id(9)]),
                _ => Role::Found(role_target(role)),
            };
        }
        world
    }
}

prop_compose! {
    fn tenant()(
        standing in btree_map(any_key(), (option::weighted(0.9, -400 * DAY..1000), end()), 0..8),
        activations in btree_map((access(), someone()), (1..600_i64, 1..600_i64), 0..3),
        roles in btree_map(0..10_u128, (-10 * DAY..0_i64, end()), 0..3),
        plain in btree_set(0..10_u128, 0..2),
        eligible_roles in btree_set(0..10_u128, 0..2),
        people in btree_set((access(), someone()), 0..2),
        past_pim in btree_set((access(), someone()), 0..2),
        policies in (tenant_policy(), tenant_policy()),
    ) -> observed::Unit {
        let mut world = World::new();
        for (key, (start, end)) in standing {
            let schedule = world.stands(key, end);
            schedule.window.start = start.map(at);
            schedule.created = start.map(|start| at(start.min(0)));
        }
        for ((access, name), (age, rest)) in activations {
            let activation = world.activated(name);
            activation.access = access;
            activation.window = Window { start: Some(at(-age)), end: End::At(at(rest)) };
            activation.created = Some(at(-age));
        }
        for (role, (start, end)) in roles {
            world.holds(role).window = Window { start: Some(at(start)), end };
            world.observed.roles.known().last_mut().unwrap().created = Some(at(start));
        }
        for role in plain {
            world.holds_plainly(role);
        }
        for role in eligible_roles {
            world.may_hold(role);
        }
        for (access, name) in people {
            world.is_plainly(access, name);
        }
        for (access, name) in past_pim {
            world.is_only_in_directory(access, name);
        }
        world.observed.policies = Read::now(ByAccess { member: Some(policies.0), owner: Some(policies.1) }, at(0));
        world.observed
    }
}

/// What a random world is made of beside its objects.
#[derive(Debug, Clone)]
struct Circumstances {
    presence: Presence,
    known: bool,
    pending: Option<PendingGroup>,
    pause: Pause,
    duplicates: bool,
    lifecycle: Lifecycle,
    mode: Mode,
    undeclared: UndeclaredAccess,
    assignability: Assignability,
    boundary: Option<Boundary>,
    settings: (PolicySettings, PolicySettings),
    names: Vec<(&'static str, Resolution)>,
}

/// What is to happen to what nobody declares: to all of it, or to one sort only.
fn undeclared() -> impl Strategy<Value = UndeclaredAccess> {
    let wish = prop_oneof![
        Just(Undeclared::Ignore),
        Just(Undeclared::Report),
        Just(Undeclared::Remove)
    ];
    (wish, 0..5_u8).prop_map(|(wish, sort)| {
        let mut undeclared = ignored();
        let of = |one| sort == 0 || sort == one;
        for (place, one) in [
            (1, &mut undeclared.eligible),
            (2, &mut undeclared.active),
            (3, &mut undeclared.roles),
            (4, &mut undeclared.standing),
        ] {
            if of(place) {
                *one = wish;
            }
        }
        undeclared
    })
}

/// What the tenant says of certain people.
pub fn rules() -> impl Strategy<Value = TenantRules> {
    let some = || {
        prop_oneof![
            2 => Just(BTreeSet::new()),
            1 => btree_set(someone().prop_map(id), 1..3),
        ]
    };
    let removed_by_others = prop_oneof![
        3 => Just(RemovedByOthers::Restore),
        1 => Just(RemovedByOthers::Hold),
    ];
    (some(), some(), removed_by_others).prop_map(|(denied, protected, removed_by_others)| {
        TenantRules {
            management: ManagementPolicy::Manage,
            denied,
            protected,
            removed_by_others,
        }
    })
}

prop_compose! {
    fn circumstances()(
        (presence, known, pending) in (presence(), prop::bool::weighted(0.8), option::weighted(0.1, pending())),
        (pause, duplicates) in (pause(), prop::bool::weighted(0.03)),
        (lifecycle, boundary) in (lifecycle(), some_boundary()),
        mode in prop_oneof![3 => Just(Mode::Exclusive), 1 => Just(Mode::Merge)],
        undeclared in undeclared(),
        assignability in prop_oneof![6 => Just(Assignability::RoleAssignable), 1 => Just(Assignability::Ordinary)],
        settings in (settings(), settings()),
        names in vec(resolution(), 0..2),
    ) -> Circumstances {
        Circumstances { presence, known, pending, pause, duplicates, lifecycle, mode, undeclared, assignability, boundary, settings, names }
    }
}

/// Since when some things are not admitted, as far as that is remembered.
fn violations() -> impl Strategy<Value = BTreeMap<Held, Timestamp>> {
    let access = btree_map(any_key().prop_map(Held::Access), -900..900_i64, 0..6);
    let role = (0..3_u128, kind()).prop_map(|(role, kind)| Held::Role(bound_role(role, kind)));
    let roles = btree_map(role, -900..900_i64, 0..3);
    (access, roles).prop_map(|(access, roles)| {
        let all = access.into_iter().chain(roles);
        all.map(|(held, since)| (held, at(since))).collect()
    })
}

/// Generates a world with up to three objects, any tenant and any circumstances.
pub fn world() -> impl Strategy<Value = World> {
    let rules = (rules(), violations());
    (objects(0..4), tenant(), circumstances(), rules).prop_map(
        |(mut world, observed, found, (rules, violations))| {
            world.memory.violations = violations;
            world.observed = observed;
            world.desired.rules = rules;
            world.observed.group = found.presence;
            if found.duplicates {
                world.observed.duplicates = vec![crate::ids::GroupId(uuid::Uuid::from_u128(77))];
            }
            let group = &mut world.desired.group;
            group.last_seen = found.known.then(group_id);
            group.pending = found.pending;
            group.pause = found.pause;
            group.lifecycle = found.lifecycle;
            group.mode = found.mode;
            group.undeclared = found.undeclared;
            group.assignability = found.assignability;
            group.policy = ByAccess {
                member: found.settings.0,
                owner: found.settings.1,
            };
            world.desired.boundary = found.boundary;
            for (name, resolution) in found.names {
                world.resolve(name, resolution);
            }
            world
        },
    )
}

/// A world whose objects remember nothing, in a tenant where the group does not exist.
pub fn beginning() -> impl Strategy<Value = World> {
    (objects(0..1), settings(), settings()).prop_map(|(mut world, member, owner)| {
        world.desired.group.policy = ByAccess { member, owner };
        for assignment in &mut world.desired.assignments {
            assignment.lifecycle = Lifecycle::Living;
            assignment.pause = Pause::Running;
            assignment.readability = Readability::Readable;
        }
        for binding in &mut world.desired.bindings {
            binding.bound = None;
            binding.first_bound = None;
            binding.sent = None;
            binding.pause = Pause::Running;
        }
        world
    })
}

/// A rule of the tenant's policies that somebody changes.
pub fn drift() -> impl Strategy<Value = (RuleKey, Rule)> {
    (0..17_usize).prop_map(|place| {
        let (key, rules) = altered(&Rules::defaults()).swap_remove(place);
        (key, rules.rule(key))
    })
}
