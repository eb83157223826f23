//! The policies: never loosened for an assignment, never guessed, and nothing is granted beside a rule that could undo
//! them.

use std::time::Duration;

use serde_json::json;

use super::harness::{NAMESPACE, World};
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

async fn edit_undeclared_rule(world: &World) -> String {
    let group = world.group_id(GROUP).await;
    world
        .external_actor()
        .edit_rule(&group, "member", UNDECLARED, |rule| {
            rule["notificationRecipients"] = json!(["audit@contoso.com"]);
        })
        .await;
    story::resync(world);
    world.pass(Duration::from_mins(1)).await;
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
