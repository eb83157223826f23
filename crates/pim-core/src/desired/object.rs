//! The objects that people write, by kind and name. Nothing of what is in them.

use std::fmt;

use crate::ids::ObjectName;
use crate::schedule::Kind;

/// The kinds of objects that people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A tenant of Entra ID.
    EntraTenant,
    /// What the groups of some namespaces may be and hold.
    AccessBoundary,
    /// PIM settings that groups inherit.
    PolicyTemplate,
    /// A group with its policy settings.
    PrivilegedGroup,
    /// A role that a group holds.
    RoleBinding,
    /// Principals who are eligible for a group.
    EligibleAssignment,
    /// Who is active all the time.
    ActiveAssignment,
}

impl ObjectKind {
    /// Every kind that people write.
    pub const ALL: &'static [Self] = &[
        Self::EntraTenant,
        Self::AccessBoundary,
        Self::PolicyTemplate,
        Self::PrivilegedGroup,
        Self::RoleBinding,
        Self::EligibleAssignment,
        Self::ActiveAssignment,
    ];

    /// A group and what is declared for it.
    pub const OF_GROUP: &'static [Self] = &[
        Self::PrivilegedGroup,
        Self::RoleBinding,
        Self::EligibleAssignment,
        Self::ActiveAssignment,
    ];

    /// What lets people into a group.
    pub const ASSIGNMENTS: &'static [Self] = &[Self::EligibleAssignment, Self::ActiveAssignment];

    /// The name of the kind, as manifests write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EntraTenant => "EntraTenant",
            Self::AccessBoundary => "AccessBoundary",
            Self::PolicyTemplate => "PolicyTemplate",
            Self::PrivilegedGroup => "PrivilegedGroup",
            Self::RoleBinding => "RoleBinding",
            Self::EligibleAssignment => "EligibleAssignment",
            Self::ActiveAssignment => "ActiveAssignment",
        }
    }
}

impl From<Kind> for ObjectKind {
    /// The kind of objects that declare such assignments.
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Eligible => Self::EligibleAssignment,
            Kind::Active => Self::ActiveAssignment,
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names one object in Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object {
    /// The kind of the object.
    pub kind: ObjectKind,
    /// Its namespace, empty for kinds without one, and its name.
    pub name: ObjectName,
}

impl Object {
    /// An object by its kind and name.
    pub fn new(kind: ObjectKind, name: ObjectName) -> Self {
        Self { kind, name }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}
