//! What is made by hand, before anybody describes it.

use serde_json::{Value, json};

use super::OLD_ENOUGH;
use crate::adoption::set_all_settings;
use crate::app_roles::DESK;
use crate::azure::{SUBSCRIPTION, VAULT};
use crate::harness::{APPLICATION, ExternalActor, World, text};
use crate::story::EXCHANGE_ADMINISTRATOR;

/// Id of the role Message Center Reader (learn.microsoft.com: "Microsoft Entra built-in roles").
pub const MESSAGE_CENTER_READER: &str = "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b";

/// Id of the role Key Vault Administrator (learn.microsoft.com: "Azure built-in roles").
const VAULT_ADMINISTRATOR: &str = "00482a5a-887f-4fb3-b363-3b7fe8e74483";

/// Id of the role Admin.Write of the ticket desk.
const DESK_ADMIN: &str = "66666666-6666-4666-8666-666666666666";

/// The description that every group has.
pub const DESCRIPTION: &str = "Nobody knows since when";

/// How somebody was given their access.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Eligible,
    Active,
    /// Past PIM, in the list of members or owners.
    Plain,
}

/// When it begins and ends.
#[derive(Clone, Copy)]
pub enum Window {
    Never,
    Days(u32),
    Until(&'static str),
    From(&'static str, u32),
}

/// Somebody's access to each of the groups. Who it is follows from its name.
pub struct Row {
    pub name: &'static str,
    pub way: Way,
    pub access: &'static str,
    pub window: Window,
}

const fn row(name: &'static str, way: Way, access: &'static str, window: Window) -> Row {
    Row {
        name,
        way,
        access,
        window,
    }
}

/// Everybody in each of the groups.
pub const ROWS: [Row; 14] = [
    row("daily", Way::Eligible, "member", Window::Days(60)),
    row(
        "season",
        Way::Eligible,
        "member",
        Window::Until("2027-01-31T00:00:00Z"),
    ),
    row(
        "later",
        Way::Eligible,
        "member",
        Window::From("2026-12-20T00:00:00Z", 30),
    ),
    row("team", Way::Eligible, "member", Window::Days(30)),
    row("deputy", Way::Eligible, "owner", Window::Days(60)),
    row("standing", Way::Active, "member", Window::Never),
    row("project", Way::Active, "member", Window::Days(20)),
    row(
        "quarter",
        Way::Active,
        "member",
        Window::Until("2027-01-31T00:00:00Z"),
    ),
    row(
        "relief",
        Way::Active,
        "member",
        Window::From("2026-12-20T00:00:00Z", 30),
    ),
    row("robot", Way::Active, "member", Window::Never),
    row("keeper", Way::Active, "owner", Window::Never),
    row("cover", Way::Active, "owner", Window::Days(30)),
    row("auditor", Way::Plain, "member", Window::Never),
    row("founder", Way::Plain, "owner", Window::Never),
];

/// Ids of what was made.
pub struct Tenant {
    pub groups: [String; 3],
    /// The group that may become a member of the others.
    pub team: String,
    /// The service principal of an application.
    pub robot: String,
}

/// The person of a row in a group.
pub fn person_of(row: &str, group: usize) -> String {
    format!("{row}{group}@contoso.com")
}

/// What PIM is asked for with a window.
pub fn schedule(window: Window) -> Value {
    let duration = |days| json!({"type": "afterDuration", "duration": format!("P{days}D")});
    match window {
        Window::Never => json!({"expiration": {"type": "noExpiration"}}),
        Window::Days(days) => json!({"expiration": duration(days)}),
        Window::Until(end) => {
            json!({"expiration": {"type": "afterDateTime", "endDateTime": end}})
        }
        Window::From(start, days) => {
            json!({"startDateTime": start, "expiration": duration(days)})
        }
    }
}

impl Tenant {
    /// The object id of whom a row in a group is about.
    pub async fn principal(&self, actor: &ExternalActor, row: &str, group: usize) -> String {
        match row {
            "team" => self.team.clone(),
            "robot" => self.robot.clone(),
            _ => actor.user(&person_of(row, group)).await,
        }
    }
}

/// Asks PIM for a change of anybody's access.
pub async fn request(actor: &ExternalActor, kind: &str, mut body: Value, more: &Value) {
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    let path = format!("/identityGovernance/privilegedAccess/group/{kind}ScheduleRequests");
    actor.ask("POST", &path, Some(body)).await;
}

async fn make_group(actor: &ExternalActor, name: &str) -> String {
    let body = json!({
        "displayName": name, "description": DESCRIPTION, "mailEnabled": false, "mailNickname": name.to_lowercase(),
        "securityEnabled": true, "isAssignableToRole": true,
    });
    text(&actor.ask("POST", "/groups", Some(body)).await["id"])
}

async fn make_person(actor: &ExternalActor, name: &str) {
    let nickname = name.split('@').next();
    let body = json!({
        "displayName": name, "userPrincipalName": name, "mailNickname": nickname, "accountEnabled": true,
        "passwordProfile": {"password": "correct horse battery staple"},
    });
    actor.ask("POST", "/users", Some(body)).await;
}

/// Gives everybody of the rows what they have in a group.
async fn fill(actor: &ExternalActor, tenant: &Tenant, number: usize) {
    let group = &tenant.groups[number];
    for row in &ROWS {
        if !["team", "robot"].contains(&row.name) {
            make_person(actor, &person_of(row.name, number)).await;
        }
        let principal = tenant.principal(actor, row.name, number).await;
        let kind = match row.way {
            Way::Plain => {
                actor
                    .join(group, &format!("{}s", row.access), &principal)
                    .await;
                continue;
            }
            Way::Eligible => "eligibility",
            Way::Active => "assignment",
        };
        let body = json!({
            "action": "adminAssign", "groupId": group, "principalId": principal, "accessId": row.access,
            "justification": "by hand",
        });
        let more = json!({"scheduleInfo": schedule(row.window)});
        request(actor, kind, body, &more).await;
    }
}

/// Gives roles: the first group two of the directory, the second one of Azure, the third one of an application.
async fn bind(actor: &ExternalActor, tenant: &Tenant) {
    let [first, second, third] = &tenant.groups;
    let more = |window| json!({"action": "adminAssign", "scheduleInfo": schedule(window)});
    actor
        .request_role(
            "Assignment",
            first,
            EXCHANGE_ADMINISTRATOR,
            more(Window::Never),
        )
        .await;
    actor
        .request_role(
            "Eligibility",
            first,
            MESSAGE_CENTER_READER,
            more(Window::Days(30)),
        )
        .await;
    let definition = format!(
        "{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{VAULT_ADMINISTRATOR}"
    );
    let path = format!(
        "{VAULT}/providers/Microsoft.Authorization/roleAssignments/77777777-1111-4111-8111-00000000000a"
    );
    let body = json!({"properties": {"roleDefinitionId": definition, "principalId": second, "principalType": "Group"}});
    actor.ask_azure("PUT", &path, Some(body)).await;
    let desk = service_principal(actor, DESK).await;
    let body = json!({"principalId": third, "resourceId": desk, "appRoleId": DESK_ADMIN});
    let path = format!("/groups/{third}/appRoleAssignments");
    actor.ask("POST", &path, Some(body)).await;
}

async fn service_principal(actor: &ExternalActor, application: &str) -> String {
    let path = format!("/servicePrincipals?$filter=appId%20eq%20'{application}'");
    text(&actor.rows(&path).await[0]["id"])
}

/// Makes everything by hand, and lets some time pass.
pub async fn by_hand(world: &World) -> Tenant {
    let actor = world.external_actor();
    let tenant = Tenant {
        groups: [
            make_group(actor, "PAG-Hand-0").await,
            make_group(actor, "PAG-Hand-1").await,
            make_group(actor, "PAG-Hand-2").await,
        ],
        team: make_group(actor, "Team-Exchange").await,
        robot: service_principal(actor, APPLICATION).await,
    };
    for number in 0..tenant.groups.len() {
        set_all_settings(actor, &tenant.groups[number]).await;
        fill(actor, &tenant, number).await;
    }
    bind(actor, &tenant).await;
    world.pass(OLD_ENOUGH).await;
    tenant
}
