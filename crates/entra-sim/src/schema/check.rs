//! Holds whole bodies against the tables: requests, answers, pages, references.

use serde_json::Value;

use super::table::table;
use super::violation::Violation;
use super::walk::{Direction, Selection, Walk};

/// Holds the body of a request against the type its path declares.
///
/// Property names count as written; members of enumerations are compared without case, as the
/// service does (learn.microsoft.com: the samples of privilegedaccessgroup-post-eligibilityschedulerequests
/// send both `AdminAssign` and `adminAssign`). A service that accepts names in any case calls
/// [`canonical_spelling`](super::canonical_spelling) first.
pub fn check_request(type_name: &str, body: &Value) -> Result<(), Vec<Violation>> {
    let mut walk = Walk::new(table(), Direction::Request);
    walk.object("", type_name, body);
    walk.finish()
}

/// Holds the body of an answer with one object against its type.
///
/// Objects may be partial, annotations are allowed, enum members are compared without case because
/// the service itself mixes `adminAssign` and `Provisioned`.
pub fn check_response(
    type_name: &str,
    body: &Value,
    selection: Selection<'_>,
) -> Result<(), Vec<Violation>> {
    let mut walk = Walk::new(table(), Direction::Response);
    walk.selected("", type_name, body, selection);
    walk.finish()
}

/// Holds the body of an answer with a collection (a page, a delta round) against the type of its items.
pub fn check_collection_response(
    item_type: &str,
    body: &Value,
    selection: Selection<'_>,
) -> Result<(), Vec<Violation>> {
    let mut walk = Walk::new(table(), Direction::Response);
    walk.page(item_type, body, selection);
    walk.finish()
}

/// Holds the body of a `$ref` request against its one form: an object with nothing but `@odata.id`.
pub fn check_reference(body: &Value) -> Result<(), Vec<Violation>> {
    let mut walk = Walk::new(table(), Direction::Request);
    walk.reference(body);
    walk.finish()
}

/// Whether the tables hold a structured type of this name.
pub fn is_known_type(type_name: &str) -> bool {
    table().structured(type_name).is_some()
}

/// Whether objects of `type_name` may stand where `declared` is expected.
pub fn derives_from(type_name: &str, declared: &str) -> bool {
    table().derives_from(type_name, declared)
}
