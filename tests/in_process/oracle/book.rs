//! What the oracle keeps and how each effect is held against it.

use std::collections::{BTreeMap, BTreeSet};

use entra_sim::ids::{Access, ObjectId};
use entra_sim::journal::{Effect, Entry, Holdings, Target};

use super::Declared;
use super::policies::Policies;
use crate::harness::Words;

/// The half year for which people may activate, in seconds.
const HALF_A_YEAR: i64 = 180 * 24 * 3600;

/// What a clock that shows whole seconds may be off.
const SLACK: i64 = 2;

/// Everything that was seen so far.
#[derive(Default)]
pub struct Book {
    pub words: Words,
    pub approver: String,
    pub declared: Declared,
    /// What is not declared any more and still stands; what has gone from it must not come back.
    pub leaving: BTreeSet<String>,
    /// The rules that a new group has.
    pub fresh: Policies,
    pub policies: Policies,
    pub held: BTreeSet<String>,
    /// How often each thing came to be since it was declared.
    pub made: BTreeMap<String, usize>,
    pub complaints: Vec<String>,
    pub owned: BTreeSet<ObjectId>,
    pub ends: BTreeMap<String, i64>,
}

impl Book {
    /// Takes an entry of the journal in.
    pub fn take(&mut self, entry: &Entry, holdings: &Holdings) {
        for recorded in &entry.effects {
            match &recorded.effect {
                Effect::GroupCreated { group, .. } => {
                    self.policies = self.fresh.clone();
                    self.words.groups.insert(*group);
                    if self.words.groups.len() > 1 {
                        self.complain(entry, "another group was made");
                    }
                }
                Effect::GroupPolicyChanged { group, access, .. }
                    if self.words.groups.contains(group) =>
                {
                    let rules = entry.body.as_ref().and_then(|body| body.get("rules"));
                    self.policies.take(*access, rules);
                }
                _ => {}
            }
        }
        self.guard(entry);
        self.count(entry, holdings);
        self.windows(entry, holdings);
        self.owners(entry, holdings);
    }

    /// The rules of one access that are not as they are declared now.
    pub fn wrong_rules(&self, policies: &Policies, access: Access) -> Vec<String> {
        policies.wrong(access, &self.declared.longest_activation, &self.approver)
    }

    fn complain(&mut self, entry: &Entry, what: &str) {
        let complaint = format!("{} {} {}: {what}", entry.at, entry.operation, entry.path);
        self.complaints.push(complaint);
    }

    /// Nobody is given anything before the policy of that access is as declared, and no role before both are.
    fn guard(&mut self, entry: &Entry) {
        let given = entry
            .effects
            .iter()
            .flat_map(|recorded| gives(&recorded.effect));
        let given: BTreeSet<Access> = given.copied().collect();
        for access in given {
            let wrong = self.wrong_rules(&self.policies, access);
            if !wrong.is_empty() {
                self.complain(
                    entry,
                    &format!("given although {wrong:?} are not as declared"),
                );
            }
        }
    }

    /// Nothing is held that is not declared, and nothing that is declared is taken away.
    fn count(&mut self, entry: &Entry, holdings: &Holdings) {
        let held = self.words.held(holdings);
        for what in &held - &self.held {
            *self.made.entry(what).or_default() += 1;
        }
        let before = std::mem::replace(&mut self.held, held);
        self.leaving = &self.leaving & &self.held;
        let surplus = &(&self.held - &self.declared.holdings) - &self.leaving;
        if !surplus.is_empty() {
            self.complain(entry, &format!("held and not declared: {surplus:?}"));
        }
        let lost = &(&before & &self.declared.holdings) - &self.held;
        if !lost.is_empty() {
            self.complain(entry, &format!("declared and taken away: {lost:?}"));
        }
    }

    /// Everybody's half year ends when it was first said to end; everything else never ends.
    fn windows(&mut self, entry: &Entry, holdings: &Holdings) {
        let mut wrong = Vec::new();
        for ((target, principal), window) in holdings.eligible() {
            let Some(what) = self.words.schedule("eligible", target, *principal) else {
                continue;
            };
            let end = window.end.map_or(i64::MAX, jiff::Timestamp::as_second);
            let first = *self.ends.entry(what.clone()).or_insert(end);
            let longest = entry.at.as_second() + HALF_A_YEAR + SLACK;
            if (end - first).abs() > SLACK || end > longest {
                wrong.push(format!("{what} until {:?}", window.end));
            }
        }
        for ((target, principal), window) in holdings.active() {
            let what = self.words.schedule("active", target, *principal);
            if let (Some(what), Some(end)) = (what, window.end) {
                wrong.push(format!("{what} until {end}"));
            }
        }
        if !wrong.is_empty() {
            self.complain(entry, &format!("wrong windows: {wrong:?}"));
        }
    }

    /// A group that once had an owner has one as long as it lives.
    fn owners(&mut self, entry: &Entry, holdings: &Holdings) {
        let living: BTreeSet<ObjectId> = holdings.groups().collect();
        for group in self.words.groups.clone() {
            let is_owned = holdings.direct(group, Access::Owner).next().is_some();
            if is_owned {
                self.owned.insert(group);
            } else if living.contains(&group) && self.owned.contains(&group) {
                self.complain(entry, "the last owner went before the group");
            }
        }
    }
}

/// The policies that a gift depends on.
fn gives(effect: &Effect) -> &'static [Access] {
    let target = match effect {
        Effect::EligibilityCreated(grant)
        | Effect::EligibilityChanged(grant)
        | Effect::ActiveCreated(grant)
        | Effect::ActiveChanged(grant) => &grant.target,
        Effect::MemberAdded { .. } => return &[Access::Member],
        Effect::OwnerAdded { .. } => return &[Access::Owner],
        Effect::RoleAssigned { .. } => return &[Access::Member, Access::Owner],
        _ => return &[],
    };
    match target {
        Target::Group {
            access: Access::Member,
            ..
        } => &[Access::Member],
        Target::Group {
            access: Access::Owner,
            ..
        } => &[Access::Owner],
        Target::DirectoryRole { .. } => &[Access::Member, Access::Owner],
    }
}
