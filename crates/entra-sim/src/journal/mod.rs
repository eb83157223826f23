//! What happened: every request with its outcome and every change of the tenant.
//!
//! Writes note their effects while they run (`Journal::note`); the dispatcher closes the entry when the answer is
//! known. Changes that time makes (an assignment ends) are entries of their own under the operation `clock`.

mod effect;
mod holdings;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::ids::{AppId, ObjectId};

pub use effect::{Effect, Grant, Recorded, Target};
pub use holdings::{Holdings, Window};

/// One request, or one step of the clock.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Position in the journal, from 1.
    pub sequence: u64,
    /// Time of the tenant when the request was served.
    pub at: Timestamp,
    /// Name of the operation, for instance `groups.create`; `unknown` for a path that no route has.
    pub operation: String,
    /// HTTP method; empty for `clock` and `seed`.
    pub method: String,
    /// Path and query as asked.
    pub path: String,
    /// HTTP status of the answer, 0 where there is none.
    pub status: u16,
    /// `error.code` of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Client id of the calling application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<AppId>,
    /// The signed-in user of a delegated call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<ObjectId>,
    /// The header `request-id` of the answer.
    pub request_id: String,
    /// Where the request stood in a `$batch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchItem>,
    /// The scripted fault that touched it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<u64>,
    /// Whether the answer reached the client.
    pub answer: Answer,
    /// The body of the request, without secrets: the token endpoint leaves none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// What changed in the tenant.
    pub effects: Vec<Recorded>,
}

impl Entry {
    /// An entry that no request made.
    pub(crate) fn unasked(operation: &str, at: Timestamp) -> Self {
        Self {
            sequence: 0,
            at,
            operation: operation.to_owned(),
            method: String::new(),
            path: String::new(),
            status: 0,
            code: None,
            app_id: None,
            user_id: None,
            request_id: String::new(),
            batch: None,
            fault: None,
            answer: Answer::Sent,
            body: None,
            effects: Vec::new(),
        }
    }

    pub(crate) fn of_clock(at: Timestamp) -> Self {
        Self::unasked("clock", at)
    }
}

/// Place of a request inside a `$batch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItem {
    /// Number of the `$batch` request.
    pub envelope: u64,
    /// The `id` of the item in the batch.
    pub id: String,
}

/// Whether an answer reached the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// The answer was sent.
    Sent,
    /// The connection was dropped; whether anything happened is seen in the effects.
    Lost,
}

/// Totals since the start or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Operations of Graph: single requests and items of batches.
    pub operations: u64,
    /// HTTP requests to Graph: single requests and batch envelopes.
    pub requests: u64,
    /// Operations that were asked to change something and did not fail.
    pub writes: u64,
    /// Operations that were answered with 429.
    pub throttled: u64,
    /// Requests to the token endpoint.
    pub tokens: u64,
    /// TLS connections that were set up.
    pub handshakes: u64,
}

/// What is called with every entry that has effects.
pub(crate) type Listener = Box<dyn Fn(&Entry, &Holdings) + Send + Sync>;

/// Entries kept; beyond, the older half is forgotten, so that a server can run for days.
const MAXIMUM_ENTRIES: usize = 200_000;

#[derive(Default)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
    listeners: Vec<Listener>,
    next: u64,
    envelopes: u64,
    pending: Vec<Recorded>,
    holdings: Holdings,
    pub(crate) counters: Counters,
    by_operation: BTreeMap<String, u64>,
}

impl Journal {
    /// Notes a change of the entry in the making.
    pub(crate) fn note(&mut self, at: Timestamp, effect: Effect) {
        self.holdings.apply(&effect);
        self.pending.push(Recorded { at, effect });
    }

    /// Whether changes wait for their entry.
    pub(crate) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Closes an entry: it gets its number and the changes noted since the last one, and listeners hear of it.
    pub(crate) fn close(&mut self, mut entry: Entry) {
        self.next += 1;
        entry.sequence = self.next;
        entry.effects.append(&mut self.pending);
        let asked = self.by_operation.entry(entry.operation.clone());
        *asked.or_default() += 1;
        if !entry.effects.is_empty() {
            for listener in &self.listeners {
                listener(&entry, &self.holdings);
            }
        }
        self.entries.push(entry);
        if self.entries.len() > MAXIMUM_ENTRIES {
            self.entries.drain(..MAXIMUM_ENTRIES / 2);
        }
    }

    pub(crate) fn listen(&mut self, listener: Listener) {
        self.listeners.push(listener);
    }

    /// The number of a new `$batch`.
    pub(crate) fn next_envelope(&mut self) -> u64 {
        self.envelopes += 1;
        self.envelopes
    }

    /// All entries since the start or the last reset.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Who holds what now, as the effects say.
    pub(crate) fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// How often each operation was asked for.
    pub(crate) fn by_operation(&self) -> &BTreeMap<String, u64> {
        &self.by_operation
    }

    /// Forgets entries and counters; numbers go on.
    pub(crate) fn reset(&mut self) {
        self.entries.clear();
        self.by_operation.clear();
        self.counters = Counters::default();
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("entries", &self.entries.len())
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}
