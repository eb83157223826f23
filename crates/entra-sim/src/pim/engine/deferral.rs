//! Requests that were accepted and are carried out later, or never.
//!
//! Seen in the service: 201 with `Granted` or `PendingProvisioning`, and no schedule
//! (microsoftgraph/microsoft-graph-docs#16961, kayasax/EasyPIM#39). What a request comes to is decided when it is
//! asked, and fails later where it does not fit any more.

use jiff::Timestamp;
use uuid::Uuid;

use super::due::{Due, Happened};
use super::options::{EngineOptions, purge_at};
use super::record::{RequestRecord, Status};
use super::schedule::{NewSchedule, Origin, Privilege, Schedule, used};
use super::store::{Lookup, Store};
use super::terms::{Decision, Deferral, Deferred, Terms};
use crate::ids::ObjectId;

impl<P: Privilege> Store<P> {
    /// Accepts a request and puts it off.
    pub(super) fn defer(
        &mut self,
        mut request: RequestRecord<P>,
        decision: Decision,
        deferral: Deferral,
        terms: &Terms<'_>,
    ) -> RequestRecord<P> {
        request.status = deferral.status;
        if let Decision::Schedule(new) = decision {
            request.start = new.window.start;
            request.target = Some(request.id);
            request.uses = used(new.origin);
        }
        let deferred = Deferred {
            decision,
            instance: terms.fresh.instance,
        };
        self.deferred.insert(request.id, deferred);
        self.keep(request.clone());
        if let Some(at) = deferral
            .after
            .and_then(|after| terms.now.saturating_add(after).ok())
        {
            self.schedule_due(at, Due::Provision(request.id));
        }
        request
    }

    /// Carries out what was put off.
    pub(super) fn provision(
        &mut self,
        id: Uuid,
        at: Timestamp,
        options: &EngineOptions,
    ) -> Happened<P> {
        let waiting = self.deferred.remove(&id);
        let (Some(waiting), Some(request)) = (waiting, self.request(id).cloned()) else {
            return Happened::default();
        };
        let purge = purge_at(at, options);
        match waiting.decision {
            Decision::Schedule(new) => {
                let window = request.asked.requested.window(at);
                let (Ok(window), true) = (window, self.still_fits(&request, new)) else {
                    self.settle(id, Status::Failed, at, purge);
                    return Happened::default();
                };
                let status = if window.start > at {
                    Status::Granted
                } else {
                    Status::Provisioned
                };
                self.settle(id, status, at, purge);
                let new = NewSchedule { window, ..new };
                self.make(id, waiting.instance, &request.asked, new, at, options)
                    .into()
            }
            Decision::End(schedule) => {
                self.settle(id, Status::Revoked, at, purge);
                let shown_until = at.saturating_add(options.removal_lag).unwrap_or(at);
                self.end(schedule, at, shown_until, options).into()
            }
            Decision::EndStanding => {
                self.settle(id, Status::Revoked, at, purge);
                Happened {
                    ends_standing: Some(request.asked.holding),
                    ..Happened::default()
                }
            }
            Decision::Await { .. } | Decision::Deny { .. } => Happened::default(),
        }
    }

    /// Whether nothing has taken the place of a schedule that was to be made, and what it rests on still holds.
    fn still_fits(&self, request: &RequestRecord<P>, new: NewSchedule) -> bool {
        let holding = &request.asked.holding;
        match (new.origin, new.replaces) {
            (Origin::Assigned, Some(old)) => {
                self.schedule(old).is_some_and(|one| !one.is_orphaned())
            }
            (Origin::Assigned, None) => self.assigned(holding).is_none(),
            (Origin::Activated { eligibility, .. }, _) => {
                self.activated(holding).is_none()
                    && self.schedule(eligibility).is_some_and(Schedule::in_force)
            }
        }
    }

    /// The principal is gone, and what was still to come for them fails.
    pub(super) fn fail_deferred(
        &mut self,
        principal: ObjectId,
        at: Timestamp,
        options: &EngineOptions,
    ) {
        let waiting: Vec<Uuid> = self
            .requests(&Lookup::Principal(principal))
            .into_iter()
            .map(|request| request.id)
            .filter(|id| self.is_deferred(*id))
            .collect();
        for id in waiting {
            self.undefer(id);
            self.settle(id, Status::Failed, at, purge_at(at, options));
        }
    }
}
