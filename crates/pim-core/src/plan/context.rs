//! What every part of the planner asks for: where the group stands, what its policies must be, who holds which claim,
//! what has to go. Computed once; no actions are made here.

use jiff::{SignedDuration, Timestamp};

use super::facts::claims::Claims;
use super::facts::cleanup::{self, CleanupTarget};
use super::facts::pending_revocation::{self, PendingRevocation};
use super::facts::target::{self, PolicyTarget};
use super::facts::violation::BoundaryViolations;
use super::facts::{administrative_unit, adopted, adoption, last_owner};
use crate::boundary::{ADOPTABLE, Denial};
use crate::desired::{self, Lifecycle, Mode, PreviousAdmission};
use crate::ids::{GroupId, PrincipalId};
use crate::knowledge::{Needs, Part, later};
use crate::memory::Memory;
use crate::observed::{self, Presence};
use crate::reason::Reason;
use crate::schedule::{Access, ByAccess, End, Kind, Window};
use crate::verdict::{Authorization, State};

/// The service refuses to take away active access that is younger than this (learn.microsoft.com:
/// groups-assign-member-owner).
pub const YOUNGEST: SignedDuration = SignedDuration::from_mins(5);

/// Whether access may be given in this group, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantTarget {
    /// The group stands and is admitted: access may be given once the guard holds.
    Ready(GroupId),
    /// Nothing may be given; why.
    Blocked(State),
}

/// The inputs, with what follows from them at once.
pub struct PlanContext<'a> {
    /// The declared group with all its objects.
    pub desired: &'a desired::Unit,
    /// What was read of the group in the tenant.
    pub observed: &'a observed::Unit,
    /// What is remembered of earlier plans.
    pub memory: &'a Memory,
    /// Both policies as they must be.
    pub targets: ByAccess<PolicyTarget>,
    /// What the boundary says of the group and its policies.
    pub authorization: Authorization,
    /// What was granted and goes because the boundary does not admit it any more.
    pub violations: BoundaryViolations,
    /// Why nothing at all may be given to the group, if so.
    pub blocker: Option<State>,
    /// What has to be read to know that.
    pub needs: Needs,
    /// What there is to take away from.
    pub cleanup: CleanupTarget,
    /// What there is to build on.
    pub grant_target: GrantTarget,
    /// Which object has the claim to each access.
    pub claims: Claims,
    /// What was declared once and has to go.
    pub pending_revocations: Vec<PendingRevocation<'a>>,
    /// The owner who stays for now, although they have to go.
    pub retained_last_owner: Option<PrincipalId>,
}

impl<'a> PlanContext<'a> {
    /// Works out what follows from the inputs.
    pub fn new(
        desired: &'a desired::Unit,
        observed: &'a observed::Unit,
        memory: &'a Memory,
    ) -> Self {
        let targets = ByAccess {
            member: target::target(desired, observed, Access::Member),
            owner: target::target(desired, observed, Access::Owner),
        };
        let authorization = judge(desired, &targets);
        let violations = BoundaryViolations::new(desired, observed.now, memory);
        let claims = Claims::new(desired, observed, &authorization, &violations);
        let mut needs = Needs::default();
        if counts_what_stands(desired, &targets, &authorization) {
            target::need(observed, &mut needs);
        }
        let blocker = refusal(desired, &targets, &authorization)
            .or_else(|| cleanup::lost(desired, observed))
            .or_else(|| cleanup::duplicated(desired, observed))
            .or_else(|| adopted::blocker(desired, observed, &mut needs))
            .or_else(|| adoption::blocker(desired, observed, &claims, &mut needs));
        let cleanup = cleanup::target(desired, observed, memory, blocker.as_ref(), &mut needs);
        let grant_target = grant_target(desired, observed, blocker.as_ref());
        let pending_revocations = pending_revocation::pending_revocations(
            desired,
            observed,
            &claims,
            &authorization,
            &violations,
            &cleanup,
        );
        let retained_last_owner =
            last_owner::retained_last_owner(desired, observed, &pending_revocations);
        Self {
            desired,
            observed,
            memory,
            targets,
            authorization,
            violations,
            blocker,
            needs,
            cleanup,
            grant_target,
            claims,
            pending_revocations,
            retained_last_owner,
        }
    }

    /// What time the service says it is.
    pub fn now(&self) -> Timestamp {
        self.observed.now
    }

    /// The part that has to be read of a list before anything may be given by it, if it was not read in this pass.
    pub fn unread_list(&self, kind: Kind) -> Option<Part> {
        let is_fresh = self.observed.list(kind).fresh().is_some();
        (!is_fresh).then(|| Part::of(kind))
    }

    /// When somebody's activation ends, if one runs. Where the group cannot be read, the one that is remembered goes on
    /// until its end; what lies among the deleted items gives nobody anything.
    pub fn activated_until(
        &self,
        access: Access,
        principal: PrincipalId,
        record: Option<&desired::GrantRecord>,
    ) -> Option<End> {
        let is_hidden = self.observed.active.last().is_none()
            && !matches!(self.observed.group, Presence::Deleted { .. });
        if is_hidden {
            let remembered = record.and_then(|record| record.activated_until);
            return remembered.filter(|end| !end.is_over(self.now()));
        }
        let runs = self.observed.activation(access, principal);
        runs.map(|schedule| schedule.window.end)
    }

    /// When something is old enough to be taken away, if it is not yet. What is young is what has been active for less than
    /// five minutes; what has not begun, or must be activated first, can be taken away at any time.
    pub fn too_young_until(
        &self,
        kind: Kind,
        created: Option<Timestamp>,
        window: &Window,
    ) -> Option<Timestamp> {
        if kind == Kind::Eligible || window.is_future(self.now()) {
            return None;
        }
        self.old_enough(created.max(window.start)?)
    }

    /// When something that became active at a moment can be taken away, if it cannot be yet.
    pub fn old_enough(&self, begun: Timestamp) -> Option<Timestamp> {
        Some(later(begun, YOUNGEST)).filter(|old_enough| *old_enough > self.now())
    }
}

fn judge(desired: &desired::Unit, targets: &ByAccess<PolicyTarget>) -> Authorization {
    let Some(boundary) = &desired.boundary else {
        let why = desired.boundary_fault.as_ref().map_or_else(
            || "does not exist".to_owned(),
            |fault| format!("cannot be read ({fault})"),
        );
        let message = format!(
            "AccessBoundary {}, which spec.boundaryRef names, {why}; nothing is admitted without one",
            desired.group.boundary
        );
        return Authorization::Denied(Denial {
            rule: "spec.boundaryRef",
            message,
        });
    };
    if let Err(denial) = boundary.judge_group(&desired.group) {
        return Authorization::Denied(denial);
    }
    let approver = |name: &crate::principal::Principal| {
        desired.names.identity(name).map(|identity| identity.id)
    };
    for access in Access::ALL {
        let PolicyTarget::Rules(rules) = targets.get(access) else {
            continue;
        };
        if let Err(denial) = boundary.judge_policy(access, rules, &approver) {
            return Authorization::Denied(denial);
        }
    }
    Authorization::Admitted
}

/// Whether what is said against the group rests on policies that somebody may have changed since they were read.
fn counts_what_stands(
    desired: &desired::Unit,
    targets: &ByAccess<PolicyTarget>,
    authorization: &Authorization,
) -> bool {
    let is_unclear = Access::ALL
        .into_iter()
        .any(|access| matches!(targets.get(access), PolicyTarget::Unclear(_)));
    let is_weak = matches!(authorization, Authorization::Denied(denial) if denial.rule.starts_with("spec.policyFloor"));
    desired.group.mode == Mode::Merge && (is_unclear || is_weak)
}

/// The reason of a denial: whoever was admitted before is told that this changed, and of a group that may not be taken
/// over, that it would have to be listed.
pub fn denied(denial: &Denial, before: PreviousAdmission) -> State {
    let reason = match before {
        _ if denial.rule == ADOPTABLE => Reason::AdoptionRequired,
        PreviousAdmission::None => Reason::BoundaryDenied,
        PreviousAdmission::Admitted => Reason::BoundaryViolated,
        PreviousAdmission::Revoked => {
            return State::stuck(Reason::RevokedByBoundary, taken_away(denial));
        }
    };
    State::stuck(reason, denial.message.clone())
}

/// What is said of something that was taken away because the boundary does not admit it any more.
pub fn taken_away(denial: &Denial) -> String {
    format!(
        "{}, so it was taken away (spec.onViolation); change this object or the boundary to have it granted again",
        denial.message
    )
}

/// What the manifests alone say against the group.
fn refusal(
    desired: &desired::Unit,
    targets: &ByAccess<PolicyTarget>,
    authorization: &Authorization,
) -> Option<State> {
    if let Authorization::Denied(denial) = authorization {
        return Some(denied(denial, desired.group.previous_admission));
    }
    let unclear = || {
        let mut all = Access::ALL.into_iter();
        all.find_map(|access| match targets.get(access) {
            PolicyTarget::Unclear(state) => Some(state.clone()),
            PolicyTarget::Rules(_) => None,
        })
    };
    administrative_unit::refusal(&desired.group).or_else(unclear)
}

fn grant_target(
    desired: &desired::Unit,
    observed: &observed::Unit,
    blocker: Option<&State>,
) -> GrantTarget {
    let name = &desired.group.name;
    if desired.group.lifecycle == Lifecycle::Deleting {
        let message = format!("PrivilegedGroup {name} is being deleted; nothing more is granted");
        return GrantTarget::Blocked(State::waiting(Reason::WaitingForDependency, message));
    }
    match (blocker, &observed.group) {
        (Some(state), _) => GrantTarget::Blocked(state.clone()),
        (None, Presence::Living(group)) => GrantTarget::Ready(group.id),
        (None, _) => {
            let message = format!("PrivilegedGroup {name} does not exist in the tenant yet");
            GrantTarget::Blocked(State::waiting(Reason::WaitingForDependency, message))
        }
    }
}
