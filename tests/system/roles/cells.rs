//! The roles that one group can hold: each system, each kind of scope, each way.

use serde_json::{Value, json};

use super::by_hand::graph;
use crate::place::Place;

pub const MANAGEMENT_GROUP: &str = "/providers/Microsoft.Management/managementGroups/payments";
pub const SUBSCRIPTION: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111";
const DATA: &str =
    "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-data";
const VAULT: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-app/providers/Microsoft.KeyVault/vaults/kv-payments";
const STORAGE: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-data/providers/Microsoft.Storage/storageAccounts/stpayments";
const DESK: &str = "55555555-5555-4555-8555-555555555555";
const EMPLOYEES: &str = "1a910b00-1111-4111-8111-1a910b000001";

const CONDITION: &str = "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) OR \
    (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'ledger'))";

/// One role of the group.
pub struct Cell {
    pub name: &'static str,
    /// The parts of the spec that name it.
    pub spec: Value,
    /// How the tenant's record names it, before the id of the role.
    pub held: String,
    /// How it names where, and for how long.
    pub at: String,
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

    pub fn manifest(&self, place: &Place) -> Value {
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
pub fn length(days: Option<u32>) -> &'static str {
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

pub async fn cells(place: &Place) -> Vec<Cell> {
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
        Cell::azure("az-custom", "Payments Operations", DATA, LASTING),
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
