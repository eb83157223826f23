//! What time does: starts, ends, purges, approvals that nobody answered.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::change::{Change, Force, Note};
use super::due::{Due, Happened};
use super::options::{EngineOptions, purge_at};
use super::record::Status;
use super::schedule::{Holding, Phase, Privilege, Schedule};
use super::store::{Lookup, Store};
use crate::ids::ObjectId;

/// How long the service tries to take an ownership away before it lets it stand
/// (learn.microsoft.com: groups-activate-roles, deactivation of the last owner).
const GIVES_UP_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

impl<P: Privilege> Store<P> {
    /// Carries out one thing that is due at `at`.
    pub(crate) fn happen(
        &mut self,
        at: Timestamp,
        due: Due,
        options: &EngineOptions,
    ) -> Happened<P> {
        match due {
            Due::Start(id) => Vec::from_iter(self.start(id, at, options)).into(),
            Due::End(id) => self.window_over(id, at, options).into(),
            Due::ApprovalOver(id) => {
                self.approval_over(id, at, options);
                Happened::default()
            }
            Due::Purge(id) => {
                self.forget(id);
                Happened::default()
            }
            Due::Provision(id) => self.provision(id, at, options),
        }
    }

    fn start(&mut self, id: Uuid, at: Timestamp, options: &EngineOptions) -> Option<Change<P>> {
        if self.schedule(id)?.phase != Phase::Waiting {
            return None;
        }
        self.alter(id, |schedule| schedule.phase = Phase::InForce);
        if self
            .request(id)
            .is_some_and(|request| request.status == Status::Granted)
        {
            self.settle(id, Status::Provisioned, at, purge_at(at, options));
        }
        let schedule = self.schedule(id)?.clone();
        Some(Change {
            at,
            schedule,
            note: Note::Started,
            force: Force::Begins,
        })
    }

    fn window_over(&mut self, id: Uuid, at: Timestamp, options: &EngineOptions) -> Vec<Change<P>> {
        let Some(schedule) = self.schedule(id) else {
            return Vec::new();
        };
        let closed = schedule.window.end.is_some_and(|end| end <= at);
        match schedule.phase {
            // Its end was told when the principal was deleted.
            Phase::Orphaned { until, .. } if closed || until <= at => {
                self.take(id, at, at);
                return Vec::new();
            }
            // What was due concerned an earlier phase of its life.
            Phase::Orphaned { .. } => return Vec::new(),
            Phase::Waiting | Phase::InForce if !closed => return Vec::new(),
            Phase::Waiting | Phase::InForce | Phase::Overdue { .. } => {}
        }
        if schedule.is_assigned() && schedule.phase == Phase::InForce {
            self.expired.insert(schedule.holding.clone());
        }
        self.end(id, at, at, options)
    }

    /// Takes an ended schedule back because the access could not be taken away; it is tried again after `retry`.
    /// After thirty days the service gives up: false, and the access stands without a schedule.
    pub(crate) fn hold_over(
        &mut self,
        mut schedule: Schedule<P>,
        at: Timestamp,
        retry: SignedDuration,
    ) -> bool {
        let since = match schedule.phase {
            Phase::Overdue { since } => since,
            _ => at,
        };
        if at.duration_since(since) >= GIVES_UP_AFTER {
            return false;
        }
        schedule.phase = Phase::Overdue { since };
        schedule.window.end = Some(schedule.window.end.map_or(at, |end| end.min(at)));
        let id = schedule.id;
        self.expired.remove(&schedule.holding);
        self.insert(schedule);
        self.schedule_due(at.saturating_add(retry).unwrap_or(at), Due::End(id));
        true
    }

    /// The principal was deleted: what they held is void, lists show it for a while, and it comes back with them until
    /// `until`.
    pub(crate) fn principal_deleted(
        &mut self,
        principal: ObjectId,
        at: Timestamp,
        orphaned: Phase,
        options: &EngineOptions,
    ) -> Vec<Change<P>> {
        let Phase::Orphaned { until, .. } = orphaned else {
            return Vec::new();
        };
        self.fail_deferred(principal, at, options);
        let ids: Vec<Uuid> = self
            .schedules(&Lookup::Principal(principal))
            .into_iter()
            .map(|one| one.id)
            .collect();
        let mut changes = Vec::new();
        for id in ids {
            let Some(schedule) = self.schedule(id).cloned() else {
                continue;
            };
            if schedule.is_orphaned() {
                continue;
            }
            self.alter(id, |one| one.phase = orphaned);
            self.schedule_due(until, Due::End(id));
            changes.push(Change::ended(schedule, at));
        }
        changes
    }

    /// The principal was restored: what lists still show holds again.
    pub(crate) fn principal_restored(
        &mut self,
        principal: ObjectId,
        at: Timestamp,
    ) -> Vec<Change<P>> {
        let ids: Vec<Uuid> = self
            .schedules(&Lookup::Principal(principal))
            .into_iter()
            .filter(|one| one.is_orphaned())
            .map(|one| one.id)
            .collect();
        let mut changes = Vec::new();
        for id in ids {
            let Some(mut schedule) = self.take(id, at, at) else {
                continue;
            };
            if schedule.window.end.is_some_and(|end| end <= at) {
                continue;
            }
            let begins = schedule.window.contains(at);
            schedule.phase = if begins {
                Phase::InForce
            } else {
                Phase::Waiting
            };
            self.insert(schedule.clone());
            let force = if begins { Force::Begins } else { Force::Same };
            changes.push(Change {
                at,
                schedule,
                note: Note::Created,
                force,
            });
        }
        changes
    }

    /// The place is gone, and with it every schedule and request.
    pub(crate) fn scope_deleted(&mut self, place: &P::ScopeKey, at: Timestamp) -> Vec<Change<P>> {
        let lookup = Lookup::Scope(place.clone());
        let requests: Vec<Uuid> = self
            .requests(&lookup)
            .into_iter()
            .map(|request| request.id)
            .collect();
        for id in requests {
            self.forget(id);
        }
        let ids: Vec<Uuid> = self
            .schedules(&lookup)
            .into_iter()
            .map(|schedule| schedule.id)
            .collect();
        let ended = ids
            .into_iter()
            .filter_map(|id| self.take(id, at, at))
            .collect::<Vec<_>>();
        ended
            .into_iter()
            .filter(|schedule| !schedule.is_orphaned())
            .map(|schedule| Change::ended(schedule, at))
            .collect()
    }

    /// The access was taken away by other means; its schedule ends with it.
    pub(crate) fn overridden(
        &mut self,
        holding: &Holding<P>,
        at: Timestamp,
        options: &EngineOptions,
    ) -> Vec<Change<P>> {
        let ids: Vec<Uuid> = self
            .of_holding(holding)
            .filter(|schedule| schedule.in_force())
            .map(|schedule| schedule.id)
            .collect();
        ids.into_iter()
            .flat_map(|id| self.end(id, at, at, options))
            .collect()
    }
}
