//! Where a role holds: the tenant, a management group, a subscription, a resource group or a resource.

use std::fmt;

/// The beginning of the id of a management group.
const MANAGEMENT_GROUPS: &str = "/providers/Microsoft.Management/managementGroups/";

/// A scope as somebody wrote it. Two are equal whatever the case of their letters.
#[derive(Clone, Debug)]
pub(crate) struct Scope(String);

/// What a scope names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopeLevel<'a> {
    Tenant,
    ManagementGroup(&'a str),
    Subscription(&'a str),
    ResourceGroup {
        subscription: &'a str,
        name: &'a str,
    },
    Resource {
        subscription: &'a str,
    },
}

impl Scope {
    /// Reads a scope; nothing if it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = format!("/{}", text.trim_matches('/'));
        // The long form of a subscription means the same.
        let alias = "/providers/microsoft.subscription";
        let text = match text.get(..alias.len()) {
            Some(head) if head.eq_ignore_ascii_case(alias) => text[alias.len()..].to_owned(),
            _ => text,
        };
        let scope = Self(text);
        scope.level().map(|_| ())?;
        Some(scope)
    }

    /// One that was read before.
    pub(super) fn spelled(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn subscription(id: &str) -> Self {
        Self(format!("/subscriptions/{id}"))
    }

    pub(crate) fn management_group(name: &str) -> Self {
        Self(format!("{MANAGEMENT_GROUPS}{name}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What it names; nothing if the path has another form.
    pub(crate) fn level(&self) -> Option<ScopeLevel<'_>> {
        let parts: Vec<&str> = self.0.split('/').filter(|part| !part.is_empty()).collect();
        let is = |index: usize, name: &str| {
            parts
                .get(index)
                .is_some_and(|part| part.eq_ignore_ascii_case(name))
        };
        match parts.as_slice() {
            [] => Some(ScopeLevel::Tenant),
            [_, _, _, name] if is(0, "providers") && is(2, "managementGroups") => {
                is(1, "Microsoft.Management").then_some(ScopeLevel::ManagementGroup(name))
            }
            [_, subscription] if is(0, "subscriptions") => {
                Some(ScopeLevel::Subscription(subscription))
            }
            [_, subscription, _, name] if is(0, "subscriptions") && is(2, "resourceGroups") => {
                Some(ScopeLevel::ResourceGroup { subscription, name })
            }
            // A provider, then pairs of a type and a name.
            [_, subscription, _, _, rest @ ..] | [_, subscription, rest @ ..]
                if is(0, "subscriptions")
                    && rest.first()?.eq_ignore_ascii_case("providers")
                    && rest.len() >= 4
                    && rest.len() % 2 == 0 =>
            {
                Some(ScopeLevel::Resource { subscription })
            }
            _ => None,
        }
    }

    /// The subscription that it lies in.
    pub(crate) fn within_subscription(&self) -> Option<&str> {
        match self.level()? {
            ScopeLevel::Subscription(subscription)
            | ScopeLevel::ResourceGroup { subscription, .. }
            | ScopeLevel::Resource { subscription } => Some(subscription),
            ScopeLevel::Tenant | ScopeLevel::ManagementGroup(_) => None,
        }
    }

    /// Whether the path of another scope begins with this one. What lies in a management group is not told by its path.
    pub(crate) fn is_prefix_of(&self, other: &Self) -> bool {
        let (own, other) = (self.key(), other.key());
        own == "/" || own == other || other.starts_with(&format!("{own}/"))
    }

    fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Scope {}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    #[test]
    fn every_level_is_told_by_its_path_whatever_its_case() {
        let vault = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv";
        assert_eq!(scope("/").level(), Some(ScopeLevel::Tenant));
        assert_eq!(
            scope("/providers/microsoft.management/managementgroups/corp").level(),
            Some(ScopeLevel::ManagementGroup("corp"))
        );
        assert_eq!(
            scope("/providers/Microsoft.Subscription/subscriptions/s"),
            scope("/Subscriptions/S/")
        );
        let group = scope("/subscriptions/s/resourcegroups/rg");
        assert!(matches!(
            group.level(),
            Some(ScopeLevel::ResourceGroup { name: "rg", .. })
        ));
        assert!(matches!(
            scope(vault).level(),
            Some(ScopeLevel::Resource { .. })
        ));
        for none in [
            "/subscriptions",
            "/nonsense/s",
            "/subscriptions/s/resourceGroups",
        ] {
            assert!(Scope::parse(none).is_none(), "{none}");
        }
        assert!(Scope::parse(&format!("{vault}/secrets")).is_none());
    }

    #[test]
    fn a_scope_begins_another_by_whole_segments() {
        let group = scope("/subscriptions/s/resourceGroups/app");
        assert!(group.is_prefix_of(&scope(
            "/subscriptions/S/resourcegroups/APP/providers/Microsoft.KeyVault/vaults/kv"
        )));
        assert!(!group.is_prefix_of(&scope("/subscriptions/s/resourceGroups/app-2")));
        assert!(scope("/").is_prefix_of(&group));
    }
}
