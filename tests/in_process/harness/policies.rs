//! The settings of groups, read and changed by the external actor.

use serde_json::{Value, json};

use super::{ExternalActor, text};

/// The rule by which an activation calls an extension before anybody approves it.
pub const PRE_APPROVAL: &str = "CustomExtension_PreApproval_EndUser_Assignment";

impl ExternalActor {
    /// The policies of a group with their rules, as rows of one list.
    pub async fn policies(&self, group: &str) -> Vec<Value> {
        let path = format!(
            "/policies/roleManagementPolicyAssignments?$filter=scopeId%20eq%20'{group}'%20and%20scopeType%20eq%20'Group'\
             &$expand=policy($expand=rules)"
        );
        self.rows(&path).await
    }

    /// One policy of a group.
    pub async fn policy(&self, group: &str, access: &str) -> Value {
        let rows = self.policies(group).await;
        let row = rows.iter().find(|row| row["roleDefinitionId"] == access);
        row.unwrap()["policy"].clone()
    }

    /// One rule of a policy of a group.
    pub async fn rule(&self, group: &str, access: &str, rule: &str) -> Value {
        let policy = self.policy(group, access).await;
        let rules = policy["rules"].as_array().unwrap();
        rules.iter().find(|one| one["id"] == rule).unwrap().clone()
    }

    /// Changes a rule of the settings that the tenant keeps for a directory role.
    pub async fn edit_role_rule(
        &self,
        definition: &str,
        rule: &str,
        change: impl FnOnce(&mut Value),
    ) {
        let path = format!(
            "/policies/roleManagementPolicyAssignments?$filter=scopeId%20eq%20'/'%20and%20scopeType%20eq%20\
             'DirectoryRole'%20and%20roleDefinitionId%20eq%20'{definition}'&$expand=policy($expand=rules)"
        );
        let rows = self.rows(&path).await;
        let policy = &rows[0]["policy"];
        let rules = policy["rules"].as_array().unwrap();
        let mut edited = rules.iter().find(|one| one["id"] == rule).unwrap().clone();
        change(&mut edited);
        let path = format!(
            "/policies/roleManagementPolicies/{}/rules/{rule}",
            text(&policy["id"])
        );
        self.ask("PATCH", &path, Some(edited)).await;
    }

    /// Has activations of a group call an extension of the tenant before anybody approves, as the portal does: with all
    /// rules at once, because a policy that was never saved with such a rule lacks it.
    pub async fn call_extension(&self, group: &str, access: &str, extension: &str) {
        let policy = self.policy(group, access).await;
        let mut rules = policy["rules"].as_array().unwrap().clone();
        rules.retain(|rule| rule["id"] != PRE_APPROVAL);
        rules.push(json!({
            "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyCustomExtensionRule",
            "id": PRE_APPROVAL, "isEnabled": true, "customExtensionId": extension, "customAttributes": [],
        }));
        let path = format!("/policies/roleManagementPolicies/{}", text(&policy["id"]));
        self.ask("PATCH", &path, Some(json!({"rules": rules})))
            .await;
    }

    /// Lets members of a group be active for a whole day.
    pub async fn loosen(&self, group: &str) {
        self.edit_rule(group, "member", "Expiration_EndUser_Assignment", |rule| {
            rule["maximumDuration"] = json!("PT24H");
        })
        .await;
    }

    /// Changes a rule of a policy of a group.
    pub async fn edit_rule(
        &self,
        group: &str,
        access: &str,
        rule: &str,
        change: impl FnOnce(&mut Value),
    ) {
        let policy = text(&self.policy(group, access).await["id"]);
        let mut edited = self.rule(group, access, rule).await;
        change(&mut edited);
        let path = format!("/policies/roleManagementPolicies/{policy}");
        self.ask("PATCH", &path, Some(json!({"rules": [edited]})))
            .await;
    }
}
