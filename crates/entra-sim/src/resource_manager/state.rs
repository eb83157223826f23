//! What there is in Azure: management groups, subscriptions and what lies in them, and who holds which role where.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::definitions::built_in;
use super::definitions::role::{AzureRole, RoleAuthor};
use super::pim::privilege::{AzureRoleAt, ScopePath};
use super::scope::{Scope, ScopeLevel};
use crate::directory::model::PrincipalKind;
use crate::ids::ObjectId;
use crate::journal::Effect;
use crate::pim::engine::{Holding, Store};

/// Everything that the Resource Manager knows. Names are kept in small letters where they are keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct AzureState {
    /// Management groups: name, display name, the one that it lies in.
    pub(crate) management_groups: BTreeMap<String, ManagementGroup>,
    pub(crate) subscriptions: BTreeMap<String, Subscription>,
    /// The roles that somebody of the tenant has made.
    pub(crate) custom_roles: BTreeMap<Uuid, AzureRole>,
    /// Role assignments by their name, which is unique in the tenant.
    pub(crate) assignments: BTreeMap<Uuid, AzureAssignment>,
    /// What PIM keeps of roles.
    pub(crate) store: Store<AzureRoleAt>,
    /// What narrows roles that PIM keeps.
    pub(super) conditions: BTreeMap<Holding<AzureRoleAt>, String>,
}

#[derive(Clone, Debug)]
pub(crate) struct ManagementGroup {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) parent: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) display_name: String,
    /// The management group that it lies in.
    pub(crate) parent: Option<String>,
    pub(crate) resource_groups: BTreeMap<String, ResourceGroup>,
    /// Ids of resources.
    pub(crate) resources: Vec<Scope>,
}

#[derive(Clone, Debug)]
pub(crate) struct ResourceGroup {
    pub(crate) name: String,
    pub(crate) location: String,
}

/// Somebody holds a role at a scope.
#[derive(Clone, Debug)]
pub(crate) struct AzureAssignment {
    pub(crate) name: Uuid,
    pub(crate) scope: Scope,
    pub(crate) role: Uuid,
    pub(crate) principal: ObjectId,
    pub(crate) kind: PrincipalKind,
    pub(crate) condition: Option<String>,
    pub(crate) condition_version: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Who wrote it.
    pub(crate) updated_by: Option<ObjectId>,
}

impl AzureAssignment {
    /// What it gives, as PIM sees it.
    pub(super) fn holding(&self) -> Holding<AzureRoleAt> {
        let privilege = AzureRoleAt {
            role: self.role,
            scope: ScopePath::from(&self.scope),
        };
        Holding::active(privilege, self.principal)
    }

    /// What the journal says when it comes to be.
    pub(crate) fn assigned(&self) -> Effect {
        Effect::AzureRoleAssigned {
            name: self.name.to_string(),
            role: self.role.to_string(),
            principal: self.principal,
            scope: self.scope.to_string(),
        }
    }

    /// What the journal says when it goes.
    pub(crate) fn unassigned(&self) -> Effect {
        Effect::AzureRoleUnassigned {
            name: self.name.to_string(),
            role: self.role.to_string(),
            principal: self.principal,
            scope: self.scope.to_string(),
        }
    }
}

impl AzureState {
    /// A role of whatever kind.
    pub(super) fn role(&self, id: Uuid) -> Option<&AzureRole> {
        self.custom_roles.get(&id).or_else(|| built_in::find(id))
    }

    /// Whether something is at a scope.
    pub(crate) fn exists(&self, scope: &Scope) -> bool {
        let subscription = |id: &str| self.subscriptions.get(&id.to_ascii_lowercase());
        match scope.level() {
            None => false,
            Some(ScopeLevel::Tenant) => true,
            Some(ScopeLevel::ManagementGroup(name)) => self
                .management_groups
                .contains_key(&name.to_ascii_lowercase()),
            Some(ScopeLevel::Subscription(id)) => subscription(id).is_some(),
            Some(ScopeLevel::ResourceGroup {
                subscription: id,
                name,
            }) => subscription(id)
                .is_some_and(|one| one.resource_groups.contains_key(&name.to_ascii_lowercase())),
            Some(ScopeLevel::Resource { subscription: id }) => {
                subscription(id).is_some_and(|one| one.resources.contains(scope))
            }
        }
    }

    /// The same scope as it is written where it was made.
    pub(super) fn spelled(&self, scope: &Scope) -> Scope {
        let found = match scope.level() {
            Some(ScopeLevel::Resource { subscription }) => {
                let found = self.subscriptions.get(&subscription.to_ascii_lowercase());
                found.and_then(|one| one.resources.iter().find(|known| *known == scope))
            }
            _ => None,
        };
        if let Some(known) = found {
            return known.clone();
        }
        let spelled = match scope.level() {
            Some(ScopeLevel::ManagementGroup(name)) => self
                .management_groups
                .get(&name.to_ascii_lowercase())
                .map(|one| Scope::management_group(&one.name)),
            Some(ScopeLevel::Subscription(id)) => self
                .subscriptions
                .get(&id.to_ascii_lowercase())
                .map(|one| Scope::subscription(&one.id)),
            Some(ScopeLevel::ResourceGroup { subscription, name }) => {
                let one = self.subscriptions.get(&subscription.to_ascii_lowercase());
                one.and_then(|one| {
                    let group = one.resource_groups.get(&name.to_ascii_lowercase())?;
                    let path = format!("/subscriptions/{}/resourceGroups/{}", one.id, group.name);
                    Scope::parse(&path)
                })
            }
            _ => None,
        };
        spelled.unwrap_or_else(|| scope.clone())
    }

    /// Whether one scope lies in another, or is the same: what holds there holds here.
    pub(crate) fn covers(&self, outer: &Scope, inner: &Scope) -> bool {
        if outer.is_prefix_of(inner) {
            return true;
        }
        let Some(ScopeLevel::ManagementGroup(group)) = outer.level() else {
            return false;
        };
        self.management_groups_above(inner)
            .iter()
            .any(|above| above.eq_ignore_ascii_case(group))
    }

    /// The management groups that a scope lies in, itself included, the nearest first.
    fn management_groups_above(&self, scope: &Scope) -> Vec<String> {
        let first = match scope.level() {
            Some(ScopeLevel::ManagementGroup(name)) => Some(name.to_owned()),
            _ => scope
                .within_subscription()
                .and_then(|id| self.subscriptions.get(&id.to_ascii_lowercase()))
                .and_then(|one| one.parent.clone()),
        };
        let parent = |name: &String| {
            let group = self.management_groups.get(&name.to_ascii_lowercase());
            group.and_then(|group| group.parent.clone())
        };
        // A tree has no more levels than groups, whatever a seed says.
        std::iter::successors(first, parent)
            .take(self.management_groups.len().max(1))
            .collect()
    }

    /// Whether a role can be given at a scope.
    pub(super) fn is_assignable(&self, role: &AzureRole, scope: &Scope) -> bool {
        match &role.origin {
            RoleAuthor::Service => true,
            RoleAuthor::Tenant(authored) => authored
                .assignable_scopes
                .iter()
                .any(|outer| self.covers(outer, scope)),
        }
    }

    /// Whether a role can be given at a scope or somewhere below it.
    pub(super) fn is_assignable_below(&self, role: &AzureRole, scope: &Scope) -> bool {
        let below = match &role.origin {
            RoleAuthor::Service => false,
            RoleAuthor::Tenant(authored) => authored
                .assignable_scopes
                .iter()
                .any(|inner| self.covers(scope, inner)),
        };
        below || self.is_assignable(role, scope)
    }

    /// Narrows a role that PIM keeps, or does not any more.
    pub(super) fn condition(&mut self, holding: Holding<AzureRoleAt>, condition: Option<String>) {
        match condition {
            Some(condition) => self.conditions.insert(holding, condition),
            None => self.conditions.remove(&holding),
        };
    }

    /// The assignment of this role to this principal at exactly this scope.
    pub(crate) fn same(
        &self,
        scope: &Scope,
        principal: ObjectId,
        role: Uuid,
    ) -> Option<&AzureAssignment> {
        self.assignments
            .values()
            .find(|one| one.scope == *scope && one.principal == principal && one.role == role)
    }
}
