//! Approvals of activations: one stage, open for a day.
//!
//! learn.microsoft.com: groups-approval-workflow (24 hours, not configurable), approval and approvalStage resources.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::change::Change;
use super::due::Due;
use super::options::{EngineOptions, purge_at};
use super::record::{RequestRecord, Status};
use super::review::{ApprovalRecord, Review, Verdict};
use super::schedule::{NewSchedule, Origin, Privilege, Schedule};
use super::store::Store;

pub(super) const OPEN_FOR: SignedDuration = SignedDuration::from_hours(24);

impl<P: Privilege> Store<P> {
    pub(crate) fn approval(&self, id: Uuid) -> Option<&ApprovalRecord> {
        self.approvals.get(&id)
    }

    /// Opens the approval of a request.
    pub(super) fn open_approval(&mut self, approval: ApprovalRecord, now: Timestamp) {
        let closes = now.saturating_add(OPEN_FOR).unwrap_or(now);
        self.schedule_due(closes, Due::ApprovalOver(approval.id));
        self.approvals.insert(approval.id, approval);
    }

    /// Carries an approver's answer out. `instance` is the id of the instance that an approval makes.
    pub(crate) fn review(
        &mut self,
        id: Uuid,
        review: Review,
        instance: Uuid,
        options: &EngineOptions,
    ) -> Vec<Change<P>> {
        let (verdict, now) = (review.verdict, review.at);
        let Some(approval) = self
            .approvals
            .get_mut(&id)
            .filter(|one| one.review.is_none() && !one.over)
        else {
            return Vec::new();
        };
        approval.review = Some(review);
        let id = approval.request;
        let waiting = |request: &&RequestRecord<P>| request.status == Status::PendingApproval;
        let Some(request) = self.request(id).filter(waiting).cloned() else {
            return Vec::new();
        };
        let purge = purge_at(now, options);
        if verdict == Verdict::Deny {
            self.settle(id, Status::Denied, now, purge);
            return Vec::new();
        }
        let scheduled = request
            .uses
            .filter(|(id, _)| self.schedule(*id).is_some_and(Schedule::in_force));
        let (Some((eligibility, via)), Ok(window)) =
            (scheduled, request.asked.requested.window(now))
        else {
            // The eligibility ended, or its principal was deleted, while the request waited.
            self.settle(id, Status::Failed, now, purge);
            return Vec::new();
        };
        let status = if window.start > now {
            Status::Granted
        } else {
            Status::Provisioned
        };
        self.settle(id, status, now, purge);
        let new = NewSchedule {
            window,
            replaces: None,
            origin: Origin::Activated { eligibility, via },
        };
        self.make(id, instance, &request.asked, new, now, options)
    }

    pub(super) fn approval_over(&mut self, id: Uuid, at: Timestamp, options: &EngineOptions) {
        let Some(approval) = self
            .approvals
            .get_mut(&id)
            .filter(|one| one.review.is_none())
        else {
            return;
        };
        approval.over = true;
        let request = approval.request;
        if self
            .request(request)
            .is_some_and(|one| one.status == Status::PendingApproval)
        {
            self.settle(request, Status::Denied, at, purge_at(at, options));
        }
    }
}
