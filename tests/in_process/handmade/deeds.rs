//! What somebody does by hand to one of the groups.

use serde_json::{Value, json};

use super::made::{MESSAGE_CENTER_READER, ROWS, Tenant, Way, Window, person_of, request, schedule};
use crate::azure::VAULT;
use crate::harness::{ExternalActor, World, text};

/// One change by hand. Rows are those of the tenant, people stand with their names.
pub enum Deed {
    Group(Value),
    DeleteGroup,
    /// These fields of a rule of the policy for members or owners.
    Rule(&'static str, &'static str, Value),
    /// Another approver of activations.
    Approver(&'static str, &'static str),
    /// Takes the access of a row away.
    Take(&'static str),
    /// Lets the access of a row end then.
    End(&'static str, &'static str),
    /// Gives somebody access through PIM.
    Give(Way, &'static str, &'static str, Window),
    /// Puts somebody into a list of the directory.
    Join(&'static str, &'static str),
    /// Gives the group the role Message Center Reader all the time.
    GiveRole,
    TakeRole,
    TakeEligibleRole,
    TakeAzureRole,
    TakeAppRole,
    /// These fields of the person of a row.
    User(&'static str, Value),
    DeleteUser(&'static str),
    /// The account of the person of a row is switched off.
    Disable(&'static str),
    /// The person of a row activates.
    Activate(&'static str),
}

fn merge(into: &mut Value, fields: &Value) {
    match (into.as_object_mut(), fields.as_object()) {
        (Some(into), Some(fields)) => {
            for (field, value) in fields {
                merge(into.entry(field).or_insert(Value::Null), value);
            }
        }
        _ => *into = fields.clone(),
    }
}

async fn take(actor: &ExternalActor, tenant: &Tenant, number: usize, name: &str) {
    let group = &tenant.groups[number];
    let row = ROWS.iter().find(|row| row.name == name).unwrap();
    let principal = tenant.principal(actor, name, number).await;
    let kind = match row.way {
        Way::Plain => {
            let path = format!("/groups/{group}/{}s/{principal}/$ref", row.access);
            actor.ask("DELETE", &path, None).await;
            return;
        }
        Way::Eligible => "eligibility",
        Way::Active => "assignment",
    };
    let body = json!({
        "groupId": group, "principalId": principal, "accessId": row.access, "justification": "by hand",
    });
    request(actor, kind, body, &json!({"action": "adminRemove"})).await;
}

async fn end(world: &World, group: &str, name: &str, who: &str, end: &str) {
    let row = ROWS.iter().find(|row| row.name == name).unwrap();
    let kind = match row.way {
        Way::Eligible => "eligibility",
        Way::Active | Way::Plain => "assignment",
    };
    let more = json!({"action": "adminUpdate", "scheduleInfo": {
        "startDateTime": world.clock.time().to_string(),
        "expiration": {"type": "afterDateTime", "endDateTime": end},
    }});
    let actor = world.external_actor();
    actor.request(kind, group, who, row.access, more).await;
}

async fn take_azure_role(actor: &ExternalActor, group: &str) {
    let path = format!("{VAULT}/providers/Microsoft.Authorization/roleAssignments");
    let listed = actor.ask_azure("GET", &path, None).await;
    for row in listed["value"].as_array().unwrap() {
        if row["properties"]["principalId"] == group {
            actor.ask_azure("DELETE", &text(&row["id"]), None).await;
        }
    }
}

async fn take_app_role(actor: &ExternalActor, group: &str) {
    let path = format!("/groups/{group}/appRoleAssignments");
    for row in actor.rows(&path).await {
        let path = format!("{path}/{}", text(&row["id"]));
        actor.ask("DELETE", &path, None).await;
    }
}

impl Deed {
    /// Does it to the group of that number.
    pub async fn done(&self, world: &World, tenant: &Tenant, number: usize) {
        let (actor, group) = (world.external_actor(), &tenant.groups[number]);
        let of_group = format!("/groups/{group}");
        let of_user = |row: &str| format!("/users/{}", person_of(row, number));
        match self {
            Self::Group(fields) => {
                actor.ask("PATCH", &of_group, Some(fields.clone())).await;
            }
            Self::DeleteGroup => {
                actor.ask("DELETE", &of_group, None).await;
            }
            Self::Rule(access, rule, fields) => {
                actor
                    .edit_rule(group, access, rule, |rule| merge(rule, fields))
                    .await;
            }
            Self::Approver(access, who) => {
                let id = actor.user(who).await;
                let approver =
                    json!([{"@odata.type": "#microsoft.graph.singleUser", "userId": id}]);
                actor
                    .edit_rule(group, access, "Approval_EndUser_Assignment", |rule| {
                        rule["setting"]["approvalStages"][0]["primaryApprovers"] = approver;
                    })
                    .await;
            }
            Self::Take(row) => take(actor, tenant, number, row).await,
            Self::End(row, moment) => {
                end(world, group, row, &person_of(row, number), moment).await;
            }
            Self::Give(way, access, who, window) => {
                let kind = match way {
                    Way::Eligible => "eligibility",
                    Way::Active | Way::Plain => "assignment",
                };
                let more = json!({"action": "adminAssign", "scheduleInfo": schedule(*window)});
                actor.request(kind, group, who, access, more).await;
            }
            Self::Join(list, who) => {
                let id = actor.user(who).await;
                actor.join(group, list, &id).await;
            }
            Self::GiveRole => {
                let more =
                    json!({"action": "adminAssign", "scheduleInfo": schedule(Window::Never)});
                actor
                    .request_role("Assignment", group, MESSAGE_CENTER_READER, more)
                    .await;
            }
            Self::TakeRole => actor.remove_role(group).await,
            Self::TakeEligibleRole => {
                let removal = json!({"action": "adminRemove"});
                actor
                    .request_role("Eligibility", group, MESSAGE_CENTER_READER, removal)
                    .await;
            }
            Self::TakeAzureRole => take_azure_role(actor, group).await,
            Self::TakeAppRole => take_app_role(actor, group).await,
            Self::User(row, fields) => {
                actor
                    .ask("PATCH", &of_user(row), Some(fields.clone()))
                    .await;
            }
            Self::Disable(row) => {
                let off = json!({"accountEnabled": false});
                actor.ask("PATCH", &of_user(row), Some(off)).await;
            }
            Self::DeleteUser(row) => {
                actor.ask("DELETE", &of_user(row), None).await;
            }
            Self::Activate(row) => {
                actor
                    .activate(group, &person_of(row, number), "emi@contoso.com")
                    .await;
            }
        }
    }
}
