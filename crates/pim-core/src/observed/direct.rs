//! Members and owners, as the directory shows them.

use std::fmt;

use crate::ids::PrincipalId;
use crate::principal::PrincipalKind;
use crate::schedule::{Access, Key, Kind};

/// A member or owner as the directory lists them, whatever made them one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Direct {
    /// Whether they are member or owner.
    pub access: Access,
    /// The object id of the member or owner.
    pub principal: PrincipalId,
    /// What sort of object they are.
    pub kind: DirectKind,
}

impl Direct {
    /// What they have by it.
    pub fn key(&self) -> Key {
        Key {
            access: self.access,
            principal: self.principal,
            kind: Kind::Active,
        }
    }
}

/// What can be a member or owner of a group (learn.microsoft.com: group-list-members). Manifests can name the first three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectKind {
    /// A person.
    User,
    /// Another group.
    Group,
    /// An application's service principal.
    ServicePrincipal,
    /// A device.
    Device,
    /// A contact of the organization.
    Contact,
    /// A kind that this version does not know.
    Other,
}

impl fmt::Display for DirectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Group => "group",
            Self::ServicePrincipal => "service principal",
            Self::Device => "device",
            Self::Contact => "contact",
            Self::Other => "directory object of another kind",
        })
    }
}

impl From<PrincipalKind> for DirectKind {
    fn from(kind: PrincipalKind) -> Self {
        match kind {
            PrincipalKind::User => Self::User,
            PrincipalKind::Group | PrincipalKind::PrivilegedGroup => Self::Group,
            PrincipalKind::ServicePrincipal => Self::ServicePrincipal,
        }
    }
}
