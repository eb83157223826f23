//! What a delta of groups is about, carried in its token from round to round. What a round answers stands above.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::behaviours::protocol::DELTA_TOKEN_LIFETIME;
use crate::call::Call;
use crate::error::GraphError;
use crate::ids::{Access, ObjectId};
use crate::odata::{self, Comparison, Expression};
use crate::state::Tenant;

const MAXIMUM_IDS: usize = 50;

/// What a round is about; the token carries it from round to round.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stream {
    /// Position in the log of changes.
    pub(super) position: usize,
    /// Where the round before began.
    #[serde(default)]
    pub(super) before: usize,
    pub(super) select: Vec<String>,
    pub(super) ids: BTreeSet<ObjectId>,
    pub(super) issued: Timestamp,
    /// Groups that were too young for the first round; they come in a later one.
    #[serde(default)]
    pub(super) hidden: BTreeSet<ObjectId>,
}

impl Stream {
    pub(super) fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn read(token: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()
    }

    pub(super) fn covers(&self, id: ObjectId) -> bool {
        self.ids.is_empty() || self.ids.contains(&id)
    }

    pub(super) fn selects(&self, property: &str) -> bool {
        property == "id" || self.select.is_empty() || self.select.iter().any(|one| one == property)
    }

    /// Members stand in the answer unless other properties are selected.
    pub(super) fn tracks(&self, access: Access) -> bool {
        match access {
            Access::Member if self.select.is_empty() => true,
            Access::Member | Access::Owner => {
                self.select.iter().any(|name| name == access.navigation())
            }
        }
    }
}

pub(super) fn begin(tenant: &Tenant, call: &Call) -> Result<Stream, GraphError> {
    odata::check_names(call)?;
    let mut ids = BTreeSet::new();
    if let Some(filter) = &call.query.filter {
        collect_ids(filter, &mut ids)?;
        if ids.len() > MAXIMUM_IDS {
            return Err(GraphError::unsupported_query(format!(
                "The delta filter names {} ids; at most {MAXIMUM_IDS} are supported.",
                ids.len()
            )));
        }
    }
    let position = tenant.directory.changes.len();
    Ok(Stream {
        position,
        before: position,
        select: call.query.select.clone(),
        ids,
        issued: call.now,
        hidden: BTreeSet::new(),
    })
}

/// `id eq 'a' or id eq 'b'` and nothing else.
fn collect_ids(filter: &Expression, ids: &mut BTreeSet<ObjectId>) -> Result<(), GraphError> {
    match filter {
        Expression::Or(left, right) => {
            collect_ids(left, ids)?;
            collect_ids(right, ids)
        }
        Expression::Compare {
            path,
            comparison: Comparison::Equal,
            value,
        } if path.len() == 1 && path[0] == "id" => {
            let text = value.as_text().unwrap_or_default();
            let id = text
                .parse()
                .map_err(|_| GraphError::invalid(format!("Invalid object identifier '{text}'.")))?;
            ids.insert(id);
            Ok(())
        }
        _ => Err(GraphError::unsupported_query(
            "The delta of groups can only be filtered by 'id eq', joined with 'or'.",
        )),
    }
}

/// A token that is too old or unknown leads to a fresh start.
pub(super) fn resume(tenant: &Tenant, call: &Call, token: &str) -> Result<Stream, GraphError> {
    let lifetime = tenant.behaviours.get(&DELTA_TOKEN_LIFETIME);
    let stream =
        Stream::read(token).filter(|stream| stream.position <= tenant.directory.changes.len());
    let expired = |stream: &Stream| call.now.duration_since(stream.issued) > lifetime;
    match stream {
        Some(stream) if !expired(&stream) => Ok(stream),
        _ => {
            let fresh = format!("{}{}?$deltatoken=", call.base_url, call.path);
            let error = GraphError::new(
                StatusCode::GONE,
                "syncStateNotFound",
                "The delta token has expired. Synchronize again from the start.",
            );
            Err(
                match HeaderValue::from_str(fresh.trim_end_matches("?$deltatoken=")) {
                    Ok(location) => error.header(header::LOCATION, location),
                    Err(_) => error,
                },
            )
        }
    }
}
