//! The planner: compares what should be with what is, and returns ordered stages of writes with a verdict for each
//! object. Total and pure: no I/O, no clock, no random, no logging.
//!
//! The shell carries out the first stage, looks again and plans again, so a later stage never rests on a write that
//! was not seen. Order is the heart of it: what takes power away comes first; no role is bound and nobody gets access
//! before the tenant's policy was read in this pass and equals the declared one. What a decision has to be read for
//! stands in [`Plan::needs`], and nothing else says what is to be read.

mod adoption;
mod assignment;
mod binding;
mod claims;
mod context;
mod departure;
mod draft;
mod ground;
mod group;
mod outcome;
mod owner;
mod policy;
mod teardown;
mod unseen;
mod window;

use std::collections::BTreeMap;

use crate::action::{Action, WakeAt};
use crate::desired::{self, Lifecycle};
use crate::ids::ObjectName;
use crate::knowledge::Needs;
use crate::memory::Memory;
use crate::observed;
use crate::schedule::Kind;
use crate::verdict::{AssignmentVerdict, BindingVerdict, GroupVerdict};

pub use claims::window_within as judge_window;

use context::Context;
use draft::Draft;

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

impl StageKind {
    /// Whether it only reduces what anybody has: such a stage needs nobody's wish to be confirmed.
    pub fn only_reduces(self) -> bool {
        matches!(self, Self::Revoke | Self::Unbind | Self::Delete)
    }
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
    /// What to do, in this order; the first one now. Empty while something has to be read that it rests on.
    pub stages: Vec<Stage>,
    /// What to read first.
    pub needs: Needs,
    /// When to look again at the latest, if time alone changes something.
    pub wake_at: WakeAt,
    /// What paused objects would do.
    pub suspended: Vec<Action>,
    /// What is remembered from now on.
    pub memory: Memory,
    /// The group.
    pub group: GroupVerdict,
    /// The role bindings by name.
    pub bindings: BTreeMap<ObjectName, BindingVerdict>,
    /// The assignments by kind and name.
    pub assignments: BTreeMap<(Kind, ObjectName), AssignmentVerdict>,
}

/// Plans one group.
pub fn plan(desired: &desired::Unit, observed: &observed::Unit, memory: &Memory) -> Plan {
    let context = Context::new(desired, observed, memory);
    let mut draft = Draft::new(&context);
    let assignments = assignment::plan(&context, &mut draft);
    let bindings = binding::plan(&context, &mut draft);
    let group = match desired.group.lifecycle {
        Lifecycle::Living => group::plan(&context, &mut draft),
        // What nobody declares goes after what somebody declared, so that each write is reported to its own object.
        Lifecycle::Deleting => teardown::plan(&context, &mut draft),
    };
    let group = group::count(&context, group, &assignments);
    outcome::finish(&context, draft, group, bindings, assignments)
}

#[cfg(test)]
mod tests;
