//! The state behind all clients, and the one place where a call meets it.
//!
//! A call runs under one lock from reading to storing, so there is no race inside the server: races between
//! clients are decided by the order in which their requests arrive.

use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use serde_json::Value;
use tokio::sync::watch;

use super::call::{Call, Verb};
use super::refusal::Refusal;
use super::resources::Registry;
use super::store::Store;
use super::transaction::{Answer, Transaction};

/// Where timestamps of objects come from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Everything that clients of one cluster share.
pub(super) struct Server {
    pub(super) registry: Registry,
    clock: Mutex<Clock>,
    store: Mutex<Store>,
    /// The newest revision, for watches that wait.
    revision: watch::Sender<u64>,
}

impl Server {
    pub(super) fn new(registry: Registry, clock: Clock) -> Server {
        let store = Store::default();
        Server {
            registry,
            clock: Mutex::new(clock),
            revision: watch::Sender::new(store.revision()),
            store: Mutex::new(store),
        }
    }

    pub(super) fn set_clock(&self, clock: Clock) {
        *self.clock.lock() = clock;
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Answers any call but a watch.
    pub(super) fn execute(&self, call: &Call) -> Result<Answer, Refusal> {
        let now = self.now();
        let mut store = self.store();
        let mut transaction = Transaction {
            store: &mut store,
            call,
            now,
        };
        let answer = match call.verb {
            Verb::Get => transaction.get(),
            Verb::List => Ok(transaction.list()),
            Verb::Create => transaction.create(),
            Verb::Patch => transaction.patch(),
            Verb::Delete => transaction.delete(),
            Verb::Watch => Err(Refusal::internal("a watch is not answered at once")),
        };
        self.publish(store);
        answer
    }

    /// Stores an object as it is.
    pub(super) fn plant(&self, table: &str, key: &str, object: Value) {
        let mut store = self.store();
        store.put(table, key, object);
        self.publish(store);
    }

    fn publish(&self, store: MutexGuard<'_, Store>) {
        let newest = store.revision();
        drop(store);
        self.revision.send_if_modified(|known| {
            let news = *known < newest;
            *known = newest.max(*known);
            news
        });
    }

    fn now(&self) -> String {
        let clock = Arc::clone(&self.clock.lock());
        let now = clock();
        Timestamp::from_second(now.as_second())
            .unwrap_or(now)
            .to_string()
    }
}
