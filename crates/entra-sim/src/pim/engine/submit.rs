//! Carries a decided request out.

use jiff::Timestamp;
use uuid::Uuid;

use super::change::Change;
use super::options::{EngineOptions, purge_at};
use super::record::{RequestRecord, Status};
use super::request::{Mode, Request};
use super::review::ApprovalRecord;
use super::schedule::{NewSchedule, Phase, Privilege, Via, used};
use super::store::Store;
use super::terms::{Decision, Fresh, Terms};
use crate::pim::refusal::Refusal;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Submitted<P> {
    pub(crate) request: RequestRecord<P>,
    pub(crate) changes: Vec<Change<P>>,
    /// What is held outside of PIM ends; the area takes it away.
    pub(crate) ends_standing: bool,
}

impl<P: Privilege> Submitted<P> {
    fn quiet(request: RequestRecord<P>) -> Self {
        Self {
            request,
            changes: Vec::new(),
            ends_standing: false,
        }
    }
}

impl<P: Privilege> Store<P> {
    /// Judges a request and carries it out, unless only its validation is asked for.
    pub(crate) fn submit(
        &mut self,
        asked: Request<P>,
        terms: &Terms<'_>,
    ) -> Result<Submitted<P>, Refusal> {
        let decision = self.decide(&asked, terms)?;
        let request = opened(asked, terms.fresh, terms.now);
        if request.asked.mode == Mode::ValidationOnly {
            return Ok(Submitted::quiet(request));
        }
        Ok(match terms.deferral {
            Some(deferral) if decision.can_wait() => {
                let request = self.defer(request, decision, deferral, terms);
                Submitted::quiet(request)
            }
            _ => self.carry_out(request, decision, terms),
        })
    }

    /// Notes a request that the service accepted and could not carry out.
    pub(crate) fn fail(
        &mut self,
        asked: Request<P>,
        fresh: Fresh,
        now: Timestamp,
        options: &EngineOptions,
    ) -> RequestRecord<P> {
        let request = RequestRecord {
            status: Status::Failed,
            completed: Some(now),
            ..opened(asked, fresh, now)
        };
        self.finish(request.clone(), now, options);
        request
    }

    fn finish(&mut self, request: RequestRecord<P>, now: Timestamp, options: &EngineOptions) {
        let (id, status) = (request.id, request.status);
        self.keep(request);
        self.settle(id, status, now, purge_at(now, options));
    }

    fn carry_out(
        &mut self,
        request: RequestRecord<P>,
        decision: Decision,
        terms: &Terms<'_>,
    ) -> Submitted<P> {
        let (now, options) = (terms.now, terms.options);
        match decision {
            Decision::Schedule(new) => self.scheduled(request, new, terms),
            Decision::Await { uses, start } => self.awaiting(request, uses, start, terms),
            Decision::Deny { start } => {
                let denied = RequestRecord {
                    start,
                    status: Status::Denied,
                    completed: Some(now),
                    ..request
                };
                self.finish(denied.clone(), now, options);
                Submitted::quiet(denied)
            }
            Decision::End(id) => {
                let shown_until = now.saturating_add(options.removal_lag).unwrap_or(now);
                let changes = self.end(id, now, shown_until, options);
                let request = self.revoked(request, now, options);
                Submitted {
                    changes,
                    ..Submitted::quiet(request)
                }
            }
            Decision::EndStanding => {
                let request = self.revoked(request, now, options);
                Submitted {
                    ends_standing: true,
                    ..Submitted::quiet(request)
                }
            }
        }
    }

    fn scheduled(
        &mut self,
        mut request: RequestRecord<P>,
        new: NewSchedule,
        terms: &Terms<'_>,
    ) -> Submitted<P> {
        let (now, options, start) = (terms.now, terms.options, new.window.start);
        request.start = start;
        request.status = if start > now {
            Status::Granted
        } else {
            Status::Provisioned
        };
        request.completed = Some(now);
        request.target = Some(request.id);
        request.uses = used(new.origin);
        self.finish(request.clone(), now, options);
        let changes = self.make(
            request.id,
            terms.fresh.instance,
            &request.asked,
            new,
            now,
            options,
        );
        Submitted {
            changes,
            ..Submitted::quiet(request)
        }
    }

    fn awaiting(
        &mut self,
        mut request: RequestRecord<P>,
        uses: (Uuid, Via),
        start: Timestamp,
        terms: &Terms<'_>,
    ) -> Submitted<P> {
        let Fresh {
            approval: id,
            stage,
            ..
        } = terms.fresh;
        request.start = start;
        request.status = Status::PendingApproval;
        request.approval = Some(id);
        request.target = Some(request.id);
        request.uses = Some(uses);
        self.open_approval(
            ApprovalRecord {
                id,
                stage,
                request: request.id,
                review: None,
                over: false,
            },
            terms.now,
        );
        self.keep(request.clone());
        Submitted::quiet(request)
    }

    /// The answer to a removal names no schedule, no window and no completion.
    fn revoked(
        &mut self,
        mut request: RequestRecord<P>,
        now: Timestamp,
        options: &EngineOptions,
    ) -> RequestRecord<P> {
        request.status = Status::Revoked;
        self.finish(request.clone(), now, options);
        request
    }

    /// Withdraws a request that is undecided or whose start lies ahead.
    pub(crate) fn cancel(
        &mut self,
        id: Uuid,
        now: Timestamp,
        options: &EngineOptions,
    ) -> Result<Vec<Change<P>>, Refusal> {
        let request = self.request(id).ok_or(Refusal::ResourceNotFound)?;
        let pending = match request.status {
            _ if self.is_deferred(id) => true,
            Status::PendingApproval => true,
            Status::Granted => self
                .schedule(id)
                .is_some_and(|schedule| schedule.phase == Phase::Waiting),
            _ => false,
        };
        if !pending {
            return Err(Refusal::request("A finished request can not be canceled."));
        }
        let changes = self.end(id, now, now, options);
        self.undefer(id);
        self.settle(id, Status::Canceled, now, purge_at(now, options));
        Ok(changes)
    }
}

/// A request before anything was decided; a validation is answered like this.
fn opened<P>(asked: Request<P>, fresh: Fresh, now: Timestamp) -> RequestRecord<P> {
    let start = asked.requested.start.map_or(now, |start| start.max(now));
    RequestRecord {
        id: fresh.request,
        asked,
        status: Status::Granted,
        created: now,
        start,
        completed: None,
        target: None,
        approval: None,
        uses: None,
    }
}
