//! Owners, whom the service treats unlike members: it never takes the last active owner of a group away, retries for 30
//! days when the window has ended, and then makes the owner permanent (learn.microsoft.com:
//! groups-deactivation-include). It counts users: the last one stays even beside a service principal
//! (hashicorp/terraform-provider-azuread).

use super::context::PlanContext;
use super::facts::cleanup::CleanupTarget;
use super::facts::retention::{self, Retention};
use crate::desired::{Assignment, Lifecycle};
use crate::ids::PrincipalId;
use crate::knowledge::Part;
use crate::principal::{Account, Accounts, Principal, PrincipalKind};
use crate::reason::Reason;
use crate::schedule::{Access, End, Key, Kind, ScheduleExpiration};
use crate::verdict::State;

/// The account of a principal who is a person, if the name still leads to them.
fn account(context: &PlanContext<'_>, principal: PrincipalId, name: &Principal) -> Option<Account> {
    let identity = context.desired.names.identity(name)?;
    let is_meant = identity.id == principal && identity.kind == PrincipalKind::User;
    is_meant.then_some(identity.account)
}

/// What is said of the last owner, who is kept for now.
pub fn retained_state(context: &PlanContext<'_>) -> State {
    let name = &context.desired.group.display_name;
    let is_left = retention::of_group(context.desired) == Retention::Left;
    if context.desired.group.lifecycle == Lifecycle::Deleting && is_left {
        let message =
            format!("the service keeps the last owner of group {name}, which stays in the tenant");
        return State::waiting(Reason::DeletionInProgress, message);
    }
    if context.desired.group.lifecycle == Lifecycle::Deleting {
        return State::waiting(
            Reason::DeletionInProgress,
            format!("the last owner of group {name} goes together with the group"),
        );
    }
    let successor = context.claims.holders().any(|(key, holder)| {
        key.access == Access::Owner
            && key.kind == Kind::Active
            && account(context, key.principal, &holder.subject)
                .is_some_and(|account| account != Account::Disabled)
    });
    if successor {
        return State::waiting(
            Reason::WaitingForDependency,
            "the new owner is added before the last one goes",
        );
    }
    State::stuck(Reason::LastOwner, last(context))
}

fn last(context: &PlanContext<'_>) -> String {
    format!(
        "group {} would be left without an owner; declare another permanent owner, or delete the PrivilegedGroup",
        context.desired.group.display_name
    )
}

/// Whether an owner stands beyond their end, because the service keeps them as the last one.
pub fn outlasts_their_end(context: &PlanContext<'_>, key: Key) -> Option<(Reason, String)> {
    if !matches!(context.cleanup, CleanupTarget::Ready(_)) || key != Key::owner(key.principal) {
        return None;
    }
    let mut owners = context.observed.owners();
    let is_alone = owners
        .next()
        .is_some_and(|owner| owner.principal == key.principal)
        && owners.next().is_none();
    is_alone.then(|| {
        let message = "the window has ended and the service keeps the last owner";
        (Reason::LastOwner, format!("{message}: {}", last(context)))
    })
}

/// Why an owner is not granted now.
pub enum OwnerHold {
    /// A permanent owner is declared and not in the group yet.
    Coming(State),
    /// It is not known whether there is one.
    Unread(Part),
    /// No permanent owner is declared.
    Missing(Reason, String),
}

/// No eligible or time-bound owner is made while no permanent, enabled user is declared and seen as owner: otherwise the
/// service would keep the temporary owner as the last one, permanently.
pub fn hold(context: &PlanContext<'_>, assignment: &Assignment) -> Option<OwnerHold> {
    let lasting = assignment.kind == Kind::Active
        && assignment.schedule.expiration == ScheduleExpiration::Never;
    if assignment.access == Access::Member || lasting {
        return None;
    }
    let declared: Vec<(PrincipalId, Account)> = context
        .claims
        .holders()
        .filter(|(key, holder)| {
            **key == Key::owner(key.principal) && holder.expiration == ScheduleExpiration::Never
        })
        .filter_map(|(key, holder)| {
            let account = account(context, key.principal, &holder.subject)?;
            (account != Account::Disabled).then_some((key.principal, account))
        })
        .collect();
    if declared.is_empty() {
        let message = "declare a user as permanent owner first (ActiveAssignment, access Owner, expiration never): the \
                       service would make the last owner permanent";
        return Some(OwnerHold::Missing(Reason::LastOwner, message.to_owned()));
    }
    let is_lasting = |principal: PrincipalId| {
        let mut owners = context.observed.owners();
        owners.any(|owner| owner.window.end == End::Never && owner.principal == principal)
    };
    let mut lasting = declared
        .into_iter()
        .filter(|(principal, _)| is_lasting(*principal))
        .map(|(_, account)| account)
        .peekable();
    if lasting.peek().is_none() {
        return Some(OwnerHold::Coming(State::waiting(
            Reason::WaitingForDependency,
            "waiting for a permanent owner to become active",
        )));
    }
    // An owner that an earlier pass saw may have left since, and an account that was only confirmed may be switched
    // off.
    if let Some(part) = context.unread_list(Kind::Active) {
        return Some(OwnerHold::Unread(part));
    }
    let is_certain = lasting.any(|account| account == Account::Enabled)
        || context.desired.names.accounts() == Accounts::Read;
    (!is_certain).then_some(OwnerHold::Unread(Part::Names))
}
