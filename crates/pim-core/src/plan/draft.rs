//! A plan while it is put together: the writes that come up, what has to be read for them, and when time alone changes
//! something. A write that was tried before and is not due again is kept apart here, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::context::PlanContext;
use super::facts::{adoption, cleanup};
use super::stage::StageKind;
use crate::action::{Action, WakeAt, WriteKey, earlier};
use crate::desired::{self, Lifecycle, ManagementPolicy, Object, Pause};
use crate::knowledge::{APART, Absence, Held, Missing, Needs, Part, later, next_look};
use crate::memory::{Answer, Attempt, Memory};
use crate::observed::{self, Presence, ScopeFault};
use crate::schedule::Access;

/// Writes and needs as they come up.
#[derive(Debug)]
pub struct Draft {
    /// What time the service says it is.
    pub now: Timestamp,
    /// The writes of each stage.
    pub actions: BTreeMap<StageKind, Vec<Action>>,
    /// Writes that were tried before and are not due again.
    pub held: Vec<(Action, Attempt)>,
    /// Writes of objects that are paused, or whose tenant is only observed.
    pub suspended: Vec<Action>,
    /// What has to be read.
    pub needs: Needs,
    /// When time alone changes something.
    pub wake_at: WakeAt,
    /// What is remembered from now on.
    pub memory: Memory,
    /// Every write that came up.
    pub wanted: BTreeSet<WriteKey>,
    /// How many absences are not certain yet.
    pub doubts: usize,
    management: ManagementPolicy,
    paused: BTreeSet<Object>,
    stale: BTreeSet<Part>,
    unreadable: BTreeSet<Part>,
}

impl Draft {
    /// Begins a plan without any writes.
    pub fn new(context: &PlanContext<'_>) -> Self {
        let mut draft = Self {
            now: context.now(),
            actions: BTreeMap::new(),
            held: Vec::new(),
            suspended: Vec::new(),
            needs: context
                .needs
                .iter()
                .filter(|part| !context.observed.unreadable.contains_key(part))
                .copied()
                .collect(),
            wake_at: None,
            memory: context.memory.clone(),
            wanted: BTreeSet::new(),
            doubts: 0,
            management: context.desired.rules.management,
            paused: paused(context.desired),
            stale: stale(context.observed),
            unreadable: context.observed.unreadable.keys().copied().collect(),
        };
        draft.memory.forget_old(draft.now);
        draft.memory.violations = context.violations.since();
        draft.wake(context.violations.next_due());
        let is_living = matches!(context.observed.group, Presence::Living(_));
        if is_living && context.violations.asks_for_names() {
            draft.need(Part::Names);
        }
        draft.wake(match context.observed.group {
            Presence::Absent { since } => {
                cleanup::doubtful_until(context.desired, since, draft.now)
            }
            Presence::Deleted { since, .. } => {
                cleanup::deleted_until(since, draft.now, context.memory)
            }
            _ => None,
        });
        let mut faults = context.observed.scope_faults.values();
        if faults.any(|fault| matches!(fault, ScopeFault::Unread(..))) {
            // What could not be read this time is read again soon.
            draft.wake(Some(later(draft.now, APART)));
        }
        if let Some(since) = missing_since(context, &mut draft) {
            draft.wake(Some(next_look(since, draft.now)));
        }
        draft
    }

    /// Whether the writes of an object are told and not sent: because the tenant is only observed, or the object is paused. No
    /// pause stops what the tenant or the boundary asks for.
    pub fn suspends(&self, stage: StageKind, object: &Object) -> bool {
        let is_paused = !stage.overrules_a_pause() && self.paused.contains(object);
        is_paused || self.management == ManagementPolicy::Observe
    }

    /// Adds a write, unless it is not to be sent, or was tried a moment ago.
    pub fn add(&mut self, stage: StageKind, action: Action) {
        if self.suspends(stage, &action.object) {
            self.suspended.push(action);
            return;
        }
        let key = action.write.key();
        self.wanted.insert(key.clone());
        let series = self.memory.series(&action.write);
        if let Some(attempt) = series
            .filter(|attempt| attempt.retry_at > self.now)
            .cloned()
        {
            self.hold_back(action, attempt);
            return;
        }
        let actions = self.actions.entry(stage).or_default();
        if !actions.iter().any(|known| known.write.key() == key) {
            actions.push(action);
        }
    }

    /// Keeps a write apart that was tried before. What became of one that the service took shows when it is read.
    fn hold_back(&mut self, action: Action, attempt: Attempt) {
        if matches!(attempt.answer, Answer::Refused(_)) {
            self.wake(Some(attempt.retry_at));
        } else {
            self.wake(Some(
                next_look(attempt.since, self.now).min(attempt.retry_at),
            ));
            for part in action.write.key().touches() {
                if self.stale.contains(part) {
                    self.need(*part);
                }
            }
        }
        self.held.push((action, attempt));
    }

    /// Notes that a part has to be read before the plan can go further, unless it was in this pass. One that holds what
    /// cannot be read is not read again for it.
    pub fn need(&mut self, part: Part) {
        let is_read = part != Part::Names && !self.stale.contains(&part);
        if !is_read && !self.unreadable.contains(&part) {
            self.needs.insert(part);
        }
    }

    /// Notes that time alone changes something. What lies behind changes nothing any more.
    pub fn wake(&mut self, at: WakeAt) {
        self.wake_at = earlier(self.wake_at, at.filter(|at| *at > self.now));
    }

    /// Whether something that a list read at `looked` does not show is gone; if that is not certain yet, when it may be.
    pub fn absence(
        &mut self,
        held: &Held,
        looked: Timestamp,
        sent: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let missing = Missing {
            looked,
            since: *self.memory.absent.get(held).unwrap_or(&looked),
            sent,
            removed: self.memory.removed.get(held).copied(),
        };
        self.memory
            .absent
            .insert(held.clone(), missing.remembered());
        match missing.absence() {
            Absence::Believed => None,
            Absence::DoubtfulUntil(until) => {
                self.doubt(until);
                Some(until)
            }
        }
    }

    /// Notes that something may still appear, until this moment at the latest.
    pub fn doubt(&mut self, until: Timestamp) {
        self.doubts += 1;
        self.wake(Some(until));
    }

    /// Notes that something is shown: a later absence begins anew.
    pub fn shown(&mut self, held: &Held) {
        self.memory.absent.remove(held);
    }

    /// Notes that the service is still at giving something: absences count from when it was carried out, and whatever
    /// it answered to a removal before that says nothing.
    pub fn still_comes(&mut self, held: &Held, removal: &WriteKey) {
        self.shown(held);
        self.memory.removed.remove(held);
        self.memory.attempts.remove(removal);
    }
}

/// The parts that were not read in this pass.
fn stale(observed: &observed::Unit) -> BTreeSet<Part> {
    let others = [Part::Policies, Part::Units].into_iter();
    let parts = others.chain(adoption::EVERYTHING);
    parts.filter(|part| !observed.is_fresh(*part)).collect()
}

/// The objects that are not to change anything.
fn paused(desired: &desired::Unit) -> BTreeSet<Object> {
    desired
        .pauses()
        .filter(|(_, pause)| *pause != Pause::Running)
        .map(|(object, _)| object)
        .collect()
}

/// Since when one of the policies of a group that is wanted is not listed, if that was seen in this pass.
fn missing_since(context: &PlanContext<'_>, draft: &mut Draft) -> Option<Timestamp> {
    let looked = context.observed.policies.fresh_at()?;
    let is_wanted = context.desired.group.lifecycle == Lifecycle::Living
        && matches!(context.observed.group, Presence::Living(_));
    let missing = |access: &Access| context.observed.fresh_policy(*access).is_none();
    let mut earliest = None;
    for access in Access::ALL {
        let held = Held::Policy(access);
        if !is_wanted || !missing(&access) {
            draft.shown(&held);
            continue;
        }
        let since = *draft.memory.absent.entry(held).or_insert(looked);
        earliest = earlier(earliest, Some(since));
    }
    earliest
}
