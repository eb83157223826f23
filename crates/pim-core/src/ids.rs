//! Newtypes for every id and name, so that two of them can never be swapped. No behaviour beyond parsing and printing
//! belongs here.
//!
//! Object ids of Entra are UUIDs that are compared without regard to case; [`Uuid`] gives that for free.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is no {expected}")]
pub struct InvalidId {
    /// What the text should have been, for a message.
    pub expected: &'static str,
    /// The text, cut to 80 characters.
    pub value: String,
}

/// The pattern of a UUID as the API server checks it.
pub const UUID_PATTERN: &str =
    "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident, $expected:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let refused = || InvalidId { expected: $expected, value: text.chars().take(80).collect() };
                if text.len() != 36 {
                    return Err(refused());
                }
                Uuid::try_parse(text).map(Self).map_err(|_| refused())
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "pattern": UUID_PATTERN, "maxLength": 36})
            }
        }
    )*};
}

uuid_ids! {
    /// A tenant (directory) of Entra ID.
    TenantId, "tenant id (a UUID)";
    /// The application (client) id that the operator signs in with.
    ClientId, "application id (a UUID)";
    /// The application id of a service principal.
    AppId, "application id (a UUID)";
    /// The object id of a group.
    GroupId, "group object id (a UUID)";
    /// The object id of a user, group or service principal.
    PrincipalId, "object id (a UUID)";
    /// The object id of an administrative unit.
    AdministrativeUnitId, "administrative unit id (a UUID)";
    /// The id of a role definition of Entra ID; for built-in roles equal to the template id.
    RoleDefinitionId, "role definition id (a UUID)";
}

impl From<GroupId> for PrincipalId {
    fn from(group: GroupId) -> Self {
        Self(group.0)
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

names! {
    /// The id of a policy (all rules of a group for one access kind). It changes when the service sees fit, so it is
    /// resolved before each write and never stored.
    PolicyId;
    /// The identity of a group that the operator created: `epim-` and 32 characters, see `identity::group_key`.
    GroupKey;
    /// The id of a rule inside a policy, for example `Expiration_EndUser_Assignment`.
    RuleId;
    /// The id of a custom extension of the tenant, which an activation calls. Graph writes a UUID.
    ExtensionId;
    /// A user principal name. Compared without regard to case, as the service does.
    UserPrincipalName;
    /// The id of an authentication context: `c1` to `c99`.
    AuthenticationContextId;
    /// The id of a plain directory role assignment.
    RoleAssignmentId;
    /// The id of a role in its system, in the one form in which its provider compares it.
    RoleId;
    /// Where a role holds, in the one form in which its provider compares it: for directory roles `/`,
    /// `/administrativeUnits/<id>` or `/<object id>`, as Graph writes it.
    RoleScope;
    /// The id of a request of PIM. Never an identity: requests are purged after about 45 days.
    RequestId;
}

impl UserPrincipalName {
    /// Equality as the service judges it: without regard to case.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0) || self.0.to_lowercase() == other.0.to_lowercase()
    }
}

/// The namespace and name of an object of ours in Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectName {
    /// The namespace; empty for kinds without one.
    pub namespace: String,
    /// The name inside the namespace.
    pub name: String,
}

impl ObjectName {
    /// Makes a name from its two parts.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_are_equal_whatever_their_case() {
        let lower: GroupId = "aaaaaaaa-1111-4111-8111-111111111111".parse().unwrap();
        let upper: GroupId = "AAAAAAAA-1111-4111-8111-111111111111".parse().unwrap();
        assert_eq!(lower, upper);
        assert_eq!(upper.to_string(), "aaaaaaaa-1111-4111-8111-111111111111");
    }

    #[test]
    fn a_text_that_is_no_id_says_what_was_expected() {
        let refused = "contoso".parse::<TenantId>().unwrap_err();
        assert_eq!(refused.to_string(), "\"contoso\" is no tenant id (a UUID)");
    }

    proptest! {
        #[test]
        fn an_id_is_read_back_as_it_was_printed_in_either_case(number in any::<u128>()) {
            let id = GroupId(Uuid::from_u128(number));
            prop_assert_eq!(id.to_string().parse::<GroupId>().unwrap(), id);
            prop_assert_eq!(id.to_string().to_uppercase().parse::<GroupId>().unwrap(), id);
            let shorter = &id.to_string()[1..];
            prop_assert!(shorter.parse::<GroupId>().is_err());
            prop_assert!(id.0.as_simple().to_string().parse::<GroupId>().is_err(), "one form only");
        }

        #[test]
        fn objects_of_different_names_are_never_printed_alike(
            (space, name) in ("[a-z][a-z-]{0,3}", "[a-z][a-z-]{0,3}"), (other_space, other_name) in ("[a-z][a-z-]{0,3}", "[a-z][a-z-]{0,3}"),
        ) {
            let (one, other) = (ObjectName::new(space, name), ObjectName::new(other_space, other_name));
            prop_assert_eq!(one == other, one.to_string() == other.to_string());
        }

        #[test]
        fn a_user_principal_name_is_the_same_in_any_case(name in "[a-zA-Z.]{1,8}@[a-z]{1,4}[.]com", other in "[a-z.]{1,8}@[a-z]{1,4}[.]com") {
            let (one, shouted) = (UserPrincipalName::new(name.clone()), UserPrincipalName::new(name.to_uppercase()));
            prop_assert!(one.matches(&shouted) && shouted.matches(&one));
            let stranger = UserPrincipalName::new(other.clone());
            prop_assert_eq!(one.matches(&stranger), name.to_lowercase() == other);
        }
    }
}
