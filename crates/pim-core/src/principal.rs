//! Who: principals as manifests name them, and what looking them up found. No look-ups here.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{PrincipalId, UserPrincipalName};

/// What sort of principal a name means.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[schemars(inline)]
pub enum PrincipalKind {
    /// A person: user principal name or object id.
    User,
    /// A group, by its object id.
    Group,
    /// An application's service principal, by its application id.
    ServicePrincipal,
}

impl fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::ServicePrincipal => "ServicePrincipal",
        })
    }
}

/// A principal as a manifest names it.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[schemars(inline)]
pub struct Principal {
    /// `User`, `Group` or `ServicePrincipal`.
    pub kind: PrincipalKind,
    /// User: user principal name or object id. Group: object id. `ServicePrincipal`: application id.
    #[schemars(length(min = 1, max = 256))]
    pub name: String,
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// A principal as the tenant knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The object id.
    pub id: PrincipalId,
    /// What it is.
    pub kind: PrincipalKind,
    /// Users only.
    pub user_principal_name: Option<UserPrincipalName>,
    /// Whether the account may sign in.
    pub account: Account,
}

/// Whether an account may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// It may.
    Enabled,
    /// An administrator switched it off.
    Disabled,
}

/// What a look-up of a name found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// Exactly one principal.
    Found(Identity),
    /// Nothing bears the name.
    NotFound,
    /// Several do; their ids.
    Ambiguous(Vec<PrincipalId>),
}

/// What all names of a group's objects lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<Principal, Resolution>);

impl Names {
    /// The identity behind a name, if exactly one was found.
    pub fn identity(&self, principal: &Principal) -> Option<&Identity> {
        match self.0.get(principal) {
            Some(Resolution::Found(identity)) => Some(identity),
            _ => None,
        }
    }

    /// What sort of principal an id is, if any name led to it.
    pub fn kind_of(&self, id: PrincipalId) -> Option<PrincipalKind> {
        let mut found = self.0.values().filter_map(|resolution| match resolution {
            Resolution::Found(identity) => Some(identity),
            Resolution::NotFound | Resolution::Ambiguous(_) => None,
        });
        found
            .find(|identity| identity.id == id)
            .map(|identity| identity.kind)
    }

    /// What the look-up of a name found; a name that was never looked up is not found.
    pub fn resolution(&self, principal: &Principal) -> &Resolution {
        self.0.get(principal).unwrap_or(&Resolution::NotFound)
    }
}

impl FromIterator<(Principal, Resolution)> for Names {
    fn from_iter<I: IntoIterator<Item = (Principal, Resolution)>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}
