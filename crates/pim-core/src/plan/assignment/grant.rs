//! Gives one subject of one assignment what is declared, or says why not.

use super::revoke::{find, owners};
use super::{Sheet, window};
use crate::action::{Action, Cause, Difference, GrantVerb, Write};
use crate::desired::{Assignment, Seen, Settlement};
use crate::ids::GroupId;
use crate::observed::{Nature, Schedule};
use crate::plan::claims::{self, Claimant};
use crate::plan::context::{Context, Footing, Guard, denied};
use crate::plan::{Draft, Need, StageKind};
use crate::principal::{Account, Identity, Principal, PrincipalKind, Resolution};
use crate::reason::Reason;
use crate::schedule::{Access, End, Expiration, Key, Kind, Window};
use crate::verdict::{Authorization, Row, State, SubjectState};

/// Plans one subject.
pub fn plan(context: &Context<'_>, assignment: &Assignment, subject: &Principal, sheet: &mut Sheet, draft: &mut Draft) {
    let principal = claims::principal(context.desired, assignment, subject);
    let memo = assignment.memo(subject);
    let mut row = Row {
        subject: subject.clone(),
        principal,
        state: SubjectState::Refused,
        end: None,
        activated_until: None,
        first_granted: memo.and_then(|memo| memo.first_granted),
    };
    let Some(identity) = identify(context, subject, &row, sheet) else { return };
    let key = Key { access: assignment.access, principal: identity.id, kind: assignment.kind };
    let standing = find(context, key, Nature::Assigned);
    let activation = Key { kind: Kind::Active, ..key };
    row.activated_until = find(context, activation, Nature::Activated).map(|schedule| schedule.window.end);
    row.end = standing.map(|schedule| schedule.window.end);
    if !may_hold(context, assignment, subject, key, &row, sheet) {
        return;
    }
    let now = context.now();
    let first_granted = window::first_granted(assignment, memo, standing, now);
    let wanted = assignment.schedule.window(first_granted);
    row.first_granted = Some(first_granted);
    row.end = Some(wanted.end);
    match compare(standing, &wanted, now) {
        Comparison::Over => row.state = SubjectState::Expired,
        Comparison::Equal => row.state = stands(assignment.kind, &wanted, now),
        Comparison::Differs(verb) => {
            let change = Change { key, verb, wanted, standing };
            return grant(context, assignment, identity, &change, row, sheet, draft);
        }
    }
    if let (Comparison::Equal, End::At(end)) = (compare(standing, &wanted, now), wanted.end) {
        draft.wake(Some(end));
    }
    sheet.rows.push(row);
}

fn stands(kind: Kind, window: &Window, now: jiff::Timestamp) -> SubjectState {
    match kind {
        _ if window.is_future(now) => SubjectState::Scheduled,
        Kind::Eligible => SubjectState::Eligible,
        Kind::Active => SubjectState::Active,
    }
}

/// Whom the subject means, if that is certain and nobody else than before.
fn identify<'a>(context: &'a Context<'_>, subject: &Principal, row: &Row, sheet: &mut Sheet) -> Option<&'a Identity> {
    let (reason, message) = match context.desired.names.resolution(subject) {
        Resolution::Found(identity) if row.principal.is_none_or(|granted| granted == identity.id) => return Some(identity),
        Resolution::Found(identity) => (
            Reason::PrincipalChanged,
            format!(
                "the name now leads to {}, not to {} that was granted; replace the subject to grant the new one",
                identity.id,
                row.principal.map(|granted| granted.to_string()).unwrap_or_default()
            ),
        ),
        Resolution::NotFound => (Reason::PrincipalNotFound, "does not exist in the tenant; correct spec.subjects".to_owned()),
        Resolution::Ambiguous(ids) => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            (Reason::AmbiguousName, format!("may mean any of {}; use the object id", ids.join(", ")))
        }
    };
    sheet.problem(row.clone(), reason, message);
    None
}

/// Whether this object may hold the access at all: boundary, and other objects.
fn may_hold(context: &Context<'_>, assignment: &Assignment, subject: &Principal, key: Key, row: &Row, sheet: &mut Sheet) -> bool {
    if let Authorization::Denied(denial) = &sheet.of_object {
        let state = denied(denial, assignment.standing);
        sheet.raise(state);
        sheet.rows.push(row.clone());
        return false;
    }
    if let Err(denial) = claims::judge_subject(context.desired, subject) {
        sheet.denied_subject(row.clone(), &denial, assignment.standing);
        return false;
    }
    let claimant = Claimant { object: assignment.object(), subject: subject.clone() };
    match context.claims.holder(&key) {
        Some(holder) if *holder != claimant => {
            let message = format!("{} already declares this access for {}; remove it from one of them", holder.object, key.principal);
            let row = Row { first_granted: None, ..row.clone() };
            sheet.problem(row, Reason::Conflict, message);
            false
        }
        _ => true,
    }
}

enum Comparison {
    Equal,
    Over,
    Differs(GrantVerb),
}

fn compare(standing: Option<&Schedule>, wanted: &Window, now: jiff::Timestamp) -> Comparison {
    match standing {
        Some(schedule) if schedule.window.matches(wanted, now) => Comparison::Equal,
        _ if wanted.end.is_over(now) || window::is_too_short(wanted, now) => Comparison::Over,
        Some(_) => Comparison::Differs(GrantVerb::Update),
        None => Comparison::Differs(GrantVerb::Assign),
    }
}

struct Change<'a> {
    key: Key,
    verb: GrantVerb,
    wanted: Window,
    standing: Option<&'a Schedule>,
}

fn grant(
    context: &Context<'_>,
    assignment: &Assignment,
    identity: &Identity,
    change: &Change<'_>,
    mut row: Row,
    sheet: &mut Sheet,
    draft: &mut Draft,
) {
    row.state = SubjectState::Pending;
    let group = match ready(context, assignment, identity, change, draft) {
        Ok(group) => group,
        Err(Hold::Passing(state)) => {
            sheet.raise(state);
            sheet.rows.push(row);
            return;
        }
        Err(Hold::Lasting(reason, message)) => {
            row.state = SubjectState::Refused;
            sheet.problem(row, reason, message);
            return;
        }
    };
    let cause = cause(assignment, &row, change);
    if let Cause::Drift(differences) = &cause {
        sheet.drift.extend(differences.iter().cloned());
    }
    let write = Write::Grant {
        group,
        key: change.key,
        verb: change.verb,
        window: change.wanted,
        justification: justification(assignment),
        ticket: assignment.ticket.clone(),
    };
    draft.add(StageKind::Grant, Action { object: assignment.object(), cause, write });
    sheet.raise(State::waiting(Reason::Progressing, "access is being given"));
    sheet.rows.push(row);
}

/// Why a grant is not made now.
enum Hold {
    /// It will be, by itself.
    Passing(State),
    /// Somebody must act.
    Lasting(Reason, String),
}

fn ready(context: &Context<'_>, assignment: &Assignment, identity: &Identity, change: &Change<'_>, draft: &mut Draft) -> Result<GroupId, Hold> {
    let group = match &context.footing {
        Footing::Firm(group) => *group,
        Footing::None(State::Stuck { reason, message }) => return Err(Hold::Passing(State::stuck(*reason, message.clone()))),
        Footing::None(state) => return Err(Hold::Passing(state.clone())),
    };
    if identity.account == Account::Disabled && change.verb == GrantVerb::Assign {
        let message = "the account is disabled; enable it, or remove the subject".to_owned();
        return Err(Hold::Lasting(Reason::PrincipalNotFound, message));
    }
    if let Some(message) = window::forbidden(context, assignment, &change.wanted) {
        return Err(Hold::Lasting(Reason::PolicyForbids, message));
    }
    owner_order(context, assignment)?;
    match context.guard_holds(assignment.access) {
        Guard::Holds => Ok(group),
        Guard::Unread => {
            draft.needs.policies = Need::Now;
            Err(Hold::Passing(guard_missing(assignment.access)))
        }
        Guard::Missing => match context.policy_state(assignment.access) {
            crate::verdict::PolicyState::Unmanaged(rules) => {
                let message = format!("the {} policy holds rules that are not known and not switched off: {}; switch them off in the portal", assignment.access, rules.join(", "));
                Err(Hold::Passing(State::stuck(Reason::UnmanagedRule, message)))
            }
            _ => Err(Hold::Passing(guard_missing(assignment.access))),
        },
    }
}

fn guard_missing(access: Access) -> State {
    State::waiting(Reason::GuardMissing, format!("the {access} policy does not read back as declared yet, so nothing is granted"))
}

/// The service keeps the last active owner for ever, so no eligible or time-bound owner is made before a permanent one
/// stands.
fn owner_order(context: &Context<'_>, assignment: &Assignment) -> Result<(), Hold> {
    let lasting = assignment.kind == Kind::Active && assignment.schedule.expiration == Expiration::Never;
    if assignment.access == Access::Member || lasting {
        return Ok(());
    }
    let is_lasting_user = |principal| {
        let seen = owners(context).any(|owner| owner.principal == principal && owner.window.end == End::Never);
        let key = Key { access: Access::Owner, principal, kind: Kind::Active };
        let declared = context.claims.holder(&key).is_some_and(|holder| {
            let identity = context.desired.names.identity(&holder.subject);
            identity.is_some_and(|identity| identity.kind == PrincipalKind::User && identity.account == Account::Enabled)
        });
        seen && declared
    };
    if owners(context).any(|owner| is_lasting_user(owner.principal)) {
        return Ok(());
    }
    let declared = context.desired.assignments.iter().any(|other| {
        other.kind == Kind::Active && other.access == Access::Owner && other.schedule.expiration == Expiration::Never
    });
    if declared {
        let message = "waits until a permanent owner stands";
        return Err(Hold::Passing(State::waiting(Reason::WaitingForDependency, message)));
    }
    let message = "declare a user as permanent owner first (ActiveAssignment, access Owner, expiration never): the service \
                   would make the last owner permanent";
    Err(Hold::Lasting(Reason::LastOwner, message.to_owned()))
}

/// Whether somebody else made the difference: it stood, and the manifest is the same as then.
fn cause(assignment: &Assignment, row: &Row, change: &Change<'_>) -> Cause {
    let seen = assignment.memo(&row.subject).is_some_and(|memo| memo.seen == Seen::Standing);
    if assignment.settlement == Settlement::Unsettled || !seen {
        return Cause::Declared;
    }
    let field = match change.standing {
        Some(_) => "spec.schedule".to_owned(),
        None => format!("spec.subjects[{}]", row.subject),
    };
    let stands = change.standing.map_or_else(|| "nothing".to_owned(), |schedule| schedule.window.to_string());
    Cause::Drift(vec![Difference { field, declared: change.wanted.to_string(), stands }])
}

fn justification(assignment: &Assignment) -> String {
    assignment.justification.clone().unwrap_or_else(|| format!("declared by {}", assignment.object()))
}
