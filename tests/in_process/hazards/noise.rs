//! Somebody who annotates or edits one object without end holds up nothing.

use std::time::Duration;

use super::{Noise, group, holds, time_until};
use crate::harness::{NAMESPACE, World};
use crate::story::{self, GROUP, ROLE};

#[tokio::test(start_paused = true)]
async fn noise_on_one_object_does_not_hold_up_a_revoke_of_its_group() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    let _noise = Noise::on_object(&world, "RoleBinding", ROLE, Duration::from_millis(150));
    let amira = "amira@contoso.com";
    story::remove_person(&world, amira);
    let limit = Duration::from_secs(5);
    let revoked = time_until(&world, limit, |world| !holds(world, amira)).await;
    assert!(revoked.is_some(), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn noise_on_one_group_does_not_keep_others_from_being_looked_at() {
    let world = story::applied();
    story::look_every(&world, "PT1M");
    world.apply(&group("noisy"));
    world.start();
    world.until_ready(NAMESPACE).await;
    let _noise = Noise::on_object(
        &world,
        "PrivilegedGroup",
        "noisy",
        Duration::from_millis(80),
    );
    let jose = "jose@contoso.com";
    world.take_eligibility(GROUP, jose).await;
    let limit = Duration::from_secs(90);
    let back = time_until(&world, limit, |world| holds(world, jose)).await;
    assert!(back.is_some(), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn edits_of_one_object_do_not_hold_up_a_revoke_of_its_group() {
    let world = World::behaving(&[("latency", "100ms")]);
    story::comes_true(&world).await;
    world.pass(Duration::from_mins(6)).await;
    let _noise = Noise::of_edits(
        &world,
        "ActiveAssignment",
        story::BREAK_GLASS,
        Duration::from_millis(100),
    );
    let amira = "amira@contoso.com";
    story::remove_person(&world, amira);
    let limit = Duration::from_secs(5);
    let revoked = time_until(&world, limit, |world| !holds(world, amira)).await;
    assert!(revoked.is_some(), "{}", world.summary());
}
