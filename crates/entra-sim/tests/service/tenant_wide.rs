//! What a client can ask of a tenant as a whole: how many role-assignable groups it has, and whether PIM is licensed.

use entra_sim::Profile;

use crate::client::{OPERATOR_OBJECT, ideal, tenant};

const COUNT: &str = "/groups?$filter=isAssignableToRole eq true&$select=id&$count=true&$top=1";

#[tokio::test]
async fn role_assignable_groups_are_counted_in_the_advanced_mode_only() {
    let client = ideal();
    client.role_assignable("One").await;
    let counted = client.eventual().get(COUNT).await.expect(200);
    // The seed has one.
    assert_eq!(counted.body["@odata.count"], 2);
    assert_eq!(counted.column("id").len(), 1);
    let number = "/groups/$count?$filter=isAssignableToRole eq true";
    assert_eq!(client.eventual().get(number).await.expect(200).body, 2);
    client.get(number).await.is(400, "Request_BadRequest");
    let uncounted = client.get(COUNT).await.expect(200);
    assert!(
        uncounted.body.get("@odata.count").is_none(),
        "the option is ignored"
    );
    client.assert_shapes();
}

#[tokio::test]
async fn without_a_licence_pim_refuses_to_list_what_the_caller_is_eligible_for() {
    let list = format!(
        "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances?$filter=principalId eq '{OPERATOR_OBJECT}'"
    );
    for (licence, plans) in [
        ("none", &[][..]),
        ("p1", &["AAD_PREMIUM"]),
        ("p2", &["AAD_PREMIUM", "AAD_PREMIUM_P2"]),
        ("governance", &["AAD_PREMIUM", "Entra_Identity_Governance"]),
    ] {
        let client = tenant(Profile::Ideal, &[("licence", licence)]);
        let skus = client
            .get("/subscribedSkus?$select=capabilityStatus,servicePlans")
            .await
            .expect(200);
        let of_skus = skus.body["value"].as_array().unwrap().iter();
        let named: Vec<&str> = of_skus
            .flat_map(|sku| sku["servicePlans"].as_array().unwrap())
            .map(|plan| plan["servicePlanName"].as_str().unwrap())
            .collect();
        assert_eq!(named, plans);
        let answer = client.get(&list).await;
        if matches!(licence, "p2" | "governance") {
            answer.expect(200);
        } else {
            answer.is(400, "AadPremiumLicenseRequired");
        }
    }
}
