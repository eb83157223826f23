//! Tests of rules as they go over the wire.

use pim_core::rule::RuleTarget::{Activation, Eligible};
use pim_core::rule::{Approval, Approver, Notification, NotificationLevel, Recipient};

use super::*;
use serde_json::json;

fn target() -> Value {
    json!({"caller": "EndUser", "operations": ["All"], "level": "Assignment",
           "inheritableSettings": [], "enforcedSettings": []})
}

#[test]
fn a_known_rule_is_sent_back_as_it_was_read() {
    let bodies = [
        json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
               "id": "Expiration_EndUser_Assignment", "isExpirationRequired": true, "maximumDuration": "PT8H",
               "target": target()}),
        json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule",
               "id": "Enablement_EndUser_Assignment", "enabledRules": ["Justification", "SomethingNew"],
               "target": target()}),
        json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule",
               "id": "AuthenticationContext_EndUser_Assignment", "isEnabled": true, "claimValue": "c1",
               "target": target()}),
        json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyNotificationRule",
               "id": "Notification_Admin_EndUser_Assignment", "notificationType": "Email",
               "recipientType": "Admin", "notificationLevel": "All", "isDefaultRecipientsEnabled": true,
               "notificationRecipients": ["a@contoso.com"], "target": target()}),
        json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyApprovalRule",
               "id": "Approval_EndUser_Assignment", "target": target(),
               "setting": {"isApprovalRequired": true, "isApprovalRequiredForExtension": false,
                 "isRequestorJustificationRequired": true, "approvalMode": "SingleStage",
                 "approvalStages": [{"approvalStageTimeOutInDays": 1, "isApproverJustificationRequired": true,
                   "escalationTimeInMinutes": 0, "isEscalationEnabled": false, "escalationApprovers": [],
                   "primaryApprovers": [{"@odata.type": "#microsoft.graph.groupMembers",
                     "groupId": "22222222-2222-4222-8222-222222222222"}]}]}}),
    ];
    for body in bodies {
        let ReadRule::Known(key, rule) = serde_json::from_value(body.clone()).unwrap() else {
            panic!("{body} is not known");
        };
        assert_eq!(
            serde_json::to_value(WireRule::new(key, &rule)).unwrap(),
            body
        );
    }
}

#[test]
fn an_unknown_rule_is_kept_and_tells_whether_it_is_on() {
    let read: ReadRule = serde_json::from_value(json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyCustomExtensionRule",
        "id": "CustomExtension_PreApproval_EndUser_Assignment", "isEnabled": true, "customExtensionId": "x-1"}))
    .unwrap();
    assert_eq!(
        read,
        ReadRule::Unknown(UnknownRule {
            id: RuleId::new("CustomExtension_PreApproval_EndUser_Assignment"),
            state: UnknownRuleState::OnOrSilent,
            extension: Some(Extension {
                id: ExtensionId::new("x-1"),
                name: None,
            }),
        })
    );
    let off: ReadRule = serde_json::from_value(json!({"id": "x", "isEnabled": false})).unwrap();
    assert!(matches!(off, ReadRule::Unknown(rule) if rule.state == UnknownRuleState::Off));
    let untyped: ReadRule = serde_json::from_value(json!({"id": "x"})).unwrap();
    assert!(
        matches!(untyped, ReadRule::Unknown(rule) if rule.state == UnknownRuleState::OnOrSilent)
    );
}

#[test]
fn an_extension_is_read_of_its_own_type_only() {
    let read = |kind: &str, says: Value| match one(kind, "Other_EndUser_Assignment", says) {
        ReadRule::Unknown(rule) => rule.extension,
        other => panic!("{other:?} is known"),
    };
    let says =
        json!({"isEnabled": true, "customExtensionId": "x-1", "displayName": "Change\nticket"});
    assert_eq!(
        read("CustomExtensionRule", says.clone()),
        Some(Extension {
            id: ExtensionId::new("x-1"),
            name: Some("Change ticket".to_owned()),
        })
    );
    assert_eq!(
        read("FutureRule", says),
        None,
        "what the name means there is not known"
    );
    for nameless in [
        json!({"customExtensionId": ""}),
        json!({"customExtensionId": null}),
        json!({"customExtensionId": 1}),
        json!({}),
    ] {
        assert_eq!(read("CustomExtensionRule", nameless), None);
    }
}

#[test]
fn a_known_rule_that_cannot_be_read_is_told_and_fails_nothing_else() {
    let read: ReadRule = serde_json::from_value(json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule", "id": "Expiration_EndUser_Assignment"}))
    .unwrap();
    assert!(matches!(read, ReadRule::Unreadable(key, _) if key == RuleKey::Expiration(Activation)));
    let read: ReadRule = serde_json::from_value(json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule", "id": "Enablement_Admin_Eligibility",
        "enabledRules": [], "target": {"operations": "All"}}))
    .unwrap();
    assert!(matches!(read, ReadRule::Unreadable(key, _) if key == RuleKey::Enablement(Eligible)));
}

#[test]
fn null_lists_are_empty() {
    let read: ReadRule = serde_json::from_value(json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule", "id": "Enablement_Admin_Eligibility",
        "enabledRules": null, "target": {"caller": "Admin", "operations": null, "level": "Eligibility",
            "inheritableSettings": null, "enforcedSettings": null}}))
    .unwrap();
    assert!(matches!(read, ReadRule::Known(..)));
}

/// Reads one rule of the given type and id.
fn one(kind: &str, id: &str, says: Value) -> ReadRule {
    let mut body = says;
    body["@odata.type"] = format!("{PREFIX}{kind}").into();
    body["id"] = id.into();
    serde_json::from_value(body).unwrap()
}

#[test]
fn a_known_rule_under_another_id_is_unknown_however_it_reads() {
    for says in [json!({"isExpirationRequired": true}), json!({})] {
        assert_eq!(
            one("ExpirationRule", "Expiration_Elsewhere", says),
            ReadRule::Unknown(UnknownRule {
                id: RuleId::new("Expiration_Elsewhere"),
                state: UnknownRuleState::OnOrSilent,
                extension: None,
            })
        );
    }
}

#[test]
fn an_unknown_notification_level_is_no_level_at_all() {
    let id = "Notification_Admin_EndUser_Assignment";
    let key = RuleKey::Notification(Recipient::Admin, Activation);
    assert_eq!(
        one("NotificationRule", id, json!({"notificationLevel": "Some"})),
        ReadRule::Unreadable(
            key,
            "the notification level \"Some\" is not known".to_owned()
        )
    );
    let says =
        json!({"notificationLevel": "critical", "notificationRecipients": ["A@contoso.com", ""]});
    assert_eq!(
        one("NotificationRule", id, says),
        ReadRule::Known(
            key,
            Rule::Notification(Notification {
                default_recipients: false,
                recipients: ["a@contoso.com".to_owned()].into(),
                level: NotificationLevel::Critical,
            })
        )
    );
}

#[test]
fn what_manifests_cannot_say_of_approval_is_an_approver_of_its_own() {
    let stage = json!({"isEscalationEnabled": true});
    let says = |required: bool| {
        json!({"setting": {"isApprovalRequired": required, "approvalMode": "serial",
            "approvalStages": [stage, stage]}})
    };
    let read = |required| match one(
        "ApprovalRule",
        "Approval_EndUser_Assignment",
        says(required),
    ) {
        ReadRule::Known(RuleKey::Approval, Rule::Approval(Approval { approvers, .. })) => approvers,
        other => panic!("{other:?}"),
    };
    let other = |text: &str| Approver::Other(text.to_owned());
    let always = [other("2 stages"), other("escalation")];
    assert_eq!(read(false), always.clone().into());
    let [stages, escalation] = always;
    assert_eq!(
        read(true),
        [stages, escalation, other("approval mode Serial")].into()
    );
}
