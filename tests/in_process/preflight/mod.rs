//! What can be known of a tenant before anything is written to it: it is told, it stops what needs it and nothing else, and
//! what cannot be read stops nothing.

mod contexts;
mod credential;
mod licence;
mod limit;
mod mail;
mod permissions;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::World;

/// The operator's application.
const OPERATOR: &str = "22222222-2222-4222-8222-222222222222";

/// What it is granted in the demo's tenant.
const USUAL: [&str; 9] = [
    "Group.ReadWrite.All",
    "RoleManagement.ReadWrite.Directory",
    "User.Read.All",
    "Application.Read.All",
    "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
    "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
    "RoleManagementPolicy.ReadWrite.AzureADGroup",
    "AppRoleAssignment.ReadWrite.All",
    "DeviceManagementRBAC.ReadWrite.All",
];

/// Grants the operator what it usually has, with some more and without some.
fn grant(world: &World, more: &[&str], without: &[&str]) {
    let granted: BTreeSet<&str> = USUAL.iter().chain(more).copied().collect();
    let granted: Vec<&str> = granted
        .into_iter()
        .filter(|one| !without.contains(one))
        .collect();
    world
        .tenant
        .set_permissions(OPERATOR.parse().unwrap(), &granted)
        .unwrap();
}

/// Has the operator sign in anew, as it does within the hour: its token says what is granted now.
fn sign_in_anew(world: &World) {
    world.kill();
    world.start();
}

fn status(world: &World) -> Value {
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
