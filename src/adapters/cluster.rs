//! Watches our kinds and keeps them in memory. Says what changed; which group that wakes is decided elsewhere.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use futures::StreamExt;
use kube::runtime::reflector::Store;
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, reflector};
use kube::{Client, Resource, ResourceExt};
use pim_api::{
    AccessBoundary, ActiveAssignment, EligibleAssignment, EntraTenant, PrivilegedGroup, RoleBinding,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

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
    filled: watch::Receiver<usize>,
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

/// How many kinds are watched.
const KINDS: usize = 6;

impl Stores {
    /// Waits until everything was seen once. The stores' own signal wakes only the last of several waiters
    /// (kube-runtime: `utils/delayed_init.rs`), and the controllers wait on it already.
    pub async fn wait_until_ready(&self) -> Result<(), Closed> {
        let mut filled = self.filled.clone();
        filled
            .wait_for(|kinds| *kinds == KINDS)
            .await
            .map(drop)
            .map_err(|_| Closed)
    }
}

/// Starts to watch. Changes come out of the receiver; the tasks end with the set that they are in.
pub fn watch_all(
    client: &Client,
    tasks: &mut JoinSet<()>,
) -> (Stores, mpsc::UnboundedReceiver<Change>) {
    let (changes, receiver) = mpsc::unbounded_channel();
    let (filling, filled) = watch::channel(0);
    let mut watches = Watches {
        client,
        tasks,
        changes,
        filling: Arc::new(filling),
    };
    let stores = Stores {
        tenants: watches.start(|object| Change::Tenant(Box::new(object))),
        boundaries: watches.start(|object| Change::Boundary(Box::new(object))),
        groups: watches.start(|object| Change::Group(Box::new(object))),
        bindings: watches.start(|object| Change::Binding(Box::new(object))),
        eligible: watches.start(|object| Change::Eligible(Box::new(object))),
        active: watches.start(|object| Change::Active(Box::new(object))),
        filled,
    };
    (stores, receiver)
}

/// What every watch is started with.
struct Watches<'a> {
    client: &'a Client,
    tasks: &'a mut JoinSet<()>,
    changes: mpsc::UnboundedSender<Change>,
    filling: Arc<watch::Sender<usize>>,
}

impl Watches<'_> {
    fn start<K: Kind>(&mut self, change: fn(K) -> Change) -> Store<K> {
        let (store, writer) = reflector::store();
        let stream = watcher::watcher(K::everywhere(self.client), watcher::Config::default());
        let stream = stream.default_backoff().reflect(writer);
        let mut news = News {
            changes: self.changes.clone(),
            change,
            filling: Some(Arc::clone(&self.filling)),
            known: HashMap::new(),
            seen_anew: HashMap::new(),
        };
        self.tasks.spawn(async move {
            let mut stream = std::pin::pin!(stream);
            while let Some(event) = stream.next().await {
                match event {
                    Ok(event) => news.take(event),
                    Err(error) => tracing::warn!(kind = %K::kind(&()), error = %error, "watch was interrupted and goes on"),
                }
            }
        });
        store
    }
}

/// Tells of each object whose written part changed. Our own status writes change nothing that people write.
struct News<K> {
    changes: mpsc::UnboundedSender<Change>,
    change: fn(K) -> Change,
    /// Taken when everything was seen once.
    filling: Option<Arc<watch::Sender<usize>>>,
    known: HashMap<Uid, u64>,
    seen_anew: HashMap<Uid, u64>,
}

impl<K: Kind> News<K> {
    fn take(&mut self, event: Event<K>) {
        match event {
            Event::Init => self.seen_anew.clear(),
            Event::InitApply(object) => {
                let part = written_part(&object);
                self.seen_anew.insert(uid(&object), part);
                if self.known.get(&uid(&object)) != Some(&part) {
                    self.tell(object);
                }
            }
            Event::InitDone => {
                self.known = std::mem::take(&mut self.seen_anew);
                if let Some(filling) = self.filling.take() {
                    filling.send_modify(|kinds| *kinds += 1);
                }
            }
            Event::Apply(object) => {
                let part = written_part(&object);
                if self.known.insert(uid(&object), part) != Some(part) {
                    self.tell(object);
                }
            }
            Event::Delete(object) => {
                self.known.remove(&uid(&object));
                self.tell(object);
            }
        }
    }

    /// When nobody listens any more the process is stopping.
    fn tell(&self, object: K) {
        let _ = self.changes.send((self.change)(object));
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
