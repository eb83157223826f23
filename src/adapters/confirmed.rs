//! What of the caches is confirmed by a direct read. A watch that has stalled says nothing, so what it showed is no proof of
//! what stands now. Reads Kubernetes; what may be written on which confirmation is decided above.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join_all;
use kube::Client;
use kube::api::{Api, DynamicObject, ListParams, PartialObjectMeta};
use parking_lot::Mutex;
use pim_core::desired::{Object, ObjectKind};
use tokio::time::{Instant, sleep, sleep_until};

use super::kinds::{Manifest, Stores};
use super::wish::{Uid, Wish, object_name, version};

/// How long a confirmation serves.
const SERVES: Duration = Duration::from_mins(2);

/// How old a confirmation is when it is read again.
pub const READ_AGAIN: Duration = Duration::from_mins(1);

/// How many objects are read one by one; where it is more, the lists are fewer requests.
const SINGLE_READS: usize = 16;

/// How long after a read a watch that works may still be about to tell of it, and how often that is looked at.
const GRACE: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(20);

/// How long a watch may stay behind before it is begun anew.
const LAG: Duration = Duration::from_secs(5);

/// What was behind so long ago has nothing to do with what is behind now. Passes try again after five minutes at most.
const FORGOTTEN: Duration = Duration::from_mins(10);

/// How soon lists that the caches did not show are read again.
const PAUSE: Duration = Duration::from_millis(500);

/// Why the caches are not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// They show something else than what stands.
    #[error("what is watched does not show yet how {} {} stands", .0.kind.as_str(), .0.name)]
    Behind(Object),
    /// The API server does not answer, or refuses.
    #[error("Kubernetes cannot be read: {0}")]
    Kubernetes(#[from] Box<kube::Error>),
}

impl From<kube::Error> for Error {
    fn from(error: kube::Error) -> Self {
        Self::Kubernetes(Box::new(error))
    }
}

/// What a direct read has confirmed, and when it began. All clones are one.
#[derive(Clone)]
pub struct Confirmed {
    client: Client,
    stores: Stores,
    known: Arc<Mutex<HashMap<Uid, (Wish, Instant)>>>,
    /// Since when the caches are behind, and with what.
    behind: Arc<Mutex<HashMap<Object, Lag>>>,
    whole: Arc<tokio::sync::Mutex<Whole>>,
}

/// When an object was found behind, first and last.
#[derive(Clone, Copy)]
struct Lag {
    first: Instant,
    last: Instant,
}

/// The last comparison of the whole caches.
#[derive(Default)]
struct Whole {
    confirmed: Option<Confirmation>,
    /// Before this there is no use in another one.
    again: Option<Instant>,
}

/// The caches showed whatever stood when a read began.
#[derive(Debug, Clone, Copy)]
pub struct Confirmation {
    /// When the read began.
    begun: Instant,
    /// When the caches were seen to show it.
    pub shown: Instant,
}

/// Asks until the answer is good, for as long as a watch that works may need to tell of a change.
async fn within_grace<T>(ask: impl Fn() -> T, is_good: impl Fn(&T) -> bool) -> T {
    let until = Instant::now() + GRACE;
    loop {
        let answer = ask();
        if is_good(&answer) || Instant::now() >= until {
            return answer;
        }
        sleep(STEP).await;
    }
}

impl Confirmed {
    /// Nothing is confirmed yet.
    pub fn new(client: Client, stores: Stores) -> Self {
        Self {
            client,
            stores,
            known: Arc::default(),
            behind: Arc::default(),
            whole: Arc::default(),
        }
    }

    /// Makes sure that the caches show whatever stood at some moment after an instant.
    pub async fn everything(&self, since: Instant) -> Result<Confirmation, Error> {
        let mut whole = self.whole.lock().await;
        if let Some(confirmed) = whole.confirmed.filter(|last| last.begun >= since) {
            return Ok(confirmed);
        }
        if let Some(again) = whole.again {
            sleep_until(again).await;
        }
        let begun = Instant::now();
        self.forget_old();
        let kinds = ObjectKind::ALL.iter().map(|kind| self.kind(*kind, begun));
        let read = try_join_all(kinds).await;
        whole.again = Some(Instant::now() + PAUSE);
        read?;
        let shown = Instant::now();
        Ok(*whole.confirmed.insert(Confirmation { begun, shown }))
    }

    /// Makes sure that the caches show how these objects stand, or stood a minute ago.
    pub async fn these(&self, objects: &[Object]) -> Result<(), Error> {
        let due: Vec<&Object> = objects
            .iter()
            .filter(|object| !self.is_younger(object, READ_AGAIN))
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        if due.len() > SINGLE_READS {
            return self.everything(Instant::now()).await.map(drop);
        }
        self.forget_old();
        let reads = due.into_iter().map(|object| self.one(object));
        try_join_all(reads).await.map(drop)
    }

    /// Whether the caches show how an object stands, as far as it was confirmed within two minutes.
    pub fn serves(&self, object: &Object) -> bool {
        self.is_younger(object, SERVES)
    }

    /// Absence needs no confirmation: nothing is granted on it.
    fn is_younger(&self, object: &Object, age: Duration) -> bool {
        let Some(cached) = self.stores.get(object) else {
            return true;
        };
        let known = self.known.lock();
        let known = known.get(&cached.uid());
        known.is_some_and(|(wish, read)| *wish == cached.wish() && read.elapsed() < age)
    }

    async fn one(&self, object: &Object) -> Result<(), Error> {
        let begun = Instant::now();
        let resource = Stores::resource(object.kind);
        let (name, namespace) = (&object.name.name, &object.name.namespace);
        let api: Api<DynamicObject> = match namespace.as_str() {
            "" => Api::all_with(self.client.clone(), &resource),
            namespace => Api::namespaced_with(self.client.clone(), namespace, &resource),
        };
        let stands = api.get_metadata_opt(name).await?;
        let shown = || match &stands {
            Some(stands) => self.shows(object, stands, begun),
            None => self.stores.get(object).is_none(),
        };
        if !within_grace(shown, |shown| *shown).await {
            return Err(self.behind(object.clone()));
        }
        self.behind.lock().remove(object);
        Ok(())
    }

    async fn kind(&self, kind: ObjectKind, begun: Instant) -> Result<(), Error> {
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &Stores::resource(kind));
        let list = api.list_metadata(&ListParams::default()).await?;
        let listed: HashMap<Object, &PartialObjectMeta<DynamicObject>> = list
            .items
            .iter()
            .map(|one| (Object::new(kind, object_name(one)), one))
            .collect();
        let of_list = list.metadata.resource_version.as_deref();
        let of_list: u64 = of_list
            .and_then(|version| version.parse().ok())
            .unwrap_or_default();
        let doubtful = || -> Vec<Object> {
            let cached = self.stores.of(kind);
            let gone = cached.iter().filter(|cached| {
                !listed.contains_key(&cached.object()) && cached.version() <= of_list
            });
            let missing = listed
                .iter()
                .filter(|(object, stands)| !self.shows(object, stands, begun))
                .map(|(object, _)| object.clone());
            gone.map(Manifest::object).chain(missing).collect()
        };
        let doubtful = within_grace(doubtful, Vec::is_empty).await;
        // What came or went since the list was made is no sign of a cache that is behind: only what stands now is.
        let settled = doubtful
            .iter()
            .take(SINGLE_READS)
            .map(|object| self.one(object));
        try_join_all(settled).await?;
        match doubtful.get(SINGLE_READS) {
            Some(object) => Err(self.behind(object.clone())),
            None => Ok(()),
        }
    }

    /// Whether the cache shows an object as it stands or newer, which is noted.
    fn shows(
        &self,
        object: &Object,
        stands: &PartialObjectMeta<DynamicObject>,
        begun: Instant,
    ) -> bool {
        let Some(cached) = self.stores.get(object) else {
            return false;
        };
        let wish = cached.wish();
        if wish != Wish::of(stands) && cached.version() < version(stands) {
            return false;
        }
        self.known.lock().insert(wish.uid.clone(), (wish, begun));
        true
    }

    /// Notes that the cache is behind with an object; a watch that stays behind is begun anew.
    fn behind(&self, object: Object) -> Error {
        let now = Instant::now();
        let mut behind = self.behind.lock();
        behind.retain(|_, lag| now < lag.last + FORGOTTEN);
        let lag = behind.entry(object.clone()).or_insert(Lag {
            first: now,
            last: now,
        });
        lag.last = now;
        if now >= lag.first + LAG {
            behind.remove(&object);
            self.stores.watch_anew(object.kind);
        }
        Error::Behind(object)
    }

    fn forget_old(&self) {
        let mut known = self.known.lock();
        known.retain(|_, (_, read)| read.elapsed() < SERVES);
    }
}
