//! The end of planning: puts the stages in order, and says of each object what holds its writes up. Decides nothing about a
//! tenant.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::context::PlanContext;
use super::draft::Draft;
use super::stage::{Plan, Stage, StageKind};
use super::unseen;
use crate::action::{Action, Write, WriteKey};
use crate::desired::{self, ManagementPolicy, Object, Pause};
use crate::knowledge::{Request, whole_second};
use crate::memory::{Answer, Attempt};
use crate::observed::Presence;
use crate::reason::Reason;
use crate::verdict::{Problem, Record, Row, State, Verdict};

/// Turns the draft and the verdicts into the finished plan.
pub fn finish(
    context: &PlanContext<'_>,
    mut draft: Draft,
    verdicts: BTreeMap<Object, Verdict>,
) -> Plan {
    let stages = std::mem::take(&mut draft.actions)
        .into_iter()
        .map(|(kind, actions)| Stage { kind, actions })
        .collect();
    let mut plan = Plan {
        stages,
        needs: std::mem::take(&mut draft.needs),
        wake_at: draft.wake_at,
        suspended: std::mem::take(&mut draft.suspended),
        memory: std::mem::take(&mut draft.memory),
        verdicts,
    };
    if !plan.needs.is_empty() {
        // Nothing is done before everything is known that it rests on.
        plan.stages.retain_mut(|stage| takes_away(context, stage));
        if plan.stages.is_empty() {
            return plan;
        }
        plan.needs.clear();
    }
    forget_what_is_shown(context, &draft, &mut plan);
    for (action, attempt) in &draft.held {
        plan.hold_up(action, attempt, context.now());
    }
    plan.say_what_is_unreadable(context);
    plan.say_what_is_paused(context);
    plan
}

/// Leaves of a stage what only takes away, and says whether that is anything. It rests on nothing that is still to be
/// read, so a read that fails does not hold it up, unless it is not even clear who holds which claim. Whoever is denied
/// has none.
fn takes_away(context: &PlanContext<'_>, stage: &mut Stage) -> bool {
    let rests_on_nothing = match stage.kind {
        StageKind::EmergencyStop => true,
        StageKind::Violation | StageKind::Revoke | StageKind::Undeclared | StageKind::Unbind => {
            context.needs.is_empty()
        }
        _ => false,
    };
    stage
        .actions
        .retain(|action| rests_on_nothing && !matches!(action.write, Write::Grant { .. }));
    !stage.actions.is_empty()
}

/// A try is remembered while its write is still wanted; once a fresh read wants it no more, it is seen or withdrawn.
fn forget_what_is_shown(context: &PlanContext<'_>, draft: &Draft, plan: &mut Plan) {
    let observed = context.observed;
    let was_looked_at = |write: &WriteKey| {
        let is_shown = match write {
            WriteKey::Grant(key) | WriteKey::Revoke(key) => observed.assigned(*key).is_some(),
            WriteKey::Bind(key) => observed.holds(key),
            _ => true,
        };
        is_shown && write.shows_in().iter().all(|part| observed.is_fresh(*part))
    };
    let is_living = matches!(observed.group, Presence::Living(_));
    plan.memory.attempts.retain(|key, attempt| {
        let is_refused = matches!(attempt.answer, Answer::Refused(_));
        draft.wanted.contains(key) || is_refused || !is_living || !was_looked_at(key)
    });
}

impl Plan {
    fn state_mut(&mut self, object: &Object) -> Option<&mut State> {
        self.verdicts
            .get_mut(object)
            .map(|verdict| &mut verdict.state)
    }

    /// The request that the service made of a write, as far as it is not seen.
    fn request(&self, action: &Action) -> Option<&Request> {
        let verdict = self.verdicts.get(&action.object)?;
        let sent = match &verdict.record {
            Record::Assignment(record) => {
                let of_principal = |row: &&Row| row.principal == action.write.principal();
                let rows = record.rows.iter().filter(of_principal);
                rows.filter_map(|row| row.sent.as_ref())
                    .max_by_key(|sent| sent.at)
            }
            Record::Binding(record) => record.sent.as_ref(),
            Record::Group(_) => None,
        };
        sent?.request.as_ref()
    }

    /// Says of the object of a write that was tried what became of it.
    fn hold_up(&mut self, action: &Action, attempt: &Attempt, now: Timestamp) {
        let overdue = unseen::overdue(attempt, self.request(action), "", now);
        let mut state = overdue.unwrap_or_else(|| match &attempt.answer {
            Answer::Refused(state) => state.clone(),
            Answer::Accepted => State::waiting(
                Reason::WaitingForReplication,
                format!(
                    "the tenant accepted the change at {} and has not carried it out yet",
                    whole_second(attempt.last)
                ),
            ),
            Answer::Taken | Answer::WasGone => State::waiting(
                Reason::WaitingForReplication,
                format!(
                    "the tenant took the change at {} and does not show it yet",
                    whole_second(attempt.last)
                ),
            ),
        });
        if let Some(principal) = action.write.principal()
            && let Some(verdict) = self.verdicts.get_mut(&action.object)
            && let Record::Assignment(record) = &mut verdict.record
            && let Some(row) = record
                .rows
                .iter()
                .find(|row| row.principal == Some(principal))
            && let State::Stuck { reason, message } | State::Waiting { reason, message } =
                &mut state
        {
            if matches!(attempt.answer, Answer::Refused(_)) {
                record.problems.push(Problem {
                    subject: row.subject.clone(),
                    reason: *reason,
                    message: message.clone(),
                });
            }
            *message = format!("{}: {message}", row.subject);
        }
        let Some(known) = self.state_mut(&action.object) else {
            return;
        };
        say_what_holds_up(known, state);
    }

    /// Says of the group what of it cannot be read.
    fn say_what_is_unreadable(&mut self, context: &PlanContext<'_>) {
        for (part, reason) in &context.observed.unreadable {
            let message = format!(
                "something in the list of {part} cannot be read, so nothing is granted or believed gone by it: {reason}"
            );
            let state = State::waiting(Reason::ReadRefused, message);
            if let Some(known) = self.state_mut(&context.desired.group.object()) {
                say_what_holds_up(known, state);
            }
        }
    }

    /// Says of objects for which nothing is written that it is so, and what they would do. In a tenant that is only observed
    /// an object that would do nothing stands as it says itself.
    fn say_what_is_paused(&mut self, context: &PlanContext<'_>) {
        let desired = context.desired;
        let management = desired.rules.management;
        for (object, pause) in desired.pauses() {
            let Some(asks) = why_nothing_is_written(desired, pause) else {
                continue;
            };
            let mut would: Vec<String> = self
                .suspended
                .iter()
                .filter(|action| action.object == object)
                .map(|action| desired.tell_suspended(action).to_do())
                .collect();
            if would.is_empty() && management == ManagementPolicy::Observe {
                continue;
            }
            // Lists come in any order, and the same in another one is no news.
            would.sort();
            let message = if would.is_empty() {
                format!("{asks}; nothing would be changed")
            } else {
                format!("{asks}; it would {}", would.join("; "))
            };
            // Of what is gone nothing is left that a pause could keep, and what the boundary takes away no pause keeps.
            let says_more = |state: &State| match state {
                State::Gone => true,
                State::Stuck { reason, .. } => {
                    *reason == Reason::RevokedByBoundary && management == ManagementPolicy::Manage
                }
                _ => false,
            };
            match self.state_mut(&object).filter(|state| !says_more(state)) {
                None => {}
                // Who only observes wants to know what would stand in the way.
                Some(State::Stuck { message: told, .. })
                    if management == ManagementPolicy::Observe =>
                {
                    *told = format!("{told}; {message}");
                }
                Some(state) => *state = State::waiting(Reason::Paused, message),
            }
        }
    }
}

/// What really holds something up says more than that it is under way.
fn say_what_holds_up(known: &mut State, state: State) {
    let says_little = matches!(
        known,
        State::Ready
            | State::Waiting {
                reason: Reason::Progressing | Reason::DeletionInProgress,
                ..
            }
    );
    if says_little {
        *known = state;
    } else {
        known.raise(state);
    }
}

/// Why nothing is written for an object, if nothing is.
fn why_nothing_is_written(desired: &desired::Unit, pause: Pause) -> Option<String> {
    if desired.rules.management == ManagementPolicy::Observe {
        let why = "managementPolicy of its EntraTenant is Observe, so nothing is written";
        return Some(why.to_owned());
    }
    match pause {
        Pause::Running => None,
        Pause::Paused => Some("the annotation entra-pim.dev/paused asks for a pause".to_owned()),
        Pause::WithItsGroup => Some(format!(
            "the annotation entra-pim.dev/paused of PrivilegedGroup {} asks for a pause",
            desired.group.name
        )),
    }
}
