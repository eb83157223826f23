//! `$expand`: what may be expanded, and the options inside it.

use serde_json::Value;

use crate::error::GraphError;
use crate::schema::{self, Published};

use super::capabilities::Capabilities;
use super::options::Expand;
use super::types;

/// Refuses what a collection of this type can not expand, and options inside that would do nothing.
pub(super) fn check(
    expands: &[Expand],
    capabilities: &Capabilities,
    kind: &str,
) -> Result<(), GraphError> {
    below(expands, capabilities, kind, "")
}

/// `prefix` is the path of the expansion around, with a slash behind it.
fn below(
    expands: &[Expand],
    capabilities: &Capabilities,
    kind: &str,
    prefix: &str,
) -> Result<(), GraphError> {
    for expand in expands {
        let path = format!("{prefix}{}", expand.name);
        let offered = capabilities.expand.iter();
        let known = match expand.name.as_str() {
            "*" => offered
                .filter(|one| one.starts_with(prefix))
                .any(|one| one.len() > prefix.len()),
            _ => offered
                .into_iter()
                .any(|one| one.eq_ignore_ascii_case(&path)),
        };
        if !known {
            return Err(unknown(expand, kind, prefix));
        }
        if expand.filter.is_some() {
            return Err(GraphError::not_simulated("$filter inside $expand"));
        }
        let target = schema::target(kind, &expand.name).unwrap_or_default();
        types::check_select(&expand.select, target)?;
        below(&expand.expand, capabilities, target, &format!("{path}/"))?;
    }
    Ok(())
}

/// A relation inside an expansion that is published and not offered is a gap of the simulator.
fn unknown(expand: &Expand, kind: &str, prefix: &str) -> GraphError {
    let name = &expand.name;
    if !prefix.is_empty() && schema::published(kind, name) == Published::Navigation {
        return GraphError::not_simulated(format_args!("$expand={prefix}{name}"));
    }
    GraphError::bad_request(
        "BadRequest",
        format!("Parsing OData Select and Expand failed: '{name}' can not be expanded here."),
    )
}

/// Leaves in an object what the selections inside its expansions ask for.
pub(super) fn narrow(object: &mut Value, expands: &[Expand]) {
    let Value::Object(map) = object else { return };
    for expand in expands.iter().filter(|expand| expand.name != "*") {
        let expanded = map
            .iter_mut()
            .find(|(name, _)| name.eq_ignore_ascii_case(&expand.name));
        match expanded {
            Some((_, Value::Array(items))) => items.iter_mut().for_each(|one| keep(one, expand)),
            Some((_, one)) => keep(one, expand),
            None => {}
        }
    }
}

fn keep(object: &mut Value, expand: &Expand) {
    let asked = |name: &str| {
        let selected = expand
            .select
            .iter()
            .any(|one| one.eq_ignore_ascii_case(name));
        let expanded = |one: &Expand| one.name == "*" || one.name.eq_ignore_ascii_case(name);
        selected || name.starts_with('@') || expand.expand.iter().any(expanded)
    };
    let all = expand.select.is_empty() || expand.select.iter().any(|one| one == "*");
    if let (Value::Object(map), false) = (&mut *object, all) {
        map.retain(|name, _| asked(name));
    }
    narrow(object, &expand.expand);
}
