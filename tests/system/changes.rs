//! A change of a manifest reaches the tenant at once, and a change that somebody made in the tenant does not stay.

use std::time::{Duration, Instant};

use entra_sim::ids::Access;
use entra_sim::journal::Effect;
use http::Method;
use jiff::SignedDuration;
use serde_json::json;

use super::oracle::effects;
use super::place::Place;

/// How soon a change stands in a tenant that answers at once.
const SOON: Duration = Duration::from_secs(2);

/// What the tenant holds about a setting of members.
async fn activation_duration(place: &Place) -> String {
    let group = place.group().await;
    let path = format!(
        "/policies/roleManagementPolicyAssignments?$filter=scopeId%20eq%20'{group}'%20and%20scopeType%20eq%20'Group'\
         %20and%20roleDefinitionId%20eq%20'member'&$expand=policy($expand=rules)"
    );
    let policies = place.graph(Method::GET, &path, None).await;
    let rules = policies["value"][0]["policy"]["rules"].as_array().unwrap();
    let rule = rules
        .iter()
        .find(|rule| rule["id"] == "Expiration_EndUser_Assignment");
    rule.unwrap()["maximumDuration"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_changed_setting_stands_in_the_tenant_within_two_seconds() {
    let place = Place::with_story("setting").await;
    let changed = |simulator: &entra_sim::Simulator| {
        let changes = effects(simulator).into_iter();
        changes
            .filter(|effect| {
                matches!(effect, Effect::GroupPolicyChanged { access: Access::Member, rules, .. }
                    if rules.iter().any(|rule| rule == "Expiration_EndUser_Assignment"))
            })
            .count()
    };
    let before = changed(&place.tenant.simulator);
    let change =
        json!({"spec": {"policy": {"member": {"activation": {"maximumDuration": "PT4H"}}}}});
    let begun = Instant::now();
    place.patch("PrivilegedGroup", "admins", &change).await;
    place
        .until("the changed rule", |simulator| changed(simulator) > before)
        .await;
    let took = begun.elapsed();
    assert!(took < SOON, "{took:?}");
    assert_eq!(activation_duration(&place).await, "PT4H");
    place.until_ready().await;
}

#[tokio::test]
async fn people_come_and_go_with_the_manifest() {
    let place = Place::with_story("people").await;
    // What is younger than five minutes cannot be taken away.
    place.tenant.simulator.advance(SignedDuration::from_mins(6));
    let (amira, farid) = (
        place.person("amira@contoso.com").await,
        place.person("farid@contoso.com").await,
    );
    let subjects = json!({"spec": {"subjects": [
        {"kind": "User", "name": "jose@contoso.com"}, {"kind": "User", "name": "farid@contoso.com"},
    ]}});
    let before = effects(&place.tenant.simulator).len();
    let begun = Instant::now();
    place.patch("EligibleAssignment", "team", &subjects).await;
    place
        .until("farid for amira", |simulator| {
            let holdings = simulator.holdings();
            let eligible: Vec<_> = holdings.eligible().keys().map(|(_, who)| *who).collect();
            eligible.contains(&farid) && !eligible.contains(&amira)
        })
        .await;
    let took = begun.elapsed();
    assert!(took < SOON, "{took:?}");
    let news = effects(&place.tenant.simulator).split_off(before);
    assert!(
        matches!(news.as_slice(), [Effect::EligibilityEnded(gone), Effect::EligibilityCreated(new)]
            if gone.principal == amira && new.principal == farid),
        "the revoke comes first, and jose is left alone: {news:?}"
    );
    place.until_ready().await;
}

#[tokio::test]
async fn what_somebody_changed_by_hand_is_put_right_and_told() {
    let place = Place::with_story("by-hand").await;
    place.tenant.simulator.advance(SignedDuration::from_mins(6));
    let (group, jose) = (place.group().await, place.person("jose@contoso.com").await);

    let revoke = json!({
        "action": "adminRemove", "accessId": "member", "principalId": jose, "groupId": group,
    });
    let requests = "/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests";
    place.graph(Method::POST, requests, Some(&revoke)).await;
    let rename = json!({"displayName": "PAG-by-hand-renamed"});
    place
        .graph(Method::PATCH, &format!("/groups/{group}"), Some(&rename))
        .await;
    let stands = |simulator: &entra_sim::Simulator| {
        let holdings = simulator.holdings();
        holdings.eligible().keys().any(|(_, who)| *who == jose)
    };
    assert!(!stands(&place.tenant.simulator));

    let begun = Instant::now();
    place.resync("now").await;
    place.until("jose is eligible again", stands).await;
    let took = begun.elapsed();
    assert!(took < SOON, "{took:?}");
    place.until_ready().await;
    let name = place
        .graph(Method::GET, &format!("/groups/{group}"), None)
        .await;
    assert_eq!(name["displayName"], "PAG-by-hand");

    let events = place.kubectl(&["get", "events"]).await;
    let corrected = |object: &str| {
        events
            .lines()
            .any(|line| line.contains("DriftCorrected") && line.contains(object))
    };
    assert!(corrected("eligibleassignment/team"), "{events}");
    assert!(corrected("privilegedgroup/admins"), "{events}");
}
