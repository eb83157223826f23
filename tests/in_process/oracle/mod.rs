//! Holds every single effect in the tenant against what is declared at that instant: nobody holds what no manifest
//! declares, nothing is given before its policy is as declared, the last owner stays. It knows the example by heart
//! and asks nothing of the operator's code.

mod ledger;
mod policies;
mod reads;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use entra_sim::ids::Access;
use serde_json::Value;

use crate::harness::{Descriptions, World, text};
use crate::story::{self, GROUP};
use ledger::Ledger;
use policies::Policies;

/// A group of the demo whose policies nobody has touched.
const UNTOUCHED: &str = "PAG-legacy-exchange";

/// What the manifests of a world declare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// What is held, in words.
    pub holdings: BTreeSet<String>,
    /// `maximumDuration` of the members' activation.
    pub longest_activation: String,
}

/// The oracle of one world.
#[derive(Clone)]
pub struct Oracle(Arc<Mutex<Ledger>>);

impl Oracle {
    /// Watches a world from its beginning.
    pub async fn watch(world: &World) -> Self {
        let actor = world.external_actor();
        let dump = world.tenant.dump();
        let groups = dump["groups"].as_array().unwrap();
        let untouched = groups
            .iter()
            .find(|group| group["displayName"] == UNTOUCHED);
        let ledger = Arc::new(Mutex::new(Ledger {
            descriptions: Descriptions::read(&world.tenant),
            approver: actor.user("emi@contoso.com").await,
            fresh: Policies::read(actor, &text(&untouched.unwrap()["id"])).await,
            ..Ledger::of(world)
        }));
        let listener = Arc::clone(&ledger);
        world
            .tenant
            .on_effect(move |entry, holdings| listener.lock().unwrap().take(entry, holdings));
        Self(ledger)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap()
    }

    /// Says what is declared from now on.
    pub fn declare(&self, declared: Declared) {
        let mut ledger = self.ledger();
        ledger.leaving = &ledger.held - &declared.holdings;
        ledger
            .made
            .retain(|what, _| declared.holdings.contains(what));
        ledger.declared = declared;
    }

    /// Somebody does something by hand from now on, as the story wants it.
    pub fn expect_an_external_actor(&self) {
        self.ledger().by_hand.expected = true;
    }

    /// Everything that was not as it has to be.
    pub fn complaints(&self) -> Vec<String> {
        self.ledger().complaints.clone()
    }

    /// Holds what stands at the end of a part against what is declared: everything is there, and once.
    pub async fn settle(&self, world: &World) {
        let context = || format!("{}\n{:#?}", world.summary(), world.line.writes());
        let unread = reads::given_unread(&world.tenant.journal());
        assert!(unread.is_empty(), "{unread:#?}\n{}", context());
        let declared = {
            let ledger = self.ledger();
            assert!(
                ledger.complaints.is_empty(),
                "{:#?}\n{}",
                ledger.complaints,
                context()
            );
            assert_eq!(ledger.held, ledger.expected(), "{}", context());
            let declared = ledger.declared.holdings.iter();
            let once: BTreeMap<String, usize> = declared.map(|what| (what.clone(), 1)).collect();
            assert_eq!(ledger.made, once, "each thing was made once: {}", context());
            let may_be_gone = ledger.by_hand.purged && ledger.declared.holdings.is_empty();
            let groups = ledger.descriptions.groups.len();
            assert!(
                groups == 1 || groups == 0 && may_be_gone,
                "{groups} groups: {}",
                context()
            );
            ledger.declared.clone()
        };
        if declared.holdings.is_empty() {
            self.gone(world);
        } else {
            self.standing(world, declared.holdings.len()).await;
        }
    }

    /// The group lies among the deleted items, once, unless somebody purged or restored it.
    fn gone(&self, world: &World) {
        let ledger = self.ledger();
        let Some(group) = ledger.descriptions.groups.first().map(ToString::to_string) else {
            return;
        };
        let dump = world.tenant.dump();
        let count = |list: &Value| {
            let list = list.as_array().unwrap().iter();
            list.filter(|one| one["id"] == group.as_str()).count()
        };
        let found = (count(&dump["groups"]), count(&dump["deletedItems"]));
        assert!(
            found == (0, 1) || ledger.by_hand.restored.is_some() && found == (1, 0),
            "{found:?}\n{}",
            world.summary()
        );
    }

    /// Whether what is held is what is declared.
    pub fn is_settled(&self, world: &World) -> bool {
        self.ledger().leave_unseen(&world.tenant.journal());
        let ledger = self.ledger();
        ledger.held == ledger.expected()
    }

    /// What the tenant lists is what the effects say.
    async fn standing(&self, world: &World, schedules: usize) {
        let (actor, key) = (world.external_actor(), world.key(GROUP));
        let group = actor.group(&key).await;
        assert_eq!(actor.deleted_groups(&key).await.len(), 0);
        let eligible = actor.eligible(&group).await.len();
        let active = actor.active(&group).await.len();
        let roles = actor.roles(&group).await.len();
        assert_eq!(
            eligible + active + roles,
            schedules,
            "one schedule for each key"
        );
        let read = Policies::read(actor, &group).await;
        let ledger = self.ledger();
        for access in [Access::Member, Access::Owner] {
            let (said, done) = (&read, &ledger.policies);
            assert!(
                ledger.wrong_rules(said, access).is_empty(),
                "{}",
                world.summary()
            );
            assert!(
                ledger.wrong_rules(done, access).is_empty(),
                "the effects say what is read"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_oracle_complains_of_what_nobody_declares() {
    let world = World::new();
    let oracle = Oracle::watch(&world).await;
    oracle.declare(story::declared(story::Part::Creation));
    story::apply(&world);
    world.start();
    world.until_ready(crate::harness::NAMESPACE).await;
    oracle.settle(&world).await;
    let mut journal = world.tenant.journal();
    journal.retain(|entry| entry.operation != "policyAssignments.list");
    let unread = reads::given_unread(&journal).join("\n");
    assert!(
        unread.contains("policyAssignments.list was not read"),
        "{unread}"
    );
    world.kill();
    let group = world.group_id(GROUP).await;
    let actor = world.external_actor();
    actor
        .edit_rule(&group, "member", "Expiration_EndUser_Assignment", |rule| {
            rule["maximumDuration"] = "PT10H".into();
        })
        .await;
    actor
        .make_eligible(&group, "dana@contoso.com", "P30D")
        .await;
    actor
        .remove("eligibility", &group, "jose@contoso.com", "member")
        .await;
    let complaints = oracle.complaints().join("\n");
    for complaint in [
        "given although",
        "held and not declared",
        "declared and taken away",
    ] {
        assert!(complaints.contains(complaint), "{complaints}");
    }
}
