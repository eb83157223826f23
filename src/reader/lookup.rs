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

#[cfg(test)]
mod tests {
    use entra_client::Class;

    use super::*;

    fn listed(rows: Vec<(u8, char)>, bad: &[Option<&str>]) -> Listed<(u8, char)> {
        let bad = bad.iter().map(|id| Unreadable {
            id: id.map(str::to_owned),
            nickname: None,
            reason: "odd".to_owned(),
        });
        Listed {
            rows,
            unreadable: bad.collect(),
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_leaves_its_key_unknown_and_no_other() {
        let listed = listed(vec![(1, 'a')], &[Some("2")]);
        let unknown = unknown(&[1, 2, 3], &listed, |key: &u8, row| {
            row.may_have_id(&key.to_string())
        });
        let found = single(listed.rows, unknown);
        assert!(matches!(found.get(&1), Some(Ok('a'))));
        assert!(matches!(found.get(&2), Some(Err(error)) if error.class == Class::ReadRefused));
        assert!(!found.contains_key(&3), "what is not listed is not there");
    }

    #[test]
    fn a_row_that_tells_nothing_may_be_anybodys() {
        let listed = listed(vec![(1, 'a'), (1, 'b')], &[None]);
        let unknown = unknown(&[1, 2], &listed, |key, row| {
            row.may_have_id(&key.to_string())
        });
        assert_eq!(unknown.len(), 2);
        let found = grouped(listed.rows, Vec::new());
        assert_eq!(found[&1].as_ref().unwrap(), &['a', 'b']);
    }
}
