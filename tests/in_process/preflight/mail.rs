//! Mail of PIM that nobody would get.

use serde_json::json;

use crate::harness::{NAMESPACE, World};
use crate::story::{self, GROUP};

const CONDITION: &str = "NoNotificationRecipient";

fn warns(world: &World) -> bool {
    world
        .condition("PrivilegedGroup", GROUP, CONDITION)
        .is_some_and(|one| one.status == "True")
}

#[tokio::test(start_paused = true)]
async fn a_group_whose_mail_would_reach_nobody_says_so_and_is_ready_all_the_same() {
    let world = World::new();
    story::apply_core(&world);
    world.start();
    world.until_ready(NAMESPACE).await;
    world.until("the group warns", warns).await;
    assert_eq!(world.notes(CONDITION, GROUP).len(), 1);
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        let mails = json!({"admin": {"recipients": ["sec@contoso.com"]}});
        manifest["spec"]["policy"]["member"]["notifications"] =
            json!({"activation": mails, "eligible": mails, "active": mails});
    });
    world
        .until("the address is enough", |world| {
            world.all_ready(NAMESPACE) && !warns(world)
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_group_with_a_permanent_owner_warns_of_nothing() {
    let world = story::standing().await;
    assert!(!warns(&world));
    assert_eq!(
        world.notes(CONDITION, GROUP),
        [] as [String; 0],
        "not even while it is made"
    );
}
