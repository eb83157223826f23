//! Newtypes for the ids that cross function boundaries.
//!
//! Graph writes every id as a lower-case GUID and compares without regard to case, which is what a parsed `Uuid` gives.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A text that is not a GUID in its hyphenated form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an id: write a GUID such as 00000000-0000-4000-8000-000000000000")]
pub struct InvalidId(String);

macro_rules! guid {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes the id from a GUID.
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The GUID inside the id.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            // Only the hyphenated form: Graph takes no braces, no urn and no bare digits.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                match Uuid::try_parse(text) {
                    Ok(id) if text.len() == 36 => Ok(Self(id)),
                    _ => Err(InvalidId(text.to_owned())),
                }
            }
        }
    };
}

guid! {
    /// Object id of a user, group, service principal or administrative unit.
    ObjectId
}
guid! {
    /// Client id of an application, which all tenants share.
    AppId
}
guid! {
    /// Id of a tenant.
    TenantId
}
guid! {
    /// Id of a directory role definition.
    RoleId
}

/// The two ways into a group that PIM tells apart (`accessId`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Access {
    /// Access as a member.
    Member,
    /// Access as an owner.
    Owner,
}

impl Access {
    /// The word in URLs, ids and bodies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Owner => "owner",
        }
    }

    /// The name of the navigation property of a group.
    pub const fn navigation(self) -> &'static str {
        match self {
            Self::Member => "members",
            Self::Owner => "owners",
        }
    }

    /// Reads the word whatever its case; Graph does the same.
    pub fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("member") {
            Some(Self::Member)
        } else if text.eq_ignore_ascii_case("owner") {
            Some(Self::Owner)
        } else {
            None
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A GUID that follows from a name, for what has the same id whenever it is read.
pub(crate) fn stable_guid(name: &str) -> Uuid {
    let digest = Sha256::digest(name);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// The application id of Microsoft Graph, the same in every tenant.
pub(crate) const GRAPH_APP: AppId =
    AppId::new(Uuid::from_u128(0x0000_0003_0000_0000_c000_0000_0000_0000));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_any_case_and_written_in_lower_case() {
        let id: ObjectId = "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE".parse().unwrap();
        assert_eq!(id.to_string(), "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
    }

    #[test]
    fn other_spellings_of_a_guid_are_no_ids() {
        for text in [
            "",
            "x",
            "{aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee}",
            "aaaaaaaabbbb4ccc8dddeeeeeeeeeeee",
        ] {
            assert!(text.parse::<ObjectId>().is_err(), "{text}");
        }
    }
}
