//! Watches our kinds and keeps them in memory. Says what changed; which group that wakes is decided elsewhere.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};

use futures::{Stream, StreamExt};
use kube::runtime::reflector::{self, Store};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as watch};
use kube::{Client, Resource, ResourceExt};
use pim_api::{
    AccessBoundary, ActiveAssignment, EligibleAssignment, EntraTenant, PrivilegedGroup, RoleBinding,
};
use tokio::sync::mpsc;

use super::kinds::{Kind, Uid, uid};

/// Everything that is watched, as it was last seen.
#[derive(Clone)]
pub struct Stores {
    /// Tenants.
    pub tenants: Store<EntraTenant>,
    /// Boundaries.
    pub boundaries: Store<AccessBoundary>,
    /// Groups.
    pub groups: Store<PrivilegedGroup>,
    /// Role bindings.
    pub bindings: Store<RoleBinding>,
    /// Eligible assignments.
    pub eligible: Store<EligibleAssignment>,
    /// Active assignments.
    pub active: Store<ActiveAssignment>,
}

/// An object that was added, changed in what people write, or removed.
#[derive(Debug, Clone)]
pub enum Change {
    /// A tenant.
    Tenant(Box<EntraTenant>),
    /// A boundary.
    Boundary(Box<AccessBoundary>),
    /// A group.
    Group(Box<PrivilegedGroup>),
    /// A role binding.
    Binding(Box<RoleBinding>),
    /// An eligible assignment.
    Eligible(Box<EligibleAssignment>),
    /// An active assignment.
    Active(Box<ActiveAssignment>),
}

/// A cluster did not serve our kinds.
#[derive(Debug, thiserror::Error)]
#[error("the stores of the watched kinds closed before they were filled")]
pub struct Closed;

impl Stores {
    /// Waits until everything was seen once.
    pub async fn wait_until_ready(&self) -> Result<(), Closed> {
        self.tenants.wait_until_ready().await.map_err(|_| Closed)?;
        self.boundaries
            .wait_until_ready()
            .await
            .map_err(|_| Closed)?;
        self.groups.wait_until_ready().await.map_err(|_| Closed)?;
        self.bindings.wait_until_ready().await.map_err(|_| Closed)?;
        self.eligible.wait_until_ready().await.map_err(|_| Closed)?;
        self.active.wait_until_ready().await.map_err(|_| Closed)
    }
}

/// Starts to watch. Changes come out of the receiver; the tasks end with the set that they are in.
pub fn watch_all(
    client: &Client,
    tasks: &mut tokio::task::JoinSet<()>,
) -> (Stores, mpsc::UnboundedReceiver<Change>) {
    let (changes, receiver) = mpsc::unbounded_channel();
    let stores = Stores {
        tenants: watch_one(client, tasks, &changes, |object| {
            Change::Tenant(Box::new(object))
        }),
        boundaries: watch_one(client, tasks, &changes, |object| {
            Change::Boundary(Box::new(object))
        }),
        groups: watch_one(client, tasks, &changes, |object| {
            Change::Group(Box::new(object))
        }),
        bindings: watch_one(client, tasks, &changes, |object| {
            Change::Binding(Box::new(object))
        }),
        eligible: watch_one(client, tasks, &changes, |object| {
            Change::Eligible(Box::new(object))
        }),
        active: watch_one(client, tasks, &changes, |object| {
            Change::Active(Box::new(object))
        }),
    };
    (stores, receiver)
}

fn watch_one<K: Kind>(
    client: &Client,
    tasks: &mut tokio::task::JoinSet<()>,
    changes: &mpsc::UnboundedSender<Change>,
    change: fn(K) -> Change,
) -> Store<K> {
    let (store, writer) = reflector::store();
    let stream = watch::watcher(K::everywhere(client), watcher::Config::default())
        .default_backoff()
        .reflect(writer);
    let changes = changes.clone();
    tasks.spawn(async move {
        follow(stream, |object| {
            // Nobody listens any more: the process is stopping.
            let _ = changes.send(change(object));
        })
        .await;
    });
    store
}

/// Tells of each object whose written part changed. Our own status writes change nothing that people write.
async fn follow<K: Kind>(
    stream: impl Stream<Item = Result<Event<K>, watcher::Error>>,
    mut tell: impl FnMut(K),
) {
    let mut known: HashMap<Uid, u64> = HashMap::new();
    let mut seen_anew: HashMap<Uid, u64> = HashMap::new();
    let mut stream = std::pin::pin!(stream);
    while let Some(event) = stream.next().await {
        match event {
            Ok(Event::Init) => seen_anew.clear(),
            Ok(Event::InitApply(object)) => {
                seen_anew.insert(uid(&object), written_part(&object));
                if known.get(&uid(&object)) != Some(&written_part(&object)) {
                    tell(object);
                }
            }
            Ok(Event::InitDone) => known = std::mem::take(&mut seen_anew),
            Ok(Event::Apply(object)) => {
                if known.insert(uid(&object), written_part(&object)) != Some(written_part(&object))
                {
                    tell(object);
                }
            }
            Ok(Event::Delete(object)) => {
                known.remove(&uid(&object));
                tell(object);
            }
            Err(error) => {
                tracing::warn!(kind = %K::kind(&()), error = %error, "watch was interrupted and goes on")
            }
        }
    }
}

fn written_part<K: Resource>(object: &K) -> u64 {
    let mut hasher = DefaultHasher::new();
    object.meta().generation.hash(&mut hasher);
    object.annotations().hash(&mut hasher);
    object.finalizers().hash(&mut hasher);
    object.meta().deletion_timestamp.is_some().hash(&mut hasher);
    hasher.finish()
}
