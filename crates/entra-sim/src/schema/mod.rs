//! The published shape of Microsoft Graph v1.0: which names, types and enum members a body may hold.
//!
//! Two committed tables say it: `graph-v1.0.tsv`, extracted from Microsoft's metadata, and
//! `additions.tsv`, written by hand for what the metadata of that date does not hold yet. Here they
//! are read once and bodies are held against them, in both directions. What the service does with a
//! well-formed body (which property is required, which rule is broken) is behaviour and belongs to
//! the handlers, not here.

mod annotation;
mod check;
mod formats;
mod lookup;
mod spelling;
mod table;
#[cfg(test)]
mod tests;
mod types;
mod value;
mod violation;
mod walk;

pub use check::{
    check_collection_response, check_reference, check_request, check_response, derives_from,
    is_known_type,
};
pub use lookup::{Form, Published, form, published, target};
pub use spelling::canonical_spelling;
pub use violation::{Problem, Violation};
pub use walk::Selection;
