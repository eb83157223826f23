//! Which window a subject should have, and whether the policy that will stand lets it be made.

use jiff::{SignedDuration, Timestamp};

use crate::desired::{Assignment, Memo, Mode};
use crate::observed::Schedule;
use crate::plan::context::Context;
use crate::plan::policy::Target;
use crate::rule::{self, Given};
use crate::schedule::{End, Expiration, Kind, Window};

/// The shortest window that the service makes (learn.microsoft.com: groups-assign-member-owner).
pub const SHORTEST: SignedDuration = SignedDuration::from_mins(5);

/// When a subject was first granted: as noted; else worked out from what stands, which is taken as it is; else now.
pub fn first_granted(assignment: &Assignment, memo: Option<&Memo>, standing: Option<&Schedule>, now: Timestamp) -> Timestamp {
    // A note that lies in the future is no memory of ours.
    if let Some(noted) = memo.and_then(|memo| memo.first_granted).filter(|noted| *noted <= now) {
        return noted;
    }
    let Expiration::AfterDuration(days) = assignment.schedule.expiration else { return whole_second(now) };
    let stood_since = standing.and_then(|schedule| match schedule.window.end {
        End::At(end) => end.checked_sub(days.length().to_signed()).ok(),
        End::Never => None,
    });
    whole_second(stood_since.map_or(now, |since| since.min(now)))
}

/// Status keeps whole seconds, so a note is made of whole seconds.
fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// Whether what would be made ends too soon to be made at all.
pub fn is_too_short(window: &Window, now: Timestamp) -> bool {
    let start = window.start.map_or(now, |start| start.max(now));
    matches!(window.end, End::At(end) if end.duration_since(start) < SHORTEST)
}

/// Why the policy that will stand refuses a window, naming the field to change.
pub fn forbidden(context: &Context<'_>, assignment: &Assignment, window: &Window) -> Option<String> {
    let Target::Rules(rules) = context.targets.get(assignment.access) else { return None };
    let (target, section) = match assignment.kind {
        Kind::Eligible => (rule::Target::Eligible, "eligible"),
        Kind::Active => (rule::Target::Active, "active"),
    };
    let policy = format!("spec.policy.{}.{section}", assignment.access);
    let group = &context.desired.group.name;
    let given = rules.enablement.get(target);
    if given.contains(&Given::MultiFactorAuthentication) {
        return Some(format!(
            "rule {} asks for MultiFactorAuthentication, which no application has; declare {policy}.require of PrivilegedGroup {group}",
            rule::RuleKey::Enablement(target)
        ));
    }
    if given.contains(&Given::Ticketing) && assignment.ticket.is_none() {
        return Some(format!("{policy}.require of PrivilegedGroup {group} asks for a ticket; add spec.ticket here"));
    }
    let expiration = rules.expiration.get(target);
    if !expiration.required {
        return None;
    }
    let rule = rule::RuleKey::Expiration(target);
    let start = window.start.map_or(context.now(), |start| start.max(context.now()));
    match (window.end, expiration.maximum) {
        (End::Never, _) => Some(format!(
            "spec.schedule.expiration never ends, which rule {rule} forbids; use afterDuration or endTime here, or set \
             {policy}.permanent of PrivilegedGroup {group} to Allowed{}",
            merge_hint(context)
        )),
        (End::At(end), Some(maximum)) if end.duration_since(start) > maximum.to_signed() => Some(format!(
            "spec.schedule.expiration is longer than the {maximum} of rule {rule}; shorten it here, or raise \
             {policy}.maximumDuration of PrivilegedGroup {group}"
        )),
        _ => None,
    }
}

fn merge_hint(context: &Context<'_>) -> &'static str {
    match context.desired.group.mode {
        Mode::Exclusive => "",
        Mode::Merge => " (it is not declared, so what stands in the tenant counts)",
    }
}
