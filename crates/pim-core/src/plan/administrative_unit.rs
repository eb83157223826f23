//! Plans that a group is in the administrative unit that its object names.

use super::context::PlanContext;
use super::draft::Draft;
use super::group_write::{add, cause};
use super::stage::StageKind;
use crate::action::{Difference, Write};
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
    let declared = context.desired.group.administrative_unit.as_ref();
    let Some(unit) = declared.map(|unit| unit.id) else {
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
    let cause = cause(context, vec![difference]);
    let write = Write::JoinUnit { group, unit };
    add(context, StageKind::Unit, cause, write, verdict, draft);
    let message = format!("the group is being put into administrative unit {unit}");
    verdict
        .state
        .raise(State::waiting(Reason::Progressing, message));
}
