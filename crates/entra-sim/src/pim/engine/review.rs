//! An approval and the answer of its approver. Data.

use jiff::Timestamp;
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::ids::ObjectId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(ascii_case_insensitive)]
pub(crate) enum Verdict {
    Approve,
    Deny,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Review {
    pub(crate) verdict: Verdict,
    pub(crate) by: ObjectId,
    pub(crate) justification: Option<String>,
    pub(crate) at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApprovalRecord {
    pub(crate) id: Uuid,
    pub(crate) stage: Uuid,
    pub(crate) request: Uuid,
    pub(crate) review: Option<Review>,
    pub(crate) over: bool,
}
