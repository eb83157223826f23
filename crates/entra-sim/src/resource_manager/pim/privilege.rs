//! A role at a scope of Azure, as the schedule engine sees it.

use std::cmp::Ordering;
use std::fmt;

use internment::Intern;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::journal::Target;
use crate::pim::engine::Privilege;
use crate::resource_manager::scope::Scope;

/// A scope that is cheap to copy. Two are equal whatever the case of their letters, as scopes are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScopePath(Intern<str>);

impl ScopePath {
    pub(crate) fn scope(self) -> Scope {
        Scope::spelled(&self.0)
    }

    fn key(self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl From<&Scope> for ScopePath {
    fn from(scope: &Scope) -> Self {
        Self(Intern::from(scope.as_str()))
    }
}

impl PartialEq for ScopePath {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ScopePath {}

impl PartialOrd for ScopePath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ScopePath {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Display for ScopePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AzureRoleAt {
    pub(crate) role: Uuid,
    pub(crate) scope: ScopePath,
}

impl Privilege for AzureRoleAt {
    type ScopeKey = ScopePath;

    fn scope_key(&self) -> ScopePath {
        self.scope
    }

    fn key(&self, guid: Uuid) -> String {
        guid.to_string()
    }

    fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("scope".to_owned(), json!(self.scope.to_string()));
        fields
    }

    fn target(&self) -> Target {
        Target::AzureRole {
            role: self.role.to_string(),
            scope: self.scope.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_the_same_whatever_its_case() {
        let path = |text: &str| ScopePath::from(&Scope::parse(text).unwrap());
        let (one, same) = (path("/subscriptions/A"), path("/SUBSCRIPTIONS/a"));
        assert_eq!((one, one.cmp(&same)), (same, Ordering::Equal));
        assert_ne!(one, path("/subscriptions/B"));
    }
}
