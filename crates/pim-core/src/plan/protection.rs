//! What the tenant's list of protected people keeps the operator from: nothing is taken from them, whatever asks for it.
//! Decides no write.

use super::context::PlanContext;
use crate::observed::Direct;
use crate::reason::Reason;
use crate::schedule::{Kind, Window};
use crate::verdict::State;

/// What is said of somebody who is protected and would lose something.
pub fn told(context: &PlanContext<'_>) -> String {
    format!(
        "EntraTenant {} protects them (spec.protectedPrincipals), so nothing is taken from them; remove their id there to let it go",
        context.desired.group.tenant
    )
}

/// How an object stands that would have to take something away from somebody who is protected.
pub fn protected(context: &PlanContext<'_>) -> State {
    State::stuck(Reason::PrincipalProtected, told(context))
}

/// Whether a window takes something away from what stands.
pub fn reduces(context: &PlanContext<'_>, stands: &Window, wanted: &Window) -> bool {
    !stands.is_within(wanted, context.now())
}

/// Who is protected and has access to a group that goes, in words.
pub fn left_in(context: &PlanContext<'_>) -> Option<String> {
    let (desired, now) = (context.desired, context.now());
    let scheduled = [Kind::Eligible, Kind::Active].into_iter().flat_map(|kind| {
        let rows = context.observed.list(kind).rows().iter();
        rows.filter(move |row| !row.window.end.is_over(now))
            .map(move |row| row.key(kind))
    });
    let plain = context.observed.applications.rows().iter();
    let all = scheduled.chain(plain.map(Direct::key));
    let kept = all.filter(|key| desired.rules.protects(key.principal));
    kept.map(|key| desired.held_by(key)).min()
}
