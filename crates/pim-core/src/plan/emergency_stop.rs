//! The emergency stop: whoever the tenant denies loses every access to the group, declared or not, before anything else is
//! written. Needs no boundary, no claim and no guard, and no pause stops it. Only the last owner stays, because the service
//! takes nobody else's word for that.

use jiff::Timestamp;

use super::context::PlanContext;
use super::draft::Draft;
use super::facts::cleanup::CleanupTarget;
use super::owner;
use super::stage::StageKind;
use crate::action::{Action, Cause, Write, WriteKey};
use crate::ids::GroupId;
use crate::knowledge::{Held, Part, next_look};
use crate::memory::Attempt;
use crate::observed::{Nature, Schedule};
use crate::reason::Reason;
use crate::schedule::{Access, Key, Kind};
use crate::verdict::State;

/// How many are named in one message.
const NAMED: usize = 10;

/// What is said of somebody who is denied.
pub fn told(context: &PlanContext<'_>) -> String {
    format!(
        "EntraTenant {} denies them (spec.deniedPrincipals), so nothing is granted before their id is removed there",
        context.desired.group.tenant
    )
}

/// What is said of the last owner, who is denied and whom the service keeps.
pub fn last_owner(context: &PlanContext<'_>) -> State {
    match owner::retained_state(context) {
        State::Stuck { reason, message } => State::Stuck {
            reason,
            message: format!("{}; {message}", told(context)),
        },
        state => state,
    }
}

/// Whether somebody is the owner whom the service keeps for now.
fn is_last_owner(context: &PlanContext<'_>, key: Key) -> bool {
    key == Key::owner(key.principal) && context.retained_last_owner == Some(key.principal)
}

/// How somebody who is denied is taken out. What PIM refuses to end for five minutes, what it knows nothing of, and what it
/// still lists after it took the request ends by a removal through the directory, which ends the assignment of PIM as well
/// (learn.microsoft.com: concept-pim-for-groups).
pub fn removal(
    context: &PlanContext<'_>,
    group: GroupId,
    key: Key,
    young: Option<Timestamp>,
    draft: &mut Draft,
) -> Write {
    let revoke = WriteKey::Revoke(key);
    let attempt = draft.memory.attempts.get(&revoke);
    let is_in_vain = attempt.is_some_and(|attempt| {
        let is_listed = attempt.retry_at > draft.now && context.observed.is_fresh(Part::Active);
        attempt.knows_nothing() || is_listed
    });
    if is_in_vain {
        draft.wanted.insert(revoke);
    }
    if key.kind == Kind::Active && (young.is_some() || is_in_vain) {
        return Write::RemoveDirect {
            group,
            access: key.access,
            principal: key.principal,
        };
    }
    Write::Revoke { group, key }
}

/// Takes away what no object remembers to have granted, and says how the group stands because of it. What one remembers is
/// taken away on its behalf.
pub fn plan(context: &PlanContext<'_>, draft: &mut Draft) -> Option<State> {
    let CleanupTarget::Ready(group) = context.cleanup else {
        return None;
    };
    if context.desired.rules.denied.is_empty() {
        return None;
    }
    let mut sweep = Sweep {
        context,
        group,
        going: Vec::new(),
        state: None,
    };
    for kind in [Kind::Eligible, Kind::Active] {
        for row in context.observed.list(kind).rows() {
            sweep.scheduled(row, row.key(kind), draft);
        }
    }
    for part in Part::DIRECTORY {
        sweep.plain(part, draft);
    }
    sweep.told()
}

/// What the emergency stop has come to in one group so far.
struct Sweep<'a> {
    context: &'a PlanContext<'a>,
    group: GroupId,
    going: Vec<String>,
    state: Option<State>,
}

impl Sweep<'_> {
    fn denies(&self, key: Key) -> bool {
        self.context.desired.rules.denies(key.principal)
    }

    /// Takes away what PIM lists.
    fn scheduled(&mut self, row: &Schedule, key: Key, draft: &mut Draft) {
        let context = self.context;
        // One whose window has ended owns the group for as long as the service lists them.
        let is_over = row.window.end.is_over(context.now()) && key.access == Access::Member;
        if !self.denies(key) || is_over {
            return;
        }
        if is_last_owner(context, key) {
            self.state = Some(last_owner(context));
            return;
        }
        let mut departures = context.pending_revocations.iter();
        if row.nature == Nature::Assigned && departures.any(|one| one.key == key) {
            return;
        }
        let young = context.too_young_until(key.kind, row.created, &row.window);
        draft.wake(young);
        let write = removal(context, self.group, key, young, draft);
        self.take_away(key, write, draft);
    }

    /// Takes out whom only the directory lists.
    fn plain(&mut self, part: Part, draft: &mut Draft) {
        let context = self.context;
        let list = match part {
            Part::People => &context.observed.people,
            _ => &context.observed.applications,
        };
        // They are as old as the list of PIM, and no older: what that shows may be gone from here, and the reverse.
        let is_old = context.observed.is_fresh(Part::Active) && !context.observed.is_fresh(part);
        if is_old || list.last().is_none() {
            draft.need(part);
        }
        let Some(read_at) = list.last_at() else {
            return;
        };
        for direct in list.rows() {
            let key = direct.key();
            if !self.denies(key) || self.is_scheduled(key) {
                continue;
            }
            if let Some(removed) = removed_since(key, read_at, draft) {
                // The list may be older than that, and is read again soon.
                self.going.push(context.desired.held_by(key));
                draft.wake(Some(next_look(removed, context.now())));
            } else {
                let write = Write::RemoveDirect {
                    group: self.group,
                    access: direct.access,
                    principal: direct.principal,
                };
                self.take_away(key, write, draft);
            }
        }
    }

    /// Whether PIM lists it, so that it is decided by that.
    fn is_scheduled(&self, key: Key) -> bool {
        let now = self.context.now();
        let mut rows = self.context.observed.active.rows().iter();
        let of_key = |row: &Schedule| row.key(Kind::Active) == key && !row.window.is_future(now);
        is_last_owner(self.context, key) || rows.any(of_key)
    }

    fn take_away(&mut self, key: Key, write: Write, draft: &mut Draft) {
        let attempt = draft.memory.series(&write);
        let is_unknown = attempt.is_some_and(Attempt::knows_nothing);
        if is_unknown && self.context.desired.names.is_gone(key.principal) {
            // The service refuses requests that name somebody who is gone, and its lists go on showing them for hours
            // (cisagov/ScubaGear#1305).
            draft.wanted.insert(write.key());
            return;
        }
        self.going.push(self.context.desired.held_by(key));
        let action = Action {
            object: self.context.desired.group.object(),
            cause: Cause::EmergencyStop,
            write,
        };
        draft.add(StageKind::EmergencyStop, action);
    }

    fn told(mut self) -> Option<State> {
        if self.going.is_empty() {
            return self.state;
        }
        self.going.sort();
        self.going.truncate(NAMED);
        let going = State::waiting(
            Reason::Progressing,
            format!(
                "taking away what denied people have: {}",
                self.going.join(", ")
            ),
        );
        Some(match self.state {
            Some(state) => state.graver(going),
            None => going,
        })
    }
}

/// When somebody was taken out, if that was after a list was read that shows them.
fn removed_since(key: Key, read_at: Timestamp, draft: &Draft) -> Option<Timestamp> {
    let removed = draft.memory.removed.get(&Held::Access(key)).copied();
    removed.filter(|removed| *removed >= read_at)
}
