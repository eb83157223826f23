//! How a policy changes and what it says to requests.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::evaluate::{Brought, Occasion, failed_rules};
use super::rule::{Asking, Level, Recipient, RuleId, Setting, Subject};
use super::switches::{NullDuration, Strictness};
use super::*;
use crate::error::GraphError;
use crate::pim::refusal::FailedRule;
use crate::pim::window::ScheduleWindow;

fn policy() -> Policy {
    Policy::untouched(Uuid::from_u128(1), Family::Group)
}

fn body(id: RuleId, fields: Value) -> Value {
    let mut body = json!({"@odata.type": format!("#microsoft.graph.{}", id.type_name()), "id": id.to_string()});
    if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
        body.extend(fields);
    }
    body
}

fn change(policy: &mut Policy, id: RuleId, fields: Value) -> Result<Vec<RuleId>, PolicyRefusal> {
    policy.change(&[body(id, fields)], Reach::Policy, Strictness::default())
}

fn mfa() -> Value {
    json!({"enabledRules": ["MultiFactorAuthentication"]})
}

fn context() -> Value {
    json!({"isEnabled": true, "claimValue": "c7"})
}

fn code(refusal: PolicyRefusal) -> String {
    GraphError::from(refusal).code
}

#[test]
fn a_rule_that_is_written_as_it_stands_changes_nothing() {
    let mut policy = policy();
    let fields = json!({"isExpirationRequired": true, "maximumDuration": "P365D"});
    assert_eq!(
        change(&mut policy, RuleId::ELIGIBLE_EXPIRATION, fields),
        Ok(vec![])
    );
    let fields = json!({"isExpirationRequired": false});
    assert_eq!(
        change(&mut policy, RuleId::ELIGIBLE_EXPIRATION, fields),
        Ok(vec![RuleId::ELIGIBLE_EXPIRATION])
    );
    assert!(matches!(
        &policy.rule(RuleId::ELIGIBLE_EXPIRATION).unwrap().setting,
        Setting::Expiration { required: false, maximum: Some(period) } if period.text() == "P365D"
    ));
}

#[test]
fn one_bad_rule_leaves_the_whole_policy_as_it_was() {
    let mut policy = policy();
    let before = policy.clone();
    let good = body(
        RuleId::ELIGIBLE_EXPIRATION,
        json!({"isExpirationRequired": false}),
    );
    let bad = body(
        RuleId::ACTIVE_EXPIRATION,
        json!({"isExpirationRequired": true, "maximumDuration": "P1Y"}),
    );
    let refusal = policy
        .change(&[good, bad], Reach::Policy, Strictness::default())
        .unwrap_err();
    assert_eq!(code(refusal), "InvalidPolicy");
    assert_eq!(policy, before);
}

#[test]
fn a_context_may_join_mfa_but_mfa_may_not_join_a_context() {
    let mut one = policy();
    change(&mut one, RuleId::ACTIVATION_ENABLEMENT, mfa()).unwrap();
    change(&mut one, RuleId::AUTHENTICATION_CONTEXT, context()).unwrap();
    assert_eq!(one.authentication_context(), Some("c7"));

    let mut other = policy();
    change(&mut other, RuleId::AUTHENTICATION_CONTEXT, context()).unwrap();
    let refusal = change(&mut other, RuleId::ACTIVATION_ENABLEMENT, mfa()).unwrap_err();
    assert_eq!(code(refusal), "MfaAndAcrsConflict");
}

#[test]
fn mfa_and_a_context_in_one_change_are_refused_and_swapping_them_is_not() {
    let mut policy = policy();
    let both = [
        body(RuleId::ACTIVATION_ENABLEMENT, mfa()),
        body(RuleId::AUTHENTICATION_CONTEXT, context()),
    ];
    assert_eq!(
        policy.change(&both, Reach::Policy, Strictness::default()),
        Err(PolicyRefusal::MfaAndContext)
    );
    change(&mut policy, RuleId::AUTHENTICATION_CONTEXT, context()).unwrap();
    let swap = [
        body(RuleId::ACTIVATION_ENABLEMENT, mfa()),
        body(
            RuleId::AUTHENTICATION_CONTEXT,
            json!({"isEnabled": false, "claimValue": ""}),
        ),
    ];
    policy
        .change(&swap, Reach::Policy, Strictness::default())
        .unwrap();
    assert_eq!(policy.authentication_context(), None);
}

#[test]
fn values_that_the_service_does_not_know_make_a_policy_invalid() {
    let cases = [
        (
            RuleId::ELIGIBLE_EXPIRATION,
            json!({"isExpirationRequired": true, "maximumDuration": ""}),
        ),
        (
            RuleId::ELIGIBLE_EXPIRATION,
            json!({"isExpirationRequired": true, "maximumDuration": null}),
        ),
        (
            RuleId::ACTIVATION_ENABLEMENT,
            json!({"enabledRules": ["Patience"]}),
        ),
        (
            RuleId::AUTHENTICATION_CONTEXT,
            json!({"isEnabled": true, "claimValue": "c100"}),
        ),
        (RuleId::AUTHENTICATION_CONTEXT, json!({"isEnabled": true})),
    ];
    for (id, fields) in cases {
        let refusal = change(&mut policy(), id, fields.clone()).unwrap_err();
        assert_eq!(code(refusal), "InvalidPolicy", "{id} {fields}");
    }
}

#[test]
fn what_a_rule_leaves_out_stays_as_it_stands() {
    let id = RuleId::ELIGIBLE_EXPIRATION;
    let mut policy = policy();
    change(&mut policy, id, json!({"maximumDuration": "P10D"})).unwrap();
    let standing = |policy: &Policy| match &policy.rule(id).unwrap().setting {
        Setting::Expiration { required, maximum } => {
            (*required, maximum.as_ref().unwrap().text().to_owned())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(standing(&policy), (true, "P10D".to_owned()));
    change(&mut policy, id, json!({"isExpirationRequired": false})).unwrap();
    assert_eq!(standing(&policy), (false, "P10D".to_owned()));
    let nothing = json!({});
    let unchanged = change(&mut policy, RuleId::ACTIVATION_ENABLEMENT, nothing);
    assert_eq!(unchanged, Ok(vec![]));
}

#[test]
fn null_as_a_duration_keeps_the_one_that_stands_where_the_switch_says_so() {
    let mut policy = policy();
    let fields = json!({"isExpirationRequired": true, "maximumDuration": null});
    let strictness = Strictness {
        null_duration: NullDuration::Kept,
        ..Strictness::default()
    };
    let rule = body(RuleId::ELIGIBLE_EXPIRATION, fields);
    let changed = policy.change(&[rule], Reach::Policy, strictness);
    assert_eq!(changed, Ok(vec![]));
}

#[test]
fn bodies_of_another_shape_are_bad_requests() {
    let mut policy = policy();
    let strict = Strictness::default();
    let mut no_type = body(
        RuleId::ELIGIBLE_EXPIRATION,
        json!({"isExpirationRequired": false}),
    );
    no_type.as_object_mut().unwrap().remove("@odata.type");
    let mut no_id = body(
        RuleId::ELIGIBLE_EXPIRATION,
        json!({"isExpirationRequired": false}),
    );
    no_id.as_object_mut().unwrap().remove("id");
    let foreign =
        json!({"@odata.type": "#microsoft.graph.user", "id": "Expiration_Admin_Eligibility"});
    let surplus = body(
        RuleId::ELIGIBLE_EXPIRATION,
        json!({"isExpirationRequired": false, "colour": "red"}),
    );
    let wrong = body(
        RuleId::ELIGIBLE_EXPIRATION,
        json!({"isExpirationRequired": "no"}),
    );
    for one in [Value::Null, no_type, no_id, foreign, surplus, wrong] {
        let refusal = policy
            .change(std::slice::from_ref(&one), Reach::Policy, strict)
            .unwrap_err();
        assert_eq!(code(refusal), "BadRequest", "{one}");
    }
}

#[test]
fn a_target_of_another_rule_is_refused() {
    let fields = json!({"isExpirationRequired": false, "target": {"caller": "EndUser", "level": "Eligibility"}});
    let refusal = change(&mut policy(), RuleId::ELIGIBLE_EXPIRATION, fields).unwrap_err();
    assert_eq!(code(refusal), "InvalidPolicy");
}

#[test]
fn approval_needs_an_approver_unless_the_service_has_a_default_one() {
    let fields = json!({"setting": {"isApprovalRequired": true, "approvalStages": [{"primaryApprovers": []}]}});
    let refusal = change(&mut policy(), RuleId::APPROVAL, fields.clone()).unwrap_err();
    assert_eq!(code(refusal), "InvalidPolicy");
    let lenient = Strictness {
        approval_without_approver: true,
        ..Strictness::default()
    };
    policy()
        .change(&[body(RuleId::APPROVAL, fields)], Reach::Policy, lenient)
        .unwrap();
}

#[test]
fn approvers_without_an_id_are_answered_with_the_guid_error() {
    let stage = |approver: Value| {
        json!({"setting": {"isApprovalRequired": true, "approvalMode": "SingleStage",
            "approvalStages": [{"primaryApprovers": [approver]}]}})
    };
    let empty = stage(json!({"@odata.type": "#microsoft.graph.singleUser", "userId": ""}));
    assert_eq!(
        change(&mut policy(), RuleId::APPROVAL, empty),
        Err(PolicyRefusal::ApproverId)
    );
    let manager =
        stage(json!({"@odata.type": "#microsoft.graph.requestorManager", "managerLevel": 1}));
    assert_eq!(
        code(change(&mut policy(), RuleId::APPROVAL, manager).unwrap_err()),
        "InvalidPolicy"
    );
}

#[test]
fn approvers_stay_when_approval_is_switched_off_with_them() {
    let mut policy = policy();
    let approver = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
    let setting = |required: bool| {
        json!({"setting": {"isApprovalRequired": required, "approvalStages": [{"primaryApprovers":
            [{"@odata.type": "#microsoft.graph.groupMembers", "groupId": approver}]}]}})
    };
    change(&mut policy, RuleId::APPROVAL, setting(true)).unwrap();
    assert_eq!(policy.approval().unwrap().approvers.len(), 1);
    change(&mut policy, RuleId::APPROVAL, setting(false)).unwrap();
    assert!(policy.approval().is_none());
    assert!(
        matches!(&policy.rule(RuleId::APPROVAL).unwrap().setting, Setting::Approval(off) if off.approvers.len() == 1)
    );
}

#[test]
fn approvers_stay_when_approval_is_switched_off_without_them() {
    for stages in [json!([]), json!([{"primaryApprovers": []}])] {
        let mut policy = policy();
        let approver = json!({
            "@odata.type": "#microsoft.graph.singleUser", "userId": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
        });
        let on = json!({"setting": {"isApprovalRequired": true, "approvalStages": [{"primaryApprovers": [approver]}]}});
        change(&mut policy, RuleId::APPROVAL, on).unwrap();
        let off = json!({"setting": {"isApprovalRequired": false, "approvalStages": stages}});
        change(&mut policy, RuleId::APPROVAL, off).unwrap();
        let setting = &policy.rule(RuleId::APPROVAL).unwrap().setting;
        assert!(
            matches!(setting, Setting::Approval(off) if !off.required && off.approvers.len() == 1),
            "{stages}"
        );
    }
}

#[test]
fn notification_rules_keep_their_recipient_and_take_mail_addresses() {
    let id = |recipient, asking, level| RuleId {
        subject: Subject::Notification(recipient),
        asking,
        level,
    };
    let fields = |recipient: &str, addresses: Value| {
        json!({"notificationType": "Email", "recipientType": recipient, "notificationLevel": "critical",
            "isDefaultRecipientsEnabled": false, "notificationRecipients": addresses})
    };
    let admin = id(Recipient::Admin, Asking::Admin, Level::Eligibility);
    change(
        &mut policy(),
        admin,
        fields("Admin", json!(["sec@contoso.com"])),
    )
    .unwrap();
    for wrong in [
        fields("Approver", json!([])),
        fields("Admin", json!(["nobody"])),
    ] {
        assert_eq!(
            code(change(&mut policy(), admin, wrong).unwrap_err()),
            "InvalidPolicy"
        );
    }
    let approver = id(Recipient::Approver, Asking::EndUser, Level::Assignment);
    let given = fields("Approver", json!(["sec@contoso.com"]));
    assert_eq!(
        code(change(&mut policy(), approver, given.clone()).unwrap_err()),
        "InvalidPolicy"
    );
    let lenient = Strictness {
        approver_recipients: true,
        ..Strictness::default()
    };
    policy()
        .change(&[body(approver, given)], Reach::Policy, lenient)
        .unwrap();
}

#[test]
fn a_custom_extension_rule_is_added_with_the_full_list_only() {
    let extension = body(
        RuleId::CUSTOM_EXTENSIONS[0],
        json!({"isEnabled": false, "customExtensionId": ""}),
    );
    let strict = Strictness::default();
    let mut policy = policy();
    let alone = policy
        .change(std::slice::from_ref(&extension), Reach::Policy, strict)
        .unwrap_err();
    assert_eq!(code(alone), "InvalidPolicy");
    let by_rule = Reach::Rule(RuleId::CUSTOM_EXTENSIONS[0]);
    assert!(matches!(
        policy.change(std::slice::from_ref(&extension), by_rule, strict),
        Err(PolicyRefusal::UnknownRule(_))
    ));
    let mut all: Vec<Value> = policy
        .rules
        .iter()
        .map(|rule| json::rule(rule, Family::Group, &|_| None))
        .collect();
    all.push(extension);
    assert_eq!(
        policy.change(&all, Reach::Policy, strict),
        Ok(vec![RuleId::CUSTOM_EXTENSIONS[0]])
    );
    assert_eq!(policy.rules.len(), 18);
}

#[test]
fn whoever_switches_an_extension_on_names_it_by_its_id_and_cannot_rename_it() {
    let strict = Strictness::default();
    let mut policy = policy();
    let mut all: Vec<Value> = policy
        .rules
        .iter()
        .map(|rule| json::rule(rule, Family::Group, &|_| None))
        .collect();
    let on = |extension: &str| json!({"isEnabled": true, "customExtensionId": extension, "displayName": "Mine"});
    let pre_approval = RuleId::CUSTOM_EXTENSIONS[0];
    all.push(body(pre_approval, on("no id")));
    let refused = policy.change(&all, Reach::Policy, strict).unwrap_err();
    assert_eq!(code(refused), "InvalidPolicy");
    let extension = "aaaaaaaa-0000-4000-8000-000000000001";
    *all.last_mut().unwrap() = body(pre_approval, on(extension));
    policy.change(&all, Reach::Policy, strict).unwrap();
    let stands = policy.rule(pre_approval).unwrap();
    let shown = json::rule(stands, Family::Group, &|_| None);
    assert_eq!(shown["customExtensionId"], extension);
    assert_eq!(shown["displayName"], Value::Null);
    let off = body(pre_approval, json!({"isEnabled": false}));
    policy
        .change(&[off], Reach::Rule(pre_approval), strict)
        .unwrap();
    let stands = policy.rule(pre_approval).unwrap();
    let shown = json::rule(stands, Family::Group, &|_| None);
    assert_eq!(shown["isEnabled"], false);
}

#[test]
fn what_the_service_sends_it_takes_back_unchanged() {
    for family in [Family::Group, Family::DirectoryRole] {
        let mut policy = Policy::untouched(Uuid::from_u128(1), family);
        let all: Vec<Value> = policy
            .rules
            .iter()
            .map(|rule| json::rule(rule, family, &|_| None))
            .collect();
        assert_eq!(
            policy.change(&all, Reach::Policy, Strictness::default()),
            Ok(vec![])
        );
    }
}

fn brought(days: Option<i64>) -> Brought {
    let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
    let end = days.map(|days| {
        start
            .checked_add(SignedDuration::from_hours(24 * days))
            .unwrap()
    });
    Brought {
        window: ScheduleWindow { start, end },
        justified: true,
        ticketed: false,
        multi_factor: false,
    }
}

#[test]
fn an_untouched_group_refuses_permanent_grants_and_unjustified_active_ones() {
    let policy = policy();
    assert_eq!(
        failed_rules(&policy, Occasion::Eligible, &brought(None)),
        [FailedRule::Expiration]
    );
    assert_eq!(
        failed_rules(&policy, Occasion::Eligible, &brought(Some(365))),
        []
    );
    assert_eq!(
        failed_rules(&policy, Occasion::Eligible, &brought(Some(366))),
        [FailedRule::Expiration]
    );
    let bare = Brought {
        justified: false,
        ..brought(None)
    };
    assert_eq!(
        failed_rules(&policy, Occasion::Active, &bare),
        [FailedRule::Expiration, FailedRule::Justification]
    );
}

#[test]
fn every_requirement_that_is_not_met_is_named() {
    let mut policy = policy();
    let all = json!({"enabledRules": ["Ticketing", "MultiFactorAuthentication", "Justification"]});
    change(&mut policy, RuleId::ACTIVE_ENABLEMENT, all).unwrap();
    let bare = Brought {
        justified: false,
        ..brought(Some(1))
    };
    assert_eq!(
        failed_rules(&policy, Occasion::Active, &bare),
        [
            FailedRule::Justification,
            FailedRule::Mfa,
            FailedRule::Ticketing
        ]
    );
}

#[test]
fn a_zero_maximum_can_be_stored_and_fails_every_request() {
    let mut policy = policy();
    let zero = json!({"isExpirationRequired": true, "maximumDuration": "PT0S"});
    change(&mut policy, RuleId::ELIGIBLE_EXPIRATION, zero).unwrap();
    assert_eq!(
        failed_rules(&policy, Occasion::Eligible, &brought(Some(1))),
        [FailedRule::Expiration]
    );
}

#[test]
fn an_activation_always_ends() {
    let mut policy = policy();
    let free = json!({"isExpirationRequired": false, "maximumDuration": "PT8H"});
    change(&mut policy, RuleId::ACTIVATION_EXPIRATION, free).unwrap();
    assert_eq!(
        failed_rules(&policy, Occasion::Activation, &brought(None)),
        [FailedRule::Expiration]
    );
}
