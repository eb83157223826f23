//! What every part of the planner asks for: where the group stands, what its policies must be, whether the guard holds.
//! Computed once; no actions are made here.

use jiff::{SignedDuration, Timestamp};

use super::claims::Claims;
use super::policy::{self, Target};
use crate::boundary::Denial;
use crate::desired::{self, Lifecycle, Standing};
use crate::ids::GroupId;
use crate::observed::{self, Management, Presence};
use crate::reason::Reason;
use crate::schedule::{Access, ByAccess};
use crate::verdict::{Authorization, PolicyState, State};

/// The service refuses to take away active access that is younger than this (learn.microsoft.com:
/// groups-assign-member-owner).
pub const YOUNGEST: SignedDuration = SignedDuration::from_mins(5);

/// What there is to build on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Footing {
    /// The group stands and is admitted: access may be given once the guard holds.
    Firm(GroupId),
    /// Nothing may be given; why.
    None(State),
}

/// The inputs, with what follows from them at once.
pub struct Context<'a> {
    /// What should be.
    pub desired: &'a desired::Unit,
    /// What is.
    pub observed: &'a observed::Unit,
    /// Both policies as they must be.
    pub targets: ByAccess<Target>,
    /// What the boundary says of the group and its policies.
    pub authorization: Authorization,
    /// What there is to build on.
    pub footing: Footing,
    /// Who holds which access.
    pub claims: Claims,
}

impl<'a> Context<'a> {
    /// Works out what follows from the inputs.
    pub fn new(desired: &'a desired::Unit, observed: &'a observed::Unit) -> Self {
        let targets = ByAccess {
            member: policy::target(desired, observed, Access::Member),
            owner: policy::target(desired, observed, Access::Owner),
        };
        let authorization = judge(desired, &targets);
        let footing = footing(desired, observed, &targets, &authorization);
        let claims = Claims::new(desired, observed.now, &authorization);
        Self { desired, observed, targets, authorization, footing, claims }
    }

    /// What time the service says it is.
    pub fn now(&self) -> Timestamp {
        self.observed.now
    }

    /// The group as it stands in the tenant, whether admitted or not.
    pub fn group_id(&self) -> Option<GroupId> {
        match &self.observed.group {
            Presence::Living(group) => Some(group.id),
            _ => None,
        }
    }

    /// How the policy of one access stands, by its last reading.
    pub fn policy_state(&self, access: Access) -> PolicyState {
        policy::state(self.targets.get(access), self.observed.policies.last(access))
    }

    /// Whether the policy of one access was read in this look and equals the declared one.
    pub fn guard_holds(&self, access: Access) -> Guard {
        match self.observed.policies.fresh(access) {
            None => Guard::Unread,
            Some(policy) => match policy::state(self.targets.get(access), Some(policy)) {
                PolicyState::Applied => Guard::Holds,
                _ => Guard::Missing,
            },
        }
    }

    /// When something made at a moment is old enough to be taken away, if it is not yet.
    pub fn too_young_until(&self, created: Option<Timestamp>) -> Option<Timestamp> {
        let old_enough = created?.checked_add(YOUNGEST).ok()?;
        (old_enough > self.now()).then_some(old_enough)
    }
}

/// Whether access may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// It may.
    Holds,
    /// The policy must be written first.
    Missing,
    /// The policy must be read first.
    Unread,
}

fn judge(desired: &desired::Unit, targets: &ByAccess<Target>) -> Authorization {
    let Some(boundary) = &desired.boundary else {
        let message = "the AccessBoundary named by spec.boundaryRef does not exist; nothing is admitted without one".to_owned();
        return Authorization::Denied(Denial { rule: "spec.boundaryRef", message });
    };
    if let Err(denial) = boundary.judge_group(&desired.group) {
        return Authorization::Denied(denial);
    }
    let approver = |name: &crate::principal::Principal| desired.names.identity(name).map(|identity| identity.id);
    for access in Access::ALL {
        let Target::Rules(rules) = targets.get(access) else { continue };
        if let Err(denial) = boundary.judge_policy(access, rules, &approver) {
            return Authorization::Denied(denial);
        }
    }
    Authorization::Admitted
}

/// The reason of a denial: whoever was admitted before is told that this changed.
pub fn denied(denial: &Denial, standing: Standing) -> State {
    let reason = match standing {
        Standing::New => Reason::BoundaryDenied,
        Standing::AdmittedBefore => Reason::BoundaryViolated,
    };
    State::stuck(reason, denial.message.clone())
}

fn footing(desired: &desired::Unit, observed: &observed::Unit, targets: &ByAccess<Target>, authorization: &Authorization) -> Footing {
    if desired.group.lifecycle == Lifecycle::Deleting {
        let message = format!("PrivilegedGroup {} is being deleted; nothing more is granted", desired.group.name);
        return Footing::None(State::waiting(Reason::WaitingForDependency, message));
    }
    if let Authorization::Denied(denial) = authorization {
        return Footing::None(denied(denial, desired.group.standing));
    }
    for access in Access::ALL {
        if let Target::Unclear(state) = targets.get(access) {
            return Footing::None(state.clone());
        }
    }
    match &observed.group {
        Presence::Living(group) if group.management == Management::Restricted => Footing::None(State::stuck(
            Reason::ManagementRestricted,
            format!("group {} is in a restricted management unit, where the service refuses every change; take it out of the unit", group.id),
        )),
        Presence::Living(group) => Footing::Firm(group.id),
        Presence::Twins(ids) => Footing::None(twins(desired, ids)),
        Presence::Stranger(id) => Footing::None(State::stuck(
            Reason::AdoptionConflict,
            format!("group {id} no longer bears the key {} as its mailNickname; give it back, or delete this object", desired.group.key),
        )),
        Presence::Absent { .. } | Presence::Deleted(_) => Footing::None(State::waiting(
            Reason::WaitingForDependency,
            format!("PrivilegedGroup {} does not stand in the tenant yet", desired.group.name),
        )),
    }
}

fn twins(desired: &desired::Unit, ids: &[GroupId]) -> State {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let message = format!(
        "several groups bear the key {} as their mailNickname: {}; delete all but one",
        desired.group.key,
        ids.join(", ")
    );
    State::stuck(Reason::AdoptionConflict, message)
}
