//! Mail of PIM that nobody would get. Administrators' mail about a group goes to its permanent owners and to the addresses
//! that its settings name (learn.microsoft.com: pim-email-notifications); where there are neither, it is sent to nobody and no
//! trace is left of that.

use super::context::PlanContext;
use super::facts::target::PolicyTarget;
use crate::desired::{Assignment, Lifecycle};
use crate::observed::Presence;
use crate::rule::{NotificationLevel, Recipient, RuleTarget};
use crate::schedule::{Access, End, Kind, ScheduleExpiration};
use crate::verdict::UnheardMail;

/// On which occasions administrators' mail about members would reach nobody. Mail that is switched off reaches nobody by
/// intention; owners are left out, because without a permanent one there are no others whom PIM would write about.
pub fn unheard(context: &PlanContext<'_>) -> UnheardMail {
    let is_living = matches!(context.observed.group, Presence::Living(_))
        && context.desired.group.lifecycle == Lifecycle::Living;
    if !is_living || context.observed.active.last().is_none() {
        return UnheardMail::Unread;
    }
    let PolicyTarget::Rules(rules) = context.targets.get(Access::Member) else {
        return UnheardMail::Unread;
    };
    if has_owner(context) {
        return UnheardMail::Found(Vec::new());
    }
    let occasions = [
        (RuleTarget::Activation, "activation"),
        (RuleTarget::Eligible, "eligible"),
        (RuleTarget::Active, "active"),
    ];
    let is_unheard = |target: RuleTarget| {
        let mail = rules.notification.get(target).get(Recipient::Admin);
        mail.level != NotificationLevel::None
            && mail.default_recipients
            && mail.recipients.is_empty()
    };
    let unheard = occasions
        .into_iter()
        .filter(|(target, _)| is_unheard(*target));
    UnheardMail::Found(unheard.map(|(_, name)| name).collect())
}

/// Whether the group has a permanent owner, or one is declared: that one is on the way, or said to be missing.
fn has_owner(context: &PlanContext<'_>) -> bool {
    let is_declared = |one: &Assignment| {
        one.access == Access::Owner
            && one.kind == Kind::Active
            && one.lifecycle == Lifecycle::Living
            && one.schedule.expiration == ScheduleExpiration::Never
    };
    let mut owners = context.observed.owners();
    owners.any(|owner| owner.window.end == End::Never)
        || context.desired.assignments.iter().any(is_declared)
}
