//! The published shape of Microsoft Graph v1.0: which names, types and enum members a body may hold.
//!
//! Two committed tables say it: `graph-v1.0.tsv`, extracted from Microsoft's metadata, and
//! `additions.tsv`, written by hand for what the metadata of that date does not hold yet. Here they
//! are read once and bodies are held against them, in both directions. What the service does with a
//! well-formed body (which property is required, which rule is broken) is behaviour and belongs to
//! the handlers, not here.

mod annotation;
mod formats;
mod lookup;
mod spelling;
mod table;
#[cfg(test)]
mod tests;
mod value;
mod violation;
mod walk;

use serde_json::Value;

pub use lookup::{Form, Published, form, published, target};
pub use spelling::canonical_spelling;
pub use violation::{Problem, Violation};

use table::table;
use walk::{Direction, Walk};

/// Which properties an answer was asked to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection<'a> {
    /// Any subset of the properties: the service leaves out what is not returned by default.
    Partial,
    /// Exactly these properties and navigations, as `$select` and `$expand` name them.
    Only(&'a [&'a str]),
}

/// Holds the body of a request against the type its path declares.
///
/// Property names count as written; members of enumerations are compared without case, as the
/// service does (learn.microsoft.com: the samples of privilegedaccessgroup-post-eligibilityschedulerequests
/// send both `AdminAssign` and `adminAssign`). A service that accepts names in any case calls
/// [`canonical_spelling`] first.
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
