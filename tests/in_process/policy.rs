//! The policies: never loosened for an assignment, never guessed, and nothing is granted beside a rule that could undo
//! them.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{NAMESPACE, PRE_APPROVAL, World, operation, refuse};
use super::story::{self, GROUP};

#[tokio::test(start_paused = true)]
async fn a_window_that_the_policy_forbids_names_the_field_to_change() {
    let world = story::applied();
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["assignments"]["eligible"] = json!({"permanent": "Allowed"});
    });
    world.edit("EligibleAssignment", GROUP, |manifest| {
        manifest["spec"]["schedule"] = json!({"expiration": {"never": {}}});
    });
    world.start();
    story::until_people(&world, "PolicyForbids").await;
    world.pass(Duration::from_mins(15)).await;
    let message = world.message("EligibleAssignment", GROUP);
    assert!(
        message.contains("spec.policy.member.eligible.permanent"),
        "{message}"
    );
    assert_eq!(world.held().len(), 3, "{:?}", world.held());
    let group = world.group_id(GROUP).await;
    let rule = world
        .external_actor()
        .rule(&group, "member", "Expiration_Admin_Eligibility")
        .await;
    assert_eq!(
        rule["isExpirationRequired"], true,
        "the policy is not loosened"
    );
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["policy"]["member"]["eligible"] = json!({"permanent": "Allowed"});
    });
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), 6);
}

/// A rule that the example does not declare.
const UNDECLARED: &str = "Notification_Admin_Admin_Eligibility";

/// Somebody changes the rule.
async fn change_undeclared_rule(world: &World) {
    let group = world.group_id(GROUP).await;
    world
        .external_actor()
        .edit_rule(&group, "member", UNDECLARED, |rule| {
            rule["notificationRecipients"] = json!(["audit@contoso.com"]);
        })
        .await;
}

async fn edit_undeclared_rule(world: &World) -> String {
    change_undeclared_rule(world).await;
    story::resync(world);
    world.pass(Duration::from_mins(1)).await;
    let group = world.group_id(GROUP).await;
    let rule = world
        .external_actor()
        .rule(&group, "member", UNDECLARED)
        .await;
    rule["notificationRecipients"].to_string()
}

#[tokio::test(start_paused = true)]
async fn under_merge_a_rule_that_nobody_declares_is_left_alone() {
    let world = story::applied();
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["policy"]["mode"] = json!("Merge");
    });
    world.start();
    world.until_ready(NAMESPACE).await;
    assert_eq!(
        edit_undeclared_rule(&world).await,
        r#"["audit@contoso.com"]"#
    );
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn without_merge_a_rule_that_nobody_declares_goes_back_to_its_default() {
    let world = story::standing().await;
    assert_eq!(edit_undeclared_rule(&world).await, "[]");
}

#[tokio::test(start_paused = true)]
async fn beside_an_enabled_extension_nothing_is_granted() {
    let world = World::behaving(&[("customExtensionRules", "enabled")]);
    story::apply(&world);
    world.start();
    story::until_group(&world, "UnmanagedRule").await;
    world.pass(Duration::from_mins(90)).await;
    assert!(world.held().is_empty(), "{:?}", world.held());
    let message = world.message("PrivilegedGroup", GROUP);
    assert!(message.contains("CustomExtension_PreApproval"), "{message}");
    // What the message says to do helps.
    let group = world.group_id(GROUP).await;
    let rule = world
        .external_actor()
        .rule(&group, "member", PRE_APPROVAL)
        .await;
    let extension = rule["customExtensionId"].as_str().unwrap();
    for part in [
        extension,
        "spec.policyFloor.customExtensions of AccessBoundary exchange",
    ] {
        assert!(message.contains(part), "{message}");
    }
    list_extensions(&world, &[extension]);
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), 6);
    let stands = world
        .external_actor()
        .rule(&group, "member", PRE_APPROVAL)
        .await;
    assert_eq!(stands, rule, "it is left as it is");
}

fn list_extensions(world: &World, ids: &[&str]) {
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["policyFloor"]["customExtensions"] = json!(ids);
    });
}

/// What the status of the group shows of extensions in the settings for members.
fn shown_extension(world: &World) -> Option<Value> {
    let group = world.object("PrivilegedGroup", GROUP).unwrap();
    let settings = group["status"]["settings"]["member"].as_array()?.clone();
    let mut settings = settings.into_iter();
    settings.find(|one| one["setting"] == "customExtensions")
}

#[tokio::test(start_paused = true)]
async fn an_extension_that_somebody_switches_on_stops_grants_while_the_boundary_does_not_list_it() {
    const EXTENSION: &str = "aaaaaaaa-0000-4000-8000-000000000001";
    let world = story::standing().await;
    let group = world.group_id(GROUP).await;
    let actor = world.external_actor();
    actor.call_extension(&group, "member", EXTENSION).await;
    story::resync(&world);
    story::until_group(&world, "UnmanagedRule").await;
    let before = world.held();
    story::add_person(&world, "chidi@contoso.com");
    assert_eq!(world.writes_within(Duration::from_mins(30)).await, 0);
    assert_eq!(world.held(), before, "nothing is taken away, either");
    assert_eq!(shown_extension(&world), None);
    list_extensions(&world, &[EXTENSION]);
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), before.len() + 1);
    let shown = shown_extension(&world).unwrap();
    assert_eq!(shown["origin"], "Tenant");
    assert!(shown["value"].as_str().unwrap().contains(EXTENSION));
    // It counts from the next look on that it is listed no more.
    list_extensions(&world, &[]);
    story::until_group(&world, "UnmanagedRule").await;
    let before = world.held();
    story::add_person(&world, "dana@contoso.com");
    assert_eq!(world.writes_within(Duration::from_mins(30)).await, 0);
    assert_eq!(world.held(), before);
    let people = world.reason("EligibleAssignment", GROUP);
    assert_eq!(people, "UnmanagedRule", "{}", world.summary());
    let rule = actor.rule(&group, "member", PRE_APPROVAL).await;
    assert_eq!(rule["isEnabled"], true, "nobody switches it off");
}

#[tokio::test(start_paused = true)]
async fn an_extension_that_is_listed_by_its_rule_may_be_any() {
    let world = World::behaving(&[("customExtensionRules", "enabled")]);
    story::apply(&world);
    list_extensions(&world, &[PRE_APPROVAL]);
    world.start();
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn an_extension_that_is_switched_off_is_as_good_as_none() {
    let world = World::behaving(&[("customExtensionRules", "empty")]);
    story::comes_true(&world).await;
    assert_eq!(world.held().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_becomes_stricter_is_written_before_anybody_is_granted() {
    let world = story::standing().await;
    world.tenant.reset_journal();
    story::add_person(&world, "chidi@contoso.com");
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["policy"]["member"]["activation"]["maximumDuration"] = json!("PT1H");
    });
    world.until_ready(NAMESPACE).await;
    let journal = world.tenant.journal();
    let writes: Vec<&str> = journal
        .iter()
        .filter(|entry| !entry.effects.is_empty())
        .map(|entry| entry.operation.as_str())
        .collect();
    assert_eq!(
        writes,
        ["policies.update", "pimGroups.eligibilityRequests.create"]
    );
}

#[tokio::test(start_paused = true)]
async fn settings_that_have_not_been_written_yet_are_no_drift_and_those_that_somebody_changed_are()
{
    let reason = |world: &World| {
        let found = world.condition("PrivilegedGroup", GROUP, "MemberPolicyApplied");
        found.map_or_else(String::new, |found| found.reason)
    };
    let world = story::applied();
    let refuse_settings = |world: &World| {
        world.fault(operation("policies.update"), refuse(503, None));
    };
    refuse_settings(&world);
    world.start();
    world
        .until("the settings are to be written", |world| {
            reason(world) == "Progressing"
        })
        .await;
    world.clear_faults();
    world.until_ready(NAMESPACE).await;
    assert_eq!(reason(&world), "Succeeded");

    change_undeclared_rule(&world).await;
    refuse_settings(&world);
    story::resync(&world);
    world
        .until("the settings are told as changed", |world| {
            reason(world) == "DriftDetected"
        })
        .await;
}
