//! Look-ups of one object that are asked for many at once, and what a list with odd rows says about each of those that
//! were asked for. Nothing of what the objects are.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use entra_client::graph::{Listed, Unreadable};
use entra_client::{Error, Graph};

use super::coalesce::{Coalescer, Found};

/// How long questions are gathered before they are asked together.
const GATHER: Duration = Duration::from_millis(20);

/// A look-up on top of a client.
pub fn asking<K, V, F, A>(graph: &Graph, ask: F) -> Coalescer<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    F: Fn(Graph, Vec<K>) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Found<K, V>, Error>> + Send + 'static,
{
    let graph = graph.clone();
    Coalescer::new(GATHER, move |keys| ask(graph.clone(), keys))
}

/// Rows under the one key that each bears, and the keys whose answer is not known.
pub fn single<K: Eq + Hash, V>(
    rows: impl IntoIterator<Item = (K, V)>,
    unknown: Vec<(K, Error)>,
) -> Found<K, V> {
    let found = rows.into_iter().map(|(key, row)| (key, Ok(row)));
    found.chain(failed(unknown)).collect()
}

/// Rows under the keys that they bear, and the keys whose answer is not known.
pub fn grouped<K: Eq + Hash, V>(
    rows: impl IntoIterator<Item = (K, V)>,
    unknown: Vec<(K, Error)>,
) -> Found<K, Vec<V>> {
    let mut found: HashMap<K, Vec<V>> = HashMap::new();
    for (key, row) in rows {
        found.entry(key).or_default().push(row);
    }
    let found = found.into_iter().map(|(key, rows)| (key, Ok(rows)));
    found.chain(failed(unknown)).collect()
}

fn failed<K, V>(unknown: Vec<(K, Error)>) -> impl Iterator<Item = (K, Result<V, Error>)> {
    unknown.into_iter().map(|(key, error)| (key, Err(error)))
}

/// The keys whose answer is not known, because a row that may be theirs cannot be read: not known is not absent.
pub fn unknown<K: Clone, T>(
    keys: &[K],
    listed: &Listed<T>,
    may_be: impl Fn(&K, &Unreadable) -> bool,
) -> Vec<(K, Error)> {
    let mut unknown = Vec::new();
    for row in &listed.unreadable {
        let concerned = keys.iter().filter(|key| may_be(key, row));
        unknown.extend(concerned.map(|key| (key.clone(), unreadable(&row.reason))));
    }
    unknown
}

fn unreadable(reason: &str) -> Error {
    Error::unreadable(format!("an object in the list cannot be read: {reason}"))
}
