//! Builds units in few words: a group that stands, is admitted and has the policies it should, and whatever a test adds.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::action::Action;
use crate::boundary::{
    AssignmentLimits, Boundary, DirectoryRoles, DurationLimit, GroupLimits, OwnerLimits,
    PolicyFloor, RoleHolding, Rules as BoundaryRules, SubjectLimits,
};
use crate::desired::{
    self, Assignability, Assignment, Binding, Lifecycle, Memo, Mode, Role, Seen, Settlement,
    Standing,
};
use crate::duration::Days;
use crate::ids::{
    DirectoryScope, GroupId, GroupKey, ObjectName, PolicyId, PrincipalId, RoleAssignmentId,
    RoleDefinitionId, UserPrincipalName,
};
use crate::observed::{
    self, Management, Nature, PlainRole, PlainRoles, Policies, Presence, RoleSchedule,
};
use crate::plan::{Plan, StageKind, plan};
use crate::principal::{Account, Identity, Names, Principal, PrincipalKind, Resolution};
use crate::rule::{RuleKey, Rules};
use crate::schedule::{Access, ByAccess, End, Expiration, Key, Kind, Schedule, Window};
use crate::settings::{Permanent, PolicySettings};
use crate::verdict::{AssignmentVerdict, BindingVerdict, Row, State};

/// Everybody there is; `robot` is an application.
pub const PEOPLE: [&str; 6] = ["ann", "bob", "cid", "dan", "eve", "robot"];

/// A moment, in seconds after the one at which tests begin.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

pub const MINUTE: i64 = 60;
pub const DAY: i64 = 24 * 60 * MINUTE;

pub fn id(name: &str) -> PrincipalId {
    let place = PEOPLE.iter().position(|known| *known == name).unwrap();
    PrincipalId(Uuid::from_u128(0xa000 + u128::try_from(place).unwrap()))
}

pub fn group_id() -> GroupId {
    GroupId(Uuid::from_u128(0xb000))
}

pub fn role_id(place: u128) -> RoleDefinitionId {
    RoleDefinitionId(Uuid::from_u128(0xc000 + place))
}

pub fn person(name: &str) -> Principal {
    let kind = if name == "robot" {
        PrincipalKind::ServicePrincipal
    } else {
        PrincipalKind::User
    };
    Principal {
        kind,
        name: name.to_owned(),
    }
}

pub fn identity(name: &str) -> Identity {
    let principal = person(name);
    let upn = UserPrincipalName::new(format!("{name}@contoso.com"));
    Identity {
        id: id(name),
        kind: principal.kind,
        user_principal_name: (principal.kind == PrincipalKind::User).then_some(upn),
        account: Account::Enabled,
    }
}

pub fn days(text: &str) -> Days {
    Days::try_from(text.to_owned()).unwrap()
}

pub fn object(name: &str) -> ObjectName {
    ObjectName::new("payments", name)
}

pub fn key(name: &str, kind: Kind) -> Key {
    Key {
        access: Access::Member,
        principal: id(name),
        kind,
    }
}

pub fn owner_key(name: &str) -> Key {
    Key {
        access: Access::Owner,
        principal: id(name),
        kind: Kind::Active,
    }
}

/// From long ago until an end.
pub fn until(end: End) -> Window {
    Window {
        start: Some(at(-DAY)),
        end,
    }
}

/// A group with all its objects and all that stands of it.
#[derive(Clone)]
pub struct World {
    pub desired: desired::Unit,
    pub observed: observed::Unit,
}

impl fmt::Debug for World {
    /// Short enough to be read when a property fails: rules that are the defaults say nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "now {}, {:?}, {:?}",
            self.observed.now, self.observed.group, self.desired.group
        )?;
        writeln!(f, "boundary {:?}", self.desired.boundary)?;
        for name in PEOPLE {
            writeln!(
                f,
                "{name} {:?}",
                self.desired.names.resolution(&person(name))
            )?;
        }
        self.desired
            .bindings
            .iter()
            .try_for_each(|binding| writeln!(f, "{binding:?}"))?;
        self.desired
            .assignments
            .iter()
            .try_for_each(|assignment| writeln!(f, "{assignment:?}"))?;
        self.observed
            .eligible
            .iter()
            .try_for_each(|schedule| writeln!(f, "eligible {schedule:?}"))?;
        self.observed
            .active
            .iter()
            .try_for_each(|schedule| writeln!(f, "active {schedule:?}"))?;
        self.observed
            .roles
            .iter()
            .try_for_each(|row| writeln!(f, "{row:?}"))?;
        writeln!(f, "{:?}", self.observed.plain_roles)?;
        for access in Access::ALL {
            let Some(policy) = self.observed.policies.last(access) else {
                continue;
            };
            let differs =
                |key: &RuleKey| policy.rules.get(key) != Some(&Rules::defaults().rule(*key));
            let rules: Vec<_> = RuleKey::all()
                .filter(differs)
                .map(|key| (key, policy.rules.get(&key)))
                .collect();
            writeln!(f, "{access} {rules:?} {:?}", policy.unknown)?;
        }
        Ok(())
    }
}

impl World {
    /// A group that stands and lacks nothing.
    pub fn new() -> Self {
        let policies = ByAccess {
            member: Some(policy(&Rules::defaults())),
            owner: Some(policy(&Rules::defaults())),
        };
        let desired = desired::Unit {
            group: group(),
            boundary: Some(boundary()),
            names: PEOPLE
                .iter()
                .map(|name| (person(name), Resolution::Found(identity(name))))
                .collect(),
            bindings: Vec::new(),
            assignments: Vec::new(),
        };
        let observed = observed::Unit {
            now: at(0),
            group: Presence::Living(living()),
            policies: Policies::Fresh(policies),
            eligible: Vec::new(),
            active: Vec::new(),
            roles: Vec::new(),
            plain_roles: PlainRoles::Fresh(Vec::new()),
        };
        let mut world = Self { desired, observed };
        world.settings(Access::Member).active = Some(permanent());
        world.settings(Access::Owner).active = Some(permanent());
        world.obey();
        world
    }

    pub fn plan(&self) -> Plan {
        plan(&self.desired, &self.observed)
    }

    pub fn settings(&mut self, access: Access) -> &mut PolicySettings {
        match access {
            Access::Member => &mut self.desired.group.policy.member,
            Access::Owner => &mut self.desired.group.policy.owner,
        }
    }

    /// What the policy of one access is declared to be on top of the defaults.
    pub fn declared(&self, access: Access) -> Rules {
        let mut rules = Rules::defaults();
        for setting in crate::settings::SETTINGS {
            setting.write(
                self.desired.group.policy.get(access),
                &self.desired.names,
                &mut rules,
            );
        }
        rules
    }

    /// Makes both policies of the tenant as they are declared.
    pub fn obey(&mut self) {
        let (member, owner) = (self.declared(Access::Member), self.declared(Access::Owner));
        self.observed.policies = Policies::Fresh(ByAccess {
            member: Some(policy(&member)),
            owner: Some(policy(&owner)),
        });
    }

    /// The policy of one access in the tenant.
    pub fn policy(&mut self, access: Access) -> &mut observed::Policy {
        let (Policies::Fresh(policies) | Policies::Earlier(policies)) = &mut self.observed.policies
        else {
            panic!("no policy was read");
        };
        let policy = match access {
            Access::Member => &mut policies.member,
            Access::Owner => &mut policies.owner,
        };
        policy.as_mut().unwrap()
    }

    /// Lets the policies be those of an earlier look.
    pub fn forget_policies(&mut self) {
        if let Policies::Fresh(policies) = &self.observed.policies {
            self.observed.policies = Policies::Earlier(policies.clone());
        }
    }

    /// Declares an assignment of members that never ends for the active and lasts half a year for the eligible.
    pub fn assign(&mut self, kind: Kind, name: &str, subjects: &[&str]) -> &mut Assignment {
        let expiration = match kind {
            Kind::Eligible => Expiration::AfterDuration(days("P180D")),
            Kind::Active => Expiration::Never,
        };
        self.desired.assignments.push(Assignment {
            name: object(name),
            created: at(-30 * DAY),
            lifecycle: Lifecycle::Living,
            standing: Standing::AdmittedBefore,
            settlement: Settlement::Unsettled,
            kind,
            access: Access::Member,
            subjects: subjects.iter().map(|name| person(name)).collect(),
            schedule: Schedule {
                start: None,
                expiration,
            },
            justification: None,
            ticket: None,
            memory: Vec::new(),
        });
        self.desired.assignments.last_mut().unwrap()
    }

    pub fn eligible(&mut self, name: &str, subjects: &[&str]) -> &mut Assignment {
        self.assign(Kind::Eligible, name, subjects)
    }

    pub fn active(&mut self, name: &str, subjects: &[&str]) -> &mut Assignment {
        self.assign(Kind::Active, name, subjects)
    }

    /// Declares permanent owners.
    pub fn owners(&mut self, name: &str, subjects: &[&str]) -> &mut Assignment {
        let assignment = self.assign(Kind::Active, name, subjects);
        assignment.access = Access::Owner;
        assignment
    }

    /// Lets something stand in the tenant since yesterday.
    pub fn stands(&mut self, key: Key, end: End) -> &mut observed::Schedule {
        let nature = Nature::Assigned;
        let schedule = observed::Schedule {
            access: key.access,
            principal: key.principal,
            window: until(end),
            nature,
            created: Some(at(-DAY)),
        };
        let list = match key.kind {
            Kind::Eligible => &mut self.observed.eligible,
            Kind::Active => &mut self.observed.active,
        };
        list.push(schedule);
        list.last_mut().unwrap()
    }

    /// Lets an activation run since ten minutes and for eight hours.
    pub fn activated(&mut self, name: &str) -> &mut observed::Schedule {
        let schedule = self.stands(key(name, Kind::Active), End::At(at(8 * 60 * MINUTE)));
        schedule.nature = Nature::Activated;
        schedule.created = Some(at(-10 * MINUTE));
        schedule.window.start = Some(at(-10 * MINUTE));
        schedule
    }

    /// Declares members who stand as declared and are remembered: granted a day ago.
    pub fn settled(&mut self, kind: Kind, name: &str, subjects: &[&str]) -> &mut Assignment {
        let end = match kind {
            Kind::Eligible => End::At(at(179 * DAY)),
            Kind::Active => End::Never,
        };
        for subject in subjects {
            self.stands(key(subject, kind), end);
        }
        let assignment = self.assign(kind, name, subjects);
        assignment.settlement = Settlement::Settled;
        remember(assignment, -DAY);
        assignment
    }

    /// Declares permanent owners who stand and are remembered.
    pub fn settled_owners(&mut self, name: &str, subjects: &[&str]) -> &mut Assignment {
        for subject in subjects {
            self.stands(owner_key(subject), End::Never);
        }
        let assignment = self.owners(name, subjects);
        assignment.settlement = Settlement::Settled;
        remember(assignment, -DAY);
        assignment
    }

    pub fn assignment(&mut self, name: &str) -> &mut Assignment {
        self.desired
            .assignments
            .iter_mut()
            .find(|assignment| assignment.name == object(name))
            .unwrap()
    }

    /// Takes a subject out of a manifest.
    pub fn take_out(&mut self, name: &str, subject: &str) {
        self.assignment(name)
            .subjects
            .retain(|known| *known != person(subject));
    }

    /// Declares a role.
    pub fn bind(&mut self, name: &str, role: u128) -> &mut Binding {
        self.desired.bindings.push(Binding {
            name: object(name),
            created: at(-30 * DAY),
            lifecycle: Lifecycle::Living,
            standing: Standing::AdmittedBefore,
            settlement: Settlement::Unsettled,
            role_name: format!("role {role}"),
            role: Role::Found(role_id(role)),
            scope: DirectoryScope::tenant(),
            justification: None,
            bound: None,
        });
        self.desired.bindings.last_mut().unwrap()
    }

    pub fn binding(&mut self, name: &str) -> &mut Binding {
        self.desired
            .bindings
            .iter_mut()
            .find(|binding| binding.name == object(name))
            .unwrap()
    }

    /// Lets the group hold a role by a schedule since yesterday.
    pub fn holds(&mut self, role: u128) -> &mut RoleSchedule {
        self.observed.roles.push(RoleSchedule {
            role: role_id(role),
            scope: DirectoryScope::tenant(),
            window: until(End::Never),
            nature: Nature::Assigned,
            created: Some(at(-DAY)),
        });
        self.observed.roles.last_mut().unwrap()
    }

    /// Lets the group hold a role by a plain assignment.
    pub fn holds_plainly(&mut self, role: u128) {
        let row = PlainRole {
            id: RoleAssignmentId::new(format!("plain-{role}")),
            role: role_id(role),
            scope: DirectoryScope::tenant(),
        };
        if let PlainRoles::Fresh(rows) = &mut self.observed.plain_roles {
            rows.push(row);
        }
    }

    /// Gives a name another meaning.
    pub fn resolve(&mut self, name: &str, resolution: Resolution) {
        let people = PEOPLE.iter().map(|known| {
            (
                person(known),
                self.desired.names.resolution(&person(known)).clone(),
            )
        });
        let mut names: BTreeMap<Principal, Resolution> = people.collect();
        names.insert(person(name), resolution);
        self.desired.names = names.into_iter().collect::<Names>();
    }

    pub fn disable(&mut self, name: &str) {
        self.resolve(
            name,
            Resolution::Found(Identity {
                account: Account::Disabled,
                ..identity(name)
            }),
        );
    }
}

/// Makes the status remember every subject as granted and seen.
pub fn remember(assignment: &mut Assignment, granted: i64) {
    let memo = |subject: &Principal| Memo {
        subject: subject.clone(),
        principal: id(&subject.name),
        first_granted: Some(at(granted)),
        seen: Seen::Standing,
    };
    assignment.memory = assignment.subjects.iter().map(memo).collect();
}

pub fn policy(rules: &Rules) -> observed::Policy {
    observed::Policy {
        id: PolicyId::new("policy-1"),
        rules: RuleKey::all().map(|key| (key, rules.rule(key))).collect(),
        unknown: Vec::new(),
    }
}

fn permanent() -> crate::settings::Active {
    crate::settings::Active {
        permanent: Some(Permanent::Allowed),
        ..Default::default()
    }
}

pub fn living() -> observed::Group {
    observed::Group {
        id: group_id(),
        display_name: "PAG-payments".to_owned(),
        description: None,
        management: Management::Open,
    }
}

fn group() -> desired::Group {
    desired::Group {
        name: object("pag"),
        tenant: "contoso".to_owned(),
        key: GroupKey::new("epim-abc"),
        display_name: "PAG-payments".to_owned(),
        description: None,
        assignability: Assignability::RoleAssignable,
        policy: ByAccess::default(),
        mode: Mode::Exclusive,
        lifecycle: Lifecycle::Living,
        standing: Standing::AdmittedBefore,
        settlement: Settlement::Unsettled,
        last_seen: Some(group_id()),
        creation_begun: None,
    }
}

/// A boundary that admits everything of these tests but the ninth role.
pub fn boundary() -> Boundary {
    let limit = || {
        Some(DurationLimit {
            permanent: Permanent::Allowed,
            maximum_duration: None,
        })
    };
    let roles: Vec<String> = (0..9).map(|role| format!("role {role}")).collect();
    Boundary {
        name: "payments".to_owned(),
        role_ids: (0..9)
            .map(|role| (format!("role {role}"), vec![role_id(role)]))
            .collect(),
        rules: BoundaryRules {
            namespaces: vec!["payments".to_owned()],
            tenants: vec!["contoso".to_owned()],
            groups: GroupLimits {
                name_patterns: vec!["PAG-payments*".to_owned()],
            },
            directory_roles: vec![DirectoryRoles {
                roles,
                scopes: vec!["/".to_owned()],
                assignments: vec![RoleHolding::Active],
            }],
            subjects: SubjectLimits {
                kinds: vec![PrincipalKind::User, PrincipalKind::ServicePrincipal],
                user_principal_name_suffixes: vec!["@contoso.com".to_owned()],
            },
            assignments: AssignmentLimits {
                eligible: limit(),
                active: limit(),
                owners: Some(OwnerLimits {
                    eligible: limit(),
                    active: limit(),
                }),
            },
            policy_floor: PolicyFloor::default(),
        },
    }
}

/// What a plan writes, stage by stage, with names instead of ids.
pub fn writes(plan: &Plan) -> Vec<(StageKind, Vec<String>)> {
    plan.stages
        .iter()
        .map(|stage| (stage.kind, stage.actions.iter().map(words).collect()))
        .collect()
}

fn words(action: &Action) -> String {
    let mut text = action
        .write
        .to_string()
        .replace(&format!(" group {}", group_id()), " group");
    for name in PEOPLE {
        text = text.replace(&id(name).to_string(), name);
    }
    for role in 0..10 {
        text = text.replace(&role_id(role).to_string(), &role.to_string());
    }
    text
}

/// What the first stage writes.
pub fn first(plan: &Plan) -> Vec<String> {
    writes(plan)
        .into_iter()
        .next()
        .map(|(_, writes)| writes)
        .unwrap_or_default()
}

pub fn assignment<'a>(plan: &'a Plan, name: &str) -> &'a AssignmentVerdict {
    plan.assignments
        .iter()
        .find(|((_, known), _)| *known == object(name))
        .unwrap()
        .1
}

pub fn binding<'a>(plan: &'a Plan, name: &str) -> &'a BindingVerdict {
    &plan.bindings[&object(name)]
}

pub fn row<'a>(plan: &'a Plan, name: &str, subject: &str) -> &'a Row {
    assignment(plan, name)
        .rows
        .iter()
        .find(|row| row.subject == person(subject))
        .unwrap()
}

/// Why something is as it is, as in conditions.
pub fn reason(state: &State) -> &'static str {
    match state {
        State::Ready => "Ready",
        State::Expired => "Expired",
        State::Gone => "Gone",
        State::Waiting { reason, .. } | State::Stuck { reason, .. } => reason.as_str(),
    }
}

/// A later moment.
pub fn later(time: Timestamp, seconds: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_secs(seconds))
        .unwrap()
}
