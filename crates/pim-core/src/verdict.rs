//! What the planner says of each object: how it stands, what is wrong with it, what it remembers from now on. The
//! operator turns this into status; nothing here knows Kubernetes.

use jiff::Timestamp;

use crate::action::Difference;
use crate::boundary::Denial;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::desired::{Memo, PendingGroup};
use crate::ids::{GroupId, PrincipalId, RoleDefinitionId};
use crate::knowledge::Sent;
use crate::principal::Principal;
use crate::reason::Reason;
use crate::schedule::{ByAccess, End};

/// How an object stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The tenant matches.
    Ready,
    /// The tenant matches, because the window has ended.
    Expired,
    /// Work is under way or waits for something that passes by itself.
    Waiting {
        /// Why.
        reason: Reason,
        /// In words.
        message: String,
    },
    /// Nothing will happen until somebody acts.
    Stuck {
        /// Why.
        reason: Reason,
        /// In words.
        message: String,
    },
    /// The object is being deleted and nothing of it is left in the tenant.
    Gone,
}

impl State {
    /// Waits for something.
    pub fn waiting(reason: Reason, message: impl Into<String>) -> Self {
        Self::Waiting {
            reason,
            message: message.into(),
        }
    }

    /// Needs somebody.
    pub fn stuck(reason: Reason, message: impl Into<String>) -> Self {
        Self::Stuck {
            reason,
            message: message.into(),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Gone => 0,
            Self::Expired => 1,
            Self::Ready => 2,
            Self::Waiting { .. } => 3,
            Self::Stuck { .. } => 4,
        }
    }

    /// Keeps the graver of two states.
    #[must_use]
    pub fn graver(self, other: Self) -> Self {
        if other.rank() > self.rank() {
            other
        } else {
            self
        }
    }
}

/// What the boundary says of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Authorization {
    /// It was not asked, because something else is missing.
    #[default]
    Unjudged,
    /// Admitted.
    Admitted,
    /// Not admitted.
    Denied(Denial),
}

/// How one subject stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum SubjectState {
    /// Stands as declared; eligible.
    Eligible,
    /// Stands as declared; active.
    Active,
    /// Stands as declared; begins later.
    Scheduled,
    /// Not granted yet.
    Pending,
    /// The window has ended.
    Expired,
    /// Being taken away.
    Revoking,
    /// Cannot be granted; see the problems.
    Refused,
}

/// One subject of an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The subject as it is named.
    pub subject: Principal,
    /// Whom the name leads to.
    pub principal: Option<PrincipalId>,
    /// How it stands.
    pub state: SubjectState,
    /// When it ends.
    pub end: Option<End>,
    /// The end of an activation that runs.
    pub activated_until: Option<End>,
    /// When this object first granted it: what the status remembers.
    pub first_granted: Option<Timestamp>,
    /// A grant that was sent and may still show: what the status remembers.
    pub sent: Option<Sent>,
    /// What the status is to remember once the grant that is planned is next.
    pub record_on_grant: Option<Timestamp>,
}

impl Row {
    /// What is remembered of it in the next pass: only what was granted, or was about to be.
    pub fn memo(&self) -> Option<Memo> {
        Some(Memo {
            subject: self.subject.clone(),
            principal: self.principal?,
            first_granted: self.first_granted?,
            sent: self.sent.clone(),
            activated_until: self.activated_until,
        })
    }

    /// Whether the subject has what is declared for it.
    pub fn stands(&self) -> bool {
        matches!(
            self.state,
            SubjectState::Eligible | SubjectState::Active | SubjectState::Scheduled
        )
    }
}

/// Something wrong with one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The subject.
    pub subject: Principal,
    /// Why.
    pub reason: Reason,
    /// In words.
    pub message: String,
}

/// What is said of the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupVerdict {
    /// How it stands.
    pub state: State,
    /// What the boundary says.
    pub authorization: Authorization,
    /// Where it stands in the tenant, once it is ours: what the status remembers.
    pub id: Option<GroupId>,
    /// A creation or restore that is not settled: what the status remembers.
    pub pending: Option<PendingGroup>,
    /// How both policies stand.
    pub policies: ByAccess<PolicyState>,
    /// When the policies were last read.
    pub policies_read: Option<Timestamp>,
    /// What differs.
    pub drift: Vec<Difference>,
    /// People who stand eligible as declared, over all assignments.
    pub eligible: usize,
    /// People who stand active as declared, over all assignments.
    pub active: usize,
}

/// How a policy stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyState {
    /// It was not read yet.
    Unknown,
    /// It equals what is declared.
    Applied,
    /// These settings differ.
    Different(Vec<Difference>),
    /// It holds rules that are not known and not switched off.
    Unmanaged(Vec<String>),
    /// It lacks rules that every policy has, or has some that cannot be read; their ids.
    Incomplete(Vec<String>),
}

/// What is said of a role binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindingVerdict {
    /// How it stands.
    pub state: State,
    /// What the boundary says.
    pub authorization: Authorization,
    /// The role that is bound or about to be: what the status remembers.
    pub role: Option<RoleDefinitionId>,
    /// A binding that was sent and may still show: what the status remembers.
    pub sent: Option<Sent>,
    /// What differs.
    pub drift: Vec<Difference>,
}

/// What is said of an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentVerdict {
    /// How it stands.
    pub state: State,
    /// What the boundary says.
    pub authorization: Authorization,
    /// Each subject.
    pub rows: Vec<Row>,
    /// What is wrong with subjects.
    pub problems: Vec<Problem>,
    /// What differs.
    pub drift: Vec<Difference>,
}
