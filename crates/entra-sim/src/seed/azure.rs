//! Loads what the Resource Manager serves.

use jiff::Timestamp;

use super::ids::stable;
use super::model::{Error, SeedAzure};
use crate::resource_manager::scope::Scope;
use crate::resource_manager::state::{
    AzureAssignment, ManagementGroup, ResourceGroup, Subscription,
};
use crate::state::Tenant;

/// Where resource groups lie; a seed has no use for several places.
const LOCATION: &str = "westeurope";

/// Loads management groups, subscriptions and who holds what. Principals have been loaded before.
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
        let id = subscription.id.to_string();
        let groups = subscription.resource_groups.iter().map(|name| {
            let group = ResourceGroup {
                name: name.clone(),
                location: LOCATION.to_owned(),
            };
            (name.to_ascii_lowercase(), group)
        });
        let resources = subscription.resources.iter().map(|path| {
            let path = format!("/subscriptions/{id}/{path}");
            Scope::parse(&path).ok_or(Error::Scope(path))
        });
        let loaded = Subscription {
            display_name: subscription.display_name.clone(),
            parent: subscription.management_group.clone(),
            resource_groups: groups.collect(),
            resources: resources.collect::<Result<_, _>>()?,
            id: id.clone(),
        };
        tenant.azure.subscriptions.insert(id, loaded);
    }
    for one in &seed.role_assignments {
        let scope = Scope::parse(&one.scope).ok_or_else(|| Error::Scope(one.scope.clone()))?;
        let known = tenant.directory.principal(one.principal);
        let known = known.ok_or_else(|| Error::Reference {
            reference: one.principal.to_string(),
            place: "azure.roleAssignments".to_owned(),
        })?;
        if !tenant.azure.exists(&scope) {
            return Err(Error::Scope(one.scope.clone()));
        }
        let words = format!("{}/{}/{scope}", one.role, one.principal);
        let made = AzureAssignment {
            name: stable(tenant, "azure role assignment", &words),
            scope,
            role: one.role,
            principal: one.principal,
            kind: known.kind,
            condition: None,
            condition_version: None,
            description: None,
            created_at: born,
            updated_at: born,
            updated_by: None,
        };
        tenant.effect(born, made.assigned());
        tenant.azure.assignments.insert(made.name, made);
    }
    Ok(())
}
