//! What can be known of a tenant before anything is written to it: it is told, it stops what needs it and nothing else, and
//! what cannot be read stops nothing.

mod contexts;
mod credential;
mod licence;
mod limit;
mod mail;
mod permissions;

pub use permissions::READ;
use serde_json::Value;

use crate::harness::World;

/// Has the operator sign in anew, as it does within the hour: its token says what is granted now.
pub fn sign_in_anew(world: &World) {
    world.kill();
    world.start();
}

/// The status of the tenant.
pub fn status(world: &World) -> Value {
    world.object("EntraTenant", "contoso").unwrap()["status"].clone()
}

/// How a condition of the tenant stands: its status and reason; empty if it is not set.
fn stands(world: &World, condition: &str) -> (String, String) {
    let found = world.condition("EntraTenant", "contoso", condition);
    found.map_or_else(Default::default, |found| (found.status, found.reason))
}

async fn until(world: &World, condition: &str, status: &str, reason: &str) {
    let wanted = (status.to_owned(), reason.to_owned());
    let what = format!("{condition} is {status}, {reason}");
    world
        .until(&what, |world| stands(world, condition) == wanted)
        .await;
}
