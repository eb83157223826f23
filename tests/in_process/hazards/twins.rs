//! Groups that are easily taken for one another: two under one key, two of one name.

use std::time::Duration;

use super::{group, holds};
use crate::harness::NAMESPACE;
use crate::story::{self, GROUP, ROLE};

#[tokio::test(start_paused = true)]
async fn a_second_group_under_the_key_of_a_known_one_is_seen_at_the_next_look() {
    let world = story::standing().await;
    let (known, before) = (world.group_id(GROUP).await, world.held());
    let twin = world.external_actor().make_twin(&world.key(GROUP)).await;
    story::until_group(&world, "AdoptionConflict").await;
    let message = world.message("PrivilegedGroup", GROUP);
    for id in [&known, &twin] {
        assert!(message.contains(id.as_str()), "{message}");
    }
    assert_eq!(world.notes("AdoptionConflict", GROUP).len(), 1);
    let dana = "dana@contoso.com";
    story::add_person(&world, dana);
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(world.held(), before, "nothing is given in either of them");
    world
        .external_actor()
        .ask("DELETE", &format!("/groups/{twin}"), None)
        .await;
    world.until_ready(NAMESPACE).await;
    assert!(holds(&world, dana));
}

#[tokio::test(start_paused = true)]
async fn beside_a_second_group_under_the_key_a_deleted_object_stays_and_says_why() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    let twin = world.external_actor().make_twin(&world.key(GROUP)).await;
    world.delete_ours();
    story::until_group(&world, "AdoptionConflict").await;
    world.pass(Duration::from_mins(30)).await;
    let message = world.message("PrivilegedGroup", GROUP);
    assert!(message.contains(&twin), "{message}");
    assert!(
        world.object("RoleBinding", ROLE).is_none(),
        "what only takes away is done all the same"
    );
    world
        .external_actor()
        .ask("DELETE", &format!("/groups/{twin}"), None)
        .await;
    world.until_nothing_is_left().await;
    assert!(world.held().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_display_name_that_another_group_has_is_told_to_whoever_declares_it() {
    let world = story::standing().await;
    let mut second = group("second");
    let taken = world.object("PrivilegedGroup", GROUP).unwrap()["spec"]["displayName"].clone();
    second["spec"]["displayName"] = taken.clone();
    world.apply(&second);
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(30)).await;
    let told = world.notes("NameInUse", "second");
    let first = world.group_id(GROUP).await;
    assert!(told.len() == 1 && told[0].contains(&first), "{told:?}");
    assert!(told[0].contains(taken.as_str().unwrap()), "{told:?}");
}
