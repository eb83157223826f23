//! Gives one subject of one assignment what is declared, or says why not.

use super::builder::VerdictBuilder;
use super::hold::{self, Hold};
use super::subject::SubjectPlan;
use super::{removed, tenant_rules, whom};
use crate::action::{Action, Cause, GrantVerb, Write, WriteKey};
use crate::desired::Assignment;
use crate::ids::GroupId;
use crate::knowledge::{Held, Part};
use crate::memory::Answer;
use crate::plan::context::PlanContext;
use crate::plan::draft::Draft;
use crate::plan::facts::claims::Claimant;
use crate::plan::facts::cleanup::CleanupTarget;
use crate::plan::facts::remembered;
use crate::plan::facts::window::Comparison;
use crate::plan::stage::StageKind;
use crate::plan::{owner, unseen};
use crate::principal::{Identity, Principal, PrincipalKind};
use crate::reason::Reason;
use crate::schedule::{End, Kind};
use crate::verdict::{Row, State, SubjectState};

/// Whether the status has room for further rows that remember something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// There is room for further rows.
    Enough,
    /// Those who leave fill it; nobody new is granted before some of them are gone.
    None,
}

/// Plans one subject of an assignment, and adds its row to the verdict.
pub fn plan<'a>(
    context: &PlanContext<'a>,
    assignment: &'a Assignment,
    subject: &'a Principal,
    room: Room,
    verdict: &mut VerdictBuilder,
    draft: &mut Draft,
) {
    let Some(line) = SubjectPlan::new(context, assignment, subject) else {
        return whom::nobody(context, assignment, subject, verdict, draft);
    };
    if line.standing.is_some() {
        draft.shown(&Held::Access(line.key));
    }
    if tenant_rules::denied(context, &line, verdict) {
        return;
    }
    let comparison = line.compare(context);
    if comparison == Comparison::Over {
        return over(context, &line, verdict);
    }
    match context.claims.holder(&line.key) {
        Some(holder) if *holder != line.claimant() => {
            return conflict(context, &line, holder, verdict, draft);
        }
        _ => {}
    }
    if tenant_rules::protected(context, &line, comparison, verdict) {
        return;
    }
    // Whoever may decide about the access may shorten it, whatever else is wrong: that only reduces.
    let shortened = match comparison {
        Comparison::TooMuch => shorten(context, &line, verdict, draft),
        _ => Shortened::Not,
    };
    let Some(identity) = whom::admitted(context, &line, comparison, verdict, draft) else {
        return;
    };
    match (comparison, shortened) {
        (Comparison::Equal, _) => {
            draft.wake(line.begins(context));
            verdict.push(Row {
                sent: unseen::remaining(line.sent(), draft).cloned(),
                ..line.holder_row(context, line.stands(context))
            });
        }
        (Comparison::EndsSoon, _) => ends_soon(context, &line, verdict),
        (_, Shortened::Now) => {
            verdict.raise(State::waiting(
                Reason::Progressing,
                "access is being shortened",
            ));
            verdict.push(line.holder_row(context, SubjectState::Pending));
        }
        (_, Shortened::Held(hold)) => {
            held(
                line.holder_row(context, SubjectState::Pending),
                hold,
                verdict,
            );
        }
        (Comparison::Differs(GrantVerb::Assign), _)
            if room == Room::None && line.sent().is_none() =>
        {
            let message = "waiting until those who were taken out are gone; the status has no room for more people";
            let state = State::waiting(Reason::WaitingForDependency, message);
            held(
                line.row(context, SubjectState::Pending),
                Hold::Object(state),
                verdict,
            );
        }
        (Comparison::Differs(verb), _) => give(context, &line, identity, verb, verdict, draft),
        _ => give(context, &line, identity, GrantVerb::Update, verdict, draft),
    }
}

fn conflict(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    holder: &Claimant,
    verdict: &mut VerdictBuilder,
    draft: &mut Draft,
) {
    let message = format!(
        "{} already declares this access; remove it from one of them",
        holder.object
    );
    let mut row = line.row(context, SubjectState::Refused);
    // What this line sent and nobody sees yet, or is still to come, the holder does not know of.
    if line.standing.is_some() {
        row.sent = unseen::remaining(line.sent(), draft).cloned();
    }
    // Within one object the name goes on meaning whom it meant when it was granted, and a second name for somebody begins
    // no second window.
    if holder.object == line.assignment.object() {
        let held = line.assignment.record(&holder.subject);
        row.first_granted = held.map(|held| held.first_granted).or(row.first_granted);
    } else if row.sent.is_none() {
        row.first_granted = None;
    }
    verdict.problem(row, Reason::Conflict, message);
}

/// What became of a window that is to be shorter.
enum Shortened {
    /// It is in the first stage.
    Now,
    Held(Hold),
    /// It is not, or not without the guard.
    Not,
}

fn over(context: &PlanContext<'_>, line: &SubjectPlan<'_>, verdict: &mut VerdictBuilder) {
    let row = line.row(context, SubjectState::Expired);
    let is_listed = context.observed.assigned(line.key).is_some();
    match owner::outlasts_their_end(context, line.key).filter(|_| is_listed) {
        Some((reason, message)) => verdict.problem(
            Row {
                state: SubjectState::Active,
                ..row
            },
            reason,
            message,
        ),
        None => verdict.push(row),
    }
}

/// The service makes no window that is shorter than five minutes, so what stands is taken away when its time has come.
fn ends_soon(context: &PlanContext<'_>, line: &SubjectPlan<'_>, verdict: &mut VerdictBuilder) {
    let end = line.wanted.window.end;
    let message = format!(
        "{} is taken away at {end}; the service makes no window that ends so soon",
        line.subject
    );
    verdict.raise(State::waiting(Reason::Progressing, message));
    verdict.push(line.holder_row(context, SubjectState::Pending));
}

/// Shortens what stands. Waits neither for the boundary nor for the guard: nobody gets anything by it, and whoever
/// shortens access wants it to end even where the operator is not there to take it away in time. Only where the service
/// would refuse it as its policy stands now, that has to change first.
fn shorten(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    verdict: &mut VerdictBuilder,
    draft: &mut Draft,
) -> Shortened {
    let group = match &context.cleanup {
        CleanupTarget::Ready(group) => *group,
        CleanupTarget::Nothing => return Shortened::Not,
        CleanupTarget::Blocked(state) => return Shortened::Held(Hold::Object(state.clone())),
    };
    if context.claims.decider(&line.key) != Some(&line.claimant()) {
        return Shortened::Not;
    }
    // A permanent owner who is to end some day may be the last one by then.
    let is_lasting_owner = line.key.kind == Kind::Active
        && line
            .standing
            .is_some_and(|schedule| schedule.window.end == End::Never);
    let order = if is_lasting_owner {
        hold::owner_order(context, line, draft)
    } else {
        Ok(())
    };
    let order = order.and_then(|()| hold::allowed(context, line, draft));
    let unread = context.unread_list(line.key.kind);
    if let Err(hold) = order.and_then(|()| hold::read(unread.into_iter(), draft)) {
        return Shortened::Held(hold);
    }
    if hold::refused_for_now(context, line, draft) {
        return Shortened::Not;
    }
    write(
        line,
        group,
        GrantVerb::Update,
        StageKind::Revoke,
        verdict,
        draft,
    );
    Shortened::Now
}

fn give(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    identity: &Identity,
    verb: GrantVerb,
    verdict: &mut VerdictBuilder,
    draft: &mut Draft,
) {
    if verb == GrantVerb::Assign && removed::held(context, line, verdict, draft) {
        return;
    }
    let mut row = line.holder_row(context, SubjectState::Pending);
    let group = match hold::ready(context, line, identity, verb, draft) {
        Err(hold) => return held(row, hold, verdict),
        Ok(group) => group,
    };
    if verb == GrantVerb::Assign
        && let Some(state) = awaited(context, line, draft)
    {
        return held(row, Hold::Object(state), verdict);
    }
    let verb = if is_left_out(context, line, identity, draft) {
        GrantVerb::Update
    } else {
        verb
    };
    write(line, group, verb, StageKind::Grant, verdict, draft);
    let granted = Some(line.wanted.first_granted);
    match verb {
        GrantVerb::Assign => row.record_on_grant = granted,
        // What is renewed counts as it did until the tenant shows it.
        GrantVerb::Update if line.is_renewed() => {}
        GrantVerb::Update => row.first_granted = granted,
    }
    verdict.raise(State::waiting(Reason::Progressing, "access is being given"));
    verdict.push(row);
}

/// Whether PIM says again and again that an application has its access already, and leaves it out of its lists: a restored
/// group has brought it back as a plain member or owner, which only a list of the directory shows. A change of what stands
/// makes it one of PIM's own, which it lists.
fn is_left_out(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    identity: &Identity,
    draft: &mut Draft,
) -> bool {
    let attempt = draft.memory.attempts.get(&WriteKey::Grant(line.key));
    let is_repeated =
        attempt.is_some_and(|attempt| attempt.answer == Answer::Taken && attempt.times > 1);
    let is_application = identity.kind == PrincipalKind::ServicePrincipal;
    if line.standing.is_some() || line.key.kind != Kind::Active || !is_application || !is_repeated {
        return false;
    }
    draft.need(Part::Applications);
    let mut listed = context.observed.applications.fresh().into_iter().flatten();
    listed.any(|one| one.key() == line.key)
}

/// How the object stands because the service took a grant that it does not show yet. It is not sent again before its
/// absence is believed, and never while the service is still at the request. A grant whose answer nobody heard is sent
/// again at once: the service makes it only once.
fn awaited(context: &PlanContext<'_>, line: &SubjectPlan<'_>, draft: &mut Draft) -> Option<State> {
    let unseen = unseen::Unseen {
        sent: remembered::sent(line.sent(), context.now())?,
        write: WriteKey::Grant(line.key),
        held: Held::Access(line.key),
        looked: context.observed.list(line.key.kind).fresh_at()?,
        whom: &format!("{}: ", line.subject),
        done: "granted",
    };
    unseen.awaited(draft)
}

fn held(mut row: Row, hold: Hold, verdict: &mut VerdictBuilder) {
    match hold {
        Hold::Object(state) => {
            verdict.raise(state);
            verdict.push(row);
        }
        Hold::Subject(reason, message) => {
            row.state = SubjectState::Refused;
            verdict.problem(row, reason, message);
        }
    }
}

fn write(
    line: &SubjectPlan<'_>,
    group: GroupId,
    verb: GrantVerb,
    stage: StageKind,
    verdict: &mut VerdictBuilder,
    draft: &mut Draft,
) {
    let assignment = line.assignment;
    let cause = line.cause();
    if let Cause::Drift(differences) = &cause {
        verdict.drifted(differences);
    }
    let justification = assignment.justification.clone();
    let write = Write::Grant {
        group,
        key: line.key,
        verb,
        window: line.wanted.window,
        justification: justification
            .unwrap_or_else(|| format!("declared by {}", assignment.object())),
        ticket: assignment.ticket.clone(),
    };
    draft.add(
        stage,
        Action {
            object: assignment.object(),
            cause,
            write,
        },
    );
}
