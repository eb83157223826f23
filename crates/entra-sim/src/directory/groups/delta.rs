//! `GET /groups/delta`: what changed since a token
//! (learn.microsoft.com: group-delta, delta-query-overview, delta-query-groups).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::behaviours::directory::{
    DELTA_DELAY, DELTA_LATEST_WITH_FILTER, DELTA_REPLAYS, DELTA_SLICE, SERVICE_PRINCIPALS_IN_DELTA,
};
use crate::call::{Answered, Call, Reply, Rows};
use crate::error::GraphError;
use crate::ids::{Access, ObjectId};
use crate::state::Tenant;

use super::super::changes::What;
use super::super::model::{Group, PrincipalKind};
use super::super::{json as render, replication};
use super::delta_slices::slices;
use super::delta_stream::{Stream, begin, resume};

const PAGE: usize = 100;

/// How much of a changed group is shown.
#[derive(Clone, Copy, Debug)]
enum Detail {
    Selected,
    Minimal,
}

#[derive(Debug, Default)]
struct Changed {
    whole: bool,
    properties: BTreeSet<String>,
    holders: BTreeSet<(Access, ObjectId)>,
    purged: bool,
}

pub(super) fn delta(tenant: &mut Tenant, call: &Call) -> Answered {
    let query = &call.query;
    if query.top.is_some()
        || !query.order_by.is_empty()
        || !query.expand.is_empty()
        || query.search.is_some()
    {
        return Err(GraphError::unsupported_query(
            "$top, $orderby, $expand and $search are not supported on the delta of groups.",
        ));
    }
    match query.delta_token.as_deref() {
        None => {
            let mut stream = begin(tenant, call)?;
            let rows = everything(tenant, call, &mut stream);
            Ok(round(tenant, call, rows, &stream))
        }
        Some(word) if word.eq_ignore_ascii_case("latest") => {
            let stream = begin(tenant, call)?;
            if !stream.ids.is_empty() && !tenant.behaviours.get(&DELTA_LATEST_WITH_FILTER) {
                return Err(GraphError::unsupported_query(
                    "$deltatoken=latest can not be combined with $filter.",
                ));
            }
            Ok(round(tenant, call, Vec::new(), &stream))
        }
        Some(token) => {
            let mut stream = resume(tenant, call, token)?;
            let rows = since(tenant, call, &mut stream);
            Ok(round(tenant, call, rows, &stream))
        }
    }
}

fn round(tenant: &Tenant, call: &Call, values: Vec<Value>, stream: &Stream) -> Reply {
    let most = tenant.behaviours.get(&DELTA_SLICE);
    Reply::rows(Rows {
        values: slices(values, usize::try_from(most).unwrap_or(usize::MAX)),
        page_size: PAGE,
        count: None,
        delta_link: Some(format!(
            "{}{}?$deltatoken={}",
            call.base_url,
            call.path,
            stream.token()
        )),
    })
}

/// The first round: every group as it is, as far as it is indexed.
fn everything(tenant: &Tenant, call: &Call, stream: &mut Stream) -> Vec<Value> {
    let groups = tenant.directory.groups.values();
    let (seen, young): (Vec<&Group>, Vec<&Group>) = groups
        .filter(|group| stream.covers(group.id))
        .partition(|group| indexed(tenant, call, group));
    stream.hidden = young.into_iter().map(|group| group.id).collect();
    seen.into_iter()
        .map(|group| whole(tenant, group, stream))
        .collect()
}

fn indexed(tenant: &Tenant, call: &Call, group: &Group) -> bool {
    replication::indexed(tenant, group.id, group.fresh_since, call.operation)
}

fn whole(tenant: &Tenant, group: &Group, stream: &Stream) -> Value {
    let mut row = projected(tenant, group, |name| stream.selects(name));
    for access in [Access::Member, Access::Owner] {
        let links: Vec<Value> = group
            .holders(access)
            .keys()
            .filter_map(|id| link(tenant, *id))
            .collect();
        if stream.tracks(access) && !links.is_empty() {
            row[format!("{}@delta", access.navigation())] = Value::Array(links);
        }
    }
    row
}

fn projected(tenant: &Tenant, group: &Group, keep: impl Fn(&str) -> bool) -> Value {
    let mut row = render::group(tenant, group);
    render::retain(&mut row, keep);
    row
}

/// A member or owner as a link; `None` where the service does not show it.
fn link(tenant: &Tenant, id: ObjectId) -> Option<Value> {
    let kind = tenant.directory.principal(id)?.kind;
    if kind == PrincipalKind::ServicePrincipal
        && !tenant.behaviours.get(&SERVICE_PRINCIPALS_IN_DELTA)
    {
        return None;
    }
    Some(json!({"@odata.type": kind.odata_type(), "id": id}))
}

/// A later round: what changed since the position, merged by group.
fn since(tenant: &Tenant, call: &Call, stream: &mut Stream) -> Vec<Value> {
    let delay = tenant.behaviours.get(&DELTA_DELAY);
    let until = call.now.saturating_sub(delay).unwrap_or(call.now);
    let begun = if tenant.behaviours.get(&DELTA_REPLAYS) {
        stream.before
    } else {
        stream.position
    };
    let (changes, position) = tenant.directory.changes.since(begun, until);
    let mut groups: BTreeMap<ObjectId, Changed> = BTreeMap::new();
    for change in changes.iter().filter(|change| stream.covers(change.group)) {
        let row = groups.entry(change.group).or_default();
        match &change.what {
            What::Appeared => row.whole = true,
            What::Properties(names) => row.properties.extend(names.iter().cloned()),
            What::Holder { access, principal } => {
                row.holders.insert((*access, *principal));
            }
            What::SoftDeleted => {}
            What::Purged => row.purged = true,
        }
    }
    // What the first round did not show comes whole: once it is indexed, or with its first change.
    for id in std::mem::take(&mut stream.hidden) {
        let group = tenant.directory.group(id);
        if groups.contains_key(&id) || group.is_some_and(|group| indexed(tenant, call, group)) {
            groups.entry(id).or_default().whole = true;
        } else if group.is_some() {
            stream.hidden.insert(id);
        }
    }
    stream.before = stream.position;
    stream.position = position.max(stream.position);
    stream.issued = call.now;
    let detail = if call.prefers("return=minimal") {
        Detail::Minimal
    } else {
        Detail::Selected
    };
    groups
        .into_iter()
        .filter_map(|(id, changed)| changed_row(tenant, id, &changed, stream, detail))
        .collect()
}

fn changed_row(
    tenant: &Tenant,
    id: ObjectId,
    changed: &Changed,
    stream: &Stream,
    detail: Detail,
) -> Option<Value> {
    let Some(group) = tenant.directory.group(id) else {
        // `changed` = in the deleted items, can be restored; `deleted` = gone for good.
        let reason = if changed.purged { "deleted" } else { "changed" };
        return Some(json!({"id": id, "@removed": {"reason": reason}}));
    };
    if changed.whole {
        return Some(whole(tenant, group, stream));
    }
    let names = changed.properties.iter().map(String::as_str);
    let properties: BTreeSet<&str> = names.filter(|name| stream.selects(name)).collect();
    let links = changed_links(tenant, group, changed, stream);
    if properties.is_empty() && links.is_empty() {
        return None;
    }
    let mut row = projected(tenant, group, |name| match detail {
        Detail::Minimal => name == "id" || properties.contains(name),
        Detail::Selected => stream.selects(name),
    });
    for (access, links) in links {
        row[format!("{}@delta", access.navigation())] = Value::Array(links);
    }
    Some(row)
}

fn changed_links(
    tenant: &Tenant,
    group: &Group,
    changed: &Changed,
    stream: &Stream,
) -> BTreeMap<Access, Vec<Value>> {
    let mut links: BTreeMap<Access, Vec<Value>> = BTreeMap::new();
    for (access, principal) in &changed.holders {
        if stream.tracks(*access)
            && let Some(row) = holder_row(tenant, group, *access, *principal)
        {
            links.entry(*access).or_default().push(row);
        }
    }
    links
}

/// A link that changed. Of an object that is gone for good nobody knows the type any more: it was a user, most likely.
fn holder_row(
    tenant: &Tenant,
    group: &Group,
    access: Access,
    principal: ObjectId,
) -> Option<Value> {
    let gone = tenant.directory.principal(principal).is_none();
    let mut row = if gone {
        json!({"@odata.type": PrincipalKind::User.odata_type(), "id": principal})
    } else {
        link(tenant, principal)?
    };
    if gone || !group.holders(access).contains_key(&principal) {
        row["@removed"] = json!({"reason": "deleted"});
    }
    Some(row)
}
