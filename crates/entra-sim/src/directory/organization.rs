//! The tenant itself and its licences (learn.microsoft.com: organization, subscribedSku).

use serde_json::{Value, json};

use crate::behaviours::directory::{LICENCE, Licence};
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::odata::{self, Capabilities};
use crate::route::{Service, routes};
use crate::state::Tenant;

use super::permissions::{READ_LICENCES, READ_ORGANIZATION};

routes! { pub(super) ROUTES, Service::DIRECTORY;
    get "/organization", READ_ORGANIZATION, list, "organization.list" => collection("microsoft.graph.organization", "organization");
    get "/organization/{organization}", READ_ORGANIZATION, get,
        "organization.get" => entity("microsoft.graph.organization", "organization");
    get "/subscribedSkus", READ_LICENCES, skus,
        "subscribedSkus.list" => units(3), collection("microsoft.graph.subscribedSku", "subscribedSkus");
}

const CAPABILITIES: Capabilities = Capabilities {
    refusal: "Request_UnsupportedQuery",
    ..Capabilities::SERVICE
};

/// Service plans and their ids, the same in every tenant (learn.microsoft.com: licensing-service-plan-reference).
const P1: (&str, &str) = ("AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d");
const P2: (&str, &str) = ("AAD_PREMIUM_P2", "eec0eb4f-6444-4f95-aba0-50c24d67f998");
const GOVERNANCE: (&str, &str) = (
    "Entra_Identity_Governance",
    "e866a266-3cff-43a3-acca-0c90a7e00c8b",
);

fn organization(tenant: &Tenant) -> Value {
    let organization = &tenant.directory.organization;
    let domains: Vec<Value> = organization
        .domains
        .iter()
        .enumerate()
        .map(|(index, name)| {
            json!({
                "capabilities": "Email, OfficeCommunicationsOnline", "isDefault": index == 0, "isInitial": index == 0,
                "name": name, "type": "Managed",
            })
        })
        .collect();
    json!({
        "id": tenant.id,
        "deletedDateTime": null,
        "displayName": organization.display_name,
        "tenantType": "AAD",
        "verifiedDomains": domains,
    })
}

fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    let rows = vec![organization(tenant)];
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.object_id("organization")?;
    if id.uuid() != tenant.id.uuid() {
        return Err(GraphError::not_found(id));
    }
    odata::entity(call, organization(tenant), &CAPABILITIES).map(Reply::ok)
}

fn skus(tenant: &mut Tenant, call: &Call) -> Answered {
    let sku = match tenant.behaviours.get(&LICENCE) {
        Licence::None => None,
        Licence::P1 => Some((
            "AAD_PREMIUM",
            "078d2b04-f1bd-4111-bbd4-b4b1b354cef4",
            vec![P1],
        )),
        Licence::P2 => Some((
            "AAD_PREMIUM_P2",
            "84a661c4-e949-4bd2-a560-ed7766fcaf2b",
            vec![P1, P2],
        )),
        Licence::Governance => Some((
            "Microsoft_Entra_ID_Governance",
            "cf6b0d46-4093-4546-a0ad-0b1546dbff5e",
            vec![P1, GOVERNANCE],
        )),
    };
    let rows = sku
        .map(|(part, id, plans)| sku_row(tenant, part, id, &plans))
        .into_iter()
        .collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

fn sku_row(tenant: &Tenant, part: &str, id: &str, plans: &[(&str, &str)]) -> Value {
    let plans: Vec<Value> = plans
        .iter()
        .map(|(name, id)| {
            json!({"appliesTo": "User", "provisioningStatus": "Success", "servicePlanId": id, "servicePlanName": name})
        })
        .collect();
    json!({
        "id": format!("{}_{id}", tenant.id),
        "accountId": tenant.id,
        "accountName": tenant.directory.organization.display_name,
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": tenant.directory.users.len(),
        "prepaidUnits": {"enabled": 100, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": plans,
        "skuId": id,
        "skuPartNumber": part,
        "subscriptionIds": [],
    })
}
