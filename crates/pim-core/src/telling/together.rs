//! Writes that do the same for several principals, in one sentence that names them all.

use super::{Telling, until};
use crate::action::Write;
use crate::desired::Unit;
use crate::schedule::Key;

impl Unit {
    /// Writes in words, in their order: those that differ in the principal alone share a sentence, as long as it is no longer
    /// than so many bytes. Nobody is left out.
    pub fn tell_together(&self, writes: &[&Write], longest: usize) -> Vec<Telling> {
        let mut runs: Vec<Vec<&Write>> = Vec::new();
        for write in writes {
            let joined = runs.iter_mut().rev().find(|run| {
                is_alike(run[0], write) && {
                    let with = [run.as_slice(), &[*write]].concat();
                    self.sentence(&with).done().len() <= longest
                }
            });
            match joined {
                Some(run) => run.push(write),
                None => runs.push(vec![write]),
            }
        }
        runs.iter().map(|run| self.sentence(run)).collect()
    }

    /// What these writes do, which are alike.
    fn sentence(&self, writes: &[&Write]) -> Telling {
        let keys: Vec<Key> = writes.iter().filter_map(|write| key(write)).collect();
        match writes {
            [Write::Grant { verb, window, .. }, _, ..] => self.grant(&keys, *verb, &until(window)),
            [Write::Revoke { .. }, _, ..] => Telling {
                past: "ended",
                present: "end",
                rest: self.access(&keys),
            },
            [one, ..] => self.tell(one),
            [] => Telling {
                past: "did",
                present: "do",
                rest: "nothing".to_owned(),
            },
        }
    }

    /// The principals of keys: "a@contoso.com (…), b@contoso.com (…) and c@contoso.com (…)".
    pub(super) fn everybody(&self, keys: &[Key]) -> String {
        let names = keys.iter().map(|key| self.principal(key.principal));
        let names: Vec<String> = names.collect();
        match names.split_last() {
            Some((last, others)) if !others.is_empty() => {
                format!("{} and {last}", others.join(", "))
            }
            _ => names.concat(),
        }
    }
}

fn key(write: &Write) -> Option<Key> {
    match write {
        Write::Grant { key, .. } | Write::Revoke { key, .. } => Some(*key),
        _ => None,
    }
}

/// Whether two writes differ in the principal alone, as far as words go.
fn is_alike(one: &Write, other: &Write) -> bool {
    let same = |one: &Key, other: &Key| (one.kind, one.access) == (other.kind, other.access);
    match (one, other) {
        (
            Write::Grant {
                key, verb, window, ..
            },
            Write::Grant {
                key: of_other,
                verb: verb_of_other,
                window: window_of_other,
                ..
            },
        ) => same(key, of_other) && (verb, window) == (verb_of_other, window_of_other),
        (Write::Revoke { key, .. }, Write::Revoke { key: of_other, .. }) => same(key, of_other),
        _ => false,
    }
}
