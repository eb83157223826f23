//! Registrations of applications (learn.microsoft.com: application resource and its operations). Every application of this tenant
//! is registered in it, and none can be registered by a request.

use serde_json::Value;

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::odata::{self, Capabilities, EQ, IN, LIKE, NE, NOT, Property};
use crate::route::{Service, routes};
use crate::state::Tenant;
use crate::token::Application;

use super::json as render;
use super::permissions::READ_APPLICATIONS;
use super::service_principals::app_id;

const APPLICATION: &str = "microsoft.graph.application";

routes! { pub(super) ROUTES, Service::DIRECTORY;
    get "/applications", READ_APPLICATIONS, list, "applications.list" => collection(APPLICATION, "applications");
    get "/applications/{application}", READ_APPLICATIONS, get, "applications.get" => entity(APPLICATION, "applications");
    get "/applications(appId='{appId}')", READ_APPLICATIONS, get_by_app_id,
        "applications.getByAppId" => entity(APPLICATION, "applications");
}

const CAPABILITIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("id", EQ | IN).advanced(NE | NOT),
        Property::plain("appId", EQ | IN).advanced(NE | NOT),
        Property::plain("displayName", LIKE).advanced(NE | NOT),
    ],
    order_by: &["displayName"],
    ..Capabilities::DIRECTORY
};

fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    let all = tenant.applications.values();
    let rows: Vec<Value> = all
        .filter_map(|one| render::application(tenant, one))
        .collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.object_id("application")?;
    let found = tenant.applications.values().find(|one| one.id == id);
    one(
        tenant,
        call,
        found.ok_or_else(|| GraphError::not_found(id))?,
    )
}

fn get_by_app_id(tenant: &mut Tenant, call: &Call) -> Answered {
    let app = app_id(call)?;
    let found = tenant.applications.get(&app);
    one(
        tenant,
        call,
        found.ok_or_else(|| GraphError::not_found(app))?,
    )
}

fn one(tenant: &Tenant, call: &Call, found: &Application) -> Answered {
    let shown = render::application(tenant, found);
    let shown = shown.ok_or_else(|| GraphError::not_found(found.id))?;
    odata::entity(call, shown, &CAPABILITIES).map(Reply::ok)
}
