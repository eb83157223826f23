//! Reads a tenant for many groups at once: what several groups ask for travels in one operation, what was read for one
//! look is kept for that look. Reads everything or fails: a list that came in part is no list. Never writes.

mod coalesce;
pub mod convert;
mod observe;
mod principals;
mod roles;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entra_client::Graph;
use entra_client::graph::groups::Group;
use entra_client::graph::principals::Principal;
use jiff::{SignedDuration, Timestamp};
use pim_core::ids::{GroupId, GroupKey, ObjectName, PrincipalId};
use pim_core::observed;
use pim_core::schedule::ByAccess;

use coalesce::Coalescer;

pub use entra_client::{Class, Error};
pub use observe::{Previous, Reading, Target, observe};
pub use principals::{Depth, Found};
pub use roles::RoleDirectory;

/// How long a policy that was read is good enough to be compared with. Before a grant it is always read anew.
const POLICIES_AFTER: SignedDuration = SignedDuration::from_mins(60);

/// How long questions are gathered before they are asked together.
const GATHER: Duration = Duration::from_millis(20);

/// Reads one tenant.
pub struct Reader {
    graph: Graph,
    groups: Coalescer<GroupId, Group>,
    groups_by_key: Coalescer<GroupKey, Vec<Group>>,
    deleted_groups: Coalescer<GroupKey, Vec<Group>>,
    principals: Coalescer<PrincipalId, Principal>,
    people: principals::People,
    roles: roles::Roles,
    notes: Mutex<HashMap<ObjectName, Notes>>,
}

/// What is remembered of one group between looks. Losing it costs reads, never correctness.
#[derive(Debug, Clone, Default)]
struct Notes {
    missing_since: Option<Timestamp>,
    policies: Option<(ByAccess<Option<observed::Policy>>, Timestamp)>,
    onboarding: Onboarding,
}

/// Whether PIM knows a group already, as far as its policies tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Onboarding {
    /// One of them was changed before.
    Done,
    /// The first change is still to come. It gives both policies other ids (learn.microsoft.com: pim-apis, onboarding
    /// of groups).
    #[default]
    Ahead,
}

impl Reader {
    /// A reader on top of a client.
    pub fn new(graph: Graph) -> Arc<Self> {
        Arc::new(Self {
            groups: by_id(&graph),
            groups_by_key: by_key(&graph),
            deleted_groups: deleted_by_key(&graph),
            principals: principals::by_id(&graph),
            people: principals::People::new(&graph),
            roles: roles::Roles::new(graph.clone()),
            notes: Mutex::default(),
            graph,
        })
    }

    /// The client below.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Whether PIM knows a group already.
    pub fn onboarding(&self, name: &ObjectName) -> Onboarding {
        self.with_notes(name, |notes| notes.onboarding)
    }

    /// Forgets the policies of a group, so that the next look reads them.
    pub fn forget_policies(&self, name: &ObjectName) {
        self.with_notes(name, |notes| notes.policies = None);
    }

    /// Forgets a group that is gone.
    pub fn forget(&self, name: &ObjectName) {
        self.notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name);
    }

    fn with_notes<T>(&self, name: &ObjectName, change: impl FnOnce(&mut Notes) -> T) -> T {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        change(notes.entry(name.clone()).or_default())
    }
}

fn by_id(graph: &Graph) -> Coalescer<GroupId, Group> {
    let graph = graph.clone();
    Coalescer::new(GATHER, move |ids: Vec<GroupId>| {
        let graph = graph.clone();
        async move {
            let groups = graph.groups(&ids).await?;
            Ok(groups.into_iter().map(|group| (group.id, group)).collect())
        }
    })
}

fn by_key(graph: &Graph) -> Coalescer<GroupKey, Vec<Group>> {
    let graph = graph.clone();
    Coalescer::new(GATHER, move |keys: Vec<GroupKey>| {
        let graph = graph.clone();
        async move { Ok(under_keys(graph.groups_by_nickname(&keys).await?)) }
    })
}

fn deleted_by_key(graph: &Graph) -> Coalescer<GroupKey, Vec<Group>> {
    let graph = graph.clone();
    Coalescer::new(GATHER, move |keys: Vec<GroupKey>| {
        let graph = graph.clone();
        async move { Ok(under_keys(graph.deleted_groups_by_nickname(&keys).await?)) }
    })
}

fn under_keys(groups: Vec<Group>) -> HashMap<GroupKey, Vec<Group>> {
    let mut found: HashMap<GroupKey, Vec<Group>> = HashMap::new();
    for group in groups {
        if let Some(nickname) = &group.mail_nickname {
            // The service compares without regard to case; our keys are lower case.
            found
                .entry(GroupKey::new(nickname.to_lowercase()))
                .or_default()
                .push(group);
        }
    }
    found
}
