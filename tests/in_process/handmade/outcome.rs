//! What comes of a change by hand: what the operator tells of it, and what it writes.

use std::collections::BTreeSet;
use std::time::Duration;

use super::deeds::Deed;
use super::described::NAMES;
use super::made::Tenant;
use super::{OLD_ENOUGH, adopted};
use crate::harness::{Descriptions, NAMESPACE, World, is_event, text};

/// What is expected of the operator.
pub enum Outcome {
    /// Everything is as it was, after so many writes.
    PutRight(usize),
    /// Nothing is written.
    Told,
    /// Nothing is written, and nothing said.
    Unheard,
}

/// A change by hand, in the group of that number.
pub struct Change {
    pub name: &'static str,
    pub group: usize,
    pub deed: Deed,
    /// The field, person or role that must be named.
    pub names: &'static str,
    pub outcome: Outcome,
}

/// A change that is put right by one write.
pub fn put_right(name: &'static str, group: usize, deed: Deed, names: &'static str) -> Change {
    let outcome = Outcome::PutRight(1);
    Change {
        name,
        group,
        deed,
        names,
        outcome,
    }
}

/// A change that is told, and left alone.
pub fn told(name: &'static str, group: usize, deed: Deed, names: &'static str) -> Change {
    Change {
        outcome: Outcome::Told,
        ..put_right(name, group, deed, names)
    }
}

/// Everything about the groups that somebody could change.
pub async fn state(world: &World, tenant: &Tenant) -> BTreeSet<String> {
    let actor = world.external_actor();
    let mut described = Descriptions::read(&world.tenant);
    for group in &tenant.groups {
        described.groups.insert(group.parse().unwrap());
    }
    let held = described.held(&world.tenant.holdings());
    // Azure writes scopes as whoever asked for them did.
    let mut state: BTreeSet<String> = held.iter().map(|what| what.to_lowercase()).collect();
    for group in &tenant.groups {
        for (way, rows) in [
            ("eligible", actor.eligible(group).await),
            ("active", actor.active(group).await),
            ("role", actor.roles(group).await),
            ("eligible role", actor.eligible_roles(group).await),
        ] {
            state.extend(rows.iter().map(|row| {
                let end = &row["scheduleInfo"]["expiration"]["endDateTime"];
                let what = [
                    &row["principalId"],
                    &row["accessId"],
                    &row["roleDefinitionId"],
                ];
                format!("{group} {way} {what:?} until {end}")
            }));
        }
        for row in actor.policies(group).await {
            let rules = row["policy"]["rules"].as_array().unwrap();
            let access = &row["roleDefinitionId"];
            state.extend(rules.iter().map(|rule| format!("{group} {access} {rule}")));
        }
        let path = format!("/groups/{group}?$select=displayName,description");
        state.insert(actor.ask("GET", &path, None).await.to_string());
    }
    state
}

/// What was changed in the tenant since its journal was emptied, apart from what ended by itself.
pub fn changes(world: &World) -> Vec<String> {
    let journal = world.tenant.journal();
    let asked = journal
        .iter()
        .filter(|entry| !entry.effects.is_empty() && !entry.method.is_empty());
    asked
        .map(|entry| format!("{} {:?}", entry.operation, entry.effects))
        .collect()
}

/// Everything that events and conditions say.
fn said(world: &World) -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    for object in world.cluster.objects() {
        if is_event(&object) {
            said.insert(format!(
                "{}: {}",
                text(&object["reason"]),
                text(&object["note"])
            ));
        }
        let conditions = object["status"]["conditions"].as_array().cloned();
        for one in conditions.unwrap_or_default() {
            let parts = [&one["type"], &one["reason"], &one["message"]].map(text);
            said.insert(parts.join(": "));
        }
    }
    said
}

/// One look at a group that reads everything.
async fn look(world: &World, number: usize) {
    let moment = world.clock.time().to_string();
    let name = NAMES[number];
    world.annotate("PrivilegedGroup", name, "entra-pim.dev/resync", &moment);
    world.pass(Duration::from_secs(30)).await;
}

/// Makes a change, lets the operator look, and says what is wrong with what came of it.
async fn wrong_with(world: &World, tenant: &Tenant, change: &Change) -> Vec<String> {
    world.pass(OLD_ENOUGH).await;
    world.forget_events();
    let (before, said_before) = (state(world, tenant).await, said(world));
    change.deed.done(world, tenant, change.group).await;
    let expected = match change.outcome {
        Outcome::PutRight(_) => before,
        Outcome::Told | Outcome::Unheard => state(world, tenant).await,
    };
    world.tenant.reset_journal();
    look(world, change.group).await;
    let (after, writes) = (state_after(world, tenant, change).await, changes(world));
    let news: Vec<String> = said(world).difference(&said_before).cloned().collect();
    let (count, is_told): (_, fn(&str) -> bool) = match change.outcome {
        Outcome::PutRight(count) => (count, |one| one.starts_with("DriftCorrected")),
        Outcome::Told | Outcome::Unheard => (0, |_| true),
    };
    let mut wrong = Vec::new();
    let is_named = |one: &String| is_told(one) && one.contains(change.names);
    let is_as_expected = match change.outcome {
        Outcome::Unheard => news.is_empty(),
        Outcome::PutRight(_) | Outcome::Told => news.iter().any(is_named),
    };
    if !is_as_expected {
        wrong.push(format!("{:?} is not told: {news:#?}", change.names));
    }
    if after != expected {
        let differs: Vec<&String> = after.symmetric_difference(&expected).collect();
        wrong.push(format!("not as expected: {differs:#?}"));
    }
    if writes.len() != count {
        wrong.push(format!("{count} writes are expected: {writes:#?}"));
    }
    wrong
}

/// What stands after the look; what was put right is ready again.
async fn state_after(world: &World, tenant: &Tenant, change: &Change) -> BTreeSet<String> {
    if let Outcome::PutRight(_) = change.outcome {
        world.until_ready(NAMESPACE).await;
    }
    state(world, tenant).await
}

/// Adopts the tenant, and makes one change after the other.
pub async fn assert_seen(changes: impl IntoIterator<Item = Change>) {
    let world = World::new();
    let tenant = adopted(&world).await;
    let mut failures = Vec::new();
    for change in changes {
        for wrong in wrong_with(&world, &tenant, &change).await {
            failures.push(format!("{}: {wrong}", change.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
