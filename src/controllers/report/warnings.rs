//! What people should know of a group that stands as declared. None of it touches `Ready`.

use pim_core::event::EventReason;
use pim_core::reason::{ConditionType, Reason};
use pim_core::verdict::{GroupRecord, UnheardMail};

use crate::controllers::conditions::{Conditions, Truth};

/// Something that people should know of a group.
pub struct Warning {
    /// The condition that says so.
    pub kind: ConditionType,
    /// The event that tells it when it begins.
    pub event: EventReason,
    /// Why the condition holds.
    pub reason: Reason,
    /// What it is, and what to do; nothing once it is over.
    pub message: String,
}

/// What people should know of a group, as far as that is known now.
pub fn warnings(record: &GroupRecord) -> Vec<Warning> {
    let contexts = contexts(&record.unenforced_contexts);
    mail(&record.unheard_mail)
        .into_iter()
        .chain([contexts])
        .collect()
}

/// Sets the conditions. While something is not known, what was said of it stays.
pub fn set(conditions: &mut Conditions<'_>, record: &GroupRecord) {
    if record.unheard_mail == UnheardMail::Unread {
        conditions.keep(ConditionType::NoNotificationRecipient);
    }
    for one in warnings(record) {
        if !one.message.is_empty() {
            conditions.set(one.kind, Truth::True, one.reason, &one.message);
        }
    }
}

fn contexts(unenforced: &[String]) -> Warning {
    let message = if unenforced.is_empty() {
        String::new()
    } else {
        format!(
            "no policy of Conditional Access that is switched on targets authentication context {}, which activations ask for: PIM \
             asks for multi-factor authentication instead, or for nothing where such a policy is there and switched off or only \
             reports; switch one on",
            unenforced.join(", ")
        )
    };
    Warning {
        kind: ConditionType::ContextUnenforced,
        event: EventReason::ContextUnenforced,
        reason: Reason::ContextUnenforced,
        message,
    }
}

fn mail(unheard: &UnheardMail) -> Option<Warning> {
    let UnheardMail::Found(occasions) = unheard else {
        return None;
    };
    let message = if occasions.is_empty() {
        String::new()
    } else {
        format!(
            "mail to administrators reaches nobody when a membership is concerned ({}): the group has no permanent owner, who \
             would get it, and its settings name no address; declare an ActiveAssignment with access Owner that never ends, or \
             name addresses in spec.policy.member.notifications, for example activation.admin.recipients",
            occasions.join(", ")
        )
    };
    Some(Warning {
        kind: ConditionType::NoNotificationRecipient,
        event: EventReason::NoNotificationRecipient,
        reason: Reason::NoNotificationRecipient,
        message,
    })
}
