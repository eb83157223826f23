//! Pages of a collection.
//!
//! The first page fixes the rows; a next link leads to the following ones of the same rows, as often as it is asked
//! for, until it expires. So a list that changes in between neither loses nor repeats a row.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::call::Rows;
use crate::error::GraphError;
use crate::ids::AppId;

/// A page that has been asked for by a next link.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    rows: Arc<Vec<Value>>,
    offset: usize,
    page_size: usize,
    context: String,
    delta_link: Option<String>,
    /// The address that the next link extends.
    address: String,
    owner: AppId,
    issued: Timestamp,
}

/// The next links that are still good.
#[derive(Debug, Default)]
pub(crate) struct Cursors {
    open: BTreeMap<String, Cursor>,
    order: VecDeque<String>,
}

/// More open next links than any client follows at once; the oldest is dropped.
const MAXIMUM_OPEN: usize = 4096;

impl Cursors {
    pub(crate) fn open(
        &self,
        token: &str,
        owner: AppId,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> Result<Cursor, GraphError> {
        let cursor = self
            .open
            .get(token)
            .filter(|cursor| cursor.owner == owner)
            .ok_or_else(|| {
                GraphError::bad_request(
                    "Request_BadRequest",
                    "Invalid skip token: start again without it.",
                )
            })?;
        if now.duration_since(cursor.issued) > lifetime {
            return Err(GraphError::bad_request(
                "Directory_ExpiredPageToken",
                "The specified page token value has expired and can no longer be included in your request.",
            ));
        }
        Ok(cursor.clone())
    }

    fn keep(&mut self, token: String, cursor: Cursor) {
        self.open.insert(token.clone(), cursor);
        self.order.push_back(token);
        if self.order.len() > MAXIMUM_OPEN
            && let Some(oldest) = self.order.pop_front()
        {
            self.open.remove(&oldest);
        }
    }

    /// The body of a page; keeps the next one when there is more. `token` names it.
    pub(crate) fn page(&mut self, cursor: Cursor, count: Option<usize>, token: Uuid) -> Value {
        let end = cursor
            .rows
            .len()
            .min(cursor.offset.saturating_add(cursor.page_size));
        let values = cursor
            .rows
            .get(cursor.offset..end)
            .unwrap_or_default()
            .to_vec();
        let mut body = Map::new();
        body.insert("@odata.context".to_owned(), json!(cursor.context));
        if let Some(count) = count {
            body.insert("@odata.count".to_owned(), json!(count));
        }
        if end < cursor.rows.len() {
            let token = token.as_simple().to_string();
            let separator = if cursor.address.contains('?') {
                '&'
            } else {
                '?'
            };
            let link = format!("{}{separator}$skiptoken={token}", cursor.address);
            body.insert("@odata.nextLink".to_owned(), json!(link));
            self.keep(
                token,
                Cursor {
                    offset: end,
                    ..cursor
                },
            );
        } else if let Some(link) = &cursor.delta_link {
            body.insert("@odata.deltaLink".to_owned(), json!(link));
        }
        body.insert("value".to_owned(), Value::Array(values));
        Value::Object(body)
    }
}

impl Cursor {
    pub(crate) fn first(
        rows: Rows,
        context: String,
        address: String,
        owner: AppId,
        issued: Timestamp,
    ) -> Self {
        Self {
            rows: Arc::new(rows.values),
            offset: 0,
            page_size: rows.page_size.max(1),
            context,
            delta_link: rows.delta_link,
            address,
            owner,
            issued,
        }
    }

    /// Whether a next link to this cursor belongs to a path.
    pub(crate) fn belongs_to(&self, address: &str) -> bool {
        let path = |address: &str| {
            address
                .split('?')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase()
        };
        path(&self.address) == path(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_repeat_on_demand_and_expire() {
        let mut cursors = Cursors::default();
        let owner = AppId::new(Uuid::from_u128(1));
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let rows = Rows {
            values: (0..5).map(|n| json!({ "n": n })).collect(),
            page_size: 2,
            ..Rows::default()
        };
        let first = Cursor::first(
            rows,
            "c".to_owned(),
            "https://x/v1.0/groups?$top=2".to_owned(),
            owner,
            now,
        );
        let page = cursors.page(first, None, Uuid::from_u128(7));
        let link = page["@odata.nextLink"].as_str().unwrap();
        let token = link.split("&$skiptoken=").nth(1).unwrap();
        let hour = SignedDuration::from_hours(1);
        for _ in 0..2 {
            let cursor = cursors.open(token, owner, now, hour).unwrap();
            let page = cursors.page(cursor, None, Uuid::from_u128(8));
            assert_eq!(page["value"], json!([{"n": 2}, {"n": 3}]));
        }
        let late = now + SignedDuration::from_hours(2);
        let error = cursors.open(token, owner, late, hour).unwrap_err();
        assert_eq!(error.code, "Directory_ExpiredPageToken");
        let other = AppId::new(Uuid::from_u128(2));
        assert!(cursors.open(token, other, now, hour).is_err());
    }
}
