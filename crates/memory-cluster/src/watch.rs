//! Streams of changes.
//!
//! A watch has a cursor into the log and nothing else: what it tells follows from the log, the selector and
//! what the cluster lets watches see. An object that starts or ceases to match the selector is told as added
//! or deleted (`kubernetes.io: API concepts, efficient detection of changes`).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, Stream};
use http_body::Frame;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::call::{Bookmarks, Call, View, WatchStart};
use super::metadata;
use super::refusal::Refusal;
use super::selector::Selector;
use super::server::{Server, Signal};
use super::store::Change;

/// How often an open watch is told how far it is.
const BOOKMARK_INTERVAL: Duration = Duration::from_mins(1);

/// One open watch.
pub(super) struct Watch {
    server: Arc<Server>,
    call: Call,
    selector: Selector,
    signal: watch::Receiver<Signal>,
    epoch: u64,
    cursor: u64,
    bookmarked: u64,
    bookmark_due: Instant,
    deadline: Instant,
    pending: VecDeque<Value>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Ended,
}

impl Watch {
    /// Opens a watch. A start in the forgotten past is told as an error event, as the API server does.
    pub(super) fn open(server: &Arc<Server>, call: Call) -> Result<Watch, Refusal> {
        let options = &call.options;
        let selector = Selector::parse(
            &call.resource,
            options.labels.as_deref(),
            options.fields.as_deref(),
        )?;
        let signal = server.subscribe();
        let epoch = signal.borrow().epoch;
        let now = Instant::now();
        let mut watch = Watch {
            server: Arc::clone(server),
            selector,
            signal,
            epoch,
            cursor: 0,
            bookmarked: 0,
            bookmark_due: now + BOOKMARK_INTERVAL,
            deadline: now + options.timeout,
            pending: VecDeque::new(),
            state: State::Open,
            call,
        };
        watch.begin();
        Ok(watch)
    }

    /// The stream of encoded events.
    pub(super) fn frames(
        self,
    ) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + 'static {
        stream::unfold(self, |mut watch| async move {
            let event = watch.next().await?;
            let line = format!("{event}\n");
            Some((Ok(Frame::data(Bytes::from(line))), watch))
        })
    }

    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            let signal = *self.signal.borrow_and_update();
            if self.state == State::Ended || signal.epoch != self.epoch {
                return None;
            }
            self.advance(signal.visible);
            if self.pending.is_empty() && self.state == State::Open {
                self.wait().await;
            }
        }
    }

    /// Waits for news, for the next bookmark or for the end.
    async fn wait(&mut self) {
        let behind =
            self.call.options.bookmarks == Bookmarks::Wanted && self.bookmarked < self.cursor;
        let wake = if behind {
            self.deadline.min(self.bookmark_due)
        } else {
            self.deadline
        };
        tokio::select! {
            biased;
            news = self.signal.changed() => if news.is_err() { self.state = State::Ended },
            () = sleep_until(wake) => {
                self.bookmark();
                if Instant::now() >= self.deadline {
                    self.state = State::Ended;
                }
            }
        }
    }

    fn begin(&mut self) {
        let WatchStart::After(revision) = self.call.options.watch_start else {
            let store = self.server.store();
            self.cursor = store.revision();
            let objects = store.list(&self.call.resource.qualified_plural(), &self.prefix());
            drop(store);
            let matching = objects
                .into_values()
                .filter(|object| self.selector.matches(object));
            self.pending = matching
                .map(|object| {
                    event(
                        "ADDED",
                        &self.call.options.view.object(object.as_ref().clone()),
                    )
                })
                .collect();
            if self.call.options.bookmarks == Bookmarks::Wanted {
                let mut mark = self.bookmark_event();
                mark["object"]["metadata"]["annotations"] =
                    json!({"k8s.io/initial-events-end": "true"});
                self.pending.push_back(mark);
            }
            return;
        };
        self.cursor = revision;
    }

    /// Takes in what happened up to a revision.
    fn advance(&mut self, visible: u64) {
        if visible <= self.cursor {
            return;
        }
        let server = Arc::clone(&self.server);
        let store = server.store();
        if self.cursor < store.compacted() {
            let message = format!(
                "too old resource version: {} ({})",
                self.cursor,
                store.compacted()
            );
            self.pending
                .push_back(event("ERROR", &Refusal::expired(&message).body()));
            self.state = State::Ended;
            return;
        }
        let (table, prefix) = (self.call.resource.qualified_plural(), self.prefix());
        let changes = store.changes(&table, &prefix, self.cursor, visible);
        self.pending.extend(
            changes.filter_map(|change| told(&self.selector, self.call.options.view, change)),
        );
        self.cursor = visible;
    }

    fn bookmark(&mut self) {
        self.bookmark_due = Instant::now() + BOOKMARK_INTERVAL;
        if self.call.options.bookmarks == Bookmarks::Wanted {
            self.bookmarked = self.cursor;
            self.pending.push_back(self.bookmark_event());
        }
    }

    fn bookmark_event(&self) -> Value {
        let mut object = self.call.resource.blank();
        metadata::set(
            &mut object,
            "resourceVersion",
            Some(json!(self.cursor.to_string())),
        );
        event("BOOKMARK", &object)
    }

    fn prefix(&self) -> String {
        self.call
            .namespace
            .as_ref()
            .map(|namespace| format!("{namespace}/"))
            .unwrap_or_default()
    }
}

/// A change as a watch with this selector hears of it.
fn told(selector: &Selector, view: View, change: &Change) -> Option<Value> {
    let matching =
        |object: &Option<Arc<Value>>| object.clone().filter(|object| selector.matches(object));
    match (matching(&change.before), matching(&change.after)) {
        (None, None) => None,
        (None, Some(after)) => Some(event("ADDED", &view.object(after.as_ref().clone()))),
        (Some(_), Some(after)) => Some(event("MODIFIED", &view.object(after.as_ref().clone()))),
        (Some(before), None) => {
            let mut gone = before.as_ref().clone();
            metadata::set(
                &mut gone,
                "resourceVersion",
                Some(json!(change.revision.to_string())),
            );
            Some(event("DELETED", &view.object(gone)))
        }
    }
}

fn event(kind: &str, object: &Value) -> Value {
    json!({"type": kind, "object": object})
}
