//! When a window is extended by itself, and until when. One that has ended is not: it stays so until its schedule changes.

use jiff::{SignedDuration, Timestamp};

use super::target::PolicyTarget;
use super::window::Wanted;
use crate::desired::Assignment;
use crate::plan::context::PlanContext;
use crate::principal::{Account, Principal};
use crate::rule::RuleTarget;
use crate::schedule::{End, Kind, Window};

/// What is worth a request.
const LEAST: SignedDuration = SignedDuration::from_hours(1);

/// The window that somebody is to have from now on, if theirs is to be extended: by its duration once more, as far as manifest,
/// boundary and policy let it. What stands must be what was granted, and the account in use.
pub fn renewed(
    context: &PlanContext<'_>,
    assignment: &Assignment,
    subject: &Principal,
    wanted: &Wanted,
    stands: Option<&Window>,
) -> Option<Wanted> {
    let End::At(end) = wanted.window.end else {
        return None;
    };
    let now = context.now();
    let is_granted = stands?.end.same_second(wanted.window.end);
    let is_in_use = context
        .desired
        .names
        .identity(subject)
        .is_some_and(|identity| identity.account != Account::Disabled);
    if !(is_granted && is_in_use && end > now) {
        return None;
    }
    let length = assignment.due_extension(end, now)?;
    let limits = [
        assignment.renewal.until,
        longest_by_boundary(context, assignment),
        longest_by_policy(context, assignment),
    ];
    let extended = end.checked_add(length).ok()?;
    let extended = limits.into_iter().flatten().fold(extended, Timestamp::min);
    if extended.duration_since(end) < LEAST {
        return None;
    }
    Some(Wanted {
        first_granted: extended.checked_sub(length).ok()?,
        window: Window {
            end: End::At(extended),
            ..wanted.window
        },
    })
}

fn longest_by_boundary(context: &PlanContext<'_>, assignment: &Assignment) -> Option<Timestamp> {
    let boundary = context.desired.boundary.as_ref()?;
    let longest = boundary.longest(assignment)?.length().to_signed();
    context.now().checked_add(longest).ok()
}

fn longest_by_policy(context: &PlanContext<'_>, assignment: &Assignment) -> Option<Timestamp> {
    let PolicyTarget::Rules(rules) = context.targets.get(assignment.access) else {
        return None;
    };
    let target = match assignment.kind {
        Kind::Eligible => RuleTarget::Eligible,
        Kind::Active => RuleTarget::Active,
    };
    let allowed = rules.expiration.get(target);
    let longest = allowed.maximum.filter(|_| allowed.required)?;
    context.now().checked_add(longest.to_signed()).ok()
}
