//! Which window a subject should have, and whether the policy that will stand lets it be made.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::context::Context;
use crate::desired::{Assignment, Mode};
use crate::knowledge::whole_second;
use crate::observed::{self, Schedule};
use crate::principal::Principal;
use crate::rule::{self, Given, Rules};
use crate::schedule::{End, Expiration, Key, Kind, SKEW, Window};

/// The shortest window that the service makes (learn.microsoft.com: groups-assign-member-owner).
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);

/// What a manifest wants for one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// When the subject was first granted, or would be if it were granted now.
    pub first_granted: Timestamp,
    /// From when until when it should stand.
    pub window: Window,
}

/// Works out the window of a subject.
pub fn wanted(
    assignment: &Assignment,
    subject: &Principal,
    observed: &observed::Unit,
    key: Key,
) -> Wanted {
    let noted = assignment.memo(subject).map(|memo| memo.first_granted);
    let first_granted = first_granted(assignment, noted, observed.standing(key), observed.now);
    Wanted {
        first_granted,
        window: assignment.schedule.window(first_granted),
    }
}

/// When a subject was first granted: as noted; else worked out from what stands, which is taken as it is; else now.
fn first_granted(
    assignment: &Assignment,
    noted: Option<Timestamp>,
    standing: Option<&Schedule>,
    now: Timestamp,
) -> Timestamp {
    if let Some(noted) = noted.filter(|noted| is_memory(*noted, now)) {
        return noted;
    }
    let Expiration::AfterDuration(days) = assignment.schedule.expiration else {
        return whole_second(now);
    };
    let stood_since = standing.and_then(|schedule| match schedule.window.end {
        End::At(end) => end.checked_sub(days.length().to_signed()).ok(),
        End::Never => None,
    });
    whole_second(stood_since.map_or(now, |since| since.min(now)))
}

/// Whether a note counts. One that lies in the future is no memory of ours.
pub fn is_memory(noted: Timestamp, now: Timestamp) -> bool {
    noted.duration_since(now) <= SKEW
}

/// Whether what would be made ends too soon to be made at all.
pub fn is_too_short(window: &Window, now: Timestamp) -> bool {
    matches!(window.end, End::At(end) if end.duration_since(begin(window, now)) < SHORTEST)
}

fn begin(window: &Window, now: Timestamp) -> Timestamp {
    window.start.map_or(now, |start| start.max(now))
}

/// Why a policy refuses a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    /// In words, naming the field to change.
    pub message: String,
    /// When time alone makes it fit, if it does.
    pub until: Option<Timestamp>,
}

/// Why a policy refuses a window, if it does. A policy is never loosened for an assignment.
pub fn forbidden(
    context: &Context<'_>,
    assignment: &Assignment,
    window: &Window,
    rules: &Rules,
) -> Option<Forbidden> {
    let (target, section) = match assignment.kind {
        Kind::Eligible => (rule::Target::Eligible, "eligible"),
        Kind::Active => (rule::Target::Active, "active"),
    };
    let policy = format!("spec.policy.{}.{section}", assignment.access);
    let given = rules.enablement.get(target);
    missing(
        context,
        assignment,
        given,
        rule::RuleKey::Enablement(target),
        &policy,
    )
    .map(|message| Forbidden {
        message,
        until: None,
    })
    .or_else(|| {
        too_long(
            context,
            window,
            *rules.expiration.get(target),
            rule::RuleKey::Expiration(target),
            &policy,
        )
    })
}

/// What the policy asks for and nobody gives.
fn missing(
    context: &Context<'_>,
    assignment: &Assignment,
    given: &BTreeSet<Given>,
    rule: rule::RuleKey,
    policy: &str,
) -> Option<String> {
    let group = &context.desired.group.name;
    if given.contains(&Given::MultiFactorAuthentication) {
        return Some(format!(
            "rule {rule} asks for MultiFactorAuthentication, which no application has; declare {policy}.require of PrivilegedGroup {group}"
        ));
    }
    (given.contains(&Given::Ticketing) && assignment.ticket.is_none()).then(|| {
        format!(
            "{policy}.require of PrivilegedGroup {group} asks for a ticket; add spec.ticket here"
        )
    })
}

/// How the window outlasts what the policy allows.
fn too_long(
    context: &Context<'_>,
    window: &Window,
    allowed: rule::Expiration,
    rule: rule::RuleKey,
    policy: &str,
) -> Option<Forbidden> {
    let group = &context.desired.group.name;
    match (window.end, allowed.maximum) {
        _ if !allowed.required => None,
        (End::Never, _) => {
            let message = format!(
                "spec.schedule.expiration never ends, which rule {rule} forbids; use afterDuration or endTime here, or set \
                 {policy}.permanent of PrivilegedGroup {group} to Allowed{}",
                merge_hint(context)
            );
            Some(Forbidden {
                message,
                until: None,
            })
        }
        (End::At(end), Some(maximum))
            if end.duration_since(begin(window, context.now())) > maximum.to_signed() =>
        {
            let message = format!(
                "spec.schedule.expiration is longer than the {maximum} of rule {rule}; shorten it here, or raise \
                 {policy}.maximumDuration of PrivilegedGroup {group}"
            );
            Some(Forbidden {
                message,
                until: end.checked_sub(maximum.to_signed()).ok(),
            })
        }
        _ => None,
    }
}

fn merge_hint(context: &Context<'_>) -> &'static str {
    match context.desired.group.mode {
        Mode::Exclusive => "",
        Mode::Merge => " (it is not declared, so what stands in the tenant counts)",
    }
}
