//! Streams of changes.
//!
//! A watch has a cursor into the log and nothing else: what it tells follows from the log and the collection
//! that it was opened on (`kubernetes.io: API concepts, efficient detection of changes`).

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

use super::call::Call;
use super::metadata;
use super::refusal::Refusal;
use super::server::Server;

/// How often an open watch is told how far it is.
const BOOKMARK_INTERVAL: Duration = Duration::from_mins(1);

pub(super) struct Watch {
    server: Arc<Server>,
    call: Call,
    newest: watch::Receiver<u64>,
    cursor: u64,
    bookmarked: u64,
    bookmark_due: Instant,
    deadline: Instant,
    pending: VecDeque<Value>,
}

impl Watch {
    /// Opens a watch behind the version that a list was of. One without a version is not served.
    pub(super) fn open(server: &Arc<Server>, call: Call) -> Result<Watch, Refusal> {
        let version = call.options.resource_version.filter(|version| *version > 0);
        let cursor = version
            .ok_or_else(|| Refusal::bad_request("a watch needs the resourceVersion of a list"))?;
        let now = Instant::now();
        Ok(Watch {
            server: Arc::clone(server),
            newest: server.subscribe(),
            cursor,
            bookmarked: 0,
            bookmark_due: now + BOOKMARK_INTERVAL,
            deadline: now + call.options.timeout(),
            pending: VecDeque::new(),
            call,
        })
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

    /// The next event; none once the time is over or the server is gone.
    async fn next(&mut self) -> Option<Value> {
        loop {
            let newest = *self.newest.borrow_and_update();
            if self.cursor < newest && self.pending.is_empty() {
                self.advance();
            }
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            if Instant::now() >= self.deadline {
                return None;
            }
            self.wait().await?;
        }
    }

    /// Waits for news, for the next bookmark or for the end, before which there is a last bookmark.
    async fn wait(&mut self) -> Option<()> {
        let wants_bookmarks = self.call.options.allow_watch_bookmarks;
        let wake = if wants_bookmarks && self.bookmarked < self.cursor {
            self.deadline.min(self.bookmark_due)
        } else {
            self.deadline
        };
        tokio::select! {
            biased;
            news = self.newest.changed() => news.ok(),
            () = sleep_until(wake) => {
                self.bookmark_due = Instant::now() + BOOKMARK_INTERVAL;
                if wants_bookmarks {
                    self.bookmarked = self.cursor;
                    self.pending.push_back(self.bookmark());
                }
                Some(())
            }
        }
    }

    /// Takes in what happened since.
    fn advance(&mut self) {
        let store = self.server.store();
        let (table, prefix) = (self.call.resource.qualified_plural(), self.call.prefix());
        let changes = store.changes(&table, &prefix, self.cursor);
        let events = changes.map(|change| event(change.event, &change.object));
        self.pending.extend(events);
        self.cursor = store.revision();
    }

    fn bookmark(&self) -> Value {
        let mut object = self.call.resource.blank();
        let version = json!(self.cursor.to_string());
        metadata::set(&mut object, "resourceVersion", Some(version));
        event("BOOKMARK", &object)
    }
}

fn event(kind: &str, object: &Value) -> Value {
    json!({"type": kind, "object": object})
}
