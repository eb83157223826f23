//! Every role that a group can hold, of every system and at every scope: applied with kubectl, changed, drifted by hand and
//! torn down.

use std::collections::BTreeSet;

use entra_sim::ids::{AppId, ObjectId};
use entra_sim::journal::{Target, Window};
use entra_sim::{Seed, Simulator};
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use super::place::Place;
use super::world;

const STORY: &str = include_str!("roles.yaml");

/// The application that owns everything in Azure, for what is done by hand.
const OWNER: AppId = AppId::new(uuid::uuid!("88888888-8888-4888-8888-888888888888"));

const MANAGEMENT_GROUP: &str = "/providers/Microsoft.Management/managementGroups/payments";
const SUBSCRIPTION: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111";
const DATA: &str =
    "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-data";
const VAULT: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-app/providers/Microsoft.KeyVault/vaults/kv-payments";
const STORAGE: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-data/providers/Microsoft.Storage/storageAccounts/stpayments";
const DESK: &str = "55555555-5555-4555-8555-555555555555";
const EMPLOYEES: &str = "1a910b00-1111-4111-8111-1a910b000001";

const CONDITION: &str = "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) OR \
    (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'ledger'))";

/// One role of the group.
struct Cell {
    name: &'static str,
    /// The parts of the spec that name it.
    spec: Value,
    /// How the tenant's record names it, before the id of the role.
    held: String,
    /// How it names where, and for how long.
    at: String,
}

impl Cell {
    fn directory(name: &'static str, role: &str, scope: &str, way: (&str, Option<u32>)) -> Self {
        let (assignment, days) = way;
        let mut spec =
            json!({"directoryRole": {"role": role, "scope": scope}, "assignment": assignment});
        schedule(&mut spec, days);
        Self {
            name,
            spec,
            held: format!("{assignment} directory role"),
            at: format!("at {} {}", scope.to_lowercase(), length(days)),
        }
    }

    fn azure(name: &'static str, role: &str, scope: &str, way: (&str, Option<u32>)) -> Self {
        let (assignment, days) = way;
        let mut spec =
            json!({"azureRole": {"role": role, "scope": scope}, "assignment": assignment});
        schedule(&mut spec, days);
        let length = match assignment {
            "Eligible" => length(days),
            // The record of assignments does not say how long they last.
            _ => "now",
        };
        Self {
            name,
            spec,
            held: format!("{assignment} azure role"),
            at: format!("at {} {length}", scope.to_lowercase()),
        }
    }

    fn intune(name: &'static str, role: &str) -> Self {
        Self {
            name,
            spec: json!({"intuneRole": {"role": role, "scopeGroups": [EMPLOYEES]}}),
            held: "Intune role".to_owned(),
            at: format!("over {EMPLOYEES}"),
        }
    }

    fn manifest(&self, place: &Place) -> Value {
        let mut spec = self.spec.clone();
        spec["groupRef"] = json!({"name": "admins"});
        json!({
            "apiVersion": "entra-pim.dev/v1alpha1", "kind": "RoleBinding",
            "metadata": {"name": self.name, "namespace": place.name}, "spec": spec,
        })
    }
}

fn schedule(spec: &mut Value, days: Option<u32>) {
    if let Some(days) = days {
        spec["schedule"] = json!({"expiration": {"afterDuration": format!("P{days}D")}});
    }
}

/// How long, as far as the record tells a month from more.
fn length(days: Option<u32>) -> &'static str {
    match days {
        None => "for ever",
        Some(..=45) => "for a month",
        Some(_) => "for longer",
    }
}

const LASTING: (&str, Option<u32>) = ("Active", None);
const FOR_A_MONTH: (&str, Option<u32>) = ("Active", Some(30));
const ELIGIBLE: (&str, Option<u32>) = ("Eligible", None);
const ELIGIBLE_FOR_A_MONTH: (&str, Option<u32>) = ("Eligible", Some(30));

async fn cells(place: &Place) -> Vec<Cell> {
    let units = graph(place, "GET", "/directory/administrativeUnits", &Value::Null).await;
    let unit = units["value"][0]["id"].as_str().unwrap();
    let unit = format!("/administrativeUnits/{unit}");
    let application = "/88888888-1111-4111-8111-888888888888";
    let mut narrowed = Cell::azure(
        "az-condition",
        "Storage Blob Data Contributor",
        STORAGE,
        LASTING,
    );
    narrowed.spec["azureRole"]["condition"] = json!(CONDITION);
    let app = Cell {
        name: "app",
        spec: json!({"appRole": {"application": DESK, "role": "Admin.Write"}}),
        held: "app role".to_owned(),
        at: format!("of {DESK}"),
    };
    vec![
        Cell::directory("dir", "Exchange Administrator", "/", LASTING),
        Cell::directory("dir-month", "User Administrator", "/", FOR_A_MONTH),
        Cell::directory("dir-eligible", "Reports Reader", "/", ELIGIBLE),
        Cell::directory(
            "dir-eligible-month",
            "Security Reader",
            "/",
            ELIGIBLE_FOR_A_MONTH,
        ),
        Cell::directory("dir-custom", "Group Reader", "/", LASTING),
        Cell::directory("dir-unit", "User Administrator", &unit, LASTING),
        Cell::directory(
            "dir-unit-eligible",
            "User Administrator",
            &unit,
            ELIGIBLE_FOR_A_MONTH,
        ),
        Cell::directory("dir-app", "Application Administrator", application, LASTING),
        Cell::azure("az-above", "Reader", MANAGEMENT_GROUP, LASTING),
        Cell::azure(
            "az-above-eligible",
            "Contributor",
            MANAGEMENT_GROUP,
            ELIGIBLE_FOR_A_MONTH,
        ),
        Cell::azure("az-subscription", "Reader", SUBSCRIPTION, LASTING),
        Cell::azure("az-group", "Reader", DATA, LASTING),
        Cell::azure("az-group-month", "Contributor", DATA, FOR_A_MONTH),
        Cell::azure("az-vault", "Key Vault Administrator", VAULT, LASTING),
        Cell::azure("az-vault-eligible", "Reader", VAULT, ELIGIBLE_FOR_A_MONTH),
        narrowed,
        app,
        Cell::intune("intune", "Help Desk Operator"),
        Cell::intune("intune-custom", "Kiosk Operator"),
    ]
}

/// What the tenant's record says that a group holds.
fn held(simulator: &Simulator, group: ObjectId) -> BTreeSet<String> {
    let now = simulator.clock().now();
    let length = |window: &Window| {
        let left = window.end.map(|end| end.duration_since(now));
        length(left.map(|left| u32::try_from(left.as_hours() / 24).unwrap()))
    };
    let holdings = simulator.holdings();
    let mut held = BTreeSet::new();
    for (assignment, schedules) in [
        ("Eligible", holdings.eligible()),
        ("Active", holdings.active()),
    ] {
        for ((target, who), window) in schedules {
            let (system, role, scope) = match target {
                Target::DirectoryRole { role, scope } => {
                    ("directory", role.to_string(), scope.to_string())
                }
                Target::AzureRole { role, scope } if assignment == "Eligible" => {
                    ("azure", role.to_string(), scope.to_string())
                }
                _ => continue,
            };
            if *who == group {
                let (scope, length) = (scope.to_lowercase(), length(window));
                held.insert(format!(
                    "{assignment} {system} role {role} at {scope} {length}"
                ));
            }
        }
    }
    let of_azure = holdings
        .azure_roles()
        .iter()
        .filter(|(_, who, _)| *who == group);
    held.extend(of_azure.map(|(role, _, scope)| {
        format!("Active azure role {role} at {} now", scope.to_lowercase())
    }));
    let of_apps = holdings
        .app_roles()
        .iter()
        .filter(|(_, _, who)| *who == group);
    held.extend(of_apps.map(|(application, role, _)| format!("app role {role} of {application}")));
    let of_intune = holdings
        .intune_roles()
        .iter()
        .filter(|(_, who, _)| *who == group);
    held.extend(of_intune.map(|(role, _, scope)| format!("Intune role {role} over {scope}")));
    held
}

/// What the objects say that they hold: the ids of the roles stand in their status.
async fn declared(place: &Place, cells: &[Cell]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for cell in cells {
        let object = place
            .until_object("RoleBinding", cell.name, "bound", |object| {
                object["status"]["externalId"].is_string()
            })
            .await;
        let role = object["status"]["externalId"].as_str().unwrap();
        all.insert(format!("{} {role} {}", cell.held, cell.at));
    }
    assert_eq!(all.len(), cells.len(), "{all:#?}");
    all
}

const AZURE: &str = "https://management.azure.com";
const GRAPH: &str = "https://graph.microsoft.com";

/// Asks as somebody who may do everything.
async fn ask(place: &Place, service: &str, method: &str, path: &str, body: &Value) -> Value {
    let token = place.tenant.simulator.token(OWNER, service).unwrap();
    let request = http::Request::builder()
        .method(method)
        .uri(format!("{service}{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(match body {
            Value::Null => bytes::Bytes::new(),
            body => body.to_string().into(),
        })
        .unwrap();
    let answer = place.tenant.simulator.call(request).await.unwrap();
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    assert!(answer.status().is_success(), "{method} {path}: {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

async fn graph(place: &Place, method: &str, path: &str, body: &Value) -> Value {
    ask(place, GRAPH, method, &format!("/v1.0{path}"), body).await
}

async fn azure(place: &Place, method: &str, path: &str, version: &str, body: &Value) -> Value {
    let path = format!("{path}?api-version={version}");
    ask(place, AZURE, method, &path, body).await
}

/// Somebody takes all roles away from the group, in the portals.
async fn taken_by_hand(place: &Place, group: ObjectId) {
    let roles = "/roleManagement/directory";
    for kind in ["Eligibility", "Assignment"] {
        let path = format!("{roles}/role{kind}Schedules?$filter=principalId%20eq%20'{group}'");
        for row in rows(&graph(place, "GET", &path, &Value::Null).await) {
            let body = json!({
                "action": "adminRemove", "principalId": group, "roleDefinitionId": row["roleDefinitionId"],
                "directoryScopeId": row["directoryScopeId"], "justification": "by hand",
            });
            let path = format!("{roles}/role{kind}ScheduleRequests");
            graph(place, "POST", &path, &body).await;
        }
    }
    for kind in ["Eligibility", "Assignment"] {
        for place_of in [MANAGEMENT_GROUP, SUBSCRIPTION] {
            let authorization = "providers/Microsoft.Authorization";
            let path = format!("{place_of}/{authorization}/role{kind}Schedules");
            let listed = azure(place, "GET", &path, "2020-10-01", &Value::Null).await;
            for row in rows(&listed) {
                let row = &row["properties"];
                if row["principalId"] != json!(group) || row["memberType"] == "Inherited" {
                    continue;
                }
                let scope = row["scope"].as_str().unwrap();
                let path = format!(
                    "{scope}/{authorization}/role{kind}ScheduleRequests/{}",
                    Uuid::new_v4()
                );
                let body = json!({"properties": {
                    "principalId": group, "roleDefinitionId": row["roleDefinitionId"], "requestType": "AdminRemove",
                    "justification": "by hand",
                }});
                azure(place, "PUT", &path, "2020-10-01", &body).await;
            }
        }
    }
    for place_of in [MANAGEMENT_GROUP, SUBSCRIPTION] {
        let path = format!("{place_of}/providers/Microsoft.Authorization/roleAssignments");
        let listed = azure(place, "GET", &path, "2022-04-01", &Value::Null).await;
        let ours = rows(&listed).into_iter();
        for row in ours.filter(|row| row["properties"]["principalId"] == json!(group)) {
            let id = row["id"].as_str().unwrap();
            azure(place, "DELETE", id, "2022-04-01", &Value::Null).await;
        }
    }
    for path in [
        format!("/groups/{group}/appRoleAssignments"),
        "/deviceManagement/roleAssignments".to_owned(),
    ] {
        for row in rows(&graph(place, "GET", &path, &Value::Null).await) {
            let one = format!("{path}/{}", row["id"].as_str().unwrap());
            graph(place, "DELETE", &one, &Value::Null).await;
        }
    }
}

fn rows(listed: &Value) -> Vec<Value> {
    listed["value"].as_array().cloned().unwrap_or_default()
}

/// The tenant of the demo, whose operator may give every role in Azure.
fn seed() -> Seed {
    let mut seed = Seed::default();
    for assignment in &mut seed.azure.role_assignments {
        assignment.scope = "/providers/Microsoft.Management/managementGroups/contoso".into();
    }
    seed
}

#[tokio::test]
async fn every_role_of_every_system_is_bound_changed_restored_and_taken_away() {
    let control_plane = world::shared().await.control_plane;
    let place = Place::seeded(control_plane, "roles", seed()).await;
    let mut cells = cells(&place).await;
    let mut manifests = STORY.replace("${NAME}", &place.name);
    for cell in &cells {
        manifests.push_str(&format!("---\n{}\n", cell.manifest(&place)));
    }
    place.apply(&manifests).await;
    let ready = [
        "wait",
        "pgroup,prb",
        "--all",
        "--for=condition=Ready",
        "--timeout=120s",
    ];
    place.kubectl(&ready).await;
    let group = place.group().await;
    let simulator = &place.tenant.simulator;
    assert_eq!(held(simulator, group), declared(&place, &cells).await);

    // What is younger than five minutes cannot be taken away.
    simulator.advance(SignedDuration::from_mins(6));
    for cell in &mut cells {
        if !cell.at.ends_with("for a month") {
            continue;
        }
        cell.at = cell.at.replace("for a month", "for longer");
        let change = json!({"spec": {"schedule": {"expiration": {"afterDuration": "P90D"}}}});
        place.patch("RoleBinding", cell.name, &change).await;
    }
    let longer = declared(&place, &cells).await;
    place
        .until("longer windows", |simulator| {
            held(simulator, group) == longer
        })
        .await;
    place.kubectl(&ready).await;

    simulator.advance(SignedDuration::from_mins(6));
    taken_by_hand(&place, group).await;
    assert_eq!(held(simulator, group), BTreeSet::new());
    place.look().await;
    place
        .until("all of them again", |simulator| {
            held(simulator, group) == longer
        })
        .await;
    place.kubectl(&ready).await;
    assert_eq!(declared(&place, &cells).await, longer);

    simulator.advance(SignedDuration::from_mins(6));
    place
        .kubectl(&["delete", "prb", "--all", "--timeout=120s"])
        .await;
    assert_eq!(held(simulator, group), BTreeSet::new());
    assert_eq!(simulator.violations(), Vec::<String>::new());
}
