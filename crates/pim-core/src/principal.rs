//! Who: principals as manifests name them, and what looking them up found. No look-ups here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::admission::{OBJECT_NAME, add_rule, address_pattern};
use crate::assignability::Assignability;
use crate::context::Contexts;
use crate::ids::{PrincipalId, UUID_PATTERN, UserPrincipalName};
use crate::reason::Reason;

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
    /// A group that an object in the same namespace declares, by the name of its `PrivilegedGroup`.
    PrivilegedGroup,
    /// An application's service principal, by its application id.
    ServicePrincipal,
}

impl PrincipalKind {
    /// Whether it is a group, however it is named.
    pub fn is_group(self) -> bool {
        matches!(self, Self::Group | Self::PrivilegedGroup)
    }
}

impl fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::PrivilegedGroup => "PrivilegedGroup",
            Self::ServicePrincipal => "ServicePrincipal",
        })
    }
}

/// The longest user principal name: 64 characters, `@` and 48 (learn.microsoft.com: plan-connect-userprincipalname).
const LONGEST_USER_PRINCIPAL_NAME: u32 = 113;

/// A principal as a manifest names it.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[schemars(inline, transform = named_as_its_kind_asks)]
pub struct Principal {
    /// `User`, `Group`, `PrivilegedGroup` or `ServicePrincipal`.
    pub kind: PrincipalKind,
    /// User: user principal name or object id. Group: object id. `PrivilegedGroup`: name of the object in the same namespace.
    /// `ServicePrincipal`: application id.
    #[schemars(length(min = 1, max = 256))]
    pub name: String,
}

/// A name of a wrong form leads to nobody, however often it is looked up; so it is refused, with the form that is wanted.
fn named_as_its_kind_asks(schema: &mut Schema) {
    let id = format!("self.name.matches('{UUID_PATTERN}')");
    let address = format!(
        "size(self.name) <= {LONGEST_USER_PRINCIPAL_NAME} && self.name.matches({})",
        address_pattern()
    );
    add_rule(
        schema,
        &format!("self.kind != 'User' || {id} || ({address})"),
        "a User is named by its user principal name, for example jose@contoso.com (113 characters at the most), or by its object id",
    );
    add_rule(
        schema,
        &format!("self.kind != 'Group' || {id}"),
        "a Group is named by its object id, for example 11111111-1111-4111-8111-111111111111",
    );
    add_rule(
        schema,
        &format!("self.kind != 'PrivilegedGroup' || self.name.matches('{OBJECT_NAME}')"),
        "a PrivilegedGroup is named by the name of its object in the same namespace, for example oncall",
    );
    add_rule(
        schema,
        &format!("self.kind != 'ServicePrincipal' || {id}"),
        "a ServicePrincipal is named by its application (client) id, for example 11111111-1111-4111-8111-111111111111",
    );
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// A principal as the tenant knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The object id in the tenant.
    pub id: PrincipalId,
    /// Whether it is a user, a group or a service principal.
    pub kind: PrincipalKind,
    /// The user principal name; none for groups and applications.
    pub user_principal_name: Option<UserPrincipalName>,
    /// Whether the account may sign in.
    pub account: Account,
    /// Users only: whether the person belongs to the tenant; nothing where it was not read.
    pub user_type: Option<UserType>,
    /// Groups only: what was read of the group.
    pub group: Option<GroupFacts>,
    /// Applications only: what people call it, where that was read.
    pub application: Option<String>,
}

/// What is known of a group that a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFacts {
    /// What people call it.
    pub display_name: String,
    /// Whether it can hold directory roles: then nobody but its owners and the highest administrators decides who is in it.
    pub assignability: Assignability,
}

/// Whether a user belongs to the tenant (learn.microsoft.com: user-properties).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserType {
    /// The user is a member of the tenant.
    Member,
    /// The user was invited from elsewhere.
    Guest,
}

impl Identity {
    /// What people call it, where that is known.
    pub fn called(&self) -> Option<&str> {
        let signs_in = self.user_principal_name.as_ref();
        let group = self.group.as_ref();
        signs_in
            .map(UserPrincipalName::as_str)
            .or_else(|| group.map(|group| group.display_name.as_str()))
            .or(self.application.as_deref())
    }

    /// Whether the identity is that of somebody from elsewhere. The name of an invited account holds `#EXT#`, also
    /// after it was made a member; where neither type nor name tells, nothing speaks for a guest.
    pub fn is_guest(&self) -> bool {
        let external = |name: &UserPrincipalName| name.as_str().to_uppercase().contains("#EXT#");
        self.user_type == Some(UserType::Guest)
            || self.user_principal_name.as_ref().is_some_and(external)
    }
}

/// Whether an account may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// The account may sign in.
    Enabled,
    /// An administrator switched it off.
    Disabled,
    /// It was not read whether the account may sign in.
    Unknown,
}

/// What a look-up of a name found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// Exactly one principal bears the name.
    Found(Identity),
    /// No principal bears the name.
    NotFound,
    /// Several principals bear the name; these are their ids.
    Ambiguous(Vec<PrincipalId>),
    /// The group of an object, which is not as it would have to be before anybody gets anything through it.
    Withheld {
        /// Why.
        reason: Reason,
        /// What people are told.
        message: String,
        /// The group that the object's status names; not proved.
        hint: Option<PrincipalId>,
    },
    /// Nothing of the named kind, but the text leads to something else; what it is and what to write instead.
    Elsewhere(String),
    /// It was not looked up, because nothing would be done with the answer.
    Unread,
}

/// What all names of a group's objects lead to, and who of those that it had is gone from the tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    found: BTreeMap<Principal, Resolution>,
    gone: BTreeSet<PrincipalId>,
    accounts: Accounts,
    contexts: Contexts,
}

/// Whether the reads also told which accounts are enabled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Accounts {
    /// At least one account was not read.
    #[default]
    Unread,
    /// All accounts were read.
    Read,
}

impl Names {
    /// The identity behind a name, if exactly one was found.
    pub fn identity(&self, principal: &Principal) -> Option<&Identity> {
        match self.found.get(principal) {
            Some(Resolution::Found(identity)) => Some(identity),
            _ => None,
        }
    }

    /// What sort of principal an id is, if any name led to it.
    pub fn kind_of(&self, id: PrincipalId) -> Option<PrincipalKind> {
        let mut found = self
            .found
            .values()
            .filter_map(|resolution| match resolution {
                Resolution::Found(identity) => Some(identity),
                Resolution::NotFound
                | Resolution::Ambiguous(_)
                | Resolution::Elsewhere(_)
                | Resolution::Withheld { .. }
                | Resolution::Unread => None,
            });
        found
            .find(|identity| identity.id == id)
            .map(|identity| identity.kind)
    }

    /// What the look-up of a name found.
    pub fn resolution(&self, principal: &Principal) -> &Resolution {
        self.found.get(principal).unwrap_or(&Resolution::Unread)
    }

    /// Adds what further names lead to.
    #[must_use]
    pub fn and(mut self, found: impl IntoIterator<Item = (Principal, Resolution)>) -> Self {
        self.found.extend(found);
        self
    }

    /// Notes who was looked for by object id and is not in the tenant any more.
    #[must_use]
    pub fn without(mut self, gone: impl IntoIterator<Item = PrincipalId>) -> Self {
        self.gone.extend(gone);
        self
    }

    /// Notes what was read of authentication contexts.
    #[must_use]
    pub fn with_contexts(mut self, contexts: Contexts) -> Self {
        self.contexts = contexts;
        self
    }

    /// What was read of authentication contexts.
    pub fn contexts(&self) -> &Contexts {
        &self.contexts
    }

    /// Notes that it was asked of everybody whether their account is enabled.
    #[must_use]
    pub fn with_accounts(mut self) -> Self {
        self.accounts = Accounts::Read;
        self
    }

    /// Whether it was asked of everybody whether their account is enabled.
    pub fn accounts(&self) -> Accounts {
        self.accounts
    }

    /// Whether somebody was looked for by object id and is not in the tenant any more.
    pub fn is_gone(&self, principal: PrincipalId) -> bool {
        self.gone.contains(&principal)
    }

    /// What people call a principal: the name by which an object means them.
    pub fn name_of(&self, id: PrincipalId) -> Option<&str> {
        let means = |resolution: &Resolution| matches!(resolution, Resolution::Found(identity) if identity.id == id);
        let (name, resolution) = self
            .found
            .iter()
            .find(|(_, resolution)| means(resolution))?;
        let called = match resolution {
            Resolution::Found(identity) => identity.called(),
            _ => None,
        };
        Some(called.unwrap_or(&name.name))
    }
}

impl FromIterator<(Principal, Resolution)> for Names {
    fn from_iter<I: IntoIterator<Item = (Principal, Resolution)>>(names: I) -> Self {
        Self {
            found: names.into_iter().collect(),
            gone: BTreeSet::new(),
            accounts: Accounts::default(),
            contexts: Contexts::default(),
        }
    }
}
