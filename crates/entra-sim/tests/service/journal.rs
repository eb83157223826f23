//! The journal, the effects in it, and who holds what.

use std::sync::{Arc, Mutex};

use entra_sim::ids::{Access, ObjectId};
use entra_sim::journal::Effect;
use serde_json::json;

use crate::client::{OPERATOR, group_and_user, ideal};

#[tokio::test]
async fn an_entry_says_who_did_what_with_which_effect() {
    let client = ideal();
    let id = client.group("Ops").await;
    let entry = client.simulator.journal().pop().unwrap();
    assert_eq!(
        (
            entry.operation.as_str(),
            entry.method.as_str(),
            entry.path.as_str()
        ),
        ("groups.create", "POST", "/groups")
    );
    assert_eq!(
        (entry.status, entry.app_id.unwrap().to_string()),
        (201, OPERATOR.to_owned())
    );
    assert_eq!(entry.body.unwrap()["displayName"], "Ops");
    assert!(
        matches!(&entry.effects[0].effect, Effect::GroupCreated { group, .. } if group.to_string() == id)
    );
    client.get("/nonsense").await;
    let refused = client.simulator.journal().pop().unwrap();
    assert_eq!(
        (refused.operation.as_str(), refused.code.as_deref()),
        ("unknown", Some("NotImplemented"))
    );
}

#[tokio::test]
async fn holdings_follow_the_effects() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (group, principal): (ObjectId, ObjectId) = (id.parse().unwrap(), jose.parse().unwrap());
    let sink = seen.clone();
    client.simulator.on_effect(move |entry, holdings| {
        let held = holdings.is_direct(group, Access::Member, principal);
        sink.lock().unwrap().push((entry.operation.clone(), held));
    });
    client.add(&id, "members", &jose).await;
    client.get(&format!("/groups/{id}")).await;
    client.remove(&id, "members", &jose).await;
    let seen = seen.lock().unwrap().clone();
    assert_eq!(
        seen,
        [
            ("groups.members.add".to_owned(), true),
            ("groups.members.remove".to_owned(), false)
        ]
    );
    let holdings = client.simulator.holdings();
    let legacy = client
        .column("/groups?$filter=displayName eq 'PAG-legacy-exchange'", "id")
        .await[0]
        .clone();
    assert_eq!(
        holdings
            .direct(legacy.parse().unwrap(), Access::Owner)
            .count(),
        1,
        "the seed counts too"
    );
}

#[tokio::test]
async fn counters_and_journal_can_be_reset_without_touching_the_tenant() {
    let client = ideal();
    let id = client.group("Ops").await;
    let before = client.simulator.journal().last().unwrap().sequence;
    client.simulator.reset_journal();
    assert!(client.simulator.journal().is_empty());
    client.get(&format!("/groups/{id}")).await;
    let counters = client.simulator.counters();
    assert_eq!(
        (counters.operations, counters.requests, counters.writes),
        (1, 1, 0)
    );
    assert_eq!(
        client.simulator.journal()[0].sequence,
        before + 1,
        "numbers go on"
    );
    assert_eq!(client.simulator.operations()["groups.get"], 1);
    assert_eq!(client.simulator.journal_after(before).len(), 1);
}

#[tokio::test]
async fn a_run_is_repeated_by_its_seed() {
    let run = async || {
        let client = ideal();
        let id = client.group("Ops").await;
        client
            .patch(&format!("/groups/{id}"), json!({"description": "x"}))
            .await;
        serde_json::to_string(&client.simulator.journal()).unwrap()
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test]
async fn reading_more_often_does_not_change_what_is_created() {
    let created = async |reads: usize| {
        let client = ideal();
        for _ in 0..reads {
            client.get("/groups?$top=1").await;
        }
        client.group("Ops").await
    };
    assert_eq!(created(0).await, created(5).await);
}
