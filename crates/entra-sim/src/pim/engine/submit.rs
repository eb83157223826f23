//! Carries a decided request out.

use jiff::Timestamp;
use uuid::Uuid;

use super::approval::Approval;
use super::clock::purge_at;
use super::decide::{Decision, Terms};
use super::{
    Action, Ask, Change, Customs, Force, Fresh, Mode, Note, Origin, Phase, Privilege, Refusal,
    Request, Schedule, Status, Store, Via,
};
use crate::pim::window::Window;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placing {
    pub(super) window: Window,
    pub(super) replaces: Option<Uuid>,
    pub(super) origin: Origin,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Submitted<P> {
    pub(crate) request: Request<P>,
    pub(crate) changes: Vec<Change<P>>,
    /// What is held outside of PIM ends; the area takes it away.
    pub(crate) ends_standing: bool,
}

impl<P: Privilege> Submitted<P> {
    fn quiet(request: Request<P>) -> Self {
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
        ask: Ask<P>,
        terms: &Terms<'_>,
    ) -> Result<Submitted<P>, Refusal> {
        let decision = self.decide(&ask, terms)?;
        let request = opened(ask, terms.fresh, terms.now);
        if request.ask.mode == Mode::ValidationOnly {
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
        ask: Ask<P>,
        fresh: Fresh,
        now: Timestamp,
        customs: &Customs,
    ) -> Request<P> {
        let request = Request {
            status: Status::Failed,
            completed: Some(now),
            ..opened(ask, fresh, now)
        };
        self.finish(request.clone(), now, customs);
        request
    }

    fn finish(&mut self, request: Request<P>, now: Timestamp, customs: &Customs) {
        let (id, status) = (request.id, request.status);
        self.keep(request);
        self.settle(id, status, now, purge_at(now, customs));
    }

    fn carry_out(
        &mut self,
        request: Request<P>,
        decision: Decision,
        terms: &Terms<'_>,
    ) -> Submitted<P> {
        let (now, customs) = (terms.now, terms.customs);
        match decision {
            Decision::Place(placing) => self.placed(request, placing, terms),
            Decision::Await { uses, start } => self.awaiting(request, uses, start, terms),
            Decision::Deny { start } => {
                let denied = Request {
                    start,
                    status: Status::Denied,
                    completed: Some(now),
                    ..request
                };
                self.finish(denied.clone(), now, customs);
                Submitted::quiet(denied)
            }
            Decision::End(id) => {
                let fades = now.saturating_add(customs.removal_lag).unwrap_or(now);
                let changes = self.end(id, now, fades, customs);
                let request = self.revoked(request, now, customs);
                Submitted {
                    changes,
                    ..Submitted::quiet(request)
                }
            }
            Decision::EndStanding => {
                let request = self.revoked(request, now, customs);
                Submitted {
                    ends_standing: true,
                    ..Submitted::quiet(request)
                }
            }
        }
    }

    fn placed(
        &mut self,
        mut request: Request<P>,
        placing: Placing,
        terms: &Terms<'_>,
    ) -> Submitted<P> {
        let (now, customs, start) = (terms.now, terms.customs, placing.window.start);
        request.start = start;
        request.status = if start > now {
            Status::Granted
        } else {
            Status::Provisioned
        };
        request.completed = Some(now);
        request.target = Some(request.id);
        request.uses = used(placing.origin);
        self.finish(request.clone(), now, customs);
        let changes = self.place(
            request.id,
            terms.fresh.instance,
            &request.ask,
            placing,
            now,
            customs,
        );
        Submitted {
            changes,
            ..Submitted::quiet(request)
        }
    }

    fn awaiting(
        &mut self,
        mut request: Request<P>,
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
            Approval {
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
        mut request: Request<P>,
        now: Timestamp,
        customs: &Customs,
    ) -> Request<P> {
        request.status = Status::Revoked;
        self.finish(request.clone(), now, customs);
        request
    }

    /// Makes the schedule of a request in the place of the one it replaces.
    pub(super) fn place(
        &mut self,
        id: Uuid,
        instance: Uuid,
        ask: &Ask<P>,
        placing: Placing,
        now: Timestamp,
        customs: &Customs,
    ) -> Vec<Change<P>> {
        let visible_from = now.saturating_add(customs.grant_lag).unwrap_or(now);
        let old = placing
            .replaces
            .and_then(|id| self.take(id, visible_from, now));
        let schedule = made(id, instance, ask, placing, now, visible_from);
        if let Some(old) = &old {
            self.rebind_activations(old, id);
        }
        self.lapsed.remove(&ask.holding);
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

    /// Withdraws a request that is undecided or whose start lies ahead.
    pub(crate) fn cancel(
        &mut self,
        id: Uuid,
        now: Timestamp,
        customs: &Customs,
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
        let changes = self.end(id, now, now, customs);
        self.undefer(id);
        self.settle(id, Status::Canceled, now, purge_at(now, customs));
        Ok(changes)
    }
}

fn made<P: Privilege>(
    id: Uuid,
    instance: Uuid,
    ask: &Ask<P>,
    placing: Placing,
    now: Timestamp,
    visible_from: Timestamp,
) -> Schedule<P> {
    let begins = placing.window.start <= now;
    Schedule {
        id,
        instance,
        holding: ask.holding.clone(),
        origin: placing.origin,
        window: placing.window,
        wish: ask.wish.clone(),
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

pub(super) fn used(origin: Origin) -> Option<(Uuid, Via)> {
    match origin {
        Origin::Assigned => None,
        Origin::Activated { eligibility, via } => Some((eligibility, via)),
    }
}

/// A request before anything was decided; a validation is answered like this.
fn opened<P>(ask: Ask<P>, fresh: Fresh, now: Timestamp) -> Request<P> {
    let start = ask.wish.start.map_or(now, |start| start.max(now));
    Request {
        id: fresh.request,
        ask,
        status: Status::Granted,
        created: now,
        start,
        completed: None,
        target: None,
        approval: None,
        uses: None,
    }
}

impl<P> Request<P> {
    /// Whether the answer shows the window: a removal has none.
    pub(super) fn shows_window(&self) -> bool {
        !matches!(
            self.ask.action,
            Action::AdminRemove | Action::SelfDeactivate
        )
    }
}
