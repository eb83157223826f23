//! Settings that groups inherit: what a group states overrides them, a change goes from group to group and stops where it does
//! harm, and without its template nothing is granted.

use std::collections::BTreeSet;
use std::time::Duration;

use entra_sim::faults::{FaultEffect, Match};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::harness::{NAMESPACE, World, always, manifest, operation, refuse_with};
use super::story;

const TEMPLATE: &str = "tier-0";

/// How long the tenant takes to change a policy.
const SLOW: SignedDuration = SignedDuration::from_secs(5);

/// What the boundary of the example asks of a policy.
fn settings(longest: &str) -> Value {
    json!({"activation": {
        "maximumDuration": longest,
        "require": ["Justification", "MultiFactorAuthentication"],
        "approval": {"required": "Always", "approvers": [{"kind": "User", "name": "emi@contoso.com"}]},
    }})
}

fn template(longest: &str) -> Value {
    let mut template = manifest(
        "PolicyTemplate",
        TEMPLATE,
        &json!({"member": settings(longest), "owner": settings("PT2H")}),
    );
    template["metadata"]
        .as_object_mut()
        .unwrap()
        .remove("namespace");
    template
}

fn group(name: &str, member: &Value) -> Value {
    manifest(
        "PrivilegedGroup",
        name,
        &json!({
            "tenantRef": {"name": "contoso"}, "boundaryRef": {"name": "exchange"},
            "displayName": format!("PAG-Exchange-{name}"),
            "policy": {"templateRef": {"name": TEMPLATE}, "member": member},
        }),
    )
}

fn people(names: &[&str]) -> Value {
    let people: Vec<Value> = names.iter().copied().map(story::person).collect();
    let schedule = json!({"expiration": {"afterDuration": "P30D"}});
    let spec = json!({"groupRef": {"name": "one"}, "subjects": people, "schedule": schedule});
    manifest("EligibleAssignment", "one", &spec)
}

fn name(place: usize) -> String {
    format!("group-{place}")
}

/// So many groups that inherit all of their settings, and nothing else.
async fn followers(count: usize) -> World {
    let world = World::new();
    story::apply_boundary(&world);
    world.apply(&template("PT8H"));
    for place in 0..count {
        world.apply(&group(&name(place), &json!({})));
    }
    world.start();
    world.until_ready(NAMESPACE).await;
    until_counts(&world, [count, count, 0, 0]).await;
    world.tenant.reset_journal();
    world
}

/// The counts of the template: using, updated, waiting, failed.
fn counts(world: &World) -> [Value; 4] {
    let template = world.object("PolicyTemplate", TEMPLATE).unwrap();
    let groups = &template["status"]["groups"];
    ["using", "updated", "waiting", "failed"].map(|count| groups[count].clone())
}

async fn until_counts(world: &World, expected: [usize; 4]) {
    let expected = expected.map(|count| json!(count));
    let what = format!("{expected:?} groups that use, have, await and failed it");
    world
        .until(&what, |world| {
            counts(world) == expected
                && world
                    .condition("PolicyTemplate", TEMPLATE, "Ready")
                    .is_some()
        })
        .await;
}

async fn longest(world: &World, group: &str, access: &str) -> String {
    let id = world.group_id(group).await;
    let rule = world
        .external_actor()
        .rule(&id, access, "Expiration_EndUser_Assignment")
        .await;
    rule["maximumDuration"].as_str().unwrap().to_owned()
}

/// When policies were asked to change, and which.
fn policy_writes(world: &World) -> Vec<(Timestamp, String)> {
    let journal = world.tenant.journal();
    let writes = journal
        .iter()
        .filter(|entry| entry.operation == "policies.update");
    writes.map(|entry| (entry.at, entry.path.clone())).collect()
}

/// How many policies were asked to change.
fn policies_touched(world: &World) -> usize {
    let touched: BTreeSet<String> = policy_writes(world)
        .into_iter()
        .map(|(_, path)| path)
        .collect();
    touched.len()
}

fn origins(world: &World, group: &str, setting: &str) -> Value {
    let object = world.object("PrivilegedGroup", group).unwrap();
    let rows = object["status"]["settings"]["member"].as_array().unwrap();
    let row = rows.iter().find(|row| row["setting"] == setting).unwrap();
    row.clone()
}

#[tokio::test(start_paused = true)]
async fn a_group_has_the_settings_of_its_template_where_it_states_none() {
    let world = World::new();
    story::apply_boundary(&world);
    world.apply(&template("PT8H"));
    world.apply(&group("plain", &json!({})));
    let own = json!({
        "activation": {"maximumDuration": "PT4H", "approval": {"approverJustification": "Optional"}},
        "eligible": {"maximumDuration": "P90D"},
    });
    world.apply(&group("special", &own));
    world.start();
    world.until_ready(NAMESPACE).await;
    assert_eq!(longest(&world, "plain", "member").await, "PT8H");
    assert_eq!(longest(&world, "special", "member").await, "PT4H");
    assert_eq!(longest(&world, "special", "owner").await, "PT2H");

    let row = |group, setting| origins(&world, group, setting);
    let origin = |group, setting| row(group, setting)["origin"].clone();
    assert_eq!(origin("plain", "activation.maximumDuration"), "Template");
    assert_eq!(origin("special", "activation.maximumDuration"), "Group");
    assert_eq!(
        row("special", "activation.maximumDuration")["value"],
        "PT4H"
    );
    assert_eq!(origin("special", "activation.require"), "Template");
    assert_eq!(origin("special", "eligible.maximumDuration"), "Group");
    assert_eq!(origin("special", "active.permanent"), "Default");
    assert_eq!(
        row("special", "activation.approval")["parts"],
        json!([
            {"part": "required", "origin": "Template"},
            {"part": "approvers", "origin": "Template"},
            {"part": "approverJustification", "origin": "Group"},
        ])
    );
    until_counts(&world, [2, 2, 0, 0]).await;
    let before = world.kubernetes_writes();
    world.annotate(
        "PrivilegedGroup",
        "special",
        "entra-pim.dev/resync",
        "again",
    );
    assert_eq!(world.writes_within(Duration::from_mins(5)).await, 0);
    assert_eq!(world.kubernetes_writes(), before, "nor is any status");
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_template_goes_from_group_to_group_a_few_at_a_time() {
    let world = followers(8).await;
    world.tenant.faults().add(always(
        operation("policies.update"),
        FaultEffect::Delay { duration: SLOW },
    ));
    world.apply(&template("PT1H"));
    world
        .until("others wait for their turn", |world| {
            world.reason("PrivilegedGroup", &name(7)) == "WaitingForDependency"
        })
        .await;
    world
        .until_reason("PolicyTemplate", TEMPLATE, "Progressing")
        .await;
    until_counts(&world, [8, 8, 0, 0]).await;
    assert!(world.is_ready("PolicyTemplate", TEMPLATE));
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    let writes = policy_writes(&world);
    assert_eq!(writes.len(), 8, "{writes:?}");
    for (begun, _) in &writes {
        let together = writes.iter().filter(|(other, _)| {
            let apart = begun.duration_since(*other);
            !apart.is_negative() && apart < SLOW
        });
        assert!(together.count() <= 3, "{writes:?}");
    }
    let mut order = Vec::new();
    for place in 0..8 {
        let id = world.group_id(&name(place)).await;
        let of_group = |(_, path): &(Timestamp, String)| path.contains(&id);
        order.push(writes.iter().position(of_group).unwrap());
    }
    let earlier = |place: usize| order.iter().filter(|other| **other < order[place]).count();
    assert!((0..8).all(|place| earlier(place) <= place + 2), "{order:?}");
    assert_eq!(longest(&world, &name(7), "member").await, "PT1H");
    assert!(
        world.notes("DriftCorrected", &name(0)).is_empty(),
        "it is nobody's drift"
    );
    assert_eq!(world.writes_within(Duration::from_hours(2)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_rollout_goes_on_after_a_restart_and_leaves_out_who_is_paused() {
    let world = followers(6).await;
    let pause = |value| {
        world.annotate("PrivilegedGroup", &name(0), "entra-pim.dev/paused", value);
    };
    pause("true");
    world
        .until_reason("PrivilegedGroup", &name(0), "Paused")
        .await;
    world.tenant.faults().add(always(
        operation("policies.update"),
        FaultEffect::Delay { duration: SLOW },
    ));
    world.apply(&template("PT1H"));
    world.pass(Duration::from_secs(7)).await;
    world.kill();
    world.start();
    until_counts(&world, [6, 5, 1, 0]).await;
    world
        .until("the others counted as done", |world| {
            world.is_ready("PolicyTemplate", TEMPLATE)
        })
        .await;
    assert_eq!(longest(&world, &name(0), "member").await, "PT8H");
    assert_eq!(longest(&world, &name(5), "member").await, "PT1H");
    pause("false");
    until_counts(&world, [6, 6, 0, 0]).await;
    assert_eq!(longest(&world, &name(0), "member").await, "PT1H");
}

#[tokio::test(start_paused = true)]
async fn a_change_that_groups_fail_with_reaches_no_others() {
    let world = followers(6).await;
    world.fault(
        operation("policies.update"),
        refuse_with(400, "InvalidPolicy", "The policy is invalid."),
    );
    world.apply(&template("PT1H"));
    world
        .until_reason("PolicyTemplate", TEMPLATE, "RolloutStopped")
        .await;
    world.pass(Duration::from_hours(2)).await;
    let touched = policies_touched(&world);
    assert!((1..=3).contains(&touched), "{:?}", policy_writes(&world));
    until_counts(&world, [6, 0, 6 - touched, touched]).await;
    let object = world.object("PolicyTemplate", TEMPLATE).unwrap();
    let first = object["status"]["firstFailed"].as_str().unwrap();
    assert!(first.starts_with("exchange/group-"), "{first}");
    assert_eq!(world.notes("RolloutStopped", TEMPLATE).len(), 1);
    assert_eq!(longest(&world, &name(5), "member").await, "PT8H");
    let waiting = world.message("PrivilegedGroup", &name(5));
    assert!(
        waiting.contains(TEMPLATE) && !waiting.contains("group-"),
        "no group learns of the others: {waiting}"
    );
    world.tenant.faults().clear();
    until_counts(&world, [6, 6, 0, 0]).await;
    assert!(world.is_ready("PolicyTemplate", TEMPLATE));
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn who_edits_their_own_group_waits_for_nobody() {
    let world = followers(6).await;
    let id = world.group_id(&name(0)).await;
    let of_the_first = Match {
        path: Some(format!("*{id}*")),
        ..operation("policies.update")
    };
    world.fault(
        of_the_first,
        refuse_with(400, "InvalidPolicy", "The policy is invalid."),
    );
    world.apply(&template("PT1H"));
    world
        .until_reason("PolicyTemplate", TEMPLATE, "RolloutStopped")
        .await;
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(longest(&world, &name(5), "member").await, "PT8H");
    world.edit("PrivilegedGroup", &name(5), |manifest| {
        manifest["spec"]["policy"]["member"] = json!({"activation": {"maximumDuration": "PT3H"}});
    });
    world
        .until("the one who was edited ready", |world| {
            world.is_ready("PrivilegedGroup", &name(5))
        })
        .await;
    assert_eq!(longest(&world, &name(5), "member").await, "PT3H");
    assert_eq!(longest(&world, &name(4), "member").await, "PT8H");
    assert_eq!(world.reason("PolicyTemplate", TEMPLATE), "RolloutStopped");
    // Whoever failed inherits no more, and holds up nobody from then on.
    world.edit("PrivilegedGroup", &name(0), |manifest| {
        manifest["spec"]["policy"] = json!({"member": settings("PT8H"), "owner": settings("PT2H")});
    });
    until_counts(&world, [5, 5, 0, 0]).await;
    assert_eq!(longest(&world, &name(4), "member").await, "PT1H");
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn a_template_that_is_mended_goes_on_from_what_stands() {
    let world = followers(5).await;
    // Longer than the boundary admits: no policy is written at all.
    world.apply(&template("PT12H"));
    world
        .until_reason("PolicyTemplate", TEMPLATE, "RolloutStopped")
        .await;
    world.pass(Duration::from_mins(30)).await;
    for place in 0..5 {
        assert_eq!(
            world.reason("PrivilegedGroup", &name(place)),
            "BoundaryViolated"
        );
    }
    assert_eq!(world.tenant.counters().writes, 0);
    world.apply(&template("PT6H"));
    until_counts(&world, [5, 5, 0, 0]).await;
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    assert_eq!(longest(&world, &name(4), "member").await, "PT6H");
}

#[tokio::test(start_paused = true)]
async fn whoever_has_the_settings_already_is_not_written() {
    let world = followers(4).await;
    for place in 0..4 {
        world.edit("PrivilegedGroup", &name(place), |manifest| {
            manifest["spec"]["policy"]["member"] =
                json!({"activation": {"maximumDuration": "PT8H"}});
        });
    }
    world.until_ready(NAMESPACE).await;
    world.apply(&template("PT1H"));
    until_counts(&world, [4, 4, 0, 0]).await;
    assert_eq!(policies_touched(&world), 0);
}

async fn without_its_template(world: &World) {
    world
        .until_reason("PrivilegedGroup", "one", "ReferenceNotFound")
        .await;
    world.apply(&people(&["jose@contoso.com", "chidi@contoso.com"]));
    world
        .until("the one who was taken out gone", |world| {
            !world
                .held()
                .iter()
                .any(|held| held.ends_with("farid@contoso.com"))
        })
        .await;
    world.pass(Duration::from_hours(2)).await;
    let held: Vec<String> = world.held().into_iter().collect();
    assert_eq!(held, ["eligible member jose@contoso.com"]);
    assert_eq!(policies_touched(world), 0);
}

/// A group with two people, all of whose settings come from its template.
async fn inheriting() -> World {
    let world = World::new();
    story::apply_boundary(&world);
    world.apply(&template("PT8H"));
    world.apply(&group("one", &json!({})));
    world.apply(&people(&["jose@contoso.com", "farid@contoso.com"]));
    world.start();
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(6)).await;
    world.tenant.reset_journal();
    world
}

#[tokio::test(start_paused = true)]
async fn without_its_template_nobody_is_granted_anything_and_who_is_taken_out_goes() {
    let world = inheriting().await;
    world.delete("PolicyTemplate", TEMPLATE);
    without_its_template(&world).await;
    let message = world.message("PrivilegedGroup", "one");
    assert!(message.contains("PolicyTemplate tier-0"), "{message}");
    world.apply(&group("two", &json!({})));
    world
        .until_reason("PrivilegedGroup", "two", "ReferenceNotFound")
        .await;
    world.apply(&template("PT8H"));
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), 2, "{:?}", world.held());
}

#[tokio::test(start_paused = true)]
async fn a_template_that_cannot_be_read_is_as_good_as_none() {
    let world = inheriting().await;
    let mut stored = world.object("PolicyTemplate", TEMPLATE).unwrap();
    stored["spec"]["owner"]["eligible"] = json!({"permanent": "Perhaps"});
    let generation = stored["metadata"]["generation"].as_i64().unwrap();
    stored["metadata"]["generation"] = json!(generation + 1);
    world.cluster.plant(stored).unwrap();
    world.kill();
    world.start();
    without_its_template(&world).await;
    let message = world.message("PrivilegedGroup", "one");
    assert!(message.contains("cannot be read"), "{message}");
    assert_eq!(world.reason("PolicyTemplate", TEMPLATE), "InvalidSpec");
    world.delete_ours();
    world.until_nothing_is_left().await;
    assert!(world.held().is_empty(), "{:?}", world.held());
}

#[tokio::test(start_paused = true)]
async fn a_template_that_changes_while_a_pass_is_under_way_counts_at_once() {
    let world = inheriting().await;
    world.tenant.faults().add(always(
        operation("policyAssignments.list"),
        FaultEffect::Delay { duration: SLOW },
    ));
    world.apply(&people(&[
        "jose@contoso.com",
        "farid@contoso.com",
        "chidi@contoso.com",
    ]));
    world.pass(Duration::from_secs(2)).await;
    world.apply(&template("PT1H"));
    world.until_ready(NAMESPACE).await;
    let journal = world.tenant.journal();
    let writes: Vec<&str> = journal
        .iter()
        .filter(|entry| !entry.effects.is_empty())
        .map(|entry| entry.operation.as_str())
        .collect();
    assert_eq!(
        writes,
        ["policies.update", "pimGroups.eligibilityRequests.create"],
        "the guard is that of the new template"
    );
}

#[tokio::test(start_paused = true)]
async fn the_examples_of_templates_come_true() {
    let world = World::new();
    world.cluster.create_namespace("support").unwrap();
    for file in [
        include_str!("../../examples/templates/10-boundary.yaml"),
        include_str!("../../examples/templates/15-template.yaml"),
        include_str!("../../examples/templates/20-first-line.yaml"),
        include_str!("../../examples/templates/30-second-line.yaml"),
        include_str!("../../examples/templates/40-eligible.yaml"),
    ] {
        world.apply_yaml(file);
    }
    world.start();
    world.until_ready("support").await;
    let held: Vec<String> = world.held().into_iter().collect();
    assert_eq!(held, ["eligible member jose@contoso.com"]);
}
