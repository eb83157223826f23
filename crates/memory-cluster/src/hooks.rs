//! What a test does to requests on their way, and what it may count afterwards.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::call::{Call, Payload, Verb};
use super::refusal::Refusal;

/// A request, as an interceptor sees it.
#[derive(Clone, Debug)]
pub struct RequestSummary {
    /// Position among the writes, from 1; 0 for a read.
    pub sequence: u64,
    /// Which client sent it, see [`MemoryCluster::client_named`](super::MemoryCluster::client_named).
    pub client: String,
    /// What it does.
    pub verb: Verb,
    /// `plural.group`, with `/status` where that is addressed.
    pub resource: String,
    /// The namespace of the URL.
    pub namespace: Option<String>,
    /// The name of the URL; empty for collections.
    pub name: String,
    /// The body: an object, a patch, or delete options.
    pub body: Option<Value>,
}

impl RequestSummary {
    pub(super) fn of(call: &Call, client: &str) -> RequestSummary {
        let body = match &call.payload {
            Payload::None => None,
            Payload::Object(body) | Payload::Patch(_, body) => Some(body.clone()),
        };
        let subresource = call.part.subresource();
        let plural = call.resource.qualified_plural();
        RequestSummary {
            sequence: 0,
            client: client.to_owned(),
            verb: call.verb,
            resource: if subresource.is_empty() {
                plural
            } else {
                format!("{plural}/{subresource}")
            },
            namespace: call.namespace.clone(),
            name: call.name.clone(),
            body,
        }
    }
}

/// What becomes of an intercepted request.
#[derive(Clone, Debug)]
pub enum Interception {
    /// It takes its course.
    Pass,
    /// It takes its course after this time.
    Delay(Duration),
    /// It is answered with this error and has no effect.
    Refuse(Refusal),
    /// The connection breaks before the server has it: no effect.
    Disconnect,
    /// It takes effect, and the connection breaks before the answer.
    LoseAnswer,
}

type Interceptor = Box<dyn FnMut(&RequestSummary) -> Interception + Send>;

#[derive(Default)]
struct Writes {
    interceptor: Option<Interceptor>,
    seen: u64,
}

/// The interceptor of writes, and the counters, of one cluster.
#[derive(Default)]
pub(super) struct Hooks {
    writes: Mutex<Writes>,
    counts: Mutex<BTreeMap<(Verb, String), u64>>,
}

impl Hooks {
    /// Counts a request and asks what becomes of it. Reads always take their course.
    pub(super) fn judge(&self, request: &mut RequestSummary) -> Interception {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts
            .entry((request.verb, request.resource.clone()))
            .or_default() += 1;
        drop(counts);
        if !request.verb.is_mutation() {
            return Interception::Pass;
        }
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        writes.seen += 1;
        request.sequence = writes.seen;
        let interceptor = writes.interceptor.as_mut();
        interceptor.map_or(Interception::Pass, |interceptor| interceptor(request))
    }

    pub(super) fn intercept_writes(&self, interceptor: Option<Interceptor>) {
        self.writes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .interceptor = interceptor;
    }

    pub(super) fn counts(&self) -> BTreeMap<(Verb, String), u64> {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
