//! What the policy operations answer, through the dispatcher.

use serde_json::{Value, json};

use crate::ids::{Access, ObjectId};
use crate::journal::Effect;
use crate::pim::bench::{Bench, BenchAnswer, Roles};

const EXCHANGE: &str = "29232cdf-9323-42fd-ade2-1d097af3e4de";

fn assignments(group: ObjectId, rest: &str) -> String {
    format!(
        "/policies/roleManagementPolicyAssignments?$filter=scopeId eq '{group}' and scopeType eq 'Group'{rest}"
    )
}

fn policy_id(bench: &mut Bench, group: ObjectId, access: Access) -> String {
    let path = assignments(group, &format!(" and roleDefinitionId eq '{access}'"));
    bench.get(&path).expect(200).rows()[0]["policyId"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn permanent() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
        "id": "Expiration_Admin_Eligibility",
        "isExpirationRequired": false,
        "maximumDuration": "P365D",
        "target": {
            "caller": "Admin", "operations": ["All"], "level": "Eligibility",
            "inheritableSettings": [], "enforcedSettings": [],
        },
    })
}

fn change(bench: &mut Bench, id: &str, rules: Value) -> BenchAnswer {
    let mut body = json!({});
    body["rules"] = rules;
    bench.patch(&format!("/policies/roleManagementPolicies/{id}"), body)
}

#[test]
fn a_group_has_two_policies_with_seventeen_rules_each_from_the_start() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    let answer = bench
        .get(&assignments(group, "&$expand=policy($expand=rules)"))
        .expect(200);
    let roles: Vec<&Value> = answer
        .rows()
        .iter()
        .map(|row| &row["roleDefinitionId"])
        .collect();
    assert_eq!(roles, [&json!("owner"), &json!("member")]);
    for row in answer.rows() {
        assert_eq!(
            row["id"],
            json!(format!(
                "{}_{}",
                row["policyId"].as_str().unwrap(),
                row["roleDefinitionId"].as_str().unwrap()
            ))
        );
        assert_eq!(row["policy"]["rules"].as_array().unwrap().len(), 17);
        assert_eq!(row["policy"]["lastModifiedDateTime"], Value::Null);
        assert_eq!(
            row["policy"]["lastModifiedBy"],
            json!({"displayName": null, "id": null})
        );
    }
    let bare = bench.get(&assignments(group, "")).expect(200);
    assert!(bare.rows()[0].get("policy").is_none());
}

#[test]
fn lists_of_policies_need_scope_id_and_scope_type() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    for filter in [
        "",
        "?$filter=scopeType eq 'Group'",
        &format!("?$filter=scopeId eq '{group}'"),
    ] {
        for list in ["roleManagementPolicyAssignments", "roleManagementPolicies"] {
            bench
                .get(&format!("/policies/{list}{filter}"))
                .refused("MissingParameters");
        }
    }
}

#[test]
fn the_two_policies_of_a_group_look_alike() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    let path = format!(
        "/policies/roleManagementPolicies?$filter=scopeId eq '{group}' and scopeType eq 'Group'"
    );
    let answer = bench.get(&path).expect(200);
    let mut rows = answer.rows().to_vec();
    assert_eq!(rows.len(), 2);
    for row in &mut rows {
        row["id"] = Value::Null;
    }
    assert_eq!(rows[0], rows[1]);
}

#[test]
fn one_policy_its_rules_and_one_rule_can_be_read() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    let id = policy_id(&mut bench, group, Access::Member);
    let at = format!("/policies/roleManagementPolicies/{id}");
    assert_eq!(
        bench.get(&format!("{at}?$expand=rules")).expect(200).body["rules"]
            .as_array()
            .unwrap()
            .len(),
        17
    );
    assert_eq!(
        bench.get(&format!("{at}?$expand=*")).expect(200).body["effectiveRules"]
            .as_array()
            .unwrap()
            .len(),
        17
    );
    assert!(bench.get(&at).expect(200).body.get("rules").is_none());
    assert_eq!(
        bench.get(&format!("{at}/rules")).expect(200).rows().len(),
        17
    );
    let rule = bench
        .get(&format!("{at}/rules/Expiration_EndUser_Assignment"))
        .expect(200);
    assert_eq!(rule.body["maximumDuration"], "PT8H");
    bench
        .get(&format!("{at}/rules/Nonsense"))
        .refused("ResourceNotFound");
    assert_eq!(
        bench
            .get(&format!(
                "/policies/roleManagementPolicyAssignments/{id}_member"
            ))
            .expect(200)
            .body["policyId"],
        json!(id)
    );
}

#[test]
fn the_first_change_onboards_the_group_and_gives_both_policies_other_ids() {
    let mut bench = Bench::with(&[("rotateOnEveryPatch", "off")]);
    let group = bench.group(Roles::Not);
    let (member, owner) = (
        policy_id(&mut bench, group, Access::Member),
        policy_id(&mut bench, group, Access::Owner),
    );
    let answer = change(&mut bench, &member, json!([permanent()])).expect(200);
    assert!(answer.body.get("rules").is_none());
    assert_eq!(
        answer.body["lastModifiedBy"],
        json!({"displayName": "operator", "id": null})
    );
    let renewed = policy_id(&mut bench, group, Access::Member);
    assert_eq!(answer.text("id"), renewed);
    assert_ne!(renewed, member);
    assert_ne!(policy_id(&mut bench, group, Access::Owner), owner);
    change(&mut bench, &member, json!([permanent()])).expect(404);
    change(&mut bench, &renewed, json!([permanent()])).expect(200);
    assert_eq!(
        policy_id(&mut bench, group, Access::Member),
        renewed,
        "an onboarded group keeps its ids"
    );
}

#[test]
fn every_change_may_give_the_policy_another_id() {
    let mut bench = Bench::with(&[("rotateOnEveryPatch", "on")]);
    let group = bench.group(Roles::Not);
    let first = policy_id(&mut bench, group, Access::Member);
    change(&mut bench, &first, json!([permanent()])).expect(200);
    let second = policy_id(&mut bench, group, Access::Member);
    let rule =
        format!("/policies/roleManagementPolicies/{second}/rules/Expiration_Admin_Eligibility");
    bench.patch(&rule, permanent()).expect(204);
    bench.patch(&rule, permanent()).refused("ResourceNotFound");
}

#[test]
fn a_change_is_journalled_once_with_the_rules_that_are_different() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    for _ in 0..2 {
        let id = policy_id(&mut bench, group, Access::Owner);
        change(&mut bench, &id, json!([permanent()])).expect(200);
    }
    let changed = Effect::GroupPolicyChanged {
        group,
        access: Access::Owner,
        rules: vec!["Expiration_Admin_Eligibility".to_owned()],
    };
    assert_eq!(bench.when(|effect| *effect == changed).len(), 1);
    let member = policy_id(&mut bench, group, Access::Member);
    let member = bench.get(&format!(
        "/policies/roleManagementPolicies/{member}/rules/Expiration_Admin_Eligibility"
    ));
    assert_eq!(
        member.body["isExpirationRequired"], true,
        "the other policy stands as it was"
    );
}

#[test]
fn a_policy_takes_what_stands_beside_the_rules_and_nothing_else() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    let id = policy_id(&mut bench, group, Access::Member);
    let at = format!("/policies/roleManagementPolicies/{id}");
    bench
        .patch(&at, json!({"displayName": "Mine", "rules": []}))
        .refused("InvalidPolicy");
    bench
        .patch(&at, json!({"rules": [null]}))
        .refused("BadRequest");
    let body = json!({"id": id, "scopeId": group.to_string(), "scopeType": "Group", "rules": [permanent()]});
    bench.patch(&at, body).expect(200);
}

#[test]
fn a_rule_is_changed_under_its_own_name() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    let id = policy_id(&mut bench, group, Access::Member);
    let at = format!("/policies/roleManagementPolicies/{id}/rules");
    bench
        .patch(&format!("{at}/Expiration_Admin_Assignment"), permanent())
        .refused("BadRequest");
    bench
        .patch(&format!("{at}/Nonsense"), permanent())
        .refused("ResourceNotFound");
    bench
        .patch(
            &format!("/policies/roleManagementPolicies/{EXCHANGE}"),
            json!({}),
        )
        .expect(405);
}

#[test]
fn the_switches_of_policy_changes_are_asked() {
    let approval = json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyApprovalRule",
        "id": "Approval_EndUser_Assignment",
        "setting": {
            "isApprovalRequired": true, "approvalMode": "SingleStage", "approvalStages": [{"primaryApprovers": []}],
        },
    });
    let recipients = json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyNotificationRule",
        "id": "Notification_Approver_EndUser_Assignment",
        "notificationType": "Email", "recipientType": "Approver", "notificationLevel": "All",
        "isDefaultRecipientsEnabled": true, "notificationRecipients": ["sec@contoso.com"],
    });
    for (switch, rule) in [
        ("approvalWithoutApprover", approval),
        ("approverRecipients", recipients),
    ] {
        for (value, code) in [("off", "InvalidPolicy"), ("on", "200")] {
            let mut bench = Bench::with(&[(switch, value)]);
            let group = bench.group(Roles::Not);
            let id = policy_id(&mut bench, group, Access::Member);
            assert_eq!(
                change(&mut bench, &id, json!([rule])).code(),
                code,
                "{switch} {value}"
            );
        }
    }
}

#[test]
fn rules_of_custom_extensions_stand_as_the_switch_says() {
    for (value, rules, enabled) in [("absent", 17, 0), ("empty", 19, 0), ("enabled", 19, 1)] {
        let mut bench = Bench::with(&[("customExtensionRules", value)]);
        let group = bench.group(Roles::Not);
        let answer = bench
            .get(&assignments(group, "&$expand=policy($expand=rules)"))
            .expect(200);
        let found = answer.rows()[0]["policy"]["rules"].as_array().unwrap();
        let is_on = |rule: &&Value| {
            rule["id"].as_str().unwrap().starts_with("Custom") && rule["isEnabled"] == json!(true)
        };
        assert_eq!(
            (found.len(), found.iter().filter(is_on).count()),
            (rules, enabled),
            "{value}"
        );
    }
}

#[test]
fn approvers_are_described_by_their_names() {
    let mut bench = Bench::new();
    let (group, boss) = (bench.group(Roles::Not), bench.user());
    let id = policy_id(&mut bench, group, Access::Member);
    let rule = json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyApprovalRule",
        "id": "Approval_EndUser_Assignment",
        "setting": {"isApprovalRequired": true, "approvalMode": "SingleStage", "approvalStages": [{
            "approvalStageTimeOutInDays": 1, "isApproverJustificationRequired": true, "escalationTimeInMinutes": 0,
            "isEscalationEnabled": true,
            "primaryApprovers": [{"@odata.type": "#microsoft.graph.singleUser", "userId": boss.to_string()}],
            "escalationApprovers": [{"@odata.type": "#microsoft.graph.singleUser", "userId": boss.to_string()}],
        }]},
    });
    change(&mut bench, &id, json!([rule])).expect(200);
    let id = policy_id(&mut bench, group, Access::Member);
    let rule = bench
        .get(&format!(
            "/policies/roleManagementPolicies/{id}/rules/Approval_EndUser_Assignment"
        ))
        .expect(200);
    let stage = &rule.body["setting"]["approvalStages"][0];
    assert_eq!(stage["primaryApprovers"][0]["description"], "User 1");
    assert_eq!(
        (&stage["escalationApprovers"], &stage["isEscalationEnabled"]),
        (&json!([]), &json!(false)),
        "escalation is not stored"
    );
}

#[test]
fn a_young_group_lists_no_policy_then_one_then_both() {
    for first in ["member", "owner"] {
        let mut bench = Bench::with(&[
            ("pimPhase1", "4s"),
            ("policyListingDelay", "6s"),
            ("policyListedFirst", first),
        ]);
        let group = bench.group(Roles::Not);
        let mut seen = Vec::new();
        for _ in 0..3 {
            let answer = bench.get(&assignments(group, "")).expect(200);
            seen.push(
                answer
                    .rows()
                    .iter()
                    .map(|row| row["roleDefinitionId"].clone())
                    .collect::<Vec<_>>(),
            );
            bench.pass(jiff::SignedDuration::from_secs(5));
        }
        assert_eq!(
            seen,
            [
                vec![],
                vec![json!(first)],
                vec![json!("owner"), json!("member")]
            ]
        );
    }
}

#[test]
fn dynamic_groups_have_no_policies_and_restricted_ones_can_not_be_changed() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    let id = policy_id(&mut bench, group, Access::Member);
    let unit = bench.tenant.new_object_id();
    let restricted = crate::directory::AdministrativeUnit {
        id: unit,
        display_name: "tier 0".to_owned(),
        description: None,
        restricted: true,
        members: [group].into(),
    };
    bench.tenant.directory.units.insert(unit, restricted);
    change(&mut bench, &id, json!([permanent()])).refused("Authorization_RequestDenied");
    bench
        .tenant
        .directory
        .groups
        .get_mut(&group)
        .unwrap()
        .group_types = vec!["DynamicMembership".to_owned()];
    bench
        .get(&assignments(group, ""))
        .refused("ResourceTypeNotSupported");
}

#[test]
fn a_directory_role_has_one_policy_of_the_tenant() {
    let mut bench = Bench::new();
    let filter = format!(
        "$filter=scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '{EXCHANGE}'"
    );
    let path =
        format!("/policies/roleManagementPolicyAssignments?{filter}&$expand=policy($expand=rules)");
    let answer = bench.get(&path).expect(200);
    assert_eq!(answer.rows().len(), 1);
    let row = &answer.rows()[0];
    let id = row["policyId"].as_str().unwrap().to_owned();
    assert!(id.starts_with(&format!("DirectoryRole_{}_", bench.tenant.id)));
    assert_eq!(row["policy"]["rules"][0]["isExpirationRequired"], false);
    assert_eq!(
        row["policy"]["rules"][0]["target"]["operations"],
        json!(["all"])
    );
    change(&mut bench, &id, json!([permanent()])).expect(200);
    assert_eq!(
        bench.get(&path).rows()[0]["policyId"],
        json!(id),
        "policies of roles keep their ids"
    );
    let all = "/policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'";
    assert!(bench.get(all).expect(200).rows().len() > 100);
}

#[test]
fn reading_and_changing_need_their_own_permissions() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    let id = policy_id(&mut bench, group, Access::Member);
    bench.permit(&["RoleManagementPolicy.Read.AzureADGroup"]);
    bench.get(&assignments(group, "")).expect(200);
    let refused = change(&mut bench, &id, json!([permanent()]));
    refused.is(403, "PermissionScopeNotGranted");
    bench.switch("scopeDenial", "wrapped");
    let refused = change(&mut bench, &id, json!([permanent()]));
    refused.is(403, "UnknownError");
    let message = refused.message();
    assert!(message.contains(r#""errorCode":"PermissionScopeNotGranted""#));
    bench.permit(&["RoleManagementPolicy.ReadWrite.Directory"]);
    bench.get(&assignments(group, "")).expect(403);
}

#[test]
fn nothing_is_read_without_the_licence() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    bench.switch("licence", "p1");
    bench
        .get(&assignments(group, ""))
        .refused("AadPremiumLicenseRequired");
}

fn notification(target: &Value) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyNotificationRule",
        "id": "Notification_Admin_Admin_Eligibility", "target": target,
        "notificationType": "Email", "recipientType": "Admin", "notificationLevel": "All",
        "isDefaultRecipientsEnabled": true, "notificationRecipients": [],
    })
}

fn bare() -> Value {
    json!({"@odata.type": "microsoft.graph.unifiedRoleManagementPolicyRuleTarget"})
}

#[test]
fn a_notification_rule_with_a_bare_target_is_refused_as_the_switch_says() {
    let mut bench = Bench::with(&[("bareRuleTarget", "refused")]);
    let group = bench.group(Roles::Not);
    let id = policy_id(&mut bench, group, Access::Member);
    let rule =
        format!("/policies/roleManagementPolicies/{id}/rules/Notification_Admin_Admin_Eligibility");
    bench
        .patch(&rule, notification(&bare()))
        .refused("InvalidPolicy");
    let own = json!({"caller": "Admin", "operations": ["All"], "level": "Eligibility"});
    bench.patch(&rule, notification(&own)).expect(204);
}

#[test]
fn a_bare_target_costs_the_policy_six_notification_rules_as_the_switch_says() {
    let mut bench = Bench::with(&[("bareRuleTarget", "loses-rules")]);
    let group = bench.group(Roles::Not);
    let id = policy_id(&mut bench, group, Access::Member);
    let rule =
        format!("/policies/roleManagementPolicies/{id}/rules/Notification_Admin_Admin_Eligibility");
    bench.patch(&rule, notification(&bare())).expect(204);
    let id = policy_id(&mut bench, group, Access::Member);
    let rules = format!("/policies/roleManagementPolicies/{id}/rules");
    let listed = bench.get(&rules).expect(200);
    let names: Vec<&str> = listed
        .rows()
        .iter()
        .filter_map(|row| row["id"].as_str())
        .collect();
    assert_eq!(names.len(), 11);
    assert!(names.iter().all(|name| !name.contains("Requestor")));
    assert!(names.contains(&"Notification_Admin_EndUser_Assignment"));
    let lost = format!("{rules}/Notification_Approver_Admin_Eligibility");
    let refused = bench.get(&lost).expect(400);
    assert_eq!(
        refused.body["error"]["message"],
        "The policy rule id Notification_Approver_Admin_Eligibility is invalid."
    );
    let mut body = notification(&json!({"caller": "Admin", "level": "Eligibility"}));
    body["id"] = json!("Notification_Approver_Admin_Eligibility");
    body["recipientType"] = json!("Approver");
    assert_eq!(
        bench.patch(&lost, body.clone()).expect(400).body["error"]["message"],
        refused.body["error"]["message"]
    );
    change(&mut bench, &id, json!([body])).expect(400);
    change(&mut bench, &id, json!([permanent()])).expect(200);
}

#[test]
fn a_rule_of_another_rules_type_makes_the_service_fall() {
    let (mut bench, group) = Bench::and_group(Roles::Not);
    let id = policy_id(&mut bench, group, Access::Member);
    let mut rule = permanent();
    rule["@odata.type"] = json!("#microsoft.graph.unifiedRoleManagementPolicyApprovalRule");
    let answer = change(&mut bench, &id, json!([rule])).expect(500);
    assert_eq!(answer.body["error"]["code"], "");
    assert_eq!(answer.body["error"]["message"], "An error has occurred.");
    rule["@odata.type"] = json!("#microsoft.graph.user");
    change(&mut bench, &id, json!([rule])).refused("BadRequest");
}
