//! Two replicas as processes: one writes, and the other takes over when that one is stopped, killed or asked to end.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use testenv::installation::{Chosen, Installation, RELEASE};

use super::oracle::assert_guarded_and_once;
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
    let chosen = Chosen {
        binary: world::binary(),
        log: &log,
        log_format: "json",
    };
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
