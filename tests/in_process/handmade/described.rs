//! The tenant that was made by hand, in manifests.

use serde_json::{Value, json};

use super::made::{DESCRIPTION, ROWS, Row, Tenant, Way, Window, person_of};
use crate::adoption::settings;
use crate::app_roles::DESK;
use crate::azure::VAULT;
use crate::harness::{APPLICATION, NAMESPACE, World, days, manifest};
use crate::story::person;

/// The names of the objects of the groups.
pub const NAMES: [&str; 3] = ["hand-0", "hand-1", "hand-2"];

const BOUNDARY: &str = "handmade";

fn boundary(tenant: &Tenant) -> Value {
    let lasting = json!({"permanent": "Allowed"});
    json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": "AccessBoundary", "metadata": {"name": BOUNDARY},
        "spec": {
            "namespaces": [NAMESPACE], "tenants": ["contoso"],
            "groups": {"namePatterns": ["PAG-Hand-*"], "adoptable": tenant.groups},
            "directoryRoles": [{
                "roles": ["Exchange Administrator", "Message Center Reader"], "scopes": ["/"],
                "assignments": ["Active", "Eligible"],
            }],
            "azureRoles": [{"roles": ["Key Vault Administrator"], "scopes": [VAULT], "assignments": ["Active"]}],
            "appRoles": [{"applications": [DESK], "roles": ["Admin.Write"], "assignments": ["Active"]}],
            "subjects": {
                "kinds": ["User", "Group", "ServicePrincipal"], "groups": [tenant.team],
                "userPrincipalNameSuffixes": ["@contoso.com"],
            },
            "assignments": {
                "eligible": {"permanent": "Forbidden", "maximumDuration": "P90D"}, "active": lasting,
                "owners": {"eligible": lasting, "active": lasting},
            },
            "policyFloor": {},
        },
    })
}

fn group(tenant: &Tenant, number: usize) -> Value {
    manifest(
        "PrivilegedGroup",
        NAMES[number],
        &json!({
            "tenantRef": {"name": "contoso"}, "boundaryRef": {"name": BOUNDARY},
            "displayName": format!("PAG-Hand-{number}"), "description": DESCRIPTION,
            "adopt": {"id": tenant.groups[number]}, "deletionPolicy": "Retain",
            "policy": {"member": settings(), "owner": settings()},
        }),
    )
}

fn schedule(window: Window) -> Value {
    match window {
        Window::Never => json!({"expiration": {"never": {}}}),
        Window::Days(count) => days(count),
        Window::Until(end) => json!({"expiration": {"endTime": end}}),
        Window::From(start, count) => {
            let mut schedule = days(count);
            schedule["startTime"] = json!(start);
            schedule
        }
    }
}

/// The name of the object that describes a row in a group.
pub fn object_of(row: &str, number: usize) -> String {
    format!("{row}-{number}")
}

fn assignment(tenant: &Tenant, row: &Row, number: usize) -> Value {
    let subject = match row.name {
        "team" => json!({"kind": "Group", "name": tenant.team}),
        "robot" => json!({"kind": "ServicePrincipal", "name": APPLICATION}),
        _ => person(&person_of(row.name, number)),
    };
    let kind = match row.way {
        Way::Eligible => "EligibleAssignment",
        Way::Active | Way::Plain => "ActiveAssignment",
    };
    let access = match row.access {
        "owner" => "Owner",
        _ => "Member",
    };
    let spec = json!({
        "groupRef": {"name": NAMES[number]}, "access": access, "subjects": [subject],
        "schedule": schedule(row.window), "deletionPolicy": "Retain",
    });
    manifest(kind, &object_of(row.name, number), &spec)
}

fn binding(name: &str, number: usize, more: &Value) -> Value {
    let mut spec = json!({"groupRef": {"name": NAMES[number]}, "deletionPolicy": "Retain"});
    for (field, value) in more.as_object().unwrap() {
        spec[field] = value.clone();
    }
    manifest("RoleBinding", name, &spec)
}

/// Describes everything that was made.
pub fn apply(world: &World, tenant: &Tenant) {
    world.apply(&boundary(tenant));
    for number in 0..NAMES.len() {
        world.apply(&group(tenant, number));
        for row in &ROWS {
            world.apply(&assignment(tenant, row, number));
        }
    }
    let exchange = json!({"directoryRole": {"role": "Exchange Administrator", "scope": "/"}, "assignment": "Active"});
    world.apply(&binding("exchange", 0, &exchange));
    let messages = json!({
        "directoryRole": {"role": "Message Center Reader", "scope": "/"}, "assignment": "Eligible",
        "schedule": days(30),
    });
    world.apply(&binding("messages", 0, &messages));
    let vault = json!({"azureRole": {"role": "Key Vault Administrator", "scope": VAULT}});
    world.apply(&binding("vault", 1, &vault));
    let desk = json!({"appRole": {"application": DESK, "role": "Admin.Write"}});
    world.apply(&binding("desk", 2, &desk));
}
