//! Makes schedules and ends them, for whatever reason. Requests, approvals and the clock stand above.

use jiff::Timestamp;
use uuid::Uuid;

use super::change::{Change, Force, Note};
use super::options::{EngineOptions, Quirk};
use super::request::Request;
use super::schedule::{Kind, NewSchedule, Origin, Phase, Privilege, Schedule};
use super::store::{Lookup, Store};

impl<P: Privilege> Store<P> {
    /// Makes the schedule of a request in the place of the one it replaces.
    pub(super) fn make(
        &mut self,
        id: Uuid,
        instance: Uuid,
        asked: &Request<P>,
        new: NewSchedule,
        now: Timestamp,
        options: &EngineOptions,
    ) -> Vec<Change<P>> {
        let visible_from = now.saturating_add(options.grant_lag).unwrap_or(now);
        let old = new.replaces.and_then(|id| self.take(id, visible_from, now));
        let schedule = made(id, instance, asked, new, now, visible_from);
        if let Some(old) = &old {
            self.rebind_activations(old, id);
        }
        self.expired.remove(&asked.holding);
        self.insert(schedule.clone());
        let was_in_force = old.as_ref().is_some_and(Schedule::in_force);
        let force = match (was_in_force, schedule.in_force()) {
            (false, true) => Force::Begins,
            (true, false) => Force::Ceases,
            _ => Force::Same,
        };
        let note = if old.is_some() {
            Note::Changed
        } else {
            Note::Created
        };
        vec![Change {
            at: now,
            schedule,
            note,
            force,
        }]
    }

    /// An activation goes on under the eligibility that replaced its own.
    fn rebind_activations(&mut self, old: &Schedule<P>, new: Uuid) {
        for activation in self.activations_of(old) {
            self.alter(activation, |schedule| {
                if let Origin::Activated { eligibility, .. } = &mut schedule.origin {
                    *eligibility = new;
                }
            });
        }
    }

    /// Ends a schedule and, for an eligibility, the activations that used it.
    pub(super) fn end(
        &mut self,
        id: Uuid,
        at: Timestamp,
        shown_until: Timestamp,
        options: &EngineOptions,
    ) -> Vec<Change<P>> {
        let Some(schedule) = self.take(id, shown_until, at) else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        if schedule.holding.kind == Kind::Eligible && options.has(Quirk::RemovalEndsActivation) {
            for activation in self.activations_of(&schedule) {
                changes.extend(self.end(activation, at, shown_until, options));
            }
        }
        if !schedule.is_orphaned() {
            changes.insert(0, Change::ended(schedule, at));
        }
        changes
    }

    /// Activations that used an eligibility. Those of an eligible group belong to its members.
    fn activations_of(&self, eligibility: &Schedule<P>) -> Vec<Uuid> {
        self.schedules(&Lookup::Scope(eligibility.holding.privilege.scope_key()))
            .into_iter()
            .filter(|one| matches!(one.origin, Origin::Activated { eligibility: id, .. } if id == eligibility.id))
            .map(|one| one.id)
            .collect()
    }
}

fn made<P: Privilege>(
    id: Uuid,
    instance: Uuid,
    asked: &Request<P>,
    new: NewSchedule,
    now: Timestamp,
    visible_from: Timestamp,
) -> Schedule<P> {
    let begins = new.window.start <= now;
    Schedule {
        id,
        instance,
        holding: asked.holding.clone(),
        origin: new.origin,
        window: new.window,
        requested: asked.requested.clone(),
        created: now,
        modified: None,
        phase: if begins {
            Phase::InForce
        } else {
            Phase::Waiting
        },
        visible_from,
    }
}
