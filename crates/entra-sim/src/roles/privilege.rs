//! A directory role at a scope, as the schedule engine sees it, and the id of its assignment.
//!
//! learn.microsoft.com: unifiedroleassignment. The id of an assignment follows from what it ties together: the GUIDs of
//! role, principal and scope in the byte order of Windows, in URL-safe base64 without padding, and `-1` (decoded from
//! documented ids).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::ids::{ObjectId, RoleId};
use crate::journal::Target;
use crate::pim::engine::Privilege;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RoleScope {
    Tenant,
    /// The members of an administrative unit.
    Unit(ObjectId),
    /// One object of the directory.
    Object(ObjectId),
}

const UNITS: &str = "/administrativeUnits/";

impl RoleScope {
    /// Reads `/`, `/administrativeUnits/{id}` and `/{id}`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "/" {
            return Some(Self::Tenant);
        }
        match text.split_at_checked(UNITS.len()) {
            Some((head, id)) if head.eq_ignore_ascii_case(UNITS) => id.parse().ok().map(Self::Unit),
            _ => text.strip_prefix('/')?.parse().ok().map(Self::Object),
        }
    }

    const fn object(self) -> Option<ObjectId> {
        match self {
            Self::Tenant => None,
            Self::Unit(id) | Self::Object(id) => Some(id),
        }
    }
}

impl fmt::Display for RoleScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant => f.write_str("/"),
            Self::Unit(id) => write!(f, "{UNITS}{id}"),
            Self::Object(id) => write!(f, "/{id}"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RoleAt {
    pub(crate) role: RoleId,
    pub(crate) scope: RoleScope,
}

impl RoleAt {
    /// The id of the assignment of this role at this scope to a principal.
    pub(crate) fn assignment_id(&self, principal: ObjectId) -> String {
        let mut bytes = Vec::with_capacity(48);
        bytes.extend(self.role.uuid().to_bytes_le());
        bytes.extend(principal.uuid().to_bytes_le());
        if let Some(object) = self.scope.object() {
            bytes.extend(object.uuid().to_bytes_le());
        }
        format!("{}-1", URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl Privilege for RoleAt {
    type ScopeKey = RoleId;

    fn scope_key(&self) -> RoleId {
        self.role
    }

    fn key(&self, guid: Uuid) -> String {
        guid.to_string()
    }

    fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("roleDefinitionId".to_owned(), json!(self.role.to_string()));
        fields.insert("directoryScopeId".to_owned(), json!(self.scope.to_string()));
        fields.insert("appScopeId".to_owned(), Value::Null);
        fields
    }

    fn target(&self) -> Target {
        Target::DirectoryRole {
            role: self.role.to_string(),
            scope: self.scope.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_assignment_id_follows_from_role_and_principal() {
        let grant = RoleAt {
            role: "62e90394-69f5-4237-9190-012177145e10".parse().unwrap(),
            scope: RoleScope::Tenant,
        };
        let principal: ObjectId = "ace08ec9-aa11-4ada-9145-addf0398233e".parse().unwrap();
        assert_eq!(
            grant.assignment_id(principal),
            "lAPpYvVpN0KRkAEhdxReEMmO4KwRqtpKkUWt3wOYIz4-1"
        );
    }

    #[test]
    fn a_scope_below_the_tenant_makes_the_id_longer() {
        let unit: ObjectId = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee".parse().unwrap();
        let grant = RoleAt {
            role: "62e90394-69f5-4237-9190-012177145e10".parse().unwrap(),
            scope: RoleScope::Unit(unit),
        };
        assert_eq!(grant.assignment_id(unit).len(), 64 + 2);
    }

    #[test]
    fn scopes_are_read_as_they_are_written() {
        let id = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
        for text in [
            "/".to_owned(),
            format!("/{id}"),
            format!("/administrativeUnits/{id}"),
        ] {
            assert_eq!(RoleScope::parse(&text).unwrap().to_string(), text);
        }
        for text in ["", id, "/applications/x", "/administrativeUnits/x"] {
            assert_eq!(RoleScope::parse(text), None, "{text}");
        }
    }
}
