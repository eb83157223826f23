//! How rules are written into bodies.

use serde_json::{Map, Value, json};

use super::defaults::Family;
use super::rule::{Approval, Approver, PolicyRule, Reason, RuleId, Setting, Subject};
use crate::ids::ObjectId;

/// Tells the name that an approver is shown under.
pub(crate) type Names<'a> = &'a dyn Fn(ObjectId) -> Option<String>;

/// A rule as the service sends it. Approvers carry the display name they have now.
pub(crate) fn rule(rule: &PolicyRule, family: Family, names: Names<'_>) -> Value {
    let mut body = Map::new();
    body.insert(
        "@odata.type".to_owned(),
        json!(format!("#microsoft.graph.{}", rule.id.type_name())),
    );
    body.insert("id".to_owned(), json!(rule.id.to_string()));
    body.extend(setting(rule.id, &rule.setting, names));
    body.insert("target".to_owned(), target(rule.id, family));
    Value::Object(body)
}

/// What the rule judges. The word for all operations is written differently in the samples of groups and of directory
/// roles.
fn target(id: RuleId, family: Family) -> Value {
    let all = match family {
        Family::Group | Family::AzureRole => "All",
        Family::DirectoryRole => "all",
    };
    json!({
        "caller": id.asking.to_string(),
        "operations": [all],
        "level": id.level.to_string(),
        "inheritableSettings": [],
        "enforcedSettings": [],
    })
}

/// What a rule sets, without what it is.
pub(super) fn setting(id: RuleId, setting: &Setting, names: Names<'_>) -> Map<String, Value> {
    let body = match setting {
        Setting::Expiration { required, maximum } => json!({
            "isExpirationRequired": required,
            "maximumDuration": maximum.as_ref().map(|period| period.text().to_owned()),
        }),
        Setting::Enablement(requirements) => json!({
            "enabledRules": requirements.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
        Setting::Notification {
            level,
            default_recipients,
            recipients,
        } => json!({
            "notificationType": "Email",
            "recipientType": match id.subject {
                Subject::Notification(recipient) => Value::String(recipient.to_string()),
                _ => Value::Null,
            },
            "notificationLevel": level.to_string(),
            "isDefaultRecipientsEnabled": default_recipients,
            "notificationRecipients": recipients,
        }),
        Setting::Approval(approval) => json!({ "setting": approval_setting(approval, names) }),
        Setting::AuthenticationContext { enabled, claim } => {
            json!({ "isEnabled": enabled, "claimValue": claim })
        }
        Setting::CustomExtension {
            enabled,
            extension,
            display_name,
            attributes,
        } => json!({
            "isEnabled": enabled,
            "customExtensionId": extension,
            "displayName": display_name,
            "customAttributes": attributes,
        }),
    };
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

fn approval_setting(approval: &Approval, names: Names<'_>) -> Value {
    let approvers: Vec<Value> = approval
        .approvers
        .iter()
        .map(|approver| subject_set(*approver, names))
        .collect();
    json!({
        "isApprovalRequired": approval.required,
        "isApprovalRequiredForExtension": approval.required_for_extension,
        "isRequestorJustificationRequired": approval.requestor == Reason::Demanded,
        "approvalMode": approval.mode.to_string(),
        "approvalStages": [{
            "approvalStageTimeOutInDays": approval.timeout_days,
            "isApproverJustificationRequired": approval.approver == Reason::Demanded,
            "escalationTimeInMinutes": 0,
            "isEscalationEnabled": false,
            "primaryApprovers": approvers,
            "escalationApprovers": [],
        }],
    })
}

fn subject_set(approver: Approver, names: Names<'_>) -> Value {
    match approver {
        Approver::User(id) => json!({
            "@odata.type": "#microsoft.graph.singleUser",
            "userId": id.to_string(),
            "description": names(id),
        }),
        Approver::GroupMembers(id) => json!({
            "@odata.type": "#microsoft.graph.groupMembers",
            "groupId": id.to_string(),
            "description": names(id),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::defaults;
    use super::*;

    #[test]
    fn a_rule_carries_its_derived_type_its_id_and_its_target() {
        let rules = defaults::rules(Family::Group);
        let body = rule(&rules[0], Family::Group, &|_| None);
        assert_eq!(
            body,
            json!({
                "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
                "id": "Expiration_Admin_Eligibility",
                "isExpirationRequired": true,
                "maximumDuration": "P365D",
                "target": {
                    "caller": "Admin", "operations": ["All"], "level": "Eligibility",
                    "inheritableSettings": [], "enforcedSettings": [],
                },
            })
        );
        let role = rule(&rules[0], Family::DirectoryRole, &|_| None);
        assert_eq!(role["target"]["operations"], json!(["all"]));
    }

    #[test]
    fn every_rule_fits_the_published_types() {
        for family in [Family::Group, Family::DirectoryRole] {
            let mut rules = defaults::rules(family);
            for id in RuleId::CUSTOM_EXTENSIONS {
                rules.push(PolicyRule {
                    id,
                    setting: defaults::setting(family, id),
                });
            }
            for one in &rules {
                let body = rule(one, family, &|_| None);
                let checked = crate::schema::check_response(
                    "unifiedRoleManagementPolicyRule",
                    &body,
                    crate::schema::Selection::Partial,
                );
                assert_eq!(checked, Ok(()), "{}", one.id);
            }
        }
    }

    #[test]
    fn approvers_are_shown_with_the_name_they_have_now() {
        let boss: ObjectId = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee".parse().unwrap();
        let Setting::Approval(mut approval) = defaults::setting(Family::Group, RuleId::APPROVAL)
        else {
            panic!("the approval rule holds an approval");
        };
        approval.approvers = vec![Approver::User(boss)];
        let one = PolicyRule {
            id: RuleId::APPROVAL,
            setting: Setting::Approval(approval),
        };
        let body = rule(&one, Family::Group, &|_| Some("Boss".to_owned()));
        let approver = &body["setting"]["approvalStages"][0]["primaryApprovers"][0];
        assert_eq!(approver["userId"], json!(boss.to_string()));
        assert_eq!(approver["description"], "Boss");
    }
}
