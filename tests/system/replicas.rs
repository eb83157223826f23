//! Two replicas as processes: one writes, and the other takes over when that one is stopped, killed or asked to end.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use testenv::ControlPlane;
use testenv::installation::{Chosen, Installation, RELEASE};
use tokio::sync::oneshot;

use super::oracle::{assert_guarded_and_once, effects};
use super::place::Place;
use super::process::get;
use super::world;

/// The Lease holds for 15 seconds; somebody else writes at most five seconds later.
const TAKEOVER: Duration = Duration::from_secs(20);
/// How long it may take until the first changes arrive.
const MEANWHILE: Duration = Duration::from_secs(5);
/// A Lease that was released is taken within two seconds.
const HANDOVER: Duration = Duration::from_secs(2);
/// How long anything else may take on a machine that does other things, too.
const PATIENCE: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);

async fn is_leader(replica: &Installation) -> bool {
    let page = get(&replica.metrics_url()).await.text().await.unwrap();
    let series = format!("leader_election_master_status{{name=\"{RELEASE}\"}} 1");
    page.lines().any(|line| line == series)
}

async fn until_leader(replica: &Installation, since: Instant, limit: Duration) {
    while !is_leader(replica).await {
        assert!(since.elapsed() < limit, "nobody took over");
        tokio::time::sleep(POLL).await;
    }
    assert!(since.elapsed() < limit, "it took {:?}", since.elapsed());
}

async fn until_standby(replica: &Installation) {
    let begun = Instant::now();
    while is_leader(replica).await {
        assert!(begun.elapsed() < PATIENCE, "it still leads");
        tokio::time::sleep(POLL).await;
    }
}

async fn rename(place: &Place, name: &str) {
    let change = json!({"spec": {"displayName": name}});
    place.patch("PrivilegedGroup", "admins", &change).await;
}

async fn until_renamed(place: &Place, name: &str) {
    let group = place.group().await;
    let path = format!("/groups/{group}");
    let begun = Instant::now();
    while place.graph(http::Method::GET, &path, None).await["displayName"] != name {
        assert!(begun.elapsed() < PATIENCE, "nobody named it {name}");
        tokio::time::sleep(POLL).await;
    }
}

#[tokio::test]
async fn a_standby_takes_over_from_a_replica_that_stops_and_from_one_that_ends() {
    let (control_plane, first) = world::exclusive().await;
    let place = Place::new(control_plane, "replicas").await;
    until_leader(&first, Instant::now(), PATIENCE).await;
    let log = control_plane.directory().join("operator-1.log");
    let chosen = Chosen::usual(world::binary(), &log, "json");
    let second = Installation::replica(control_plane, chosen, 1)
        .await
        .unwrap();
    assert!(!is_leader(&second).await, "two lead");

    // A machine without time for it, in the middle of everything: before the answer to the second change is sent.
    let (pid, seen) = (first.operator.pid().to_string(), AtomicUsize::new(0));
    place.tenant.simulator.on_effect(move |entry, _| {
        let before = seen.fetch_add(entry.effects.len(), Ordering::SeqCst);
        if before < 2 && before + entry.effects.len() >= 2 {
            let stopped = Command::new("kill").args(["-STOP", &pid]).status();
            assert!(stopped.is_ok_and(|status| status.success()));
        }
    });
    place.apply(&place.story()).await;
    let begun = Instant::now();
    until_leader(&second, begun, TAKEOVER + MEANWHILE).await;
    place.until_ready().await;
    rename(&place, "PAG-replicas-2").await;
    until_renamed(&place, "PAG-replicas-2").await;
    rename(&place, "PAG-replicas-3").await;
    first.operator.process().resume().unwrap();
    until_renamed(&place, "PAG-replicas-3").await;
    until_standby(&first).await;
    assert!(is_leader(&second).await, "nobody leads");
    place.until_ready().await;
    assert_guarded_and_once(&place.tenant.simulator);

    // A rolling update: it is asked to end in the middle of a change.
    rename(&place, "PAG-replicas-4").await;
    second.operator.terminate().unwrap();
    let ended = second.operator.process().wait().await.unwrap();
    assert_eq!(
        ended.code(),
        Some(0),
        "{}",
        second.operator.process().log_tail(20)
    );
    until_leader(&first, Instant::now(), HANDOVER).await;
    until_renamed(&place, "PAG-replicas-4").await;
    place.until_ready().await;
    assert_guarded_and_once(&place.tenant.simulator);
}

/// How many changes are made while the release is upgraded, and how many of them before that.
const CHANGES: usize = 200;
const BEFORE: usize = 50;
/// How many groups they are made to, one after the other: each change is carried out before the next one to its group.
const GROUPS: usize = 20;
const PACE: Duration = Duration::from_millis(250);

/// The names of our groups, and how often the tenant was changed.
fn names_and_changes(place: &Place) -> (BTreeSet<String>, usize) {
    let dump = place.tenant.simulator.dump();
    let groups = dump["groups"].as_array().unwrap().iter();
    let names = groups.map(|group| group["displayName"].as_str().unwrap().to_owned());
    (names.collect(), effects(&place.tenant.simulator).len())
}

fn named_group(place: &str, object: usize, name: &str) -> serde_json::Value {
    let guard = json!({"activation": {"maximumDuration": "PT2H", "require": ["Justification"]}});
    json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": "PrivilegedGroup",
        "metadata": {"name": format!("group-{object}"), "namespace": place},
        "spec": {
            "tenantRef": {"name": place}, "boundaryRef": {"name": place},
            "displayName": name, "policy": {"member": guard, "owner": guard},
        },
    })
}

/// Changes names, and says how long each change took to stand in the tenant. Tells when the first of them are made.
async fn stream_of_changes(place: &Place, first_are_made: oneshot::Sender<()>) -> Vec<Duration> {
    let mut pending: Vec<(String, Instant)> = Vec::new();
    let (mut took, mut made) = (Vec::new(), 0);
    let mut first_are_made = Some(first_are_made);
    let begun = Instant::now();
    while made < CHANGES || !pending.is_empty() {
        let late = pending.iter().find(|(_, since)| since.elapsed() > PATIENCE);
        assert!(late.is_none(), "a change never came: {late:?}");
        if made < CHANGES && begun.elapsed() > PACE * u32::try_from(made).unwrap() {
            let name = format!("PAG-upgrade-change-{made}");
            let change = json!({"spec": {"displayName": name}});
            let object = format!("group-{}", made % GROUPS);
            place.patch("PrivilegedGroup", &object, &change).await;
            pending.push((name, Instant::now()));
            made += 1;
        }
        if made == BEFORE
            && let Some(first_are_made) = first_are_made.take()
        {
            first_are_made.send(()).unwrap();
        }
        let (names, _) = names_and_changes(place);
        pending.retain(|(name, since)| {
            let is_there = names.contains(name);
            if is_there {
                took.push(since.elapsed());
            }
            !is_there
        });
        tokio::time::sleep(POLL).await;
    }
    took
}

/// Upgrades the release, and does what a Deployment's rolling update does: a new replica comes and is ready before an old one
/// is asked to end, one after the other.
async fn roll(control_plane: &ControlPlane, chosen: Chosen<'_>, old: [&mut Installation; 2]) {
    old[0].upgrade(control_plane, chosen).await.unwrap();
    for (number, old) in old.into_iter().enumerate() {
        let new = Installation::replica(control_plane, chosen, 10 + number)
            .await
            .unwrap();
        old.operator.terminate().unwrap();
        let ended = old.operator.process().wait().await.unwrap();
        assert_eq!(
            ended.code(),
            Some(0),
            "{}",
            old.operator.process().log_tail(20)
        );
        *old = new;
    }
}

#[tokio::test]
async fn an_upgrade_by_helm_delays_no_change_by_more_than_five_seconds_and_writes_nothing_by_itself()
 {
    let (control_plane, mut first) = world::own().await;
    let place = Place::new(control_plane, "upgrade").await;
    let log = control_plane.directory().join("operator-upgrade.log");
    let chosen = Chosen::usual(world::binary(), &log, "json");
    let second = Installation::replica(control_plane, chosen, 1).await;
    let mut second = second.unwrap();
    let boundary = place.story();
    let (boundary, _) = boundary.split_once("---").unwrap();
    let groups = (0..GROUPS)
        .map(|object| named_group("upgrade", object, &format!("PAG-upgrade-{object}")).to_string());
    let groups: Vec<String> = groups.collect();
    place
        .apply(&format!("{boundary}---\n{}", groups.join("\n---\n")))
        .await;
    place.until_ready().await;
    let (_, before) = names_and_changes(&place);

    let chosen = Chosen {
        values: &["concurrency=8"],
        ..chosen
    };
    let (first_are_made, made) = oneshot::channel();
    let upgrade = async {
        made.await.unwrap();
        roll(control_plane, chosen, [&mut first, &mut second]).await;
    };
    let ((), took) = tokio::join!(upgrade, stream_of_changes(&place, first_are_made));
    let usual = took[..BEFORE / 2].iter().max().unwrap();
    let longest = took.iter().max().unwrap();
    let limit = *usual + Duration::from_secs(5);
    assert!(*longest < limit, "{longest:?}, usually {usual:?}");
    place.until_ready().await;
    let (_, after) = names_and_changes(&place);
    assert_eq!(
        after - before,
        CHANGES,
        "each once, and the upgrade itself changes nothing"
    );
}
