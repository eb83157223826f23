//! What narrows a role that somebody holds (learn.microsoft.com: "Azure role assignment condition format and syntax").
//!
//! All of the language is read. Judged is what concerns the assignments of roles ("Authorization actions and attributes"): an
//! expression about anything else, for instance about blobs, does not hold here.
//!
//! | Module | What |
//! | --- | --- |
//! | [`lexer`] | from text to words |
//! | [`parse`] | from words to an expression |
//! | [`evaluate`] | whether it holds |

mod evaluate;
mod lexer;
mod parse;
#[cfg(test)]
mod tests;

use uuid::Uuid;

use crate::directory::model::PrincipalKind;
use crate::ids::ObjectId;

/// A condition that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition(Clause);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Clause {
    All(Vec<Clause>),
    Any(Vec<Clause>),
    Not(Box<Clause>),
    /// The action is one of these patterns.
    Action(Vec<String>),
    /// A part of an action. Those on roles have none.
    SubOperation,
    Exists(Attribute),
    Compare(ValueComparison),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Attribute {
    source: AttributeSource,
    name: String,
}

/// Where an attribute is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AttributeSource {
    Request,
    Resource,
    /// The principal or the environment: nothing that is judged here is found there.
    Elsewhere,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ValueComparison {
    left: Operand,
    left_needs: Quantifier,
    right_needs: Quantifier,
    test: Test,
    right: Operand,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operand {
    Attribute(Attribute),
    Values(Vec<String>),
}

/// How many of the values have to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    Any,
    All,
}

/// What is held against what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Guid(Sense),
    Text(Sense),
    TextIgnoringCase(Sense),
    /// A comparison of values that assignments of roles do not have.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    Equal,
    Different,
}

/// The assignment that an action is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct AssignmentFacts {
    pub(super) role: Uuid,
    pub(super) principal: ObjectId,
    /// What the principal is, where it is said.
    pub(super) kind: Option<PrincipalKind>,
}

/// What of an action conditions can look at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Particulars {
    /// Not known yet: conditions are judged later.
    Unread,
    None,
    /// What a request asks for.
    Request(AssignmentFacts),
    /// What there is already.
    Resource(AssignmentFacts),
}

/// What a condition is judged by.
pub(super) struct Circumstances<'a> {
    pub(super) action: &'a str,
    pub(super) particulars: &'a Particulars,
}

/// A text that is no condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoCondition;
