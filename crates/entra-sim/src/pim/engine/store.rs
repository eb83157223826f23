//! Schedules, requests and approvals with the indexes that lists and the clock need.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::due::Due;
use super::record::{RequestRecord, Status};
use super::review::ApprovalRecord;
use super::schedule::{Holding, Kind, Phase, Privilege, Schedule};
use super::terms::Deferred;
use crate::ids::ObjectId;

/// What a list asks for. The service wants a place or a principal; nothing else has an index.
#[derive(Clone, Debug)]
pub(crate) enum Lookup<P: Privilege> {
    Scope(P::ScopeKey),
    Principal(ObjectId),
    Everything,
}

/// A schedule that ended or was replaced and that lists still show.
#[derive(Clone, Debug)]
struct Ended<P> {
    schedule: Schedule<P>,
    until: Timestamp,
}

/// Everything the engine remembers of one area.
#[derive(Clone, Debug)]
pub(crate) struct Store<P: Privilege> {
    schedules: BTreeMap<Uuid, Schedule<P>>,
    by_holding: BTreeMap<Holding<P>, Vec<Uuid>>,
    by_scope: BTreeMap<P::ScopeKey, BTreeSet<Uuid>>,
    by_principal: BTreeMap<ObjectId, BTreeSet<Uuid>>,
    ended: Vec<Ended<P>>,
    requests: BTreeMap<Uuid, RequestRecord<P>>,
    requests_by_scope: BTreeMap<P::ScopeKey, BTreeSet<Uuid>>,
    requests_by_principal: BTreeMap<ObjectId, BTreeSet<Uuid>>,
    pending: BTreeMap<Holding<P>, Uuid>,
    pub(super) approvals: BTreeMap<Uuid, ApprovalRecord>,
    /// What accepted requests will come to, if ever.
    pub(super) deferred: BTreeMap<Uuid, Deferred>,
    /// Assignments that ended by their window, which can be renewed.
    pub(super) expired: BTreeSet<Holding<P>>,
    due: BTreeSet<(Timestamp, Due)>,
}

impl<P: Privilege> Default for Store<P> {
    fn default() -> Self {
        Self {
            schedules: BTreeMap::new(),
            by_holding: BTreeMap::new(),
            by_scope: BTreeMap::new(),
            by_principal: BTreeMap::new(),
            ended: Vec::new(),
            requests: BTreeMap::new(),
            requests_by_scope: BTreeMap::new(),
            requests_by_principal: BTreeMap::new(),
            pending: BTreeMap::new(),
            approvals: BTreeMap::new(),
            deferred: BTreeMap::new(),
            expired: BTreeSet::new(),
            due: BTreeSet::new(),
        }
    }
}

fn unindex<K: Ord>(index: &mut BTreeMap<K, BTreeSet<Uuid>>, key: &K, id: Uuid) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(&id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}

impl<P: Privilege> Store<P> {
    /// A schedule by the GUID of its key, whether lists show it or not.
    pub(crate) fn schedule(&self, id: Uuid) -> Option<&Schedule<P>> {
        self.schedules.get(&id)
    }

    /// All schedules of a holding: one that was assigned, one that was activated.
    pub(crate) fn of_holding(&self, holding: &Holding<P>) -> impl Iterator<Item = &Schedule<P>> {
        self.by_holding
            .get(holding)
            .into_iter()
            .flatten()
            .filter_map(|id| self.schedules.get(id))
    }

    /// The schedule that an administrator made.
    pub(super) fn assigned(&self, holding: &Holding<P>) -> Option<&Schedule<P>> {
        self.of_holding(holding)
            .find(|schedule| schedule.is_assigned())
    }

    pub(super) fn activated(&self, holding: &Holding<P>) -> Option<&Schedule<P>> {
        self.of_holding(holding)
            .find(|schedule| !schedule.is_assigned())
    }

    pub(crate) fn schedules(&self, lookup: &Lookup<P>) -> Vec<&Schedule<P>> {
        let by_ids = |ids: Option<&BTreeSet<Uuid>>| {
            ids.into_iter()
                .flatten()
                .filter_map(|id| self.schedules.get(id))
                .collect()
        };
        match lookup {
            Lookup::Scope(place) => by_ids(self.by_scope.get(place)),
            Lookup::Principal(principal) => by_ids(self.by_principal.get(principal)),
            Lookup::Everything => self.schedules.values().collect(),
        }
    }

    /// Schedules as lists show them, with the lag of the service.
    pub(crate) fn shown(
        &self,
        lookup: &Lookup<P>,
        kind: Kind,
        now: Timestamp,
    ) -> Vec<&Schedule<P>> {
        let meets = |schedule: &Schedule<P>| match lookup {
            Lookup::Scope(place) => schedule.holding.privilege.scope_key() == *place,
            Lookup::Principal(principal) => schedule.holding.principal == *principal,
            Lookup::Everything => true,
        };
        let ended = self
            .ended
            .iter()
            .filter(|ended| ended.until > now)
            .map(|ended| &ended.schedule);
        let is_shown = |schedule: &&Schedule<P>| match schedule.phase {
            Phase::Orphaned { shown_until, .. } => now < shown_until,
            _ => schedule.visible_from <= now,
        };
        let living = self.schedules(lookup).into_iter().filter(is_shown);
        living
            .chain(ended.filter(|schedule| schedule.visible_from <= now && meets(schedule)))
            .filter(|schedule| schedule.holding.kind == kind)
            .collect()
    }

    /// Adds a schedule with what time will do to it.
    pub(super) fn insert(&mut self, schedule: Schedule<P>) {
        let id = schedule.id;
        self.by_holding
            .entry(schedule.holding.clone())
            .or_default()
            .push(id);
        self.by_scope
            .entry(schedule.holding.privilege.scope_key())
            .or_default()
            .insert(id);
        self.by_principal
            .entry(schedule.holding.principal)
            .or_default()
            .insert(id);
        if schedule.phase == Phase::Waiting {
            self.due.insert((schedule.window.start, Due::Start(id)));
        }
        // The end of an overdue schedule lies behind; its next try is noted by who holds it over.
        if let (Some(end), Phase::Waiting | Phase::InForce) = (schedule.window.end, schedule.phase)
        {
            self.due.insert((end, Due::End(id)));
        }
        self.schedules.insert(id, schedule);
    }

    /// Takes a schedule out; lists show it until `shown_until`.
    pub(super) fn take(
        &mut self,
        id: Uuid,
        shown_until: Timestamp,
        now: Timestamp,
    ) -> Option<Schedule<P>> {
        let schedule = self.schedules.remove(&id)?;
        if let Some(ids) = self.by_holding.get_mut(&schedule.holding) {
            ids.retain(|one| *one != id);
            if ids.is_empty() {
                self.by_holding.remove(&schedule.holding);
            }
        }
        unindex(
            &mut self.by_scope,
            &schedule.holding.privilege.scope_key(),
            id,
        );
        unindex(&mut self.by_principal, &schedule.holding.principal, id);
        self.ended.retain(|ended| ended.until > now);
        if shown_until > now {
            self.ended.push(Ended {
                schedule: schedule.clone(),
                until: shown_until,
            });
        }
        Some(schedule)
    }

    /// Changes a schedule in place; what it is about stays.
    pub(super) fn alter(&mut self, id: Uuid, change: impl FnOnce(&mut Schedule<P>)) {
        if let Some(schedule) = self.schedules.get_mut(&id) {
            change(schedule);
        }
    }

    pub(crate) fn request(&self, id: Uuid) -> Option<&RequestRecord<P>> {
        self.requests.get(&id)
    }

    /// Requests that were not purged yet.
    pub(crate) fn requests(&self, lookup: &Lookup<P>) -> Vec<&RequestRecord<P>> {
        let by_ids = |ids: Option<&BTreeSet<Uuid>>| {
            ids.into_iter()
                .flatten()
                .filter_map(|id| self.requests.get(id))
                .collect()
        };
        match lookup {
            Lookup::Scope(place) => by_ids(self.requests_by_scope.get(place)),
            Lookup::Principal(principal) => by_ids(self.requests_by_principal.get(principal)),
            Lookup::Everything => self.requests.values().collect(),
        }
    }

    pub(super) fn keep(&mut self, request: RequestRecord<P>) {
        let holding = &request.asked.holding;
        self.requests_by_scope
            .entry(holding.privilege.scope_key())
            .or_default()
            .insert(request.id);
        self.requests_by_principal
            .entry(holding.principal)
            .or_default()
            .insert(request.id);
        if request.status == Status::PendingApproval || self.is_deferred(request.id) {
            self.pending.insert(holding.clone(), request.id);
        }
        self.requests.insert(request.id, request);
    }

    pub(super) fn settle(&mut self, id: Uuid, status: Status, now: Timestamp, purge: Timestamp) {
        if let Some(request) = self.requests.get_mut(&id) {
            request.status = status;
            request.completed = Some(now);
            if self.pending.get(&request.asked.holding) == Some(&id) {
                self.pending.remove(&request.asked.holding);
            }
            self.due.insert((purge, Due::Purge(id)));
        }
    }

    pub(super) fn forget(&mut self, id: Uuid) {
        if let Some(request) = self.requests.remove(&id) {
            unindex(
                &mut self.requests_by_scope,
                &request.asked.holding.privilege.scope_key(),
                id,
            );
            unindex(
                &mut self.requests_by_principal,
                &request.asked.holding.principal,
                id,
            );
            if self.pending.get(&request.asked.holding) == Some(&id) {
                self.pending.remove(&request.asked.holding);
            }
            self.undefer(id);
            if let Some(approval) = request.approval {
                self.approvals.remove(&approval);
            }
        }
    }

    /// Whether a request was put off and is not carried out yet.
    pub(super) fn is_deferred(&self, id: Uuid) -> bool {
        self.deferred.contains_key(&id)
    }

    /// Forgets what a request was to come to.
    pub(super) fn undefer(&mut self, id: Uuid) {
        self.deferred.remove(&id);
    }

    pub(super) fn pending(&self, holding: &Holding<P>) -> Option<&RequestRecord<P>> {
        self.pending
            .get(holding)
            .and_then(|id| self.requests.get(id))
    }

    pub(super) fn schedule_due(&mut self, at: Timestamp, due: Due) {
        self.due.insert((at, due));
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Takes the next thing that is due until `now`.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, Due)> {
        if self.next_due()? <= now {
            self.due.pop_first()
        } else {
            None
        }
    }
}
