//! The `OData` that Graph speaks: query options, filter expressions, projection.
//!
//! Parsing knows nothing of the tenant. What a collection supports is said by its [`Capabilities`]; everything else is
//! refused as the service refuses it (learn.microsoft.com: "Use query parameters", "Advanced query capabilities").

mod capabilities;
mod collection;
mod evaluate;
mod expansion;
mod expression;
mod lexer;
mod options;
mod types;

pub(crate) use capabilities::{
    ANY, Capabilities, ENDS, EQ, IN, LIKE, NE, NOT, Paging, Property, RANGE, STARTS,
};
pub(crate) use collection::{collection, collection_with, entity};
pub(crate) use expression::{Comparison, Expression};
pub(crate) use options::{Expand, Query};
pub(crate) use types::check_names;
