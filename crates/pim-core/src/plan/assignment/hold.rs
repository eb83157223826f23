//! Why a grant is not made now: no group to give it in, a disabled account, a policy that forbids it, an owner who must
//! come first, the guard, facts that were not read in this pass. In this order, so that what a person must change is said
//! before what passes by itself.

use super::subject::SubjectPlan;
use crate::action::GrantVerb;
use crate::ids::GroupId;
use crate::knowledge::Part;
use crate::plan::context::{GrantTarget, PlanContext};
use crate::plan::draft::Draft;
use crate::plan::facts::target::{self, PolicyTarget};
use crate::plan::{owner, policy};
use crate::principal::{Account, Accounts, Identity};
use crate::reason::Reason;
use crate::verdict::State;

/// Why a grant is not made now.
pub enum Hold {
    /// What it waits for concerns more than this subject, or passes by itself.
    Object(State),
    /// Something is wrong with this subject.
    Subject(Reason, String),
}

/// The group to which a grant may be made now.
pub fn ready(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    identity: &Identity,
    verb: GrantVerb,
    draft: &mut Draft,
) -> Result<GroupId, Hold> {
    let group = match &context.grant_target {
        GrantTarget::Ready(group) => *group,
        GrantTarget::Blocked(state) => return Err(Hold::Object(state.clone())),
    };
    if identity.account == Account::Disabled && verb == GrantVerb::Assign {
        let message = "the account is disabled; enable it, or remove the subject".to_owned();
        return Err(Hold::Subject(Reason::PrincipalNotFound, message));
    }
    allowed(context, line, draft)?;
    owner_order(context, line, draft)?;
    let nested = context.desired.nesting.subjects.get(line.subject);
    if let Some(message) = nested.and_then(|nested| nested.unguarded.clone()) {
        let state = State::waiting(Reason::WaitingForDependency, message);
        return Err(Hold::Object(state));
    }
    policy::guard(context, line.key.access, draft).map_err(Hold::Object)?;
    let is_given = verb == GrantVerb::Assign || line.is_renewed();
    let is_unknown = identity.account == Account::Unknown && is_given;
    if is_unknown && context.desired.names.accounts() == Accounts::Read {
        let message = "the tenant does not tell whether the account is enabled; nobody is granted anything on that".to_owned();
        return Err(Hold::Subject(Reason::PermissionDenied, message));
    }
    let unread = [
        context.unread_list(line.key.kind),
        is_unknown.then_some(Part::Names),
    ];
    read(unread.into_iter().flatten(), draft)?;
    Ok(group)
}

/// Asks for parts that were not read in this pass; nothing is given or shortened before.
pub fn read(parts: impl Iterator<Item = Part>, draft: &mut Draft) -> Result<(), Hold> {
    let mut parts = parts.peekable();
    let is_unread = parts.peek().is_some();
    parts.for_each(|part| draft.need(part));
    if is_unread {
        let message = "reading what is in the tenant now";
        return Err(Hold::Object(State::waiting(Reason::Progressing, message)));
    }
    Ok(())
}

/// Whether the policy that will stand lets the window be made.
pub fn allowed(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    draft: &mut Draft,
) -> Result<(), Hold> {
    let PolicyTarget::Rules(rules) = context.targets.get(line.key.access) else {
        return Ok(());
    };
    match policy::forbidden(context, line.assignment, &line.wanted.window, rules) {
        None => Ok(()),
        Some(forbidden) => {
            draft.wake(
                forbidden
                    .until
                    .filter(|_| line.ends_at_a_fixed_time(context.now())),
            );
            Err(Hold::Subject(Reason::PolicyForbids, forbidden.message))
        }
    }
}

/// Whether the policy that stands refuses the window, so that it must be brought in line first. Asked of what was read
/// in this pass, because the service would ask it too.
pub fn refused_for_now(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    draft: &mut Draft,
) -> bool {
    match context.observed.fresh_policy(line.key.access) {
        None => {
            target::need(context.observed, &mut draft.needs);
            false
        }
        Some(stands) => {
            let rules = target::standing(stands);
            policy::forbidden(context, line.assignment, &line.wanted.window, &rules).is_some()
        }
    }
}

/// Whether a permanent owner is there where one is needed.
pub fn owner_order(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    draft: &mut Draft,
) -> Result<(), Hold> {
    match owner::hold(context, line.assignment) {
        None => Ok(()),
        Some(owner::OwnerHold::Unread(part)) => read([part].into_iter(), draft),
        Some(owner::OwnerHold::Coming(state)) => Err(Hold::Object(state)),
        Some(owner::OwnerHold::Missing(reason, message)) => Err(Hold::Subject(reason, message)),
    }
}
