//! The policies of the example's group, rule by rule, and what its manifests demand of them: known by heart, so that
//! the operator's own translation is held against something else.

use std::collections::BTreeMap;

use entra_sim::ids::Access;
use serde_json::{Value, json};

use crate::harness::{ExternalActor, text};

/// The rules of both policies by their ids.
#[derive(Clone, Default)]
pub struct Policies(BTreeMap<(Access, String), Value>);

/// A place in a rule, and what must stand there.
type Demand = (&'static str, &'static str, Value);

impl Policies {
    /// The policies of a group as the tenant shows them.
    pub async fn read(actor: &ExternalActor, group: &str) -> Self {
        let mut policies = Self::default();
        for row in actor.policies(group).await {
            let access = match row["roleDefinitionId"].as_str() {
                Some("owner") => Access::Owner,
                _ => Access::Member,
            };
            policies.take(access, row["policy"].get("rules"));
        }
        policies
    }

    /// Takes rules over; a rule that is not among them stays.
    pub fn take(&mut self, access: Access, rules: Option<&Value>) {
        for rule in rules.and_then(Value::as_array).into_iter().flatten() {
            self.0.insert((access, text(&rule["id"])), rule.clone());
        }
    }

    /// The rules of one access that are not as the example declares them.
    pub fn wrong(&self, access: Access, longest_activation: &str, approver: &str) -> Vec<String> {
        let of_members = [
            (
                "Expiration_EndUser_Assignment",
                "/maximumDuration",
                json!(longest_activation),
            ),
            (
                "Expiration_Admin_Eligibility",
                "/isExpirationRequired",
                json!(true),
            ),
            (
                "Expiration_Admin_Eligibility",
                "/maximumDuration",
                json!("P180D"),
            ),
        ];
        let of_owners = [(
            "Expiration_EndUser_Assignment",
            "/maximumDuration",
            json!("PT2H"),
        )];
        let demanded = json!(["Justification", "MultiFactorAuthentication"]);
        let of_both = [
            (
                "Expiration_Admin_Assignment",
                "/isExpirationRequired",
                json!(false),
            ),
            ("Enablement_EndUser_Assignment", "/enabledRules", demanded),
            (
                "Approval_EndUser_Assignment",
                "/setting/isApprovalRequired",
                json!(true),
            ),
            (
                "Approval_EndUser_Assignment",
                "/setting/approvalStages/0/primaryApprovers/0/userId",
                json!(approver),
            ),
        ];
        let of_one: Vec<Demand> = match access {
            Access::Member => of_members.into_iter().chain(of_both).collect(),
            Access::Owner => of_owners.into_iter().chain(of_both).collect(),
        };
        let wrong = of_one.iter().filter(|demand| !self.meets(access, demand));
        wrong
            .map(|(rule, path, _)| format!("{access:?} {rule}{path}"))
            .collect()
    }

    fn meets(&self, access: Access, (rule, path, wanted): &Demand) -> bool {
        let rule = self.0.get(&(access, (*rule).to_owned()));
        let stands = rule.and_then(|rule| rule.pointer(path)).map(sorted);
        stands.as_ref() == Some(wanted)
    }
}

/// A list without its order.
fn sorted(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(list) = value.as_array_mut() {
        list.sort_by_key(ToString::to_string);
    }
    value
}
