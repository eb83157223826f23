//! A small tenant and a small operator around the planner: looks, plans, remembers, carries out the first stage. The
//! tenant refuses what the service refuses, and a refusal fails the test: the planner has to know better.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::fixture::*;
use crate::action::{Action, GrantVerb, Write};
use crate::desired::{Lifecycle, Memo, Seen, Settlement};
use crate::ids::{GroupId, PolicyId};
use crate::observed::{self, Nature, PlainRoles, Policies, Presence, RoleSchedule};
use crate::plan::{Plan, plan};
use crate::reason::Reason;
use crate::rule::Rules;
use crate::schedule::{Access, ByAccess, End, Key, Kind, Window};
use crate::verdict::{Row, State, SubjectState};

const FIVE_MINUTES: SignedDuration = SignedDuration::from_mins(5);

/// What becomes of an activation when its eligibility is taken away: the service does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activations {
    EndWithTheirEligibility,
    Remain,
}

/// The operator and its tenant. What `world.observed` says is the truth.
#[derive(Debug, Clone)]
pub struct Model {
    pub world: World,
    pub activations: Activations,
    /// Everything that the operator ever granted.
    pub granted: BTreeSet<Key>,
    /// Every write, in words.
    pub journal: Vec<String>,
    read: Option<ByAccess<Option<observed::Policy>>>,
    policies_written: u32,
    groups_made: u128,
}

impl Model {
    pub fn new(world: World) -> Self {
        Self {
            world,
            activations: Activations::Remain,
            granted: BTreeSet::new(),
            journal: Vec::new(),
            read: None,
            policies_written: 0,
            groups_made: 0,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.world.observed.now
    }

    /// A tenant in which the group does not exist and was never seen.
    pub fn from_nothing(mut world: World) -> Self {
        world.desired.group.last_seen = None;
        world.observed.group = Presence::Absent {
            since: world.observed.now,
        };
        Self::new(world)
    }

    /// A look that reads what is cheap; the rest is as it was read before, or not at all.
    fn look(&self) -> observed::Unit {
        let mut seen = self.world.observed.clone();
        seen.plain_roles = PlainRoles::Unread;
        seen.policies = self
            .read
            .clone()
            .map_or(Policies::Unread, Policies::Earlier);
        if !matches!(seen.group, Presence::Living(_)) {
            seen.eligible.clear();
            seen.active.clear();
            seen.policies = Policies::Unread;
        }
        if !matches!(seen.group, Presence::Living(_) | Presence::Deleted(_)) {
            seen.roles.clear();
        }
        seen
    }

    /// Looks and plans, reading on demand.
    pub fn plan(&mut self) -> Plan {
        let mut seen = self.look();
        for _ in 0..3 {
            let made = plan(&self.world.desired, &seen);
            super::properties::judge(&self.world.desired, &seen, &made);
            if made.needs.are_met() {
                return made;
            }
            if made.needs.policies != crate::plan::Need::Not {
                seen.policies = self.world.observed.policies.clone();
                if let Policies::Fresh(policies) = &seen.policies {
                    self.read = Some(policies.clone());
                }
            }
            if made.needs.plain_roles != crate::plan::Need::Not {
                seen.plain_roles = self.world.observed.plain_roles.clone();
            }
        }
        panic!("the plan never has what it needs");
    }

    /// Looks, plans, remembers, and carries out the first stage.
    pub fn round(&mut self) -> Plan {
        let plan = self.plan();
        self.remember(&plan);
        if let Some(stage) = plan.stages.first() {
            for action in &stage.actions {
                self.journal.push(action.write.to_string());
                self.carry_out(action);
            }
        }
        plan
    }

    /// Rounds until nothing is left to do, letting time pass where the plan waits for it.
    pub fn converge(&mut self) -> Plan {
        for _ in 0..150 {
            let plan = self.round();
            if !plan.stages.is_empty() {
                continue;
            }
            match plan.wake_at.filter(|_| waits(&plan)) {
                Some(wake_at) => self.advance(wake_at),
                None => return plan,
            }
        }
        panic!("never comes to rest: {:#?}", self.journal);
    }

    /// Lets time pass; the service takes away what has ended.
    pub fn advance(&mut self, to: Timestamp) {
        let observed = &mut self.world.observed;
        observed.now = to;
        let ended = |window: &Window| window.end.is_over(to);
        observed
            .eligible
            .retain(|schedule| !ended(&schedule.window));
        observed.roles.retain(|row| !ended(&row.window));
        let mut kept = observed.active.clone();
        kept.retain(|schedule| !ended(&schedule.window));
        // The service keeps the last owner, whatever his window says.
        if !kept.iter().any(|schedule| is_owner(schedule, to)) {
            kept.extend(
                observed
                    .active
                    .iter()
                    .find(|schedule| is_owner(schedule, to))
                    .cloned(),
            );
        }
        observed.active = kept;
    }

    /// What the operator's status keeps of a plan.
    fn remember(&mut self, plan: &Plan) {
        let desired = &mut self.world.desired;
        if let Some(id) = plan.group.id {
            desired.group.last_seen = Some(id);
        }
        desired.group.settlement = settlement(&plan.group.state);
        for assignment in &mut desired.assignments {
            let verdict = &plan.assignments[&(assignment.kind, assignment.name.clone())];
            assignment.settlement = settlement(&verdict.state);
            assignment.memory = verdict.rows.iter().filter_map(memo).collect();
        }
        for binding in &mut desired.bindings {
            binding.bound = plan.bindings[&binding.name].role;
        }
        let is_gone =
            |lifecycle, state: &State| lifecycle == Lifecycle::Deleting && *state == State::Gone;
        desired.assignments.retain(|assignment| {
            !is_gone(
                assignment.lifecycle,
                &plan.assignments[&(assignment.kind, assignment.name.clone())].state,
            )
        });
        desired
            .bindings
            .retain(|binding| !is_gone(binding.lifecycle, &plan.bindings[&binding.name].state));
    }

    fn carry_out(&mut self, action: &Action) {
        match &action.write {
            Write::CreateGroup(new) => {
                self.groups_made += 1;
                let id = GroupId(Uuid::from_u128(0xb100 + self.groups_made));
                self.world.observed.group = Presence::Living(observed::Group {
                    id,
                    display_name: new.display_name.clone(),
                    description: new.description.clone(),
                    ..living()
                });
                let both = || Some(policy(&Rules::defaults()));
                self.world.observed.policies = Policies::Fresh(ByAccess {
                    member: both(),
                    owner: both(),
                });
            }
            Write::RestoreGroup(_) => {
                let Presence::Deleted(group) = self.world.observed.group.clone() else {
                    panic!("nothing to restore")
                };
                self.world.observed.group = Presence::Living(group);
            }
            Write::UpdateGroup {
                display_name,
                description,
                ..
            } => {
                let Presence::Living(group) = &mut self.world.observed.group else {
                    panic!("nothing to rename")
                };
                group.display_name.clone_from(display_name);
                group.description.clone_from(description);
            }
            Write::DeleteGroup(_) => self.delete(),
            Write::UpdatePolicy {
                access,
                policy,
                rules,
                ..
            } => {
                self.policies_written += 1;
                let next = PolicyId::new(format!("policy-{}", self.policies_written + 1));
                let stands = self.world.policy(*access);
                assert_eq!(
                    stands.id, *policy,
                    "the policy was read before the last write"
                );
                stands.id = next;
                stands.rules.extend(rules.iter().cloned());
            }
            Write::Grant {
                key, verb, window, ..
            } => self.grant(*key, *verb, *window),
            Write::Revoke { key, .. } => self.revoke(*key),
            Write::BindRole {
                role, scope, verb, ..
            } => {
                let rows = &mut self.world.observed.roles;
                let stood = rows.len();
                rows.retain(|row| row.role != *role);
                assert_eq!(
                    *verb == GrantVerb::Update,
                    rows.len() < stood,
                    "the service tells making from changing"
                );
                let now = self.world.observed.now;
                let window = Window {
                    start: Some(now),
                    end: End::Never,
                };
                let row = RoleSchedule {
                    role: *role,
                    scope: scope.clone(),
                    window,
                    nature: Nature::Assigned,
                    created: Some(now),
                };
                self.world.observed.roles.push(row);
            }
            Write::UnbindRole { role, .. } => {
                let now = self.now();
                let rows = &mut self.world.observed.roles;
                let place = rows
                    .iter()
                    .position(|row| row.role == *role)
                    .expect("the role is held");
                let row = rows.remove(place);
                assert!(
                    is_old(&row.window, now),
                    "the service keeps what is younger than five minutes"
                );
            }
            Write::DeletePlainRole { role, .. } => {
                let PlainRoles::Fresh(rows) = &mut self.world.observed.plain_roles else {
                    panic!("never unread")
                };
                rows.retain(|row| row.role != *role);
            }
        }
    }

    fn delete(&mut self) {
        let observed = &mut self.world.observed;
        let Presence::Living(group) = observed.group.clone() else {
            panic!("nothing to delete")
        };
        let PlainRoles::Fresh(plain) = &observed.plain_roles else {
            panic!("never unread")
        };
        assert!(
            observed.eligible.is_empty() && observed.roles.is_empty() && plain.is_empty(),
            "a restore brings it back"
        );
        let left: BTreeSet<Key> = observed
            .active
            .iter()
            .map(|schedule| schedule.key(Kind::Active))
            .collect();
        assert!(left.len() <= 1, "only the last owner goes with the group");
        assert!(
            left.iter().all(|key| key.access == Access::Owner),
            "nobody else does"
        );
        observed.group = Presence::Deleted(group);
    }

    fn grant(&mut self, key: Key, verb: GrantVerb, window: Window) {
        let now = self.now();
        let stands = self
            .world
            .observed
            .standing(key)
            .map(|schedule| schedule.window);
        match (verb, stands) {
            (GrantVerb::Assign, None) => {
                self.granted.insert(key);
            }
            (GrantVerb::Update, Some(_)) => {}
            _ => panic!("the service tells making from changing: {key:?}"),
        }
        let start = window.start.map_or(now, |start| start.max(now));
        assert!(
            window.end >= End::At(start + FIVE_MINUTES),
            "the service makes no window under five minutes"
        );
        self.refuse_by_policy(key, start, window.end);
        let schedule = observed::Schedule {
            access: key.access,
            principal: key.principal,
            window: Window {
                start: Some(start),
                end: window.end,
            },
            nature: Nature::Assigned,
            created: Some(now),
        };
        let list = self.list(key.kind);
        list.retain(|known| known.nature != Nature::Assigned || known.key(key.kind) != key);
        list.push(schedule);
    }

    fn refuse_by_policy(&mut self, key: Key, start: Timestamp, end: End) {
        let Some(policy) = self.world.truth(key.access) else {
            return;
        };
        let rules = crate::plan::policy::standing(policy);
        let expiration = match key.kind {
            Kind::Eligible => rules.expiration.eligible,
            Kind::Active => rules.expiration.active,
        };
        let fits = match (end, expiration.maximum) {
            (End::Never, _) => false,
            (End::At(end), Some(maximum)) => end.duration_since(start) <= maximum.to_signed(),
            (End::At(_), None) => true,
        };
        assert!(fits || !expiration.required, "the policy refuses it");
    }

    fn revoke(&mut self, key: Key) {
        let now = self.now();
        let activations = self.activations;
        let of_key = |schedule: &observed::Schedule| schedule.key(key.kind) == key;
        let list = self.list(key.kind);
        let assigned = list
            .iter()
            .position(|schedule| of_key(schedule) && schedule.nature == Nature::Assigned);
        // What was taken away by something else before counts as taken away.
        let Some(place) = assigned.or_else(|| list.iter().position(of_key)) else {
            return;
        };
        let gone = list.remove(place);
        assert!(
            key.kind == Kind::Eligible || is_old(&gone.window, now),
            "the service keeps what is younger than five minutes"
        );
        if is_owner(&gone, now) && key.kind == Kind::Active {
            let people = |schedule: &observed::Schedule| {
                is_owner(schedule, now) && schedule.principal != id("robot")
            };
            assert!(
                list.iter().any(people)
                    || (gone.principal == id("robot") && list.iter().any(|one| is_owner(one, now))),
                "the service keeps the last owner"
            );
        }
        if key.kind == Kind::Eligible && activations == Activations::EndWithTheirEligibility {
            self.list(Kind::Active).retain(|schedule| {
                schedule.nature == Nature::Assigned || schedule.key(Kind::Eligible) != key
            });
        }
    }

    fn list(&mut self, kind: Kind) -> &mut Vec<observed::Schedule> {
        match kind {
            Kind::Eligible => &mut self.world.observed.eligible,
            Kind::Active => &mut self.world.observed.active,
        }
    }
}

impl World {
    /// The policy of one access as it stands.
    pub fn truth(&self, access: Access) -> Option<&observed::Policy> {
        self.observed.policies.fresh(access)
    }
}

fn is_old(window: &Window, now: Timestamp) -> bool {
    window.is_future(now)
        || window
            .start
            .is_none_or(|start| now.duration_since(start) >= FIVE_MINUTES)
}

fn is_owner(schedule: &observed::Schedule, now: Timestamp) -> bool {
    schedule.access == Access::Owner
        && schedule.nature == Nature::Assigned
        && !schedule.window.is_future(now)
}

fn settlement(state: &State) -> Settlement {
    if *state == State::Ready {
        Settlement::Settled
    } else {
        Settlement::Unsettled
    }
}

fn memo(row: &Row) -> Option<Memo> {
    let first_granted = row.first_granted?;
    let stood = matches!(
        row.state,
        SubjectState::Eligible | SubjectState::Active | SubjectState::Scheduled
    );
    Some(Memo {
        subject: row.subject.clone(),
        principal: row.principal?,
        first_granted: Some(first_granted),
        seen: if stood { Seen::Standing } else { Seen::NotYet },
    })
}

/// How everything stands.
pub fn states(plan: &Plan) -> Vec<&State> {
    let group = [&plan.group.state].into_iter();
    let bindings = plan.bindings.values().map(|verdict| &verdict.state);
    group
        .chain(bindings)
        .chain(plan.assignments.values().map(|verdict| &verdict.state))
        .collect()
}

fn waits(plan: &Plan) -> bool {
    let for_time = |state: &&State| match state {
        State::Waiting { reason, .. } => *reason != Reason::DeletionBlocked,
        _ => false,
    };
    states(plan).iter().any(for_time)
}
