//! What the oracle keeps and how each effect is held against it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use entra_sim::ids::{Access, ObjectId};
use entra_sim::journal::{Effect, Entry, Holdings, Target};
use jiff::Timestamp;
use memory_cluster::MemoryCluster;

use super::Declared;
use super::policies::Policies;
use super::reads;
use crate::harness::{Descriptions, NAMESPACE, World};
use crate::story;

/// The half year for which people may activate, in seconds.
const HALF_A_YEAR: i64 = 180 * 24 * 3600;

/// What a clock that shows whole seconds may be off.
const SLACK: i64 = 2;

/// How long a plan may take that rests on what was read at its beginning.
const PLANNED: Duration = Duration::from_mins(3);

/// Everything that was seen so far.
pub struct Ledger {
    pub cluster: MemoryCluster,
    /// How late lists show what was done.
    pub lag: Duration,
    /// Our groups are those that were not purged.
    pub descriptions: Descriptions,
    pub by_hand: ByHand,
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

/// What somebody did to our group by hand.
#[derive(Default)]
pub struct ByHand {
    /// Whether that is part of the story; otherwise it is held against what is declared.
    pub expected: bool,
    /// Until when lists do not show that it was restored, with the policies of a new group.
    pub restored: Option<Timestamp>,
    pub purged: bool,
    /// What came back with it after the object that had granted it was gone: nobody is there to take it away.
    pub left: BTreeSet<String>,
}

impl Ledger {
    /// Nothing was seen of this world yet.
    pub fn of(world: &World) -> Self {
        Self {
            cluster: world.cluster.clone(),
            lag: world.lag(),
            descriptions: Descriptions::default(),
            by_hand: ByHand::default(),
            approver: String::new(),
            declared: Declared::default(),
            leaving: BTreeSet::new(),
            fresh: Policies::default(),
            policies: Policies::default(),
            held: BTreeSet::new(),
            made: BTreeMap::new(),
            complaints: Vec::new(),
            owned: BTreeSet::new(),
            ends: BTreeMap::new(),
        }
    }

    /// What has to be held in the end. The last owner stays in a group that is to be deleted, and goes with it: if the
    /// group was seen deleted before somebody restored it, they are in it still.
    pub fn expected(&self) -> BTreeSet<String> {
        let mut expected = &self.declared.holdings | &self.by_hand.left;
        if self.declared.holdings.is_empty() && self.by_hand.restored.is_some() {
            let owner = self.held.iter().find(|what| what.contains(" owner "));
            expected.extend(owner.cloned());
        }
        expected
    }

    /// What came back with a group that somebody restored is nobody's to take away when its objects were let go on lists that
    /// did not show it yet: nobody looked at the group once they did.
    pub fn leave_unseen(&mut self, journal: &[Entry]) {
        let Some(until) = self.by_hand.restored else {
            return;
        };
        let groups: Vec<String> = self
            .descriptions
            .groups
            .iter()
            .map(ToString::to_string)
            .collect();
        let is_look = |entry: &&Entry| {
            entry.at >= until
                && !reads::is_of_the_hand(entry)
                && groups.iter().any(|group| entry.path.contains(group))
        };
        if self.declared.holdings.is_empty() && !journal.iter().any(|entry| is_look(&entry)) {
            self.by_hand.left = &self.by_hand.left | &self.held;
        }
    }

    /// Takes an entry of the journal in.
    pub fn take(&mut self, entry: &Entry, holdings: &Holdings) {
        let is_by_hand = self.by_hand.expected && reads::is_of_the_hand(entry);
        let mut is_back = false;
        for recorded in &entry.effects {
            match &recorded.effect {
                Effect::GroupCreated { group, .. } => {
                    self.policies = self.fresh.clone();
                    self.descriptions.groups.insert(*group);
                    if self.descriptions.groups.len() > 1 {
                        self.complain(entry, "another group was made");
                    }
                }
                Effect::GroupDeleted { group } => {
                    self.owned.remove(group);
                }
                Effect::GroupRestored { group } if self.descriptions.groups.contains(group) => {
                    self.policies = self.fresh.clone();
                    if is_by_hand {
                        let shown = entry.at + self.lag + PLANNED;
                        self.by_hand.restored = Some(shown);
                    }
                    is_back = true;
                }
                Effect::GroupPurged { group } if self.descriptions.groups.remove(group) => {
                    self.by_hand.purged |= is_by_hand;
                }
                Effect::GroupPolicyChanged { group, access, .. }
                    if self.descriptions.groups.contains(group) =>
                {
                    let rules = entry.body.as_ref().and_then(|body| body.get("rules"));
                    self.policies.take(*access, rules);
                }
                _ => {}
            }
        }
        if is_by_hand || is_back {
            self.accept(holdings);
        } else {
            if self.by_hand.restored.is_none_or(|until| until <= entry.at) {
                self.guard(entry);
            }
            self.let_go(entry);
            self.count(entry, holdings);
        }
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

    /// Takes as it is what somebody did by hand, and what came back with a group: what nobody declares has to go.
    fn accept(&mut self, holdings: &Holdings) {
        let held = self.descriptions.held(holdings);
        for what in &held - &self.held {
            if self.declared.holdings.contains(&what) {
                *self.made.entry(what).or_default() += 1;
            } else if !self.is_declared_by_an_object(&what) {
                self.by_hand.left.insert(what);
            }
        }
        for what in &self.held - &held {
            self.made.remove(&what);
        }
        self.leaving = &held - &self.declared.holdings;
        self.by_hand.left = &self.by_hand.left & &held;
        self.held = held;
    }

    fn is_declared_by_an_object(&self, what: &str) -> bool {
        let (kind, name) = story::granted_by(what);
        self.cluster.get(kind, Some(NAMESPACE), name).is_some()
    }

    /// No object is let go while what it granted is held, in whatever lists it may still be hidden.
    fn let_go(&mut self, entry: &Entry) {
        let held = &self.held - &self.by_hand.left;
        let left: Vec<&String> = held
            .iter()
            .filter(|what| !self.is_declared_by_an_object(what))
            .collect();
        if !left.is_empty() {
            let left = format!("{left:?} is held after its object was let go");
            self.complain(entry, &left);
        }
    }

    /// Nothing is held that is not declared, and nothing that is declared is taken away.
    fn count(&mut self, entry: &Entry, holdings: &Holdings) {
        let held = self.descriptions.held(holdings);
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
            let Some(what) = self.descriptions.schedule("eligible", target, *principal) else {
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
            let what = self.descriptions.schedule("active", target, *principal);
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
        for group in self.descriptions.groups.clone() {
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
        Target::DirectoryRole { .. } | Target::AzureRole { .. } => &[Access::Member, Access::Owner],
    }
}
