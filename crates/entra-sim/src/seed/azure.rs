//! Loads what the Resource Manager serves.

use jiff::Timestamp;

use super::azure_model::{SeedAzure, SeedAzureAssignment, SeedAzureRole, SeedSubscription};
use super::ids::stable;
use super::model::Error;
use crate::journal::Effect;
use crate::resource_manager::definitions::role::{Authored, AzureRole, RoleAuthor};
use crate::resource_manager::scope::Scope;
use crate::resource_manager::state::{
    AzureAssignment, ManagementGroup, ResourceGroup, Subscription,
};
use crate::state::Tenant;

/// Where resource groups lie; a seed has no use for several places.
const LOCATION: &str = "westeurope";

/// Loads management groups, subscriptions, custom roles and who holds what. Principals have been loaded before.
pub(super) fn load_azure(
    tenant: &mut Tenant,
    seed: &SeedAzure,
    born: Timestamp,
) -> Result<(), Error> {
    for group in &seed.management_groups {
        let loaded = ManagementGroup {
            name: group.name.clone(),
            display_name: group
                .display_name
                .clone()
                .unwrap_or_else(|| group.name.clone()),
            parent: group.parent.clone(),
        };
        let groups = &mut tenant.azure.management_groups;
        groups.insert(group.name.to_ascii_lowercase(), loaded);
    }
    for subscription in &seed.subscriptions {
        load_subscription(tenant, subscription)?;
    }
    for role in &seed.custom_roles {
        load_role(tenant, role, born)?;
    }
    for one in &seed.role_assignments {
        load_assignment(tenant, one, born)?;
    }
    Ok(())
}

fn load_subscription(tenant: &mut Tenant, seed: &SeedSubscription) -> Result<(), Error> {
    let id = seed.id.to_string();
    let groups = seed.resource_groups.iter().map(|name| {
        let group = ResourceGroup {
            name: name.clone(),
            location: LOCATION.to_owned(),
        };
        (name.to_ascii_lowercase(), group)
    });
    let resources = seed.resources.iter().map(|path| {
        let path = format!("/subscriptions/{id}/{path}");
        Scope::parse(&path).ok_or(Error::Scope(path))
    });
    let loaded = Subscription {
        display_name: seed.display_name.clone(),
        parent: seed.management_group.clone(),
        resource_groups: groups.collect(),
        resources: resources.collect::<Result<_, _>>()?,
        id: id.clone(),
    };
    tenant.azure.subscriptions.insert(id, loaded);
    Ok(())
}

/// A scope that there is.
fn scope(tenant: &Tenant, path: &str) -> Result<Scope, Error> {
    let scope = Scope::parse(path).filter(|scope| tenant.azure.exists(scope));
    scope.ok_or_else(|| Error::Scope(path.to_owned()))
}

fn load_role(tenant: &mut Tenant, seed: &SeedAzureRole, born: Timestamp) -> Result<(), Error> {
    let id = seed
        .id
        .unwrap_or_else(|| stable(tenant, "azure role", &seed.name));
    let scopes = seed.assignable_scopes.iter();
    let authored = Authored {
        assignable_scopes: scopes
            .map(|path| scope(tenant, path))
            .collect::<Result<_, _>>()?,
        created_at: born,
        updated_at: born,
        created_by: None,
        updated_by: None,
    };
    let loaded = AzureRole {
        id,
        name: seed.name.clone(),
        description: seed.description.clone(),
        allowed: vec![seed.permissions.clone()],
        origin: RoleAuthor::Tenant(authored),
    };
    tenant.azure.custom_roles.insert(id, loaded);
    let effect = Effect::AzureRoleDefined {
        role: id.to_string(),
        name: seed.name.clone(),
    };
    tenant.effect(born, effect);
    Ok(())
}

fn load_assignment(
    tenant: &mut Tenant,
    seed: &SeedAzureAssignment,
    born: Timestamp,
) -> Result<(), Error> {
    let known = tenant.directory.principal(seed.principal);
    let known = known.ok_or_else(|| Error::Reference {
        reference: seed.principal.to_string(),
        place: "azure.roleAssignments".to_owned(),
    })?;
    let scope = scope(tenant, &seed.scope)?;
    let words = format!("{}/{}/{scope}", seed.role, seed.principal);
    let made = AzureAssignment {
        name: stable(tenant, "azure role assignment", &words),
        scope,
        role: seed.role,
        principal: seed.principal,
        kind: known.kind,
        condition_version: seed.condition.as_ref().map(|_| "2.0".to_owned()),
        condition: seed.condition.clone(),
        description: None,
        created_at: born,
        updated_at: born,
        updated_by: None,
    };
    tenant.effect(born, made.assigned());
    tenant.azure.assignments.insert(made.name, made);
    Ok(())
}
