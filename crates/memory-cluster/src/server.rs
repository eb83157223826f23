//! The state behind all clients, and the one place where a call meets it.
//!
//! A call runs under one lock from reading to storing, so there is no race inside the server: races between
//! clients are decided by the order in which their requests arrive.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use super::call::{Call, Payload, Persistence, Validation, Verb};
use super::managed::{Manager, Operation};
use super::refusal::Refusal;
use super::resources::{Registry, Resource};
use super::store::Store;
use super::{metadata, namespaces};

/// Where timestamps of objects come from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What watches are told about the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signal {
    /// The newest revision that watches may see.
    pub(super) visible: u64,
    /// Grows when all watches are to end.
    pub(super) epoch: u64,
    delivery: Delivery,
}

/// Whether watches hear of changes as they happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delivery {
    Prompt,
    Held,
}

/// Everything that clients of one cluster share.
pub(super) struct Server {
    pub(super) registry: Registry,
    clock: Mutex<Clock>,
    store: Mutex<Store>,
    signal: watch::Sender<Signal>,
}

/// A successful answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) code: StatusCode,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn ok(body: &Value) -> Answer {
        Answer {
            code: StatusCode::OK,
            body: body.clone(),
        }
    }

    pub(super) fn created(body: &Value) -> Answer {
        Answer {
            code: StatusCode::CREATED,
            body: body.clone(),
        }
    }
}

impl Server {
    pub(super) fn new(registry: Registry, clock: Clock) -> Server {
        let store = Store::new();
        let signal = Signal {
            visible: store.revision(),
            epoch: 0,
            delivery: Delivery::Prompt,
        };
        Server {
            registry,
            clock: Mutex::new(clock),
            store: Mutex::new(store),
            signal: watch::Sender::new(signal),
        }
    }

    pub(super) fn set_clock(&self, clock: Clock) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = clock;
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Signal> {
        self.signal.subscribe()
    }

    /// Answers any call but a watch.
    pub(super) fn execute(&self, call: &Call) -> Result<Answer, Refusal> {
        let now = self.now();
        let mut store = self.store();
        let answer = Transaction {
            store: &mut store,
            registry: &self.registry,
            call,
            now,
        }
        .run();
        let revision = store.revision();
        drop(store);
        self.publish(revision);
        answer
    }

    /// Stores an object as it is.
    pub(super) fn plant(&self, table: &str, key: &str, object: Value) {
        let mut store = self.store();
        store.put(table, key, object);
        let revision = store.revision();
        drop(store);
        self.publish(revision);
    }

    /// Keeps changes from watches until they are released.
    pub(super) fn hold_watches(&self) {
        self.signal
            .send_modify(|signal| signal.delivery = Delivery::Held);
    }

    /// Lets watches see everything again.
    pub(super) fn release_watches(&self) {
        self.signal
            .send_modify(|signal| signal.delivery = Delivery::Prompt);
        let revision = self.store().revision();
        self.publish(revision);
    }

    /// Ends every open watch, as a lost connection does.
    pub(super) fn drop_watches(&self) {
        self.signal.send_modify(|signal| signal.epoch += 1);
    }

    fn publish(&self, revision: u64) {
        self.signal.send_if_modified(|signal| {
            let news = signal.delivery == Delivery::Prompt && signal.visible < revision;
            if news {
                signal.visible = revision;
            }
            news
        });
    }

    fn now(&self) -> String {
        let clock = Arc::clone(&self.clock.lock().unwrap_or_else(PoisonError::into_inner));
        let now = clock();
        Timestamp::from_second(now.as_second())
            .unwrap_or(now)
            .to_string()
    }
}

/// One call on the locked store. The verbs are in modules of their own.
pub(super) struct Transaction<'a> {
    pub(super) store: &'a mut Store,
    pub(super) registry: &'a Registry,
    pub(super) call: &'a Call,
    pub(super) now: String,
}

impl Transaction<'_> {
    fn run(&mut self) -> Result<Answer, Refusal> {
        match self.call.verb {
            Verb::Get => self.get(),
            Verb::List => self.list(),
            Verb::Create => self.create(),
            Verb::Update => self.replace(),
            Verb::Patch => self.patch(),
            Verb::Delete => self.delete(),
            Verb::DeleteCollection => self.delete_collection(),
            Verb::Watch => Err(Refusal::internal("a watch is not answered at once")),
        }
    }

    fn get(&self) -> Result<Answer, Refusal> {
        self.existing().map(|object| Answer::ok(&object))
    }

    /// The addressed object.
    pub(super) fn existing(&self) -> Result<Arc<Value>, Refusal> {
        self.find()
            .ok_or_else(|| Refusal::not_found(self.resource(), &self.call.name))
    }

    /// The addressed object, if there is one.
    pub(super) fn find(&self) -> Option<Arc<Value>> {
        self.store.get(&self.table(), &self.call.key()).cloned()
    }

    pub(super) fn resource(&self) -> &Resource {
        &self.call.resource
    }

    pub(super) fn table(&self) -> String {
        self.resource().qualified_plural()
    }

    /// The decoded body of a create or replace, checked against the URL.
    pub(super) fn decoded_body(&self) -> Result<Value, Refusal> {
        let (object, unknown) = self.resource().decode(self.call.object()?)?;
        self.refuse_unknown(&unknown, Refusal::bad_request)?;
        Ok(object)
    }

    /// Under strict validation, undeclared fields are refused.
    pub(super) fn refuse_unknown(
        &self,
        unknown: &[String],
        refuse: impl FnOnce(String) -> Refusal,
    ) -> Result<(), Refusal> {
        if unknown.is_empty() || self.call.options.validation == Validation::Lenient {
            return Ok(());
        }
        let list: Vec<String> = unknown
            .iter()
            .map(|path| format!("unknown field \"{path}\""))
            .collect();
        Err(refuse(format!(
            "strict decoding error: {}",
            list.join(", ")
        )))
    }

    /// Sets the namespace of the URL, refusing another one in the object.
    pub(super) fn settle_namespace(&self, object: &mut Value) -> Result<(), Refusal> {
        let wanted = self.call.namespace.as_deref().unwrap_or_default();
        match metadata::text(object, "namespace") {
            "" if wanted.is_empty() => Ok(()),
            "" => {
                metadata::set(object, "namespace", Some(Value::from(wanted)));
                Ok(())
            }
            given if given == wanted => Ok(()),
            _ => Err(Refusal::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            )),
        }
    }

    /// Refuses an object whose name is not the one of the URL.
    pub(super) fn check_name(&self, object: &Value) -> Result<(), Refusal> {
        match metadata::text(object, "name") {
            "" => Err(Refusal::bad_request(format!(
                "the name of the object ({} based on URL) was undeterminable: name must be provided",
                self.call.name
            ))),
            name if name == self.call.name => Ok(()),
            name => {
                let message = format!(
                    "the name of the object ({name}) does not match the name on the URL ({})",
                    self.call.name
                );
                Err(Refusal::bad_request(message))
            }
        }
    }

    /// The manager that this call writes as.
    pub(super) fn manager(&self, operation: Operation) -> Manager {
        let name = &self.call.options.manager;
        Manager {
            operation,
            name: if name.is_empty() {
                "unknown".to_owned()
            } else {
                name.clone()
            },
            subresource: self.call.part.subresource().to_owned(),
        }
    }

    /// Stores an object unless this is a dry run.
    pub(super) fn commit(&mut self, key: &str, object: Value) -> Arc<Value> {
        match self.call.options.persistence {
            Persistence::Stored => self.store.put(&self.table(), key, object),
            Persistence::DryRun => Arc::new(object),
        }
    }

    /// Removes an object unless this is a dry run. An emptied namespace that was waiting goes with it.
    pub(super) fn discard(&mut self, key: &str) {
        if self.call.options.persistence == Persistence::Stored {
            self.store.remove(&self.table(), key);
            namespaces::finish(self.store, self.registry, key);
        }
    }

    /// The patch that was sent.
    pub(super) fn patch_payload(&self) -> Result<(super::call::PatchKind, &Value), Refusal> {
        match &self.call.payload {
            Payload::Patch(kind, body) => Ok((*kind, body)),
            _ => Err(Refusal::bad_request("the request has no patch")),
        }
    }
}
