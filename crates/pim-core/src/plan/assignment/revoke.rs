//! Takes access away that was declared once and is not any more, what outlasts its declared window, what whoever is denied was
//! granted, and what the boundary does not admit any more where it says so. Needs no guard: it only reduces access. Done is a
//! revoke only when its absence is believed. Of whoever is protected nothing is taken.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::builder::VerdictBuilder;
use crate::action::{Action, Cause, Write, WriteKey};
use crate::boundary::Denial;
use crate::desired::{Lifecycle, Object};
use crate::ids::GroupId;
use crate::knowledge::{APART, Held, Part, later, next_look, next_whole_second};
use crate::memory::Attempt;
use crate::observed::Schedule;
use crate::plan::context::{PlanContext, taken_away};
use crate::plan::draft::Draft;
use crate::plan::facts::cleanup::CleanupTarget;
use crate::plan::facts::pending_revocation::{self, PendingRevocation};
use crate::plan::protection::protected;
use crate::plan::stage::StageKind;
use crate::plan::{emergency_stop, owner, unseen};
use crate::reason::Reason;
use crate::schedule::{Key, Kind};
use crate::verdict::{Row, State, SubjectState};

/// Plans all revokes, and says for each object what still stands of them.
pub fn plan(context: &PlanContext<'_>, draft: &mut Draft) -> BTreeMap<Object, VerdictBuilder> {
    let mut sheets: BTreeMap<Object, VerdictBuilder> = BTreeMap::new();
    for departure in &context.pending_revocations {
        let outcome = match &context.cleanup {
            CleanupTarget::Ready(group) => take_away(context, departure, *group, draft),
            CleanupTarget::Nothing => RevokeOutcome::Done,
            CleanupTarget::Blocked(state) => RevokeOutcome::Stays(state.clone()),
        };
        let object = departure.assignment.object();
        match (outcome, &departure.violation) {
            (RevokeOutcome::Stays(state), None) => {
                stays(context, departure, state, sheets.entry(object).or_default());
            }
            (RevokeOutcome::Stays(state), Some(denial)) => {
                let row = row(context, departure);
                violates(row, denial, state, sheets.entry(object).or_default());
            }
            (RevokeOutcome::Done, Some(denial)) => {
                revoked(departure, denial, sheets.entry(object).or_default());
            }
            (RevokeOutcome::Done, None) => {}
        }
    }
    sheets
}

/// Says how an object stands of which the boundary has something taken away.
fn violates(row: Row, denial: &Denial, state: State, verdict: &mut VerdictBuilder) {
    let (reason, message) = match state {
        State::Stuck { reason, message } => (reason, message),
        State::Waiting { message, .. } => (Reason::RevokedByBoundary, message),
        _ => (
            Reason::RevokedByBoundary,
            "access is being taken away".to_owned(),
        ),
    };
    let message = format!("{}; {message}", denial.message);
    verdict.violation(row, denial, reason, message);
}

/// Says that the boundary has taken something away, and forgets when it was granted: given again it is a new wish.
fn revoked(departure: &PendingRevocation<'_>, denial: &Denial, verdict: &mut VerdictBuilder) {
    // Of an object that goes nothing is left to be told.
    if departure.assignment.lifecycle == Lifecycle::Deleting {
        return;
    }
    let whom = Some(departure.key.principal);
    let row = Row::bare(departure.subject.clone(), whom, SubjectState::Revoked);
    let message = taken_away(denial);
    verdict.violation(row, denial, Reason::RevokedByBoundary, message);
}

/// What became of one revoke.
enum RevokeOutcome {
    Done,
    /// Something still stands, or may.
    Stays(State),
}

/// Says how an object stands of whose revoke something is left. Whoever is still named is told why it goes.
fn stays(
    context: &PlanContext<'_>,
    departure: &PendingRevocation<'_>,
    state: State,
    verdict: &mut VerdictBuilder,
) {
    let (assignment, row) = (departure.assignment, row(context, departure));
    let is_named = assignment.lifecycle == Lifecycle::Living
        && assignment.subjects.contains(departure.subject);
    match state {
        State::Stuck { reason, message } if is_named && is_denied(context, departure) => {
            verdict.problem(row, reason, message);
        }
        State::Waiting { message, .. } if is_named && is_denied(context, departure) => {
            let message = format!("{}; {message}", emergency_stop::told(context));
            verdict.problem(row, Reason::PrincipalDenied, message);
        }
        State::Stuck {
            reason: Reason::PrincipalProtected,
            message,
        } => verdict.problem(row, Reason::PrincipalProtected, message),
        state => {
            verdict.raise(state);
            verdict.push(row);
        }
    }
}

fn is_denied(context: &PlanContext<'_>, departure: &PendingRevocation<'_>) -> bool {
    context.desired.rules.denies(departure.key.principal)
}

fn row(context: &PlanContext<'_>, departure: &PendingRevocation<'_>) -> Row {
    let key = departure.key;
    Row {
        subject: departure.subject.clone(),
        principal: Some(key.principal),
        state: SubjectState::Revoking,
        end: context
            .observed
            .assigned(key)
            .map(|schedule| schedule.window.end),
        activated_until: context.activated_until(key.access, key.principal, departure.record),
        first_granted: departure.record.map(|record| record.first_granted),
        sent: departure.sent(context.now()).cloned(),
        record_on_grant: None,
        removed: None,
    }
}

fn take_away(
    context: &PlanContext<'_>,
    departure: &PendingRevocation<'_>,
    group: GroupId,
    draft: &mut Draft,
) -> RevokeOutcome {
    let key = departure.key;
    if let Some(schedule) = context.observed.assigned(key) {
        draft.shown(&Held::Access(key));
        if let Some(state) = kept_by_another(context, departure, draft) {
            return RevokeOutcome::Stays(state);
        }
        if key == Key::owner(key.principal) && context.retained_last_owner == Some(key.principal) {
            let state = if is_denied(context, departure) {
                emergency_stop::last_owner(context)
            } else {
                owner::retained_state(context)
            };
            return RevokeOutcome::Stays(state);
        }
        if left_the_tenant(context, key, draft) {
            return RevokeOutcome::Done;
        }
        return end(context, departure, group, key, Some(schedule), draft);
    }
    if let Some(state) = may_appear(context, departure, group, draft) {
        return RevokeOutcome::Stays(state);
    }
    // An activation may outlive what it came from; the revoke is done when neither remains. One of whoever is denied is ended
    // whatever else stands.
    match pending_revocation::leftover(context.observed, &context.claims, key) {
        Some(activation) => end_activation(context, departure, group, activation, draft),
        None => match context.unread_list(Kind::Active) {
            Some(part) => reading(part, draft),
            None => RevokeOutcome::Done,
        },
    }
}

/// How the object stands whose access another one declares, while the service is still at its request: the other one does
/// not know of it.
fn kept_by_another(
    context: &PlanContext<'_>,
    departure: &PendingRevocation<'_>,
    draft: &mut Draft,
) -> Option<State> {
    if !context.claims.is_kept(&departure.key) {
        return None;
    }
    let sent = unseen::remaining(departure.record?.sent.as_ref(), draft)?;
    unseen::underway(sent, &format!("{}: ", departure.subject), context.now())
}

/// Somebody who is gone from the tenant has nothing left that could be taken away: the service refuses requests that
/// name them, and its lists go on showing them for hours (cisagov/ScubaGear#1305).
fn left_the_tenant(context: &PlanContext<'_>, key: Key, draft: &Draft) -> bool {
    let attempt = draft.memory.attempts.get(&WriteKey::Revoke(key));
    context.desired.names.is_gone(key.principal) && attempt.is_some_and(Attempt::knows_nothing)
}

fn reading(part: Part, draft: &mut Draft) -> RevokeOutcome {
    draft.need(part);
    let message = "reading whether the access is gone";
    RevokeOutcome::Stays(State::waiting(Reason::DeletionInProgress, message))
}

/// How the object stands while something that no list shows may still appear. What was sent and never seen is taken away
/// unseen: the service knows of it even where its lists do not.
fn may_appear(
    context: &PlanContext<'_>,
    departure: &PendingRevocation<'_>,
    group: GroupId,
    draft: &mut Draft,
) -> Option<State> {
    let key = departure.key;
    let Some(looked) = context.observed.list(key.kind).fresh_at() else {
        draft.need(Part::of(key.kind));
        let message = "reading whether the access is gone";
        return Some(State::waiting(Reason::DeletionInProgress, message));
    };
    let held = Held::Access(key);
    let sent = departure.unseen(context.observed);
    if let Some(sent) = sent {
        draft.wake(Some(next_look(sent.at, context.now())));
        let whom = format!("{}: ", departure.subject);
        if let Some(state) = unseen::underway(sent, &whom, context.now()) {
            draft.still_comes(&held, &WriteKey::Revoke(key));
            draft.doubt(later(context.now(), APART));
            return Some(state);
        }
    }
    let doubtful = draft.absence(&held, looked, sent.map(|sent| sent.at));
    let unanswered =
        sent.and_then(|sent| unseen::may_appear_until(sent, &held, &WriteKey::Revoke(key), draft));
    let until = doubtful.max(unanswered)?;
    draft.doubt(until);
    if unanswered.is_some()
        && !context.claims.is_kept(&key)
        && let RevokeOutcome::Stays(state) = end(context, departure, group, key, None, draft)
    {
        return Some(state);
    }
    let message = format!(
        "{}: nothing can be read of what was granted; it counts as gone if that stays so until {}",
        departure.subject,
        next_whole_second(until)
    );
    Some(State::waiting(Reason::WaitingForReplication, message))
}

fn end_activation(
    context: &PlanContext<'_>,
    departure: &PendingRevocation<'_>,
    group: GroupId,
    activation: &Schedule,
    draft: &mut Draft,
) -> RevokeOutcome {
    let key = Key {
        kind: Kind::Active,
        ..departure.key
    };
    if context.observed.assigned(key).is_some() && !is_denied(context, departure) {
        // The service tells the two apart by nothing that a request can name.
        let message = format!(
            "{}: an activation runs until {}; it is not ended, because that would end an active assignment that nobody declares",
            departure.subject, activation.window.end
        );
        return RevokeOutcome::Stays(State::waiting(Reason::WaitingForDependency, message));
    }
    end(context, departure, group, key, Some(activation), draft)
}

/// When what is active can be ended, if the service does not let it be ended yet.
fn too_young(
    context: &PlanContext<'_>,
    departure: &PendingRevocation<'_>,
    key: Key,
    schedule: Option<&Schedule>,
) -> Option<Timestamp> {
    if key.kind != Kind::Active {
        return None;
    }
    if let Some(schedule) = schedule {
        return context.too_young_until(key.kind, schedule.created, &schedule.window);
    }
    // A request cannot tell it from an activation, which would be ended with it.
    let sent = departure.unseen(context.observed)?;
    let runs = context.observed.activation(key.access, key.principal);
    let young = runs.and_then(|one| context.too_young_until(key.kind, one.created, &one.window));
    context.old_enough(sent.at).max(young)
}

fn end(
    context: &PlanContext<'_>,
    departure: &PendingRevocation<'_>,
    group: GroupId,
    key: Key,
    schedule: Option<&Schedule>,
    draft: &mut Draft,
) -> RevokeOutcome {
    if context.desired.rules.protects(key.principal) {
        return RevokeOutcome::Stays(protected(context));
    }
    let young = too_young(context, departure, key, schedule);
    if is_denied(context, departure) {
        draft.wake(young);
        let write = emergency_stop::removal(context, group, key, young, draft);
        let (stage, cause) = (StageKind::EmergencyStop, Cause::EmergencyStop);
        return send(departure, stage, cause, write, draft);
    }
    if let Some(until) = young {
        draft.wake(Some(until));
        let message = format!(
            "{} became active less than five minutes ago; the service lets it be ended at {}",
            departure.subject,
            next_whole_second(until)
        );
        return RevokeOutcome::Stays(State::waiting(Reason::TooYoung, message));
    }
    let write = Write::Revoke { group, key };
    let (stage, cause) = match departure.violation {
        Some(_) => (StageKind::Violation, Cause::Violation),
        None => (StageKind::Revoke, Cause::Declared),
    };
    send(departure, stage, cause, write, draft)
}

fn send(
    departure: &PendingRevocation<'_>,
    stage: StageKind,
    cause: Cause,
    write: Write,
    draft: &mut Draft,
) -> RevokeOutcome {
    let object = departure.assignment.object();
    let action = Action {
        object,
        cause,
        write,
    };
    let message = if draft.suspends(stage, &action.object) {
        "access would be taken away"
    } else {
        "access is being taken away"
    };
    draft.add(stage, action);
    RevokeOutcome::Stays(State::waiting(Reason::Progressing, message))
}
