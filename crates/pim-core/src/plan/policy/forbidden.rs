//! Whether a policy lets a window be made. A policy is never loosened for an assignment.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::desired::{Assignment, Mode};
use crate::plan::context::PlanContext;
use crate::plan::facts::window::begin;
use crate::rule::{self, Requirement, Rules};
use crate::schedule::{End, Kind, Window};

/// Why a policy refuses a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    /// In words, naming the field to change.
    pub message: String,
    /// When time alone makes it fit, if it does.
    pub until: Option<Timestamp>,
}

/// Why a policy refuses a window, if it does.
pub fn forbidden(
    context: &PlanContext<'_>,
    assignment: &Assignment,
    window: &Window,
    rules: &Rules,
) -> Option<Forbidden> {
    let (target, section) = match assignment.kind {
        Kind::Eligible => (rule::RuleTarget::Eligible, "eligible"),
        Kind::Active => (rule::RuleTarget::Active, "active"),
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
    context: &PlanContext<'_>,
    assignment: &Assignment,
    given: &BTreeSet<Requirement>,
    rule: rule::RuleKey,
    policy: &str,
) -> Option<String> {
    let group = &context.desired.group.name;
    if given.contains(&Requirement::MultiFactorAuthentication) {
        return Some(format!(
            "rule {rule} asks for MultiFactorAuthentication, which no application has; declare {policy}.require of PrivilegedGroup {group}"
        ));
    }
    (given.contains(&Requirement::Ticketing) && assignment.ticket.is_none()).then(|| {
        format!(
            "{policy}.require of PrivilegedGroup {group} asks for a ticket; add spec.ticket here"
        )
    })
}

/// How the window outlasts what the policy allows.
fn too_long(
    context: &PlanContext<'_>,
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

fn merge_hint(context: &PlanContext<'_>) -> &'static str {
    match context.desired.group.mode {
        Mode::Exclusive => "",
        Mode::Merge => " (it is not declared, so what stands in the tenant counts)",
    }
}
