//! The rules of a policy as the Resource Manager writes them: the same as in Graph under other words
//! (learn.microsoft.com: Role Management Policies, REST API 2020-10-01).

use serde_json::{Map, Value, json};

const GRAPH: &str = "#microsoft.graph.unified";

/// A rule of Graph in the words of the Resource Manager.
pub(super) fn of_graph(mut rule: Value) -> Value {
    let kind = rule["@odata.type"].as_str().unwrap_or_default();
    let kind = kind.trim_start_matches(GRAPH).to_owned();
    if let Some(rule) = rule.as_object_mut() {
        rule.remove("@odata.type");
        rule.insert("ruleType".to_owned(), json!(kind));
    }
    if let Some(target) = rule["target"].as_object_mut() {
        target.insert("operations".to_owned(), json!(["All"]));
        for name in ["targetObjects", "inheritableSettings", "enforcedSettings"] {
            target.insert(name.to_owned(), Value::Null);
        }
    }
    for approver in approvers(&mut rule) {
        let (kind, id) = match approver["userId"].as_str() {
            Some(id) => ("User", id.to_owned()),
            None => (
                "Group",
                approver["groupId"].as_str().unwrap_or_default().to_owned(),
            ),
        };
        *approver = json!({
            "id": id, "description": approver["description"], "isBackup": false, "userType": kind,
        });
    }
    rule
}

/// A rule that a client sends, in the words of Graph. What is null was not sent.
pub(super) fn to_graph(rule: &Value) -> Value {
    let mut rule = without_nulls(rule.clone());
    let kind = rule["ruleType"].as_str().unwrap_or_default().to_owned();
    if let Some(rule) = rule.as_object_mut() {
        rule.remove("ruleType");
        rule.insert("@odata.type".to_owned(), json!(format!("{GRAPH}{kind}")));
    }
    if let Some(target) = rule["target"].as_object_mut() {
        target.remove("targetObjects");
    }
    for approver in approvers(&mut rule) {
        let id = approver["id"].clone();
        let is_group = approver["userType"]
            .as_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("Group"));
        *approver = if is_group {
            json!({"@odata.type": "#microsoft.graph.groupMembers", "groupId": id})
        } else {
            json!({"@odata.type": "#microsoft.graph.singleUser", "userId": id})
        };
    }
    rule
}

fn approvers(rule: &mut Value) -> impl Iterator<Item = &mut Value> {
    let stages = rule.pointer_mut("/setting/approvalStages");
    let stages = stages.and_then(Value::as_array_mut).into_iter().flatten();
    stages
        .filter_map(|stage| stage.get_mut("primaryApprovers"))
        .filter_map(Value::as_array_mut)
        .flatten()
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            let members: Map<String, Value> = members
                .map(|(name, value)| (name, without_nulls(value)))
                .collect();
            Value::Object(members)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_comes_back_as_it_was_whatever_its_words() {
        let approver = json!({"@odata.type": "#microsoft.graph.groupMembers", "groupId": "g"});
        let rule = json!({
            "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyApprovalRule",
            "id": "Approval_EndUser_Assignment",
            "setting": {"isApprovalRequired": true, "approvalStages": [{"primaryApprovers": [approver]}]},
            "target": {"caller": "EndUser", "operations": ["All"], "level": "Assignment"},
        });
        let shown = of_graph(rule.clone());
        assert_eq!(shown["ruleType"], "RoleManagementPolicyApprovalRule");
        let approver = &shown["setting"]["approvalStages"][0]["primaryApprovers"][0];
        assert_eq!(
            (&approver["id"], &approver["userType"]),
            (&json!("g"), &json!("Group"))
        );
        assert_eq!(to_graph(&shown), rule);
    }
}
