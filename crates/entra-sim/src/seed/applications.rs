//! Loads applications with their service principals, credentials and permissions, Microsoft Graph first of all.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::ids::{free, stable};
use super::model::{
    AllPermissions, Error, SeedAppRole, SeedApplication, SeedFederatedCredential, SeedPermissions,
    SeedSecret,
};
use super::permissions;
use crate::directory::{self, AppRoleAssignment, ServicePrincipal};
use crate::ids::{AppId, GRAPH_APP, ObjectId};
use crate::state::Tenant;
use crate::token;

/// Microsoft Graph is an application of every tenant; its roles are the permissions.
pub(super) fn load_graph(tenant: &mut Tenant, born: Timestamp) {
    let id = ObjectId::new(stable(tenant, "servicePrincipal", "Microsoft Graph"));
    let app_roles = permissions::all()
        .map(|(name, id)| directory::AppRole {
            id: id.unwrap_or_else(|| stable(tenant, "permission", name)),
            value: name.to_owned(),
            display_name: name.to_owned(),
            enabled: true,
            allowed_member_types: vec!["Application".to_owned()],
        })
        .collect();
    let graph = ServicePrincipal {
        id,
        app_id: GRAPH_APP,
        display_name: "Microsoft Graph".to_owned(),
        account_enabled: true,
        kind: "Application".to_owned(),
        app_roles,
        created_at: born,
    };
    tenant.directory.service_principals.insert(id, graph);
}

pub(super) fn load_application(
    tenant: &mut Tenant,
    seed: &SeedApplication,
    born: Timestamp,
) -> Result<(), Error> {
    let client = seed.client_id.to_string();
    let id = seed
        .service_principal_id
        .unwrap_or_else(|| ObjectId::new(stable(tenant, "servicePrincipal", &client)));
    free(tenant, id)?;
    let role = |role: &SeedAppRole| directory::AppRole {
        id: role
            .id
            .unwrap_or_else(|| stable(tenant, &seed.display_name, &role.value)),
        value: role.value.clone(),
        display_name: role.display_name.clone(),
        enabled: role.enabled,
        allowed_member_types: role.allowed_member_types.clone(),
    };
    let principal = ServicePrincipal {
        id,
        app_id: seed.client_id,
        display_name: seed.display_name.clone(),
        account_enabled: seed.enabled,
        kind: "Application".to_owned(),
        app_roles: seed.app_roles.iter().map(role).collect(),
        created_at: born,
    };
    tenant.directory.service_principals.insert(id, principal);
    let registration = registration(tenant, seed)?;
    tenant.applications.insert(seed.client_id, registration);
    let names: Vec<&str> = match &seed.permissions {
        SeedPermissions::Word(AllPermissions::All) => {
            permissions::all().map(|(name, _)| name).collect()
        }
        SeedPermissions::List(names) => names.iter().map(String::as_str).collect(),
    };
    grant(tenant, seed.client_id, &names)
}

fn registration(tenant: &Tenant, seed: &SeedApplication) -> Result<token::Application, Error> {
    let client = seed.client_id.to_string();
    let id = ObjectId::new(stable(tenant, "application", &client));
    free(tenant, id)?;
    let secret = |(index, one): (usize, &SeedSecret)| {
        let id = stable(tenant, "passwordCredential", &format!("{client} {index}"));
        token::Secret::new(id, &one.value, one.expires)
    };
    let federated = |one: &SeedFederatedCredential| token::FederatedCredential {
        issuer: one.issuer.clone(),
        subject: one.subject.clone(),
        audience: one.audience.clone(),
        keys: one.keys.clone(),
    };
    Ok(token::Application {
        id,
        app_id: seed.client_id,
        secrets: seed.secrets.iter().enumerate().map(secret).collect(),
        certificates: seed.certificates.clone(),
        federated: seed.federated_credentials.iter().map(federated).collect(),
    })
}

/// Grants an application exactly these permissions of Graph.
pub(crate) fn grant(tenant: &mut Tenant, app: AppId, names: &[&str]) -> Result<(), Error> {
    let now = tenant.now();
    let directory = &tenant.directory;
    let principal = directory
        .service_principal_of(app)
        .ok_or(Error::Application(app))?
        .id;
    let graph = directory
        .service_principal_of(GRAPH_APP)
        .ok_or(Error::Application(GRAPH_APP))?;
    let roles: BTreeMap<&str, Uuid> = graph
        .app_roles
        .iter()
        .map(|role| (role.value.as_str(), role.id))
        .collect();
    let mut granted = Vec::new();
    for name in names {
        let role = roles
            .get(name)
            .ok_or_else(|| Error::Permission((*name).to_owned()))?;
        granted.push(*role);
    }
    let resource = graph.id;
    tenant
        .directory
        .app_role_assignments
        .retain(|_, one| one.principal != principal || one.resource != resource);
    for role in granted {
        let id = directory::assignment_id(principal, role);
        let assignment = AppRoleAssignment {
            id: id.clone(),
            role,
            principal,
            resource,
            created_at: now,
        };
        tenant.directory.app_role_assignments.insert(id, assignment);
    }
    Ok(())
}
