//! Watches our kinds and keeps them in memory. Says what changed; which group that wakes is decided elsewhere.

use std::collections::HashMap;
use std::future::pending;
use std::sync::Arc;

use futures::{Stream, StreamExt};
use kube::client::ClientBuilder;
use kube::core::{ApiResource, DynamicObject};
use kube::runtime::reflector::Store;
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, reflector};
use kube::{Api, Client, Config, Resource};
use pim_core::desired::ObjectKind;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinSet;

use super::counting::Counted;
use super::kinds::{CustomKind, Manifest, for_each_kind};
use super::wish::{Uid, Wish, uid};
use super::{finalizer, lenient};

pub use super::kinds::Stores;

/// Connects to the cluster that the environment names.
pub async fn connect(counted: Counted) -> Result<Client, kube::Error> {
    let config = Config::infer().await.map_err(kube::Error::InferConfig)?;
    client(config, &counted)
}

fn client(config: Config, counted: &Counted) -> Result<Client, kube::Error> {
    Ok(ClientBuilder::try_from(config)?.with_layer(counted).build())
}

/// A cluster did not serve our kinds.
#[derive(Debug, thiserror::Error)]
#[error("the stores of the watched kinds closed before they were filled")]
pub struct Closed;

impl Stores {
    /// Waits until everything was seen once. The stores' own signal wakes only the last of several waiters
    /// (kube-runtime: `utils/delayed_init.rs`), and the controllers wait on it already.
    pub async fn wait_until_ready(&self) -> Result<(), Closed> {
        let mut filled = self.filled.clone();
        filled
            .wait_for(|kinds| *kinds == Self::KINDS)
            .await
            .map(drop)
            .map_err(|_| Closed)
    }

    /// Has the watch of a kind begun anew, with a list: it does not show what stands. When nobody watches any more the process
    /// is stopping.
    pub(super) fn watch_anew(&self, kind: ObjectKind) {
        let _ = self.anew.send(kind);
    }
}

/// Starts to watch. Objects that were added, changed in what people write, or removed come out of the receiver; the
/// tasks end with the set that they are in.
pub fn watch_all(
    client: &Client,
    tasks: &mut JoinSet<()>,
) -> (Stores, mpsc::UnboundedReceiver<Manifest>) {
    let (changes, receiver) = mpsc::unbounded_channel();
    let (filling, filled) = watch::channel(0);
    let (anew, _) = broadcast::channel(Stores::KINDS);
    let mut watches = Watches {
        client,
        tasks,
        changes,
        filling: Arc::new(filling),
        anew: anew.clone(),
    };
    macro_rules! stores {
        (($d:tt) $($Kind:ident: $scope:ident, $Status:ident, $store:ident;)*) => {
            Stores { $($store: watches.start(),)* filled, anew }
        };
    }
    let stores = for_each_kind!(stores);
    (stores, receiver)
}

/// What every watch is started with.
struct Watches<'a> {
    client: &'a Client,
    tasks: &'a mut JoinSet<()>,
    changes: mpsc::UnboundedSender<Manifest>,
    filling: Arc<watch::Sender<usize>>,
    anew: broadcast::Sender<ObjectKind>,
}

impl Watches<'_> {
    fn start<K: CustomKind>(&mut self) -> Store<K> {
        let (store, mut writer) = reflector::store();
        // Each object is read by itself, so that one which cannot be read hides no other.
        let resource = ApiResource::erase::<K>(&());
        let all: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        let (changes, filling) = (self.changes.clone(), Arc::clone(&self.filling));
        let mut filter = ChangeFilter::new(store.clone(), changes, filling);
        let mut anew = self.anew.subscribe();
        self.tasks.spawn(async move {
            loop {
                let mut stream = std::pin::pin!(watched::<K>(all.clone()));
                // A list that takes long is let come to its end, however often it is asked for anew meanwhile.
                let mut is_listed = false;
                loop {
                    tokio::select! {
                        event = stream.next() => {
                            let Some(event) = event else { return };
                            if matches!(event, Event::InitDone) {
                                is_listed = true;
                                anew = anew.resubscribe();
                            }
                            writer.apply_watcher_event(&event);
                            filter.take(event);
                        }
                        () = asked_for(K::KIND, &mut anew), if is_listed => break,
                    }
                }
                tracing::warn!(kind = %K::KIND, "the watch does not show what stands and is begun anew");
            }
        });
        store
    }
}

/// What a watch tells, for ever. One that is interrupted goes on.
fn watched<K: CustomKind>(all: Api<DynamicObject>) -> impl Stream<Item = Event<K>> {
    let stream = watcher::watcher(all, watcher::Config::default()).default_backoff();
    stream.filter_map(|event| async move {
        match event {
            Ok(event) => lenient::event::<K>(event),
            Err(error) => {
                tracing::warn!(kind = %K::KIND, error = %error, "watch was interrupted and goes on");
                None
            }
        }
    })
}

/// Waits until somebody asks for this kind.
async fn asked_for(kind: ObjectKind, anew: &mut broadcast::Receiver<ObjectKind>) {
    loop {
        match anew.recv().await {
            Ok(asked) if asked != kind => {}
            // Who missed what was asked for begins anew, too: that is never wrong.
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => pending().await,
        }
    }
}

/// Tells of each object whose written part changed, once the store shows it. Our own status writes change nothing that people
/// write.
struct ChangeFilter<K: CustomKind> {
    store: Store<K>,
    changes: mpsc::UnboundedSender<Manifest>,
    /// Taken when everything was seen once.
    filling: Option<Arc<watch::Sender<usize>>>,
    known: HashMap<Uid, Seen>,
    list: FreshList<K>,
}

/// What a list has shown so far. The store shows nothing of it before its end, and has what stood before until then.
struct FreshList<K> {
    before: Vec<Arc<K>>,
    seen: HashMap<Uid, Seen>,
    news: Vec<Arc<K>>,
}

impl<K> FreshList<K> {
    fn after(before: Vec<Arc<K>>) -> Self {
        Self {
            before,
            seen: HashMap::new(),
            news: Vec::new(),
        }
    }
}

impl<K: CustomKind> ChangeFilter<K> {
    fn new(
        store: Store<K>,
        changes: mpsc::UnboundedSender<Manifest>,
        filling: Arc<watch::Sender<usize>>,
    ) -> Self {
        Self {
            store,
            changes,
            filling: Some(filling),
            known: HashMap::new(),
            list: FreshList::after(Vec::new()),
        }
    }

    fn take(&mut self, event: Event<K>) {
        match event {
            Event::Init => self.list = FreshList::after(self.store.state()),
            Event::InitApply(object) => {
                let now = Seen::of(&object);
                if now.is_news_after(self.known.get(&now.wish.uid)) {
                    self.list.news.push(Arc::new(object));
                }
                self.list.seen.insert(now.wish.uid.clone(), now);
            }
            Event::InitDone => {
                let list = std::mem::replace(&mut self.list, FreshList::after(Vec::new()));
                // What went while nobody watched is told by no event.
                let is_gone = |object: &Arc<K>| !list.seen.contains_key(&uid(&**object));
                let gone = list.before.into_iter().filter(is_gone);
                for object in list.news.into_iter().chain(gone) {
                    self.emit(object);
                }
                self.known = list.seen;
                if let Some(filling) = self.filling.take() {
                    filling.send_modify(|kinds| *kinds += 1);
                }
            }
            Event::Apply(object) => {
                let now = Seen::of(&object);
                let is_news = now.is_news_after(self.known.get(&now.wish.uid));
                self.known.insert(now.wish.uid.clone(), now);
                if is_news {
                    self.emit(Arc::new(object));
                }
            }
            Event::Delete(object) => {
                self.known.remove(&uid(&object));
                self.emit(Arc::new(object));
            }
        }
    }

    /// When nobody listens any more the process is stopping.
    fn emit(&self, object: Arc<K>) {
        let _ = self.changes.send(K::manifest(object));
    }
}

/// What is remembered of an object to tell whether people changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    wish: Wish,
    hold: FinalizerState,
}

/// Whether an object that is not being deleted bears our finalizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FinalizerState {
    Held,
    Loose,
}

impl Seen {
    fn of<K: Resource>(object: &K) -> Self {
        let deleting = object.meta().deletion_timestamp.is_some();
        Self {
            wish: Wish::of(object),
            hold: if deleting || finalizer::has(object) {
                FinalizerState::Held
            } else {
                FinalizerState::Loose
            },
        }
    }

    /// Whether it differs in what people write. That our finalizer came is our own doing; that it went is not.
    fn is_news_after(&self, known: Option<&Self>) -> bool {
        let lost_hold =
            |known: &Self| known.hold == FinalizerState::Held && self.hold == FinalizerState::Loose;
        known.is_none_or(|known| known.wish != self.wish || lost_hold(known))
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Secret;
    use kube::{Api, ResourceExt};
    use pim_api::AccessBoundary;
    use pim_core::desired::Object;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;
    use crate::telemetry::metrics::{Metrics, ObjectSeries};

    /// With a kubeconfig the proxy of the environment, or that of the cluster's entry, stands in the configuration.
    #[tokio::test]
    async fn an_api_server_behind_a_proxy_is_asked_through_it() {
        let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = proxy.local_addr().unwrap();
        let mut config = Config::new("https://cluster.example.com:6443".parse().unwrap());
        config.proxy_url = Some(format!("http://{address}").parse().unwrap());
        let counted = Counted(Metrics::new(ObjectSeries::Enabled));
        let secrets: Api<Secret> = Api::default_namespaced(client(config, &counted).unwrap());
        let asks = tokio::spawn(async move { secrets.get("credential").await.map(drop) });
        let (mut connection, _) = proxy.accept().await.unwrap();
        let mut head = [0; 64];
        let read = connection.read(&mut head).await.unwrap();
        drop(connection);
        let head = String::from_utf8_lossy(&head[..read]);
        assert!(
            head.starts_with("CONNECT cluster.example.com:6443 "),
            "{head}"
        );
        assert!(asks.await.unwrap().is_err());
    }

    fn boundary(name: &str, uid: &str) -> AccessBoundary {
        let spec = serde_json::from_value(AccessBoundary::unreadable_spec()).unwrap();
        let mut boundary = AccessBoundary::new(name, spec);
        boundary.metadata.uid = Some(uid.to_owned());
        boundary
    }

    /// What is told after each event, and whether the store shows it by then.
    fn told(lists: Vec<Event<AccessBoundary>>) -> Vec<(String, bool)> {
        let (store, mut writer) = reflector::store();
        let (changes, mut receiver) = mpsc::unbounded_channel();
        let filling = Arc::new(watch::channel(0).0);
        let mut filter = ChangeFilter::new(store.clone(), changes, filling);
        let mut told = Vec::new();
        for event in lists {
            writer.apply_watcher_event(&event);
            filter.take(event);
            while let Ok(change) = receiver.try_recv() {
                let Object { name, .. } = change.object();
                let shown = store.state().iter().any(|one| one.name_any() == name.name);
                told.push((name.name, shown));
            }
        }
        told
    }

    #[test]
    fn what_a_list_shows_is_told_once_the_store_shows_it_and_what_went_in_between_is_told_too() {
        let (one, two) = (boundary("one", "1"), boundary("two", "2"));
        let list = |objects: &[&AccessBoundary]| {
            let shown = objects.iter().map(|one| Event::InitApply((*one).clone()));
            let all = std::iter::once(Event::Init).chain(shown);
            all.chain([Event::InitDone]).collect::<Vec<_>>()
        };
        let lists = [list(&[&one, &two]), list(&[&one, &two]), list(&[&two])];
        let told = told(lists.concat());
        let expected = [("one", true), ("two", true), ("one", false)];
        let expected = expected.map(|(name, shown)| (name.to_owned(), shown));
        assert_eq!(told, expected);
    }
}
