//! The operator is killed like a node that fails (SIGKILL), in the middle of making a group. Started again, it finishes
//! what was begun and makes nothing twice.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::oracle::assert_guarded_and_once;
use super::place::Place;
use super::world;

/// Changes of the tenant after which the operator dies: after the group, between the policies, among the grants.
const MOMENTS: [usize; 4] = [1, 2, 4, 7];

#[tokio::test]
async fn a_killed_operator_goes_on_where_it_was_and_makes_nothing_twice() {
    let (control_plane, mut installation) = world::exclusive().await;
    for moment in MOMENTS {
        let place = Place::new(control_plane, &format!("killed-{moment}")).await;
        let pid = installation.operator.pid().to_string();
        let seen = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&seen);
        place.tenant.simulator.on_effect(move |entry, _| {
            let before = counted.fetch_add(entry.effects.len(), Ordering::SeqCst);
            let after = before + entry.effects.len();
            // Before the answer to the write is sent.
            if before < moment && after >= moment {
                let killed = Command::new("kill").args(["-9", &pid]).status();
                assert!(killed.is_ok_and(|status| status.success()));
            }
        });
        place.apply(&place.story()).await;
        let status = installation.operator.process().wait().await.unwrap();
        assert_eq!(status.code(), None, "it ended by a signal");

        // It is surely gone, so nobody has to wait until its Lease runs out.
        place.delete_lease().await;
        installation.operator.restart().unwrap();
        installation.wait_ready().await.unwrap();
        place.until_ready().await;
        assert_guarded_and_once(&place.tenant.simulator);
        let holdings = place.tenant.simulator.holdings();
        assert_eq!(
            (
                holdings.eligible().len(),
                holdings.active().len(),
                holdings.roles().len()
            ),
            (2, 3, 1),
            "killed after change {moment}"
        );
        let writes = place.tenant.simulator.counters().writes;
        place.look().await;
        assert_eq!(place.tenant.simulator.counters().writes, writes);
    }
}
