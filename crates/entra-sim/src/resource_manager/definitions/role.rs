//! A role of Azure: what it is called, what it allows, and where it can be given.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::ids::ObjectId;
use crate::resource_manager::allowed::AllowedActions;
use crate::resource_manager::scope::Scope;
use crate::resource_manager::spelling::{role_id, seven_digits};

/// A role, whoever has made it.
#[derive(Clone, Debug)]
pub(crate) struct AzureRole {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) allowed: Vec<AllowedActions>,
    pub(crate) origin: RoleAuthor,
}

/// Who has made a role.
#[derive(Clone, Debug)]
pub(crate) enum RoleAuthor {
    /// The service: it can be given everywhere.
    Service,
    /// Somebody of the tenant.
    Tenant(Authored),
}

/// What is known of a custom role beside what it allows.
#[derive(Clone, Debug)]
pub(crate) struct Authored {
    /// Where it can be given: there and below.
    pub(crate) assignable_scopes: Vec<Scope>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) created_by: Option<ObjectId>,
    pub(crate) updated_by: Option<ObjectId>,
}

impl AzureRole {
    /// The word for its kind.
    pub(in crate::resource_manager) fn kind(&self) -> &'static str {
        match self.origin {
            RoleAuthor::Service => "BuiltInRole",
            RoleAuthor::Tenant(_) => "CustomRole",
        }
    }

    pub(in crate::resource_manager) fn allows(&self, action: &str) -> bool {
        self.allowed.iter().any(|one| one.allows(action))
    }

    pub(super) fn shown(&self, scope: &Scope) -> Value {
        let mut properties = json!({
            "roleName": self.name, "type": self.kind(), "description": self.description,
            "permissions": self.allowed.iter().map(AllowedActions::shown).collect::<Vec<_>>(),
        });
        let told = match &self.origin {
            RoleAuthor::Service => json!({
                "assignableScopes": ["/"],
                "createdOn": "2015-02-02T21:55:09.8806423Z", "updatedOn": "2021-11-11T20:13:50.1942810Z",
                "createdBy": null, "updatedBy": null,
            }),
            RoleAuthor::Tenant(by) => json!({
                "assignableScopes": by.assignable_scopes.iter().map(Scope::as_str).collect::<Vec<_>>(),
                "createdOn": seven_digits(by.created_at), "updatedOn": seven_digits(by.updated_at),
                "createdBy": by.created_by, "updatedBy": by.updated_by,
            }),
        };
        if let (Some(properties), Value::Object(told)) = (properties.as_object_mut(), told) {
            properties.extend(told);
        }
        json!({
            "id": role_id(scope, self.id), "name": self.id,
            "type": "Microsoft.Authorization/roleDefinitions", "properties": properties,
        })
    }
}
