//! How the groups of one tenant take over a change of their template: in the order of their names, a few at a time, and
//! only as long as nobody fails with it. It follows from how the groups stand, so that nothing has to be remembered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::ids::ObjectName;

/// How many groups take over a change at once.
pub const AT_ONCE: usize = 3;

/// A group that names the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    /// Its namespace and name.
    pub name: ObjectName,
    /// How it stands with the newest version.
    pub uptake: Uptake,
    /// Whether it waits for others.
    pub pacing: Pacing,
}

/// How a group stands with the newest version of its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uptake {
    /// It has come to be ready with it.
    Updated,
    /// It has not yet.
    Pending,
    /// It has seen it and says that somebody must act, since when.
    Failed(Timestamp),
}

/// Whether a group waits for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pacing {
    /// It was ready with an earlier version: nothing but the template asks for a change.
    Paced,
    /// It is new, or was edited since: it follows its own manifest, and what it fails with may be its own.
    Free,
    /// It is paused, so it writes nothing whosever turn it is.
    Paused,
}

/// Whether it is the turn of a group to take over a change of its template.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RolloutTurn {
    /// It is, or nothing of the template has changed.
    #[default]
    Now,
    /// Other groups take it over first.
    Later,
    /// Groups that took it over failed, so no other one does.
    Stopped,
}

/// How far the newest version has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rollout {
    /// How many groups have come to be ready with it.
    pub updated: usize,
    /// Those that have it still before them, in the order of their names.
    pub waiting: Vec<ObjectName>,
    /// How many of these are paused.
    pub paused: usize,
    /// Those that failed with it, the first one first.
    pub failed: Vec<ObjectName>,
    /// Those that hold up all others, because they failed.
    pub stopped_by: Vec<ObjectName>,
    /// Those that waited for others, and whose turn it is now.
    pub beginning: Vec<ObjectName>,
    held: BTreeMap<ObjectName, RolloutTurn>,
}

impl Rollout {
    /// Works out whose turn it is. Who fails keeps its turn and tries on, a few of them: a failure that is mended is seen
    /// only by trying.
    pub fn of(followers: &[Follower]) -> Self {
        let mut ordered: Vec<&Follower> = followers.iter().collect();
        ordered.sort_by(|one, other| one.name.cmp(&other.name));
        let failed = |holds_up: fn(Pacing) -> bool| {
            let of = |one: &&Follower| match one.uptake {
                Uptake::Failed(since) if holds_up(one.pacing) => Some((since, one.name.clone())),
                _ => None,
            };
            let failed: BTreeSet<(Timestamp, ObjectName)> = ordered.iter().filter_map(of).collect();
            failed.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        };
        let stopped_by = failed(|pacing| pacing == Pacing::Paced);
        let (others, beginning) = if stopped_by.is_empty() {
            (RolloutTurn::Later, pending(&ordered))
        } else {
            (RolloutTurn::Stopped, Vec::new())
        };
        let trying = stopped_by.iter().take(AT_ONCE);
        let turns: BTreeSet<&ObjectName> = trying.chain(&beginning).collect();
        let is_held = |one: &&&Follower| {
            one.pacing == Pacing::Paced
                && one.uptake != Uptake::Updated
                && !turns.contains(&one.name)
        };
        let held = ordered.iter().filter(is_held);
        let updated = ordered
            .iter()
            .filter(|one| one.uptake == Uptake::Updated)
            .count();
        let waiting = || ordered.iter().filter(|one| one.uptake == Uptake::Pending);
        Self {
            updated,
            waiting: waiting().map(|one| one.name.clone()).collect(),
            paused: waiting().filter(|one| one.pacing == Pacing::Paused).count(),
            failed: failed(|_| true),
            stopped_by: stopped_by.clone(),
            beginning: beginning.clone(),
            held: held.map(|one| (one.name.clone(), others)).collect(),
        }
    }

    /// Whether it is the turn of a group.
    pub fn turn(&self, group: &ObjectName) -> RolloutTurn {
        self.held.get(group).copied().unwrap_or_default()
    }
}

/// The first of those that wait for others and have the change before them.
fn pending(ordered: &[&Follower]) -> Vec<ObjectName> {
    let pending = ordered
        .iter()
        .filter(|one| one.uptake == Uptake::Pending && one.pacing == Pacing::Paced);
    let first = pending.take(AT_ONCE);
    first.map(|one| one.name.clone()).collect()
}

#[cfg(test)]
mod tests;
