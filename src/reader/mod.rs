//! Reads a tenant for many groups at once: what several groups ask for travels in one operation, what was read for one
//! look is kept for that look. Never writes. What cannot be read of one object fails nobody else's look.

mod coalesce;
pub mod convert;
mod find;
pub mod observe;
mod people;
mod principals;
mod roles;

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entra_client::Graph;
use entra_client::graph::directory_roles::RoleAssignment;
use entra_client::graph::groups::Group;
use entra_client::graph::principals::Principal;
use entra_client::graph::{Listed, Unreadable};
use jiff::Timestamp;
use pim_core::ids::{GroupId, GroupKey, ObjectName, PrincipalId};
use pim_core::observed::{self, Onboarding};
use pim_core::schedule::ByAccess;

use coalesce::{Coalescer, Found};

pub use entra_client::{Class, Error, Outcome as CallOutcome};
pub use find::Target;
pub use observe::Refresh;
pub use principals::{Ask, Depth};
pub use roles::RoleDirectory;

/// How long questions are gathered before they are asked together.
const GATHER: Duration = Duration::from_millis(20);

/// Reads one tenant.
pub struct Reader {
    graph: Graph,
    groups: Coalescer<GroupId, Group>,
    groups_by_key: Coalescer<GroupKey, Vec<Group>>,
    deleted_groups: Coalescer<GroupKey, Vec<Group>>,
    principals: Coalescer<PrincipalId, Principal>,
    plain_roles: Coalescer<PrincipalId, Vec<RoleAssignment>>,
    names: Coalescer<String, Vec<Group>>,
    people: principals::People,
    roles: roles::Roles,
    notes: Mutex<HashMap<ObjectName, Notes>>,
}

/// What is remembered of one group between looks. Losing it costs reads, never correctness.
#[derive(Debug, Clone, Default)]
struct Notes {
    missing_since: Option<Timestamp>,
    deleted_since: Option<Timestamp>,
    policies: Option<KeptPolicies>,
}

/// Policies that an earlier look has read.
#[derive(Debug, Clone)]
struct KeptPolicies {
    /// Of which group.
    group: GroupId,
    /// Both of them.
    policies: ByAccess<Option<observed::Policy>>,
    onboarding: Onboarding,
    /// When they were read.
    at: Timestamp,
}

impl Reader {
    /// A reader on top of a client.
    pub fn new(graph: Graph) -> Arc<Self> {
        Arc::new(Self {
            groups: by_id(&graph),
            groups_by_key: by_key(&graph),
            deleted_groups: deleted_by_key(&graph),
            principals: principals::by_id(&graph),
            plain_roles: plain_by_id(&graph),
            names: by_display_name(&graph),
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

    /// What time the service says it is.
    pub fn now(&self) -> Timestamp {
        observe::now(self)
    }

    /// A group was made or found: that it was not before says nothing any more.
    pub fn found(&self, name: &ObjectName) {
        self.with_notes(name, |notes| {
            notes.missing_since = None;
            notes.deleted_since = None;
        });
    }

    /// Other living groups with a display name: names are not unique, and two of one name are told apart by nobody.
    pub async fn namesakes(&self, name: &str, of: GroupId) -> Result<Vec<GroupId>, Error> {
        let found = self.names.get(&name.to_owned()).await?.unwrap_or_default();
        Ok(found
            .iter()
            .map(|group| group.id)
            .filter(|id| *id != of)
            .collect())
    }

    /// The roles that a group holds, whatever made them.
    async fn plain_roles(&self, group: PrincipalId) -> Result<Listed<RoleAssignment>, Error> {
        Ok(Listed {
            rows: self.plain_roles.get(&group).await?.unwrap_or_default(),
            unreadable: Vec::new(),
        })
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
            let listed = graph.groups(&ids).await?;
            let bad = each(&ids, &listed, |id, row| row.may_have_id(&id.to_string()));
            let found = listed.rows.into_iter().map(|group| (group.id, Ok(group)));
            Ok(found.chain(bad).collect())
        }
    })
}

fn by_key(graph: &Graph) -> Coalescer<GroupKey, Vec<Group>> {
    let graph = graph.clone();
    Coalescer::new(GATHER, move |keys: Vec<GroupKey>| {
        let graph = graph.clone();
        async move { Ok(under_keys(&keys, graph.groups_by_nickname(&keys).await?)) }
    })
}

fn deleted_by_key(graph: &Graph) -> Coalescer<GroupKey, Vec<Group>> {
    let graph = graph.clone();
    Coalescer::new(GATHER, move |keys: Vec<GroupKey>| {
        let graph = graph.clone();
        async move {
            Ok(under_keys(
                &keys,
                graph.deleted_groups_by_nickname(&keys).await?,
            ))
        }
    })
}

fn under_keys(keys: &[GroupKey], listed: Listed<Group>) -> Found<GroupKey, Vec<Group>> {
    // A row that does not even tell its nickname may bear any of the keys.
    let bad = each(keys, &listed, |key, row| {
        row.may_have_nickname(key.as_str())
    });
    grouped(listed.rows, bad, |group| {
        // The service compares without regard to case; our keys are lower case.
        let nickname = group.mail_nickname.as_ref()?;
        Some(GroupKey::new(nickname.to_lowercase()))
    })
}

fn plain_by_id(graph: &Graph) -> Coalescer<PrincipalId, Vec<RoleAssignment>> {
    let graph = graph.clone();
    Coalescer::new(GATHER, move |ids: Vec<PrincipalId>| {
        let graph = graph.clone();
        async move {
            let listed = graph.role_assignments(&ids).await?;
            let bad = each(&ids, &listed, |_, _| true);
            Ok(grouped(listed.rows, bad, |row| Some(row.principal_id)))
        }
    })
}

/// Groups that cannot be read are nobody's namesakes.
fn by_display_name(graph: &Graph) -> Coalescer<String, Vec<Group>> {
    let graph = graph.clone();
    Coalescer::new(GATHER, move |names: Vec<String>| {
        let graph = graph.clone();
        async move {
            let texts: Vec<&str> = names.iter().map(String::as_str).collect();
            let listed = graph.groups_by_display_name(&texts).await?;
            Ok(grouped(listed.rows, Vec::new(), |group| {
                let name = group.display_name.as_ref()?.to_lowercase();
                names
                    .iter()
                    .find(|asked| asked.to_lowercase() == name)
                    .cloned()
            }))
        }
    })
}

/// Rows under the keys that they bear, and the keys whose answer is not known.
fn grouped<K: Eq + Hash, T>(
    rows: Vec<T>,
    bad: Vec<(K, Result<Vec<T>, Error>)>,
    key: impl Fn(&T) -> Option<K>,
) -> Found<K, Vec<T>> {
    let mut found: HashMap<K, Vec<T>> = HashMap::new();
    for row in rows {
        if let Some(key) = key(&row) {
            found.entry(key).or_default().push(row);
        }
    }
    let found = found.into_iter().map(|(key, rows)| (key, Ok(rows)));
    found.chain(bad).collect()
}

/// The keys whose answer is not known, because a row that may be theirs cannot be read: not known is not absent.
fn each<K: Clone + Eq + Hash, T, V>(
    keys: &[K],
    listed: &Listed<T>,
    may_be: impl Fn(&K, &Unreadable) -> bool,
) -> Vec<(K, Result<V, Error>)> {
    let mut bad = Vec::new();
    for row in &listed.unreadable {
        let concerned = keys.iter().filter(|key| may_be(key, row));
        bad.extend(concerned.map(|key| (key.clone(), Err(unreadable(&row.reason)))));
    }
    bad
}

fn unreadable(reason: &str) -> Error {
    Error::unreadable(format!("an object in the list cannot be read: {reason}"))
}
