//! Takes access away that was declared once and is not any more, and what outlasts its declared window. Needs neither
//! boundary nor guard: it only reduces access.

use std::collections::BTreeMap;

use super::sheet::Sheet;
use crate::action::{Action, Cause, Write};
use crate::desired::Object;
use crate::ids::GroupId;
use crate::observed::Schedule;
use crate::plan::context::Context;
use crate::plan::departure::{self, Departure};
use crate::plan::ground::Ground;
use crate::plan::{Draft, StageKind, owner};
use crate::reason::Reason;
use crate::schedule::{Key, Kind};
use crate::verdict::{Row, State, SubjectState};

/// Plans all revokes, and says for each object what still stands of them.
pub fn plan(context: &Context<'_>, draft: &mut Draft) -> BTreeMap<Object, Sheet> {
    let mut sheets: BTreeMap<Object, Sheet> = BTreeMap::new();
    for departure in &context.departures {
        let outcome = match &context.ground {
            Ground::Open(group) => take_away(context, departure, *group, draft),
            Ground::Gone => Outcome::Done,
            Ground::Closed(state) => Outcome::Stays(state.clone()),
        };
        if let Outcome::Stays(state) = outcome {
            let sheet = sheets.entry(departure.assignment.object()).or_default();
            sheet.raise(state);
            sheet.push(row(context, departure));
        }
    }
    sheets
}

/// What became of one revoke.
enum Outcome {
    /// Nothing is left.
    Done,
    /// Something still stands.
    Stays(State),
}

fn row(context: &Context<'_>, departure: &Departure<'_>) -> Row {
    let key = departure.key;
    let noted = departure.memo.and_then(|memo| memo.first_granted);
    Row {
        subject: departure.subject.clone(),
        principal: Some(key.principal),
        state: SubjectState::Revoking,
        end: context
            .observed
            .assigned(key)
            .map(|schedule| schedule.window.end),
        activated_until: context
            .observed
            .activation(key.access, key.principal)
            .map(|schedule| schedule.window.end),
        first_granted: noted,
        noted,
        to_note: None,
    }
}

fn take_away(
    context: &Context<'_>,
    departure: &Departure<'_>,
    group: GroupId,
    draft: &mut Draft,
) -> Outcome {
    let key = departure.key;
    if let Some(schedule) = context.observed.assigned(key) {
        if key == owner::key(key.principal) && context.spared == Some(key.principal) {
            return Outcome::Stays(owner::spared_state(context, group));
        }
        return end(
            context,
            departure,
            Write::Revoke { group, key },
            schedule,
            draft,
        );
    }
    if let Some(until) = departure.hidden_until(context.observed) {
        draft.wake(Some(until));
        let message = format!(
            "what was just given to {} cannot be read yet; it counts as not given if that stays so until {until}",
            key.principal
        );
        return Outcome::Stays(State::waiting(Reason::WaitingForReplication, message));
    }
    // An activation may outlive what it came from; the revoke is done when neither remains.
    match departure::leftover(context.observed, &context.claims, key) {
        Some(activation) => end_activation(context, departure, group, activation, draft),
        None => Outcome::Done,
    }
}

fn end_activation(
    context: &Context<'_>,
    departure: &Departure<'_>,
    group: GroupId,
    activation: &Schedule,
    draft: &mut Draft,
) -> Outcome {
    let key = Key {
        kind: Kind::Active,
        ..departure.key
    };
    if context.observed.assigned(key).is_some() {
        // The service tells the two apart by nothing that a request can name.
        let message = format!(
            "an activation of {} runs until {}; it is not ended, because that would end an active assignment that nobody declares",
            key.principal, activation.window.end
        );
        return Outcome::Stays(State::waiting(Reason::WaitingForDependency, message));
    }
    end(
        context,
        departure,
        Write::Revoke { group, key },
        activation,
        draft,
    )
}

fn end(
    context: &Context<'_>,
    departure: &Departure<'_>,
    write: Write,
    schedule: &Schedule,
    draft: &mut Draft,
) -> Outcome {
    let is_active = matches!(
        write,
        Write::Revoke {
            key: Key {
                kind: Kind::Active,
                ..
            },
            ..
        }
    );
    if let Some(until) = context
        .too_young_until(schedule.created, &schedule.window)
        .filter(|_| is_active)
    {
        draft.wake(Some(until));
        let message = format!(
            "{} became active less than five minutes ago; the service lets it be ended at {until}",
            departure.key.principal
        );
        return Outcome::Stays(State::waiting(Reason::TooYoung, message));
    }
    let object = departure.assignment.object();
    draft.add(
        StageKind::Revoke,
        Action {
            object,
            cause: Cause::Declared,
            write,
        },
    );
    Outcome::Stays(State::waiting(
        Reason::Progressing,
        "access is being taken away",
    ))
}
