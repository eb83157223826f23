//! Lists as they come: rows that can be read, and those that cannot. One odd row says nothing about the others; what it
//! says about an absence is the caller's decision, who is told which rows they are.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::error::sanitize;

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its id, where that much can be read.
    pub id: Option<String>,
    /// Its mail nickname, if it is a group, where that much can be read.
    pub nickname: Option<String>,
    /// Why the row cannot be read.
    pub reason: String,
}

impl Unreadable {
    /// Whether it may have this id, as far as that can be read.
    pub fn may_have_id(&self, id: &str) -> bool {
        may_be(self.id.as_deref(), id)
    }

    /// Whether it may bear this nickname, as far as that can be read.
    pub fn may_have_nickname(&self, nickname: &str) -> bool {
        may_be(self.nickname.as_deref(), nickname)
    }
}

fn may_be(known: Option<&str>, text: &str) -> bool {
    known.is_none_or(|known| known.eq_ignore_ascii_case(text))
}

/// A whole list, from its first page to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The rows that can be read.
    pub rows: Vec<T>,
    /// The rows that cannot be read.
    pub unreadable: Vec<Unreadable>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            unreadable: Vec::new(),
        }
    }
}

impl<T> Listed<T> {
    /// The same list with its rows as something else.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Listed<U> {
        Listed {
            rows: self.rows.into_iter().map(change).collect(),
            unreadable: self.unreadable,
        }
    }

    /// The same list with its rows as something else, without those that are nothing.
    pub fn filter_map<U>(self, change: impl FnMut(T) -> Option<U>) -> Listed<U> {
        Listed {
            rows: self.rows.into_iter().filter_map(change).collect(),
            unreadable: self.unreadable,
        }
    }

    /// Adds the rows of another list.
    pub fn extend(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.unreadable.extend(other.unreadable);
    }
}

impl<T: DeserializeOwned> Listed<T> {
    /// Reads rows one by one.
    pub(crate) fn read(rows: &[Box<RawValue>]) -> Self {
        let mut listed = Self::default();
        for row in rows {
            match serde_json::from_str(row.get()) {
                Ok(row) => listed.rows.push(row),
                Err(reason) => listed.unreadable.push(Unreadable {
                    id: text(row, "id"),
                    nickname: text(row, "mailNickname"),
                    reason: sanitize(&reason.to_string(), 200),
                }),
            }
        }
        listed
    }
}

fn text(row: &RawValue, field: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(row.get()).ok()?;
    value
        .get(field)
        .and_then(serde_json::Value::as_str)
        .map(|text| sanitize(text, 128))
}
