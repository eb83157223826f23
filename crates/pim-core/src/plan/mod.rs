//! The planner: compares what should be with what is, and returns ordered stages of writes with a verdict for each
//! object. Total and pure: no I/O, no clock, no random, no logging.
//!
//! The shell carries out the first stage, looks again and plans again, so a later stage never rests on a write that
//! was not seen. Order is the heart of it: what takes power away comes first; no role is bound and nobody gets access
//! before the tenant's policy was read in this look and equals the declared one.

mod assignment;
mod binding;
mod claims;
mod context;
mod departure;
mod ground;
mod group;
mod owner;
mod policy;
mod take_up;
mod teardown;
mod window;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::action::{Action, WakeAt, earlier};
use crate::desired::{self, Lifecycle, Object};
use crate::ids::ObjectName;
use crate::observed::{self, Presence};
use crate::schedule::Kind;
use crate::verdict::{AssignmentVerdict, BindingVerdict, GroupVerdict};

use context::Context;

/// What to read again before this plan can go further.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// Both policies, fresh.
    pub policies: Need,
    /// Plain role assignments.
    pub plain_roles: Need,
}

/// Whether a further read is needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Need {
    /// It is.
    Now,
    /// It is not.
    #[default]
    Not,
}

impl Needs {
    /// Whether nothing more needs to be read.
    pub fn are_met(&self) -> bool {
        *self == Self::default()
    }
}

/// What a stage is for; the order of the variants is the order of the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageKind {
    /// Take access away, or shorten it; and roles, while the group is wanted.
    Revoke,
    /// Take roles away from a group that goes.
    Unbind,
    /// Delete the group.
    Delete,
    /// Make or restore the group.
    Group,
    /// Bring the policies in line.
    Policy,
    /// Bind roles and give access.
    Grant,
    /// Rename the group: nothing waits for it.
    Rename,
}

/// Writes that may travel together, because each changes something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// What it is for.
    pub kind: StageKind,
    /// The writes.
    pub actions: Vec<Action>,
}

/// What is to be done, and how everything stands.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What to do, in this order; the first one now.
    pub stages: Vec<Stage>,
    /// What to read first.
    pub needs: Needs,
    /// When to look again at the latest, if time alone changes something.
    pub wake_at: WakeAt,
    /// The group.
    pub group: GroupVerdict,
    /// The role bindings by name.
    pub bindings: BTreeMap<ObjectName, BindingVerdict>,
    /// The assignments by kind and name.
    pub assignments: BTreeMap<(Kind, ObjectName), AssignmentVerdict>,
}

impl Plan {
    /// Takes the writes of some objects out. What is not granted is not noted as granted either.
    pub fn withhold(&mut self, objects: &BTreeSet<Object>) {
        for stage in &mut self.stages {
            let is_withheld = |action: &Action| objects.contains(&action.object);
            stage.actions.retain(|action| !is_withheld(action));
        }
        self.stages.retain(|stage| !stage.actions.is_empty());
        assignment::note_grants(&self.stages, &mut self.assignments);
    }
}

/// Actions and needs as they come up.
#[derive(Debug)]
struct Draft {
    now: Timestamp,
    actions: BTreeMap<StageKind, Vec<Action>>,
    needs: Needs,
    wake_at: WakeAt,
}

impl Draft {
    fn new(context: &Context<'_>) -> Self {
        let mut draft = Self {
            now: context.now(),
            actions: BTreeMap::new(),
            needs: context.needs,
            wake_at: None,
        };
        if let Presence::Absent { since } = context.observed.group {
            draft.wake(ground::doubtful_until(
                context.desired,
                since,
                context.now(),
            ));
        }
        if policy::are_listed_in_part(context) {
            draft.wake_soon();
        }
        draft
    }

    fn add(&mut self, stage: StageKind, action: Action) {
        let actions = self.actions.entry(stage).or_default();
        if !actions.iter().any(|known| known.write == action.write) {
            actions.push(action);
        }
    }

    /// Notes that time alone changes something. What lies behind changes nothing any more.
    fn wake(&mut self, at: WakeAt) {
        self.wake_at = earlier(self.wake_at, at.filter(|at| *at > self.now));
    }

    /// Notes that the service does not show everything yet.
    fn wake_soon(&mut self) {
        self.wake(self.now.checked_add(ground::SOON).ok());
    }
}

/// Plans one group.
pub fn plan(desired: &desired::Unit, observed: &observed::Unit) -> Plan {
    let context = Context::new(desired, observed);
    let mut draft = Draft::new(&context);
    let mut assignments = assignment::plan(&context, &mut draft);
    let bindings = binding::plan(&context, &mut draft);
    let group = match desired.group.lifecycle {
        Lifecycle::Living => group::plan(&context, &mut draft),
        // What nobody declares goes after what somebody declared, so that each write is reported to its own object.
        Lifecycle::Deleting => teardown::plan(&context, &mut draft),
    };
    let group = group::count(group, &assignments);
    let stages: Vec<Stage> = draft
        .actions
        .into_iter()
        .map(|(kind, actions)| Stage { kind, actions })
        .collect();
    assignment::note_grants(&stages, &mut assignments);
    Plan {
        stages,
        needs: draft.needs,
        wake_at: draft.wake_at,
        group,
        bindings,
        assignments,
    }
}

#[cfg(test)]
mod tests;
