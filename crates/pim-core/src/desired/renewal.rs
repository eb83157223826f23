//! What happens before access ends. When that is planned is decided elsewhere.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Assignment;
use crate::duration::Days;
use crate::schedule::ScheduleExpiration;

/// How long before its end access counts as ending soon, where nobody says. The portal offers to extend it as early
/// (learn.microsoft.com: groups-renew-extend).
const BEFORE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Who extends access that ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum RenewalMode {
    /// Somebody who changes the schedule; nobody else does.
    #[default]
    Manual,
    /// The operator, by the same duration again.
    Auto,
}

/// What happens before access ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Renewal {
    /// Who extends it.
    pub mode: RenewalMode,
    /// How long before the end that is due, and the end counts as near.
    pub before: Option<Days>,
    /// Beyond which moment nothing is extended.
    pub until: Option<Timestamp>,
}

impl Assignment {
    /// By how much access that ends at a moment is to be extended, if that is due.
    pub fn due_extension(&self, end: Timestamp, now: Timestamp) -> Option<SignedDuration> {
        let ScheduleExpiration::AfterDuration(days) = self.schedule.expiration else {
            return None;
        };
        let is_near = end.duration_since(now) <= self.lead();
        (self.renewal.mode == RenewalMode::Auto && is_near).then(|| days.length().to_signed())
    }

    /// How long before its end access counts as ending soon: of a duration half of it at most.
    pub fn lead(&self) -> SignedDuration {
        let before = self.renewal.before.map(|days| days.length().to_signed());
        let before = before.unwrap_or(BEFORE);
        match self.schedule.expiration {
            ScheduleExpiration::AfterDuration(days) => before.min(days.length().to_signed() / 2),
            ScheduleExpiration::EndTime(_) | ScheduleExpiration::Never => before,
        }
    }
}
