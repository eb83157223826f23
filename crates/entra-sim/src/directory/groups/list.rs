//! Reading groups.

use http::HeaderValue;
use serde_json::{Value, json};

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::Access;
use crate::odata::{self, Query};
use crate::state::Tenant;

use super::super::model::Group;
use super::super::{index, json as render};
use super::find::{CAPABILITIES, by_unique_name, find};
use super::holders::holders;

const EXPANDED: usize = 20;

pub(super) fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    let rows = visible(tenant, call);
    let rows = odata::collection_with(call, rows, &CAPABILITIES, |row| expand(tenant, call, row))?;
    Ok(Reply::rows(rows))
}

pub(super) fn count(tenant: &mut Tenant, call: &Call) -> Answered {
    let rows = visible(tenant, call);
    counted(call, rows, &CAPABILITIES)
}

/// The answer to `/$count`: a bare number, in advanced mode only.
pub(in crate::directory) fn counted(
    call: &Call,
    rows: Vec<Value>,
    capabilities: &odata::Capabilities,
) -> Answered {
    if !call.eventual() {
        return Err(GraphError::invalid("$count is not currently supported."));
    }
    let mut call = call.clone();
    call.query.count = true;
    let rows = odata::collection(&call, rows, capabilities)?;
    let reply = Reply::raw(json!(rows.values.len()));
    Ok(reply.header(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain"),
    ))
}

fn visible(tenant: &Tenant, call: &Call) -> Vec<Value> {
    index::groups(tenant, call)
        .into_iter()
        .map(|group| row(tenant, group, &call.query))
        .collect()
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let group = find(tenant, call)?;
    one(tenant, call, group)
}

pub(super) fn get_by_unique_name(tenant: &mut Tenant, call: &Call) -> Answered {
    let key = call.param("uniqueName");
    let group = by_unique_name(tenant, key).ok_or_else(|| GraphError::not_found(key))?;
    one(tenant, call, group)
}

fn one(tenant: &Tenant, call: &Call, group: &Group) -> Answered {
    let mut value = row(tenant, group, &call.query);
    expand(tenant, call, &mut value);
    odata::entity(call, value, &CAPABILITIES).map(Reply::ok)
}

fn row(tenant: &Tenant, group: &Group, query: &Query) -> Value {
    let mut value = render::group(tenant, group);
    if !query.select.is_empty() {
        render::group_hidden(&mut value);
    }
    value
}

fn expand(tenant: &Tenant, call: &Call, row: &mut Value) {
    let Some(group) = row["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .and_then(|id| tenant.directory.group(id))
    else {
        return;
    };
    for access in [Access::Member, Access::Owner] {
        let Some(expansion) = call.query.expansion(access.navigation()) else {
            continue;
        };
        let mut objects = holders(tenant, call, group, access);
        objects.truncate(EXPANDED);
        for object in &mut objects {
            if expansion.select.is_empty() {
                render::keep_defaults(object);
            } else {
                render::retain(object, |name| {
                    name.starts_with('@') || expansion.select.iter().any(|one| one == name)
                });
            }
        }
        row[access.navigation()] = Value::Array(objects);
    }
}
