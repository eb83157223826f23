//! What a directory role is: the built-in ones, the same in every tenant, and custom ones.

use crate::directory::model::PrincipalKind;
use crate::ids::RoleId;

/// Name and template id of the built-in roles.
const BUILT_IN: &str = include_str!("directory-roles.tsv");

/// Built-in roles that can be assigned in an administrative unit
/// (learn.microsoft.com: manage-roles-portal, roles with administrative unit scope).
const UNIT_ROLES: [&str; 14] = [
    "Attribute Assignment Administrator",
    "Attribute Assignment Reader",
    "Authentication Administrator",
    "Cloud Device Administrator",
    "Groups Administrator",
    "Helpdesk Administrator",
    "License Administrator",
    "Password Administrator",
    "Printer Administrator",
    "Privileged Authentication Administrator",
    "SharePoint Administrator",
    "Teams Administrator",
    "Teams Devices Administrator",
    "User Administrator",
];

/// Built-in roles that can be assigned on one application (learn.microsoft.com: custom-overview, scope).
const OBJECT_ROLES: [&str; 2] = [
    "Application Administrator",
    "Cloud Application Administrator",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoleDefinition {
    pub(crate) id: RoleId,
    /// Of a custom role it may differ from the id.
    pub(crate) template_id: RoleId,
    pub(crate) display_name: String,
    pub(crate) origin: RoleOrigin,
    /// Actions of a custom role; those of built-in roles are not part of the simulator.
    pub(crate) actions: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoleOrigin {
    BuiltIn,
    Custom,
}

impl RoleDefinition {
    /// Whether it can be assigned in an administrative unit: of custom roles those that act on users, groups or
    /// devices.
    pub(crate) fn fits_units(&self) -> bool {
        match self.origin {
            RoleOrigin::BuiltIn => UNIT_ROLES.contains(&self.display_name.as_str()),
            RoleOrigin::Custom => self.acts_on(&["users", "groups", "devices"]),
        }
    }

    /// Whether it can be assigned on one object of a kind: an application, or a group for custom roles that act on
    /// groups.
    pub(crate) fn fits_objects(&self, kind: PrincipalKind) -> bool {
        match (self.origin, kind) {
            (RoleOrigin::BuiltIn, PrincipalKind::ServicePrincipal) => {
                OBJECT_ROLES.contains(&self.display_name.as_str())
            }
            (RoleOrigin::Custom, PrincipalKind::ServicePrincipal) => {
                self.acts_on(&["applications", "servicePrincipals"])
            }
            (RoleOrigin::Custom, PrincipalKind::Group) => self.acts_on(&["groups"]),
            (RoleOrigin::BuiltIn, PrincipalKind::Group) | (_, PrincipalKind::User) => false,
        }
    }

    /// Whether one of its actions is on such resources; `groups.security` is a kind of `groups`.
    fn acts_on(&self, resources: &[&str]) -> bool {
        self.actions.iter().any(|action| {
            let mut parts = action.split('/');
            let directory = parts.next() == Some("microsoft.directory");
            let resource = parts.next().and_then(|resource| resource.split('.').next());
            directory
                && resource.is_some_and(|resource| {
                    resources
                        .iter()
                        .any(|one| one.eq_ignore_ascii_case(resource))
                })
        })
    }
}

pub(super) fn built_in() -> impl Iterator<Item = RoleDefinition> {
    BUILT_IN
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let (name, id) = (columns.next()?, columns.next()?.parse().ok()?);
            Some(RoleDefinition {
                id,
                template_id: id,
                display_name: name.to_owned(),
                origin: RoleOrigin::BuiltIn,
                actions: Vec::new(),
            })
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn built_in_roles_have_one_id_and_one_name_each() {
        let all: Vec<RoleDefinition> = built_in().collect();
        assert!(all.len() > 100, "{}", all.len());
        let ids: BTreeSet<RoleId> = all.iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), all.len());
        let find = |name: &str| {
            all.iter()
                .find(|one| one.display_name == name)
                .map(|one| one.id.to_string())
        };
        assert_eq!(
            find("Global Administrator").unwrap(),
            "62e90394-69f5-4237-9190-012177145e10"
        );
        assert_eq!(
            find("Helpdesk Administrator").unwrap(),
            "729827e3-9c14-49f7-bb1b-9608f156bbb8"
        );
    }

    #[test]
    fn roles_with_a_narrower_scope_are_known_by_name() {
        let names: BTreeSet<String> = built_in().map(|one| one.display_name).collect();
        let unknown: Vec<&&str> = UNIT_ROLES
            .iter()
            .chain(&OBJECT_ROLES)
            .filter(|name| !names.contains(**name))
            .collect();
        assert_eq!(unknown, Vec::<&&str>::new());
    }

    #[test]
    fn a_custom_role_fits_the_scopes_of_what_it_acts_on() {
        let custom = |action: &str| RoleDefinition {
            id: RoleId::new(uuid::Uuid::nil()),
            template_id: RoleId::new(uuid::Uuid::nil()),
            display_name: "Own".to_owned(),
            origin: RoleOrigin::Custom,
            actions: vec![format!("microsoft.directory/{action}")],
        };
        for (action, unit, group, application) in [
            ("users/standard/read", true, false, false),
            ("groups.security/members/update", true, true, false),
            ("devices/disable", true, false, false),
            ("applications/credentials/update", false, false, true),
            ("servicePrincipals/disable", false, false, true),
            ("namedLocations/create", false, false, false),
        ] {
            let role = custom(action);
            assert_eq!(role.fits_units(), unit, "{action}");
            assert_eq!(role.fits_objects(PrincipalKind::Group), group, "{action}");
            assert_eq!(
                role.fits_objects(PrincipalKind::ServicePrincipal),
                application,
                "{action}"
            );
            assert!(!role.fits_objects(PrincipalKind::User), "{action}");
        }
    }
}
