//! The administrator, who changes something by hand every day.

use serde_json::json;

use super::manifests::{GROUPS, Kind, STRANGER};
use super::truth::Truth;
use crate::harness::{ExternalActor, World};

/// Deletes somebody's account.
pub async fn delete_user(world: &World, name: &str) {
    let actor = world.external_actor();
    let id = actor.user(name).await;
    actor.ask("DELETE", &format!("/users/{id}"), None).await;
}

/// Deletes a group.
pub async fn delete_group(world: &World, id: &str) {
    let actor = world.external_actor();
    actor.ask("DELETE", &format!("/groups/{id}"), None).await;
}

/// What is changed on a day, in one group after the other.
pub async fn edit(world: &World, truth: &Truth, day: i64) {
    let (number, actor) = (usize::try_from(day).unwrap(), world.external_actor());
    let group = number % GROUPS + 1;
    let id = truth.group(group);
    match (number / GROUPS + number) % 9 {
        0 => take(truth, actor, group, day, Kind::Eligible).await,
        1 => actor.make_eligible(&id, STRANGER, "P30D").await,
        2 => actor.loosen(&id).await,
        3 => rename(actor, &id).await,
        4 => prolong(truth, actor, group, day).await,
        5 => actor.remove_role(&id).await,
        6 => make_active(actor, &id).await,
        7 => take(truth, actor, group, day, Kind::Active).await,
        _ => activate(truth, actor, group, day).await,
    }
}

/// Takes somebody's access away.
async fn take(truth: &Truth, actor: &ExternalActor, group: usize, day: i64, kind: Kind) {
    let Some(person) = truth.somebody(group, kind, day) else {
        return;
    };
    let list = match kind {
        Kind::Eligible => "eligibility",
        Kind::Active => "assignment",
    };
    actor
        .remove(list, &truth.group(group), &person, "member")
        .await;
}

async fn rename(actor: &ExternalActor, group: &str) {
    let body = json!({"displayName": "Somebody's own name"});
    actor
        .ask("PATCH", &format!("/groups/{group}"), Some(body))
        .await;
}

/// Lets somebody's eligibility end later than it is declared to.
async fn prolong(truth: &Truth, actor: &ExternalActor, group: usize, day: i64) {
    let Some(person) = truth.somebody_with_an_end(group, day) else {
        return;
    };
    let more = json!({
        "action": "adminUpdate",
        "scheduleInfo": {"startDateTime": null, "expiration": {"type": "afterDuration", "duration": "P364D"}},
    });
    actor
        .request("eligibility", &truth.group(group), &person, "member", more)
        .await;
}

async fn make_active(actor: &ExternalActor, group: &str) {
    let more = json!({
        "action": "adminAssign",
        "scheduleInfo": {"startDateTime": null, "expiration": {"type": "afterDuration", "duration": "P9D"}},
    });
    actor
        .request("assignment", group, STRANGER, "member", more)
        .await;
}

/// Somebody activates what they are eligible for.
async fn activate(truth: &Truth, actor: &ExternalActor, group: usize, day: i64) {
    let Some(person) = truth.somebody(group, Kind::Eligible, day) else {
        return;
    };
    let body = json!({
        "groupId": truth.group(group), "principalId": actor.user(&person).await, "accessId": "member",
        "action": "selfActivate", "justification": "by hand",
        "scheduleInfo": {"startDateTime": null, "expiration": {"type": "afterDuration", "duration": "PT8H"}},
    });
    let path = "/identityGovernance/privilegedAccess/group/assignmentScheduleRequests";
    actor.ask_as(&person, "POST", path, Some(body)).await;
}
