//! What the planner says of each object: how it stands, what is wrong with it, what it remembers from now on. The
//! operator turns this into status; nothing here knows Kubernetes.

use jiff::Timestamp;

use crate::action::Difference;
use crate::boundary::Denial;
use crate::ids::{GroupId, PrincipalId, RoleDefinitionId};
use crate::principal::Principal;
use crate::reason::Reason;
use crate::schedule::End;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// When this object first granted it, or sets out to: what the status remembers.
    pub first_granted: Option<Timestamp>,
    /// What it remembered before.
    pub noted: Option<Timestamp>,
    /// What it is to remember once the grant that is planned is next.
    pub to_note: Option<Timestamp>,
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
    /// How the member policy stands.
    pub member_policy: PolicyState,
    /// How the owner policy stands.
    pub owner_policy: PolicyState,
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
}

/// What is said of a role binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindingVerdict {
    /// How it stands.
    pub state: State,
    /// What the boundary says.
    pub authorization: Authorization,
    /// The role that is or will be bound: what the status remembers.
    pub role: Option<RoleDefinitionId>,
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
