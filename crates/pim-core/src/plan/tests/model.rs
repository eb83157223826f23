//! A small operator around the planner and a small tenant below it: looks, plans, remembers, carries out the first
//! stage. What the tenant does stands in `service`.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::fixture::*;
use crate::desired::{Lifecycle, Memo, Seen, Settlement};
use crate::observed::{self, PlainRoles, Policies, Presence};
use crate::plan::{Plan, plan};
use crate::reason::Reason;
use crate::schedule::{ByAccess, Key};
use crate::verdict::{Row, State, SubjectState};

/// What becomes of an activation when its eligibility is taken away: the service does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activations {
    EndWithTheirEligibility,
    Remain,
}

/// How true the lists are that the tenant shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replicas {
    /// They show every write at once, and the tenant refuses nothing that a good plan asks for.
    Current,
    /// They show some writes a look late, and the tenant refuses what does not fit any more.
    Lagging,
}

/// The operator and its tenant. What `world.observed` says is the truth.
#[derive(Debug, Clone)]
pub struct Model {
    pub world: World,
    pub activations: Activations,
    pub replicas: Replicas,
    /// What the next look shows instead of the truth, where replicas lag.
    pub before: Option<observed::Unit>,
    /// Everything that the operator ever granted.
    pub granted: BTreeSet<Key>,
    /// Every write, in words.
    pub journal: Vec<String>,
    read: Option<ByAccess<Option<observed::Policy>>>,
    pub policies_written: u32,
    pub groups_made: u128,
}

impl Model {
    pub fn new(world: World) -> Self {
        Self {
            world,
            activations: Activations::Remain,
            replicas: Replicas::Current,
            before: None,
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
    fn look(&mut self) -> observed::Unit {
        let mut seen = self.world.observed.clone();
        // No replica is a minute behind.
        let is_recent = |before: &observed::Unit| {
            seen.now.duration_since(before.now) < SignedDuration::from_mins(1)
        };
        if let Some(before) = self.before.take().filter(is_recent) {
            (seen.eligible, seen.active, seen.roles) =
                (before.eligible, before.active, before.roles);
        }
        seen.plain_roles = Read::Unread;
        seen.policies = self
            .read
            .clone()
            .map_or(Read::Unread, Policies::Earlier);
        if !matches!(seen.group, Presence::Living(_)) {
            seen.eligible.known().clear();
            seen.active.known().clear();
            seen.policies = Read::Unread;
        }
        if !matches!(seen.group, Presence::Living(_) | Presence::Deleted(_)) {
            seen.roles.known().clear();
        }
        seen
    }

    /// Looks and plans, reading on demand.
    pub fn plan(&mut self) -> Plan {
        let mut seen = self.look();
        for _ in 0..3 {
            let made = plan(&self.world.desired, &seen);
            super::properties::judge(&self.world.desired, &seen, &made);
            if made.needs.is_empty() {
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
            if self.replicas == Replicas::Lagging && !self.journal.len().is_multiple_of(3) {
                self.before = Some(self.world.observed.clone());
            }
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
