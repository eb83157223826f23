//! Applies query options to rows and objects.

use std::cmp::Ordering;

use serde_json::Value;

use crate::call::{Call, Rows};
use crate::error::GraphError;

use super::capabilities::{Advanced, Capabilities, QueryMode};
use super::evaluate::{at, holds};
use super::expansion;
use super::options::{Query, SortDirection};
use super::types;

/// Filters, sorts, counts and projects rows as the query asks.
pub(crate) fn collection(
    call: &Call,
    rows: Vec<Value>,
    capabilities: &Capabilities,
) -> Result<Rows, GraphError> {
    collection_with(call, rows, capabilities, |_| {})
}

/// The same; `expand` adds navigation properties to each row that passed the filter.
pub(crate) fn collection_with(
    call: &Call,
    mut rows: Vec<Value>,
    capabilities: &Capabilities,
    mut expand: impl FnMut(&mut Value),
) -> Result<Rows, GraphError> {
    let query = &call.query;
    let mode = mode(call, capabilities);
    types::check_names(call)?;
    refuse_unsupported(query, capabilities, mode, &call.kind)?;
    if let Some(filter) = &query.filter {
        capabilities.check(filter, mode)?;
        rows.retain(|row| holds(filter, row, &|path| capabilities.case(path)));
    }
    sort(&mut rows, query);
    let counted =
        query.count && (mode == QueryMode::Advanced || capabilities.advanced == Advanced::Absent);
    let count = counted.then_some(rows.len());
    for row in &mut rows {
        if !call.mixed {
            types::check_present(&query.select, &call.kind, row)?;
        }
        expand(row);
        project(row, query, capabilities.defaults);
    }
    Ok(Rows {
        values: rows,
        page_size: page_size(query, capabilities)?,
        count,
        delta_link: None,
    })
}

/// Projects one object as `$select` and `$expand` ask; expansions must already stand in it.
pub(crate) fn entity(
    call: &Call,
    mut object: Value,
    capabilities: &Capabilities,
) -> Result<Value, GraphError> {
    let query = &call.query;
    types::check_names(call)?;
    expansion::check(&query.expand, capabilities, &call.kind)?;
    if !call.mixed {
        types::check_present(&query.select, &call.kind, &object)?;
    }
    project(&mut object, &call.query, capabilities.defaults);
    Ok(object)
}

fn mode(call: &Call, capabilities: &Capabilities) -> QueryMode {
    if capabilities.advanced == Advanced::Offered && call.eventual() && call.query.count {
        QueryMode::Advanced
    } else {
        QueryMode::Default
    }
}

fn refuse_unsupported(
    query: &Query,
    capabilities: &Capabilities,
    mode: QueryMode,
    kind: &str,
) -> Result<(), GraphError> {
    if query.search.is_some() {
        return Err(match mode {
            QueryMode::Default => GraphError::unsupported_query(
                "Request with $search query parameter only works through MSGraph with a special request header: \
                 'ConsistencyLevel: eventual'",
            ),
            QueryMode::Advanced => GraphError::not_simulated("$search"),
        });
    }
    if query.filter.is_some()
        && !query.order_by.is_empty()
        && mode == QueryMode::Default
        && capabilities.advanced == Advanced::Offered
    {
        return Err(GraphError::unsupported_query(
            "Sorting not supported for current query.",
        ));
    }
    if mode == QueryMode::Advanced && !query.expand.is_empty() {
        return Err(GraphError::unsupported_query(
            "$expand is not supported with advanced query parameters.",
        ));
    }
    for order in &query.order_by {
        let path = order.path.join("/");
        if !capabilities
            .order_by
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&path))
        {
            return Err(GraphError::bad_request(
                capabilities.refusal,
                format!("Sorting by '{path}' is not supported."),
            ));
        }
    }
    expansion::check(&query.expand, capabilities, kind)
}

fn page_size(query: &Query, capabilities: &Capabilities) -> Result<usize, GraphError> {
    match query.top {
        None => Ok(capabilities.paging.default),
        Some(top) if (1..=capabilities.paging.maximum).contains(&top) => Ok(top),
        Some(top) => Err(GraphError::unsupported_query(format!(
            "Invalid page size specified: '{top}'. Must be between 1 and {} inclusive.",
            capabilities.paging.maximum
        ))),
    }
}

fn sort(rows: &mut [Value], query: &Query) {
    rows.sort_by(|left, right| {
        query.order_by.iter().fold(Ordering::Equal, |order, by| {
            order.then_with(|| {
                let order = compare(at(left, &by.path), at(right, &by.path));
                match by.direction {
                    SortDirection::Ascending => order,
                    SortDirection::Descending => order.reverse(),
                }
            })
        })
    });
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::String(left), Value::String(right)) => {
            left.to_lowercase().cmp(&right.to_lowercase())
        }
        (Value::Number(left), Value::Number(right)) => left.as_i64().cmp(&right.as_i64()),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// Keeps annotations, what is selected (or the defaults) and what is expanded.
fn project(object: &mut Value, query: &Query, defaults: &[&str]) {
    let Value::Object(map) = object else { return };
    map.retain(|name, _| {
        let kept = if query.select.is_empty() || query.selects("*") {
            defaults.is_empty() || defaults.contains(&name.as_str())
        } else {
            query.selects(name)
        };
        kept || name.starts_with('@') || query.expansion(name).is_some()
    });
    expansion::narrow(object, &query.expand);
}
