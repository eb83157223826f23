//! What the status of an assignment remembers of its subjects.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::PrincipalId;
use crate::knowledge::Sent;
use crate::principal::Principal;
use crate::schedule::End;

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
    /// Was taken away because the boundary does not admit it any more.
    Revoked,
}

impl SubjectState {
    /// Whether the subject has what is declared for it.
    pub fn stands(self) -> bool {
        matches!(self, Self::Eligible | Self::Active | Self::Scheduled)
    }
}

/// What an object granted before to one subject, or set out to. It says what may be revoked; it never makes a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRecord {
    /// The subject as it was named.
    pub subject: Principal,
    /// Whom the name led to.
    pub principal: PrincipalId,
    /// How the subject stood at the last report.
    pub state: SubjectState,
    /// When this object first granted it, or set out to; a renewal moves it.
    pub first_granted: Timestamp,
    /// A grant that was sent and may still show: it is not seen, or the service is still at it; without one, what was
    /// granted was seen.
    pub sent: Option<Sent>,
    /// The end of an activation that ran.
    pub activated_until: Option<End>,
    /// What was found of that somebody else had taken it away, while that is held.
    pub removed: Option<HeldRemoval>,
}

/// That somebody else took access away, and that it is not given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldRemoval {
    /// The generation of the object in which that was found: a later one is a new wish.
    pub generation: i64,
    /// Who took it away.
    pub by: Remover,
}

/// Who took access away in the tenant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Remover {
    /// An access review, as the audit log says.
    AccessReview,
    /// Anybody else.
    #[default]
    Other,
}
