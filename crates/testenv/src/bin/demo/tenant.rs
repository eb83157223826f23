//! What stands in the tenant, asked of the tenant itself as any client of Microsoft Graph would ask: never taken from the
//! status that the operator writes. Who holds what comes from what really happened there, without replication delays.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use entra_sim::ids::{Access, ObjectId};
use entra_sim::journal::{Holdings, Target, Window};
use http::{Method, StatusCode, header};
use serde_json::Value;

use testenv::simulated::SimulatedTenant;

/// How the groups begin that the operator has made.
const KEY_PREFIX: &str = "epim-";
/// A throttled request is repeated as often as this, as slowly as the tenant says.
const ATTEMPTS: usize = 10;
/// How long is waited when the tenant does not say.
const PAUSE: Duration = Duration::from_secs(1);

/// One group with what is around it, in words.
#[derive(Debug)]
pub(super) struct Group {
    name: String,
    id: ObjectId,
    roles: Vec<String>,
    policies: Vec<(Access, Vec<String>)>,
    people: Vec<Person>,
}

/// One person and one way into the group.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Person {
    how: &'static str,
    access: Access,
    name: String,
    until: String,
}

/// Reads every group that the operator has made.
pub(super) async fn read(tenant: &SimulatedTenant) -> anyhow::Result<Vec<Group>> {
    let graph = Graph { tenant };
    let holdings = tenant.simulator.holdings();
    let mut groups = Vec::new();
    for id in holdings.groups() {
        let group = graph.get(&format!("/groups/{id}")).await?;
        let ours = text(&group["mailNickname"]).starts_with(KEY_PREFIX)
            || text(&group["uniqueName"]).starts_with(KEY_PREFIX);
        if ours {
            groups.push(
                graph
                    .group(id, text(&group["displayName"]), &holdings)
                    .await?,
            );
        }
    }
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(groups)
}

/// Asks Graph in this process.
struct Graph<'a> {
    tenant: &'a SimulatedTenant,
}

impl Graph<'_> {
    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        for _ in 0..ATTEMPTS {
            let answer = self.tenant.graph(Method::GET, path, None).await?;
            match answer.status() {
                StatusCode::OK => return Ok(serde_json::from_slice(answer.body())?),
                StatusCode::TOO_MANY_REQUESTS => {
                    let seconds = answer.headers().get(header::RETRY_AFTER);
                    let seconds = seconds.and_then(|value| value.to_str().ok()?.parse().ok());
                    tokio::time::sleep(seconds.map_or(PAUSE, Duration::from_secs)).await;
                }
                status => bail!(
                    "the tenant answers {status} to GET {path}: {}",
                    String::from_utf8_lossy(answer.body())
                ),
            }
        }
        bail!("the tenant throttles GET {path} again and again")
    }

    async fn group(
        &self,
        id: ObjectId,
        name: String,
        holdings: &Holdings,
    ) -> anyhow::Result<Group> {
        let mut roles = Vec::new();
        for (role, _, scope) in holdings
            .roles()
            .iter()
            .filter(|(_, holder, _)| *holder == id)
        {
            let definition = self
                .get(&format!("/roleManagement/directory/roleDefinitions/{role}"))
                .await?;
            let place = match scope.as_str() {
                "/" => "in the whole tenant".to_owned(),
                scope => format!("at {scope}"),
            };
            roles.push(format!("{} {place}", text(&definition["displayName"])));
        }
        let mut policies = Vec::new();
        for access in [Access::Member, Access::Owner] {
            policies.push((access, self.policy(id, access).await?));
        }
        let ways = [
            ("eligible", holdings.eligible()),
            ("active", holdings.active()),
        ];
        let mut people = Vec::new();
        for (how, schedules) in ways {
            for (access, principal, window) in of_group(schedules, id) {
                people.push(Person {
                    how,
                    access,
                    name: self.principal(principal).await?,
                    until: until(window),
                });
            }
        }
        people.sort();
        Ok(Group {
            name,
            id,
            roles,
            policies,
            people,
        })
    }

    async fn principal(&self, id: ObjectId) -> anyhow::Result<String> {
        let object = self.get(&format!("/directoryObjects/{id}")).await?;
        let name = ["userPrincipalName", "displayName"].map(|key| text(&object[key]));
        Ok(name
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| id.to_string()))
    }

    /// The main settings of one access of a group, one line each.
    async fn policy(&self, group: ObjectId, access: Access) -> anyhow::Result<Vec<String>> {
        let filter = format!(
            "scopeId%20eq%20'{group}'%20and%20scopeType%20eq%20'Group'%20and%20roleDefinitionId%20eq%20'{access}'"
        );
        let list = self
            .get(&format!(
                "/policies/roleManagementPolicyAssignments?$filter={filter}&$expand=policy($expand=rules)"
            ))
            .await?;
        let rules = list["value"][0]["policy"]["rules"].as_array();
        let rules = rules.with_context(|| format!("group {group} has no policy for {access}"))?;
        let by_id: BTreeMap<String, &Value> =
            rules.iter().map(|rule| (text(&rule["id"]), rule)).collect();
        Ok(settings(&by_id))
    }
}

/// The settings of most weight, in the words of the portal.
fn settings(rules: &BTreeMap<String, &Value>) -> Vec<String> {
    let rule = |id: &str| rules.get(id).copied().unwrap_or(&Value::Null);
    let activation = rule("Expiration_EndUser_Assignment");
    let mut lines = vec![format!(
        "activation up to {}",
        text(&activation["maximumDuration"])
    )];
    lines.push(
        match list(&rule("Enablement_EndUser_Assignment")["enabledRules"]) {
            asked if asked.is_empty() => "asks for nothing".to_owned(),
            asked => format!("asks for {asked}"),
        },
    );
    let context = rule("AuthenticationContext_EndUser_Assignment");
    if context["isEnabled"] == true {
        lines.push(format!(
            "authentication context {}",
            text(&context["claimValue"])
        ));
    }
    let approval = &rule("Approval_EndUser_Assignment")["setting"];
    lines.push(if approval["isApprovalRequired"] == true {
        format!("approval by {}", approvers(approval))
    } else {
        "no approval".to_owned()
    });
    for (what, id) in [
        ("eligible", "Expiration_Admin_Eligibility"),
        ("active", "Expiration_Admin_Assignment"),
    ] {
        let expiration = rule(id);
        lines.push(if expiration["isExpirationRequired"] == true {
            format!("{what} up to {}", text(&expiration["maximumDuration"]))
        } else {
            format!("{what} for ever, if asked for")
        });
    }
    lines
}

fn approvers(approval: &Value) -> String {
    let approvers = approval["approvalStages"][0]["primaryApprovers"].as_array();
    let names = approvers.into_iter().flatten();
    let names: Vec<String> = names
        .map(|approver| text(&approver["description"]))
        .collect();
    names.join(", ")
}

fn of_group(
    schedules: &BTreeMap<(Target, ObjectId), Window>,
    wanted: ObjectId,
) -> impl Iterator<Item = (Access, ObjectId, &Window)> {
    schedules
        .iter()
        .filter_map(move |((target, principal), window)| match target {
            Target::Group { group, access } if *group == wanted => {
                Some((*access, *principal, window))
            }
            _ => None,
        })
}

fn until(window: &Window) -> String {
    window
        .end
        .map_or_else(|| "for ever".to_owned(), |end| format!("until {end:.0}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> String {
    let members = value.as_array().into_iter().flatten();
    members.map(text).collect::<Vec<_>>().join(", ")
}

/// Shows the groups of the tenant as a table for people.
pub(super) fn table(groups: &[Group]) -> String {
    let mut lines = Vec::new();
    for group in groups {
        lines.push(format!("{}  {}", group.name, group.id));
        for role in &group.roles {
            lines.push(format!("  holds     {role}"));
        }
        for (access, settings) in &group.policies {
            lines.push(format!("  {:<8}  {}", access.as_str(), settings.join("; ")));
        }
        let width = group.people.iter().map(|person| person.name.len()).max();
        let width = width.unwrap_or_default();
        for person in &group.people {
            lines.push(format!(
                "  {:<8}  {:<width$}  {:<6}  {}",
                person.how,
                person.name,
                person.access.as_str(),
                person.until
            ));
        }
    }
    if lines.is_empty() {
        lines.push("no group of the operator".to_owned());
    }
    lines.join("\n")
}
