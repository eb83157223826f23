//! What somebody does in the portal, and what the service does to its own past: both are seen, because the lists of
//! schedules are compared and nothing rests on the requests that made them.

use std::time::Duration;

use crate::harness::{NAMESPACE, World};
use crate::story::{self, GROUP};

/// Longer than the interval of reconciles.
const ONE_RESYNC: Duration = Duration::from_mins(12);

/// Longer than the service insists on keeping what was just made.
const OLD_ENOUGH: Duration = Duration::from_mins(6);

const REQUESTS: [&str; 2] = [
    "/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests",
    "/identityGovernance/privilegedAccess/group/assignmentScheduleRequests",
];

/// The requests for a group that the service still knows.
async fn requests(world: &World) -> usize {
    let group = world.group_id(GROUP).await;
    let mut count = 0;
    for path in REQUESTS {
        let path = format!("{path}?$filter=groupId%20eq%20'{group}'");
        count += world.external_actor().rows(&path).await.len();
    }
    count
}

#[tokio::test(start_paused = true)]
async fn when_every_schedule_is_deleted_by_hand_all_are_back_within_one_resync() {
    let world = story::standing().await;
    world.pass(OLD_ENOUGH).await;
    let (actor, group, before) = (
        world.external_actor(),
        world.group_id(GROUP).await,
        world.held(),
    );
    for who in ["jose@contoso.com", "amira@contoso.com", "farid@contoso.com"] {
        actor.remove("eligibility", &group, who, "member").await;
    }
    actor
        .remove("assignment", &group, "breakglass1@contoso.com", "member")
        .await;
    actor.remove_role(&group).await;
    // The service keeps the last owner.
    assert_eq!(world.held().len(), 1, "{:?}", world.held());
    world.pass(ONE_RESYNC).await;
    assert_eq!(world.held(), before);
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn after_all_requests_are_purged_the_next_pass_writes_nothing_and_access_can_still_be_taken_away()
 {
    let world = World::behaving(&[("requestRetention", "1h")]);
    story::comes_true(&world).await;
    assert!(requests(&world).await > 0);
    let before = world.held();
    world.pass(Duration::from_hours(2)).await;
    assert_eq!(requests(&world).await, 0, "the service has forgotten them");
    story::resync(&world);
    assert_eq!(world.writes_within(ONE_RESYNC).await, 0);
    world.kill();
    world.start();
    assert_eq!(
        world.writes_within(Duration::from_hours(2)).await,
        0,
        "nor does a new process"
    );
    assert_eq!(world.held(), before);
    story::remove_person(&world, "farid@contoso.com");
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), before.len() - 1);
}
