//! Objects whose type the caller does not know (learn.microsoft.com: directoryobject-get, directoryobject-getbyids).

use serde_json::Value;

use crate::call::{Answered, Call, Reply, Rows};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata;
use crate::route::{Service, routes};
use crate::state::Tenant;

use super::groups::MEMBER_CAPABILITIES;
use super::model::Principal;
use super::permissions::READ_OBJECTS;
use super::{json as render, replication};

const OBJECT: &str = "microsoft.graph.directoryObject";

const MAXIMUM: usize = 1000;

routes! { pub(super) ROUTES, Service::DIRECTORY;
    get "/directoryObjects/{object}", READ_OBJECTS, get, "directoryObjects.get" => mixed(), entity(OBJECT, "directoryObjects");
    post "/directoryObjects/getByIds", READ_OBJECTS, get_by_ids,
        "directoryObjects.getByIds" => units(3), reading(), mixed(), collection(OBJECT, "directoryObjects");
}

fn find(tenant: &Tenant, call: &Call, id: ObjectId) -> Option<Principal> {
    tenant
        .directory
        .principal(id)
        .filter(|one| replication::replicated(tenant, id, one.created_at, call.operation))
}

fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.object_id("object")?;
    let mut value = find(tenant, call, id)
        .and_then(|_| render::directory_object(tenant, id, &call.caller))
        .ok_or_else(|| GraphError::not_found(id))?;
    if call.query.select.is_empty() {
        render::keep_defaults(&mut value);
    }
    odata::entity(call, value, &MEMBER_CAPABILITIES).map(Reply::ok)
}

/// Unknown ids are left out, `$select` is not honoured, the order is not kept.
fn get_by_ids(tenant: &mut Tenant, call: &Call) -> Answered {
    let body = call.body_object()?;
    if let Some(name) = body
        .keys()
        .find(|name| !matches!(name.as_str(), "ids" | "types"))
    {
        return Err(GraphError::bad_request(
            "BadRequest",
            format!(
                "The parameter '{name}' in the request payload is not a valid parameter for the operation 'getByIds'."
            ),
        ));
    }
    let ids = strings(body.get("ids"), "ids")?;
    if ids.len() > MAXIMUM {
        return Err(GraphError::invalid(format!(
            "Too many ids: {}. At most {MAXIMUM} are supported.",
            ids.len()
        )));
    }
    let types = match body.get("types") {
        None | Some(Value::Null) => Vec::new(),
        given => strings(given, "types")?,
    };
    let wanted = |kind: &str| {
        types.is_empty()
            || types.iter().any(|one| {
                one.eq_ignore_ascii_case("directoryObject") || kind.ends_with(&format!(".{one}"))
            })
    };
    let mut found = std::collections::BTreeSet::new();
    for text in ids {
        let id: ObjectId = text
            .parse()
            .map_err(|_| GraphError::invalid(format!("Invalid GUID:{text}")))?;
        if find(tenant, call, id).is_some_and(|one| wanted(one.kind.type_name())) {
            found.insert(id);
        }
    }
    let values: Vec<Value> = found
        .into_iter()
        .filter_map(|id| render::directory_object(tenant, id, &call.caller))
        .collect();
    Ok(Reply::rows(Rows {
        page_size: values.len().max(1),
        values,
        ..Rows::default()
    }))
}

fn strings<'a>(value: Option<&'a Value>, name: &str) -> Result<Vec<&'a str>, GraphError> {
    value
        .and_then(Value::as_array)
        .and_then(|list| list.iter().map(Value::as_str).collect())
        .ok_or_else(|| {
            GraphError::invalid(format!(
                "The parameter '{name}' must be a collection of strings."
            ))
        })
}
