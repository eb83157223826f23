//! Plans that a group is in the administrative unit that its object names.

use super::context::PlanContext;
use super::draft::Draft;
use super::stage::StageKind;
use crate::action::{Action, Cause, Difference, Write};
use crate::desired::LastReport;
use crate::ids::GroupId;
use crate::knowledge::Part;
use crate::reason::Reason;
use crate::verdict::{GroupRecord, State, Verdict};

/// Puts the group into its unit where a list of this pass does not show it there. Who is in it already is refused without harm.
pub fn plan(
    context: &PlanContext<'_>,
    group: GroupId,
    verdict: &mut Verdict<GroupRecord>,
    draft: &mut Draft,
) {
    let desired = &context.desired.group;
    let Some(unit) = desired.administrative_unit.as_ref().map(|unit| unit.id) else {
        return;
    };
    draft.need(Part::Units);
    let Some(units) = context.observed.units.fresh() else {
        return;
    };
    if units.contains(&unit) {
        return;
    }
    let difference = Difference {
        field: "spec.administrativeUnitId".to_owned(),
        declared: unit.to_string(),
        stands: "not in it".to_owned(),
    };
    let cause = match desired.last_report {
        LastReport::Matched => {
            verdict.drift.push(difference.clone());
            Cause::Drift(vec![difference])
        }
        LastReport::Differed => Cause::Declared,
    };
    let write = Write::JoinUnit { group, unit };
    let object = desired.object();
    draft.add(
        StageKind::Unit,
        Action {
            object,
            cause,
            write,
        },
    );
    let message = format!("the group is being put into administrative unit {unit}");
    let state = State::waiting(Reason::Progressing, message);
    verdict.state = std::mem::replace(&mut verdict.state, State::Ready).graver(state);
}
