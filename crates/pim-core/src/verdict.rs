//! What the planner says of each object: how it stands, what is wrong with it, what it remembers from now on. The
//! operator turns this into status; nothing here knows Kubernetes.

use jiff::Timestamp;

use crate::action::Difference;
use crate::boundary::Denial;

pub use crate::desired::SubjectState;
use crate::desired::{GrantRecord, HeldRemoval, Object, PendingGroup};
use crate::ids::{GroupId, PrincipalId};
use crate::knowledge::Sent;
use crate::principal::Principal;
use crate::reason::Reason;
use crate::role::RoleTarget;
use crate::rollout::RolloutTurn;
use crate::schedule::{ByAccess, End};
use crate::settings::EffectiveSetting;

/// Whether the tenant matches an object, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The tenant matches the object.
    Ready,
    /// The tenant matches, because the window has ended.
    Expired,
    /// Work is under way or waits for something that passes by itself.
    Waiting {
        /// The reason that conditions give.
        reason: Reason,
        /// The message that conditions give.
        message: String,
    },
    /// Nothing will happen until somebody acts.
    Stuck {
        /// The reason that conditions give.
        reason: Reason,
        /// The message that conditions give.
        message: String,
    },
    /// The object is being deleted and nothing of it is left in the tenant.
    Gone,
}

impl State {
    /// A state that waits for something which passes without a person.
    pub fn waiting(reason: Reason, message: impl Into<String>) -> Self {
        Self::Waiting {
            reason,
            message: message.into(),
        }
    }

    /// A state that needs somebody to act.
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

    /// Takes over another state if it is graver.
    pub fn raise(&mut self, other: Self) {
        *self = std::mem::replace(self, Self::Gone).graver(other);
    }
}

/// What the boundary says of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Authorization {
    /// It was not asked, because something else is missing.
    #[default]
    Unjudged,
    /// The boundary admits the object.
    Admitted,
    /// The boundary refuses the object, with its rule.
    Denied(Denial),
}

/// One subject of an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The subject as it is named.
    pub subject: Principal,
    /// Whom the name leads to.
    pub principal: Option<PrincipalId>,
    /// Whether the subject has the declared access.
    pub state: SubjectState,
    /// When the access of the subject ends.
    pub end: Option<End>,
    /// The end of an activation that runs.
    pub activated_until: Option<End>,
    /// When this object first granted it: what the status remembers.
    pub first_granted: Option<Timestamp>,
    /// A grant that was sent and may still show: what the status remembers.
    pub sent: Option<Sent>,
    /// What the status is to remember once the grant that is planned is next.
    pub record_on_grant: Option<Timestamp>,
    /// What is remembered of that somebody else took it away, while that is held.
    pub removed: Option<HeldRemoval>,
}

impl Row {
    /// A subject of whom nothing stands and nothing is remembered.
    pub fn bare(subject: Principal, principal: Option<PrincipalId>, state: SubjectState) -> Self {
        Self {
            subject,
            principal,
            state,
            end: None,
            activated_until: None,
            first_granted: None,
            sent: None,
            record_on_grant: None,
            removed: None,
        }
    }

    /// What is remembered of it in the next pass: only what was granted, or was about to be.
    pub fn record(&self) -> Option<GrantRecord> {
        Some(GrantRecord {
            subject: self.subject.clone(),
            principal: self.principal?,
            state: self.state,
            first_granted: self.first_granted?,
            sent: self.sent.clone(),
            activated_until: self.activated_until,
            removed: self.removed,
        })
    }

    /// Whether the subject has what is declared for it.
    pub fn stands(&self) -> bool {
        self.state.stands()
    }

    /// Whether the subject had it, and the boundary has had it taken away.
    pub fn is_revoked(&self) -> bool {
        self.state == SubjectState::Revoked
    }
}

/// Something wrong with one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The subject as the manifest names it.
    pub subject: Principal,
    /// The reason that status gives.
    pub reason: Reason,
    /// The message that status gives.
    pub message: String,
}

/// Whether a policy in the tenant equals what is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyState {
    /// The policy was not read yet.
    Unknown,
    /// The policy equals what is declared.
    Applied,
    /// The policy differs from what is declared, in these settings.
    Different(Vec<Difference>),
    /// It holds rules that are not known, not switched off and not admitted; each in words.
    Unmanaged(Vec<String>),
    /// It lacks rules that every policy has, or has some that cannot be read; their ids.
    Incomplete(Vec<String>),
}

/// What is said of one object, and what its status is to record beside that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict<R = Record> {
    /// Whether the tenant matches the object, or why not.
    pub state: State,
    /// Whether the boundary admits the object.
    pub authorization: Authorization,
    /// The differences between the object and the tenant.
    pub drift: Vec<Difference>,
    /// What only objects of its kind have.
    pub record: R,
}

/// What the status of an object records, by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// The record of a group.
    Group(GroupRecord),
    /// The record of a role binding.
    Binding(BindingRecord),
    /// Of an assignment of either kind.
    Assignment(AssignmentRecord),
}

/// What the status of a group records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRecord {
    /// Where it is in the tenant, once it is ours: remembered.
    pub id: Option<GroupId>,
    /// A creation or restore that is not settled: remembered.
    pub pending: Option<PendingGroup>,
    /// Whether the policies for members and owners equal what is declared.
    pub policies: ByAccess<PolicyState>,
    /// When the policies were last read.
    pub policies_read: Option<Timestamp>,
    /// People who stand eligible as declared, over all assignments.
    pub eligible: usize,
    /// People who stand active as declared, over all assignments.
    pub active: usize,
    /// What somebody else keeps changing in the group or for its objects, and who that may be.
    pub contested: Option<String>,
    /// What it holds, and who holds it, without an object that declares it.
    pub undeclared: UndeclaredFinding,
    /// Every setting of the policies for members and owners with its origin; empty while it is not known what they come to.
    pub settings: ByAccess<Vec<EffectiveSetting>>,
    /// Whether it is the turn of the group to take over a change of its template.
    pub turn: RolloutTurn,
    /// Mail of PIM that nobody would get.
    pub unheard_mail: UnheardMail,
    /// The authentication contexts of the policies that nothing in the tenant enforces, as far as that was read.
    pub unenforced_contexts: Vec<String>,
}

/// Mail of PIM about members that nobody would get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnheardMail {
    /// Not everything was read that decides who gets it.
    Unread,
    /// On these occasions, by their names under `notifications`.
    Found(Vec<&'static str>),
}

/// How much of what stands undeclared is named in one message; the rest is counted.
pub const MOST_TOLD: usize = 10;

/// What stands without an object that declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndeclaredFinding {
    /// Nobody looks for it.
    Ignored,
    /// Not everything was read that could show any, and nothing of what was read does.
    Unread,
    /// Nothing is found that this object may not declare, of which nobody knows what it does.
    InDoubt(Object),
    /// All that was found.
    Found {
        /// Each in words, what weighs most first. The order does not rest on what people are called.
        told: Vec<String>,
        /// Who of those concerned is told by name.
        people: Vec<PrincipalId>,
    },
}

/// What the status of a role binding records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindingRecord {
    /// The role that is bound or about to be: remembered.
    pub role: Option<RoleTarget>,
    /// When this object first bound it: remembered.
    pub first_bound: Option<Timestamp>,
    /// When the group stops to hold it, once that is known.
    pub end: Option<End>,
    /// A binding that was sent and may still show: remembered.
    pub sent: Option<Sent>,
    /// What people should know of it while it stands as declared.
    pub advice: Option<String>,
}

/// What the status of an assignment records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssignmentRecord {
    /// One row for each subject: remembered.
    pub rows: Vec<Row>,
    /// What is wrong with subjects.
    pub problems: Vec<Problem>,
    /// Subjects whose access ends soon and is not extended by itself, the first one first.
    pub expiring: Vec<(Timestamp, Principal)>,
}

impl<R: Into<Record>> Verdict<R> {
    /// The same, as it is kept beside verdicts of other kinds.
    pub fn of_any_kind(self) -> Verdict {
        Verdict {
            state: self.state,
            authorization: self.authorization,
            drift: self.drift,
            record: self.record.into(),
        }
    }
}

impl Verdict {
    /// The subjects of an assignment; of other kinds none.
    pub fn rows(&self) -> &[Row] {
        match &self.record {
            Record::Assignment(record) => &record.rows,
            Record::Group(_) | Record::Binding(_) => &[],
        }
    }
}

impl From<GroupRecord> for Record {
    fn from(record: GroupRecord) -> Self {
        Self::Group(record)
    }
}

impl From<BindingRecord> for Record {
    fn from(record: BindingRecord) -> Self {
        Self::Binding(record)
    }
}

impl From<AssignmentRecord> for Record {
    fn from(record: AssignmentRecord) -> Self {
        Self::Assignment(record)
    }
}
