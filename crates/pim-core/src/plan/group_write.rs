//! Writes of the group itself, and what they answer. Which they are is decided elsewhere.

use super::context::PlanContext;
use super::draft::Draft;
use super::stage::StageKind;
use crate::action::{Action, Cause, Difference, Write};
use crate::desired::LastReport;
use crate::verdict::{GroupRecord, Verdict};

/// A difference is somebody else's doing if the tenant matched this very manifest before.
pub fn cause(context: &PlanContext<'_>, differences: Vec<Difference>) -> Cause {
    match context.desired.group.last_report {
        LastReport::Matched => Cause::Drift(differences),
        LastReport::Differed => Cause::Declared,
    }
}

/// Adds a write, and says what it corrects.
pub fn add(
    context: &PlanContext<'_>,
    stage: StageKind,
    cause: Cause,
    write: Write,
    verdict: &mut Verdict<GroupRecord>,
    draft: &mut Draft,
) {
    if let Cause::Drift(differences) = &cause {
        verdict.drift.extend(differences.iter().cloned());
    }
    draft.add(
        stage,
        Action {
            object: context.desired.group.object(),
            cause,
            write,
        },
    );
}
