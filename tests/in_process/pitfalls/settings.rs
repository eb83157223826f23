//! Settings of members and owners: each lands in its own policy, complete before anybody gets access, equal however it
//! is spelled, and gone when it is taken out of the manifest.

use std::time::Duration;

use entra_sim::Profile;
use serde_json::{Value, json};

use super::changes;
use crate::harness::{NAMESPACE, Setup, World};
use crate::story::{self, GROUP};

const LONGEST: &str = "Expiration_EndUser_Assignment";
const MAILS: &str = "Notification_Admin_Admin_Eligibility";

async fn longest(world: &World, access: &str) -> Value {
    let group = world.group_id(GROUP).await;
    world.external_actor().rule(&group, access, LONGEST).await["maximumDuration"].clone()
}

async fn recipients(world: &World) -> Vec<String> {
    let group = world.group_id(GROUP).await;
    let rule = world.external_actor().rule(&group, "member", MAILS).await;
    let list = rule["notificationRecipients"].as_array().unwrap();
    list.iter().map(crate::harness::text).collect()
}

/// Declares who gets the mails about new eligibilities; nobody is named by no list at all.
fn mail_to(world: &World, recipients: Option<&[&str]>) {
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        let member = &mut manifest["spec"]["policy"]["member"];
        match recipients {
            Some(list) => {
                member["notifications"] = json!({"eligible": {"admin": {"recipients": list}}});
            }
            None => drop(member.as_object_mut().unwrap().remove("notifications")),
        }
    });
}

#[tokio::test(start_paused = true)]
async fn settings_of_owners_never_land_in_the_policy_of_members() {
    for first in ["member", "owner"] {
        let world = World::with(Setup {
            profile: Some(Profile::Service),
            overrides: vec![
                ("policyListedFirst", first),
                ("policyListingDelay", "45s"),
                ("shuffleBatch", "true"),
            ],
            ..Setup::default()
        });
        story::comes_true(&world).await;
        let both = (
            longest(&world, "member").await,
            longest(&world, "owner").await,
        );
        assert_eq!(
            both,
            (json!("PT8H"), json!("PT2H")),
            "{first} is listed first"
        );
        world.edit("PrivilegedGroup", GROUP, |manifest| {
            manifest["spec"]["policy"]["owner"]["activation"]["maximumDuration"] = json!("PT1H");
        });
        world.until_ready(NAMESPACE).await;
        let both = (
            longest(&world, "member").await,
            longest(&world, "owner").await,
        );
        assert_eq!(
            both,
            (json!("PT8H"), json!("PT1H")),
            "{first} is listed first"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn both_policies_are_complete_before_anybody_is_given_anything() {
    for profile in [Profile::Ideal, Profile::Service] {
        let world = World::with(Setup {
            profile: Some(profile),
            ..Setup::default()
        });
        story::comes_true(&world).await;
        let changes = changes(&world);
        let last_setting = changes
            .iter()
            .rposition(|one| one == "policies.update")
            .unwrap();
        let first_grant = changes
            .iter()
            .position(|one| one.ends_with("Requests.create"))
            .unwrap();
        assert!(last_setting < first_grant, "{changes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn settings_that_are_spelled_otherwise_differ_in_nothing() {
    let world = story::standing().await;
    mail_to(&world, Some(&["Security@Contoso.com", "audit@contoso.com"]));
    world.until_ready(NAMESPACE).await;
    assert_eq!(recipients(&world).await.len(), 2);
    mail_to(&world, Some(&["audit@contoso.com", "security@contoso.com"]));
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        let activation = &mut manifest["spec"]["policy"]["member"]["activation"];
        activation["require"] = json!(["MultiFactorAuthentication", "Justification"]);
        activation["approval"]["approvers"] = json!([{"kind": "User", "name": "EMI@contoso.com"}]);
    });
    assert_eq!(world.writes_within(Duration::from_mins(90)).await, 0);
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn a_setting_that_is_taken_out_of_the_manifest_goes_back_to_the_default() {
    let world = story::standing().await;
    mail_to(&world, Some(&["audit@contoso.com"]));
    world.until_ready(NAMESPACE).await;
    assert_eq!(recipients(&world).await, ["audit@contoso.com"]);
    mail_to(&world, None);
    world.until_ready(NAMESPACE).await;
    assert_eq!(recipients(&world).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn under_merge_a_setting_that_is_taken_out_of_the_manifest_stays() {
    let world = story::applied();
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["policy"]["mode"] = json!("Merge");
    });
    mail_to(&world, Some(&["audit@contoso.com"]));
    world.start();
    world.until_ready(NAMESPACE).await;
    mail_to(&world, None);
    assert_eq!(world.writes_within(Duration::from_mins(90)).await, 0);
    assert_eq!(recipients(&world).await, ["audit@contoso.com"]);
}
