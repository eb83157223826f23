//! Holds every single effect in the tenant against what is declared at that instant: nobody holds what no manifest
//! declares, nothing is given before both policies are as declared, the last owner stays. It knows the example by heart
//! and asks nothing of the operator's code.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use entra_sim::ids::{Access, ObjectId};
use entra_sim::journal::{Effect, Entry, Holdings, Target, Window};
use serde_json::{Value, json};

use super::harness::{Hand, World, text};
use super::story::GROUP;

/// A group of the demo whose policies nobody has touched.
const UNTOUCHED: &str = "PAG-legacy-exchange";

/// The half year for which people may activate.
const HALF_A_YEAR: i64 = 180 * 24 * 3600;

/// What a clock that shows whole seconds may be off.
const SLACK: i64 = 2;

/// What the manifests declare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// What is held, in words.
    pub holdings: BTreeSet<String>,
    /// `maximumDuration` of the members' activation.
    pub longest_activation: String,
}

/// The rules of both policies by their ids.
type Policies = BTreeMap<(Access, String), Value>;

/// The oracle of one world.
#[derive(Clone)]
pub struct Oracle(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    people: BTreeMap<ObjectId, String>,
    approver: String,
    declared: Declared,
    /// What is not declared any more and still stands; what has gone from it must not come back.
    leaving: BTreeSet<String>,
    /// The rules that a new group has.
    fresh: Policies,
    policies: Policies,
    groups: BTreeSet<ObjectId>,
    owned: bool,
    held: BTreeSet<String>,
    /// How often each thing came to be since it was declared.
    made: BTreeMap<String, usize>,
    ends: BTreeMap<String, i64>,
    complaints: Vec<String>,
}

impl Oracle {
    /// Watches a world from its beginning.
    pub async fn watch(world: &World) -> Self {
        let hand = world.hand();
        let dump = world.tenant.dump();
        let mut book = Book {
            approver: hand.user("emi@contoso.com").await,
            ..Book::default()
        };
        for user in dump["users"].as_array().unwrap() {
            let id = text(&user["id"]).parse().unwrap();
            book.people.insert(id, text(&user["userPrincipalName"]));
        }
        let groups = dump["groups"].as_array().unwrap();
        let untouched = groups
            .iter()
            .find(|group| group["displayName"] == UNTOUCHED);
        book.fresh = read_policies(hand, &text(&untouched.unwrap()["id"])).await;
        let book = Arc::new(Mutex::new(book));
        let listener = Arc::clone(&book);
        world
            .tenant
            .on_effect(move |entry, holdings| listener.lock().unwrap().take(entry, holdings));
        Self(book)
    }

    /// Says what is declared from now on.
    pub fn declare(&self, declared: Declared) {
        let mut book = self.0.lock().unwrap();
        book.leaving = &book.held - &declared.holdings;
        book.made.retain(|what, _| declared.holdings.contains(what));
        book.declared = declared;
    }

    /// Holds what stands at the end of a part against what is declared: everything is there, and once.
    pub async fn settle(&self, world: &World) {
        let (declared, made, complaints, held, groups) = {
            let book = self.0.lock().unwrap();
            (
                book.declared.clone(),
                book.made.clone(),
                book.complaints.clone(),
                book.held.clone(),
                book.groups.clone(),
            )
        };
        let context = || format!("{}\n{:#?}", world.summary(), world.line.writes());
        assert!(complaints.is_empty(), "{complaints:#?}\n{}", context());
        assert_eq!(held, declared.holdings, "{}", context());
        assert_eq!(groups.len(), 1, "one group was ever made: {}", context());
        let once: BTreeMap<String, usize> = declared
            .holdings
            .iter()
            .map(|what| (what.clone(), 1))
            .collect();
        assert_eq!(made, once, "each thing was made once: {}", context());
        let hand = world.hand();
        if declared.holdings.is_empty() {
            let group = groups.first().unwrap().to_string();
            let dump = world.tenant.dump();
            let stands = |list: &Value| {
                let list = list.as_array().unwrap();
                list.iter()
                    .filter(|one| one["id"] == group.as_str())
                    .count()
            };
            assert_eq!(
                (stands(&dump["groups"]), stands(&dump["deletedItems"])),
                (0, 1)
            );
            return;
        }
        let key = world.key(GROUP);
        let group = hand.group(&key).await;
        assert_eq!(hand.deleted_groups(&key).await.len(), 0);
        let rows = hand.eligible(&group).await.len()
            + hand.active(&group).await.len()
            + hand.roles(&group).await.len();
        assert_eq!(rows, declared.holdings.len(), "one schedule for each key");
        let policies = read_policies(hand, &group).await;
        let book = self.0.lock().unwrap();
        let differing = book.wrong_rules(&policies);
        assert!(differing.is_empty(), "{differing:?}: {}", context());
        assert_eq!(
            book.wrong_rules(&book.policies),
            differing,
            "the oracle counts as the tenant does"
        );
    }
}

async fn read_policies(hand: &Hand, group: &str) -> Policies {
    let mut policies = Policies::new();
    for row in hand.policies(group).await {
        let access = if row["roleDefinitionId"] == "owner" {
            Access::Owner
        } else {
            Access::Member
        };
        for rule in row["policy"]["rules"].as_array().unwrap() {
            policies.insert((access, text(&rule["id"])), rule.clone());
        }
    }
    policies
}

impl Book {
    fn complain(&mut self, entry: &Entry, what: &str) {
        let complaint = format!("{} {} {}: {what}", entry.at, entry.operation, entry.path);
        self.complaints.push(complaint);
    }

    fn take(&mut self, entry: &Entry, holdings: &Holdings) {
        let mut gives = false;
        for recorded in &entry.effects {
            match &recorded.effect {
                Effect::GroupCreated { group, .. } => {
                    self.policies = self.fresh.clone();
                    self.groups.insert(*group);
                    if self.groups.len() > 1 {
                        self.complain(entry, "another group was made");
                    }
                }
                Effect::GroupDeleted { group } if self.groups.contains(group) => self.owned = false,
                Effect::GroupPolicyChanged { group, access, .. } if self.groups.contains(group) => {
                    self.change_policy(*access, entry.body.as_ref());
                }
                Effect::EligibilityCreated(_)
                | Effect::EligibilityChanged(_)
                | Effect::ActiveCreated(_)
                | Effect::ActiveChanged(_)
                | Effect::MemberAdded { .. }
                | Effect::OwnerAdded { .. }
                | Effect::RoleAssigned { .. } => gives = true,
                _ => {}
            }
        }
        let wrong = self.wrong_rules(&self.policies);
        if gives && !wrong.is_empty() {
            self.complain(
                entry,
                &format!("given although {wrong:?} are not as declared"),
            );
        }
        self.count(entry, holdings);
        self.owners(entry, holdings);
    }

    /// A policy is changed rule by rule; a rule that is not sent stays.
    fn change_policy(&mut self, access: Access, body: Option<&Value>) {
        let rules = body.and_then(|body| body["rules"].as_array());
        for rule in rules.into_iter().flatten() {
            let id = text(&rule["id"]);
            self.policies.insert((access, id), rule.clone());
        }
    }

    /// Compares what is held with what was held before and with what may be held.
    fn count(&mut self, entry: &Entry, holdings: &Holdings) {
        let held = self.in_words(holdings);
        for what in &held - &self.held {
            *self.made.entry(what).or_default() += 1;
        }
        let before = std::mem::replace(&mut self.held, held);
        self.leaving = self.leaving.intersection(&self.held).cloned().collect();
        let surplus: Vec<String> = self
            .held
            .difference(&self.declared.holdings)
            .filter(|what| !self.leaving.contains(*what))
            .cloned()
            .collect();
        if !surplus.is_empty() {
            self.complain(entry, &format!("held and not declared: {surplus:?}"));
        }
        let lost: Vec<&String> = before
            .intersection(&self.declared.holdings)
            .filter(|what| !self.held.contains(*what))
            .collect();
        if !lost.is_empty() {
            let lost = format!("declared and taken away: {lost:?}");
            self.complain(entry, &lost);
        }
        self.windows(entry, holdings);
    }

    /// Everybody's half year ends when it was first said to end; everything else never does.
    fn windows(&mut self, entry: &Entry, holdings: &Holdings) {
        let mut wrong = Vec::new();
        for ((target, principal), window) in holdings.eligible() {
            let Some(what) = self.schedule("eligible", target, *principal) else {
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
            if let (Some(what), Window { end: Some(end), .. }) =
                (self.schedule("active", target, *principal), window)
            {
                wrong.push(format!("{what} until {end}"));
            }
        }
        if !wrong.is_empty() {
            self.complain(entry, &format!("wrong windows: {wrong:?}"));
        }
    }

    fn owners(&mut self, entry: &Entry, holdings: &Holdings) {
        for group in self.groups.clone() {
            let living = holdings.groups().any(|one| one == group);
            let owners = holdings.direct(group, Access::Owner).count();
            if living && self.owned && owners == 0 {
                self.complain(entry, "the last owner went before the group");
            }
            self.owned = living && (self.owned || owners > 0);
        }
    }

    fn name(&self, principal: ObjectId) -> String {
        let known = self.people.get(&principal);
        known.cloned().unwrap_or_else(|| principal.to_string())
    }

    /// A schedule of ours in words.
    fn schedule(&self, kind: &str, target: &Target, principal: ObjectId) -> Option<String> {
        match target {
            Target::Group { group, access } if self.groups.contains(group) => {
                let access = if *access == Access::Owner {
                    "owner"
                } else {
                    "member"
                };
                Some(format!("{kind} {access} {}", self.name(principal)))
            }
            Target::DirectoryRole { role, scope } if self.groups.contains(&principal) => {
                Some(format!("role {role} at {scope}"))
            }
            _ => None,
        }
    }

    /// All that is held of our groups, as long as they live.
    fn in_words(&self, holdings: &Holdings) -> BTreeSet<String> {
        let living: BTreeSet<ObjectId> = holdings.groups().collect();
        let of = |kind: &'static str, target: &Target, principal: &ObjectId| {
            let group = match target {
                Target::Group { group, .. } => group,
                Target::DirectoryRole { .. } => principal,
            };
            living
                .contains(group)
                .then(|| self.schedule(kind, target, *principal))
                .flatten()
        };
        let mut words: BTreeSet<String> = holdings
            .eligible()
            .keys()
            .filter_map(|(target, principal)| of("eligible", target, principal))
            .chain(
                holdings
                    .active()
                    .keys()
                    .chain(holdings.activations().keys())
                    .filter_map(|(target, principal)| of("active", target, principal)),
            )
            .collect();
        for group in self.groups.iter().filter(|group| living.contains(group)) {
            for (access, word) in [(Access::Member, "member"), (Access::Owner, "owner")] {
                let direct = holdings.direct(*group, access);
                words.extend(direct.map(|one| format!("active {word} {}", self.name(one))));
            }
            let roles = holdings.roles().iter();
            words.extend(
                roles
                    .filter(|(_, holder, _)| holder == group)
                    .map(|(role, _, scope)| format!("role {role} at {scope}")),
            );
        }
        words
    }

    /// The rules that are not as the example declares them.
    fn wrong_rules(&self, policies: &Policies) -> Vec<String> {
        let demands = json!(["Justification", "MultiFactorAuthentication"]);
        let longest = json!(self.declared.longest_activation);
        let expected = [
            (
                Access::Member,
                "Expiration_EndUser_Assignment",
                "/maximumDuration",
                longest,
            ),
            (
                Access::Owner,
                "Expiration_EndUser_Assignment",
                "/maximumDuration",
                json!("PT2H"),
            ),
            (
                Access::Member,
                "Expiration_Admin_Eligibility",
                "/isExpirationRequired",
                json!(true),
            ),
            (
                Access::Member,
                "Expiration_Admin_Eligibility",
                "/maximumDuration",
                json!("P180D"),
            ),
            (
                Access::Member,
                "Expiration_Admin_Assignment",
                "/isExpirationRequired",
                json!(false),
            ),
            (
                Access::Owner,
                "Expiration_Admin_Assignment",
                "/isExpirationRequired",
                json!(false),
            ),
            (
                Access::Member,
                "Enablement_EndUser_Assignment",
                "/enabledRules",
                demands.clone(),
            ),
            (
                Access::Owner,
                "Enablement_EndUser_Assignment",
                "/enabledRules",
                demands,
            ),
            (
                Access::Member,
                "Approval_EndUser_Assignment",
                "/setting/isApprovalRequired",
                json!(true),
            ),
            (
                Access::Owner,
                "Approval_EndUser_Assignment",
                "/setting/isApprovalRequired",
                json!(true),
            ),
            (
                Access::Member,
                "Approval_EndUser_Assignment",
                "/setting/approvalStages/0/primaryApprovers/0/userId",
                json!(self.approver),
            ),
            (
                Access::Owner,
                "Approval_EndUser_Assignment",
                "/setting/approvalStages/0/primaryApprovers/0/userId",
                json!(self.approver),
            ),
        ];
        let is_wrong = |(access, rule, path, wanted): &(Access, &str, &str, Value)| {
            let stands = policies.get(&(*access, (*rule).to_owned()));
            let stands = stands.and_then(|rule| rule.pointer(path)).map(sorted);
            (stands.as_ref() != Some(wanted)).then(|| format!("{access:?} {rule}{path}"))
        };
        expected.iter().filter_map(is_wrong).collect()
    }
}

/// A list without its order.
fn sorted(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(list) = value.as_array_mut() {
        list.sort_by_key(ToString::to_string);
    }
    value
}
