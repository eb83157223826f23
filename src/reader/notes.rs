//! What is remembered of each group between two passes. Losing it costs reads, never correctness. Nothing is read here.

use std::collections::{BTreeMap, HashMap};

use entra_client::graph::GroupPolicies;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use pim_core::ids::{GroupId, ObjectName, PrincipalId};
use pim_core::knowledge::Read;
use pim_core::observed::Direct;

/// How long settings, members and owners that an earlier pass has read are good enough to be compared and looked through.
/// Before anything is granted on them, and before anybody is taken out, they are read anew.
pub const GOOD_FOR: SignedDuration = SignedDuration::from_mins(59);

/// What is remembered of all groups of a tenant, by the objects that declare them.
#[derive(Default)]
pub struct Notebook(Mutex<HashMap<ObjectName, GroupNotes>>);

/// What is remembered of one group.
#[derive(Debug, Clone, Default)]
pub struct GroupNotes {
    /// Since when it is not found.
    pub missing_since: Option<Timestamp>,
    /// Since when it is found among the deleted items.
    pub deleted_since: Option<Timestamp>,
    /// The policies that were read last.
    pub policies: Option<KeptPolicies>,
    /// Whether it was told after that that somebody changed them.
    pub are_policies_in_doubt: bool,
    /// The members and owners whom the directory listed last.
    pub people: Option<KeptPeople>,
    /// Whether something happened to them after that.
    pub are_people_in_doubt: bool,
    /// What principals are called whom no object names and of whom was told.
    pub strangers: BTreeMap<PrincipalId, String>,
}

/// Policies that an earlier pass has read.
#[derive(Debug, Clone)]
pub struct KeptPolicies {
    /// The group whose policies these are.
    pub group: GroupId,
    /// The policy for members and the one for owners.
    pub read: GroupPolicies,
    /// When they were read.
    pub at: Timestamp,
}

/// Members and owners whom an earlier pass has read in the directory.
#[derive(Debug, Clone)]
pub struct KeptPeople {
    /// The group that they are in.
    pub group: GroupId,
    /// All but service principals, and when they were read.
    pub people: Read<Vec<Direct>>,
    /// Service principals, and when they were read.
    pub applications: Read<Vec<Direct>>,
}

impl Notebook {
    /// Reads or changes the notes of one group.
    pub fn with<T>(&self, name: &ObjectName, change: impl FnOnce(&mut GroupNotes) -> T) -> T {
        change(self.0.lock().entry(name.clone()).or_default())
    }

    /// Forgets a group that is gone.
    pub fn forget(&self, name: &ObjectName) {
        self.0.lock().remove(name);
    }
}
