//! What the audit log of a tenant told of its groups, kept for as long as somebody may ask whose doing a difference is.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use pim_core::audit_log::{AuditLog, Deed};
use pim_core::ids::GroupId;
use pim_core::knowledge::later;

/// How long what was told is kept: a removal is ascribed to an access review that old after a week without the operator.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The most deeds that are kept of one group: somebody who changes it all the time costs no memory.
const MOST: usize = 200;

/// What the log told of all groups.
#[derive(Debug, Default)]
pub struct Deeds(Mutex<KeptDeeds>);

#[derive(Debug, Default)]
struct KeptDeeds {
    read: Option<Timestamp>,
    of: HashMap<GroupId, Vec<Deed>>,
}

impl Deeds {
    /// The log was read; this is what is new in it.
    pub fn keep(&self, new: impl IntoIterator<Item = (GroupId, Deed)>, read: Timestamp) {
        let mut kept = self.0.lock();
        kept.read = Some(read);
        for (group, deed) in new {
            let deeds = kept.of.entry(group).or_default();
            let place = deeds.partition_point(|known| known.at <= deed.at);
            deeds.insert(place, deed);
            let surplus = deeds.len().saturating_sub(MOST);
            deeds.drain(..surplus);
        }
        kept.of.retain(|_, deeds| {
            deeds.retain(|deed| later(deed.at, KEPT) > read);
            !deeds.is_empty()
        });
    }

    /// The log may not be read, or not any more.
    pub fn forget(&self) {
        *self.0.lock() = KeptDeeds::default();
    }

    /// What is known of one group.
    pub fn of(&self, group: Option<GroupId>) -> AuditLog {
        let kept = self.0.lock();
        let deeds = group.and_then(|group| kept.of.get(&group));
        AuditLog {
            read: kept.read,
            deeds: deeds.cloned().unwrap_or_default(),
        }
    }
}
