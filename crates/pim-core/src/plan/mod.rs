//! The planner: compares what should be with what is, and returns ordered stages of writes with a verdict for each
//! object. Total and pure: no I/O, no clock, no random, no logging.
//!
//! The shell carries out the first stage, reads again and plans again, so a later stage never rests on a write that was
//! not seen. Order is the heart of it: the emergency stop comes first, then what takes power away; no role is bound and nobody gets access
//! before the tenant's policy was read in this pass and equals the declared one. What a decision has to be read for
//! stands in [`Plan::needs`], and nothing else says what is to be read.

mod administrative_unit;
mod assignment;
mod binding;
mod context;
mod draft;
mod emergency_stop;
mod facts;
mod group;
mod group_write;
mod intent;
mod mail;
mod outcome;
mod owner;
mod policy;
mod preflight;
mod protection;
mod remember;
mod removal;
mod stage;
mod teardown;
mod undeclared;
mod unseen;

use crate::desired::{self, Lifecycle};
use crate::memory::Memory;
use crate::observed;

pub use facts::admission::window_within as judge_window;
pub use facts::nesting;
pub use facts::retention;
pub use remember::{existed, never_sent, remember, requested};
pub use stage::{Plan, Stage, StageKind};

use context::PlanContext;
use draft::Draft;

/// Plans one group with all its objects.
pub fn plan(desired: &desired::Unit, observed: &observed::Unit, memory: &Memory) -> Plan {
    let context = PlanContext::new(desired, observed, memory);
    let mut draft = Draft::new(&context);
    let assignments = assignment::plan(&context, &mut draft);
    let stop = emergency_stop::plan(&context, &mut draft);
    let bindings = binding::plan(&context, &mut draft);
    let mut group = match desired.group.lifecycle {
        Lifecycle::Living => group::plan(&context, &mut draft),
        // What nobody declares goes after what somebody declared, so that each write is reported to its own object.
        Lifecycle::Deleting => {
            let others = assignments.iter().chain(&bindings);
            teardown::plan(&context, others, &mut draft)
        }
    };
    if let Some(state) = stop {
        group.state.raise(state);
    }
    let group = group::count(&context, group, &assignments);
    let of_group = [(desired.group.object(), group.of_any_kind())].into_iter();
    let of_others = assignments.into_iter().chain(bindings);
    outcome::finish(&context, draft, of_group.chain(of_others).collect())
}

#[cfg(test)]
mod tests;
