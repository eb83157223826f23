//! How a group stands to the groups that are to be in it, and to those that it is to be in.

use std::collections::{BTreeMap, BTreeSet};

use super::Object;
use crate::boundary::Denial;
use crate::principal::Principal;

/// How a group stands to other groups of its namespace.
#[derive(Debug, Clone, Default)]
pub struct Nesting {
    /// Subjects who are groups of objects in the namespace.
    pub subjects: BTreeMap<Principal, NestedGroup>,
    /// The objects of other groups that name this one as a subject, or have not taken away yet what they gave it; of a group that
    /// is being deleted.
    pub named_by: BTreeSet<Object>,
}

/// A subject who is the group of an object in the namespace.
#[derive(Debug, Clone, Default)]
pub struct NestedGroup {
    /// The groups by which the outer one would come to be in itself: the outer one first and last.
    pub circle: Option<Vec<String>>,
    /// What the boundary of the outer group says against it.
    pub denial: Option<Denial>,
    /// Why nobody gets anything through it yet, if so.
    pub unguarded: Option<String>,
}
