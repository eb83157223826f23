//! Groups: find, make, change, delete, restore (learn.microsoft.com: group, group-upsert, group-delete).

use http::{HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use pim_core::ids::{AppId, GroupId, GroupKey, PrincipalId};
use pim_core::schedule::Access;
use serde::{Deserialize, Serialize};

use super::Graph;
use super::Listed;
use crate::error::{Class, Error};
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, IN_LIMIT, Query, chunks, key_literal};

const SELECT: &[&str] = &[
    "id",
    "displayName",
    "description",
    "mailNickname",
    "isAssignableToRole",
    "isManagementRestricted",
    "deletedDateTime",
];

/// A group as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its object id, its identity.
    pub id: GroupId,
    /// Its name, which is not unique.
    pub display_name: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Its mail nickname, which is unique among mail-enabled groups only.
    pub mail_nickname: Option<String>,
    /// Null, not false, for ordinary groups.
    pub is_assignable_to_role: Option<bool>,
    /// In a restricted management unit: the service refuses every write.
    pub is_management_restricted: Option<bool>,
    /// When it was soft-deleted.
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    pub deleted_date_time: Option<Timestamp>,
    /// The application that made it. The metadata does not name it, so it comes only where a whole group is read.
    pub created_by_app_id: Option<AppId>,
}

impl Group {
    /// Whether roles can be bound to it.
    pub fn is_role_assignable(&self) -> bool {
        self.is_assignable_to_role == Some(true)
    }

    /// Whether the service refuses every write to it.
    pub fn is_restricted(&self) -> bool {
        self.is_management_restricted == Some(true)
    }
}

/// Whether roles can be bound to a new group. It can never be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Assignability {
    /// Directory roles can be bound to it.
    RoleAssignable,
    /// An ordinary security group.
    Ordinary,
}

/// A group to be made. An application that makes it leaves it without owners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// Its name.
    pub display_name: String,
    /// Its description, if any.
    pub description: Option<String>,
    /// Its mail nickname, which is its key.
    pub mail_nickname: GroupKey,
    /// Whether roles can be bound to it.
    pub assignability: Assignability,
}

/// What a group is to be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupChange {
    /// Its name.
    pub display_name: String,
    /// Its description; nothing clears it.
    pub description: Option<String>,
}

/// What an upsert did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upserted {
    /// The group did not exist and does now.
    Created(Box<Group>),
    /// The group existed and was updated.
    Updated,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewGroupBody<'a> {
    display_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    mail_enabled: bool,
    mail_nickname: &'a str,
    security_enabled: bool,
    group_types: [&'static str; 0],
    is_assignable_to_role: bool,
}

impl<'a> From<&'a NewGroup> for NewGroupBody<'a> {
    fn from(group: &'a NewGroup) -> Self {
        Self {
            display_name: &group.display_name,
            description: group.description.as_deref(),
            mail_enabled: false,
            mail_nickname: group.mail_nickname.as_str(),
            security_enabled: true,
            group_types: [],
            is_assignable_to_role: group.assignability == Assignability::RoleAssignable,
        }
    }
}

impl Graph {
    /// The groups with these ids. Ids that do not exist are missing from the answer.
    pub async fn groups(&self, ids: &[GroupId]) -> Result<Listed<Group>, Error> {
        self.list_all(ids.chunks(IN_LIMIT).map(|ids| {
            find(
                OperationName::ListGroups,
                "/groups",
                Filter::is_in("id", ids),
            )
        }))
        .await
    }

    /// The living groups that bear one of these keys as mail nickname. A nickname is not unique: there may be two.
    pub async fn groups_by_nickname(&self, keys: &[GroupKey]) -> Result<Listed<Group>, Error> {
        self.list_all(keys.chunks(IN_LIMIT).map(|keys| {
            find(
                OperationName::FindGroups,
                "/groups",
                Filter::is_in("mailNickname", keys),
            )
        }))
        .await
    }

    /// The soft-deleted groups that bear one of these keys as mail nickname.
    pub async fn deleted_groups_by_nickname(
        &self,
        keys: &[GroupKey],
    ) -> Result<Listed<Group>, Error> {
        self.list_all(keys.chunks(IN_LIMIT).map(|keys| {
            find(
                OperationName::FindDeletedGroups,
                "/directory/deletedItems/microsoft.graph.group",
                Filter::is_in("mailNickname", keys),
            )
        }))
        .await
    }

    /// One group as a whole, asked of the directory itself and not of its index; nothing if it is not there.
    pub async fn group_by_id(&self, id: GroupId) -> Result<Option<Group>, Error> {
        match self
            .submit(Operation::get(OperationName::GetGroup, path(id)))
            .await
        {
            Ok(response) => response.json().map(Some),
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The living groups with one of these display names, which are not unique.
    pub async fn groups_by_display_name(&self, names: &[&str]) -> Result<Listed<Group>, Error> {
        self.list_all(chunks(names).map(|names| {
            find(
                OperationName::FindGroups,
                "/groups",
                Filter::is_in("displayName", names),
            )
        }))
        .await
    }

    /// Takes a plain member or owner out of a group. Never without `/$ref`, which would address the principal itself.
    pub async fn remove_direct(
        &self,
        id: GroupId,
        access: Access,
        principal: PrincipalId,
    ) -> Result<(), Error> {
        let collection = match access {
            Access::Member => "members",
            Access::Owner => "owners",
        };
        let path = format!("{}/{collection}/{principal}/$ref", path(id));
        let operation = Operation::new(OperationName::RemoveDirect, Method::DELETE, path);
        self.submit(operation).await.map(drop)
    }

    /// Makes a group. Not idempotent: after an unknown outcome, look for the key before trying again.
    pub async fn create_group(&self, group: &NewGroup) -> Result<Group, Error> {
        let operation = Operation::new(OperationName::CreateGroup, Method::POST, "/groups".into())
            .json(&NewGroupBody::from(group))?;
        self.submit(operation).await?.json()
    }

    /// Makes the group with this key, or updates it: the one creation that may be repeated. Tenants refuse it for
    /// role-assignable groups (microsoftgraph/msgraph-bicep-types#140).
    pub async fn upsert_group(&self, key: &GroupKey, group: &NewGroup) -> Result<Upserted, Error> {
        let operation = Operation::new(OperationName::UpsertGroup, Method::PATCH, unique_path(key))
            .header(
                HeaderName::from_static("prefer"),
                HeaderValue::from_static("create-if-missing"),
            )
            .json(&NewGroupBody::from(group))?;
        let response = self.submit(operation).await?;
        if response.status() == StatusCode::CREATED {
            return Ok(Upserted::Created(Box::new(response.json()?)));
        }
        Ok(Upserted::Updated)
    }

    /// Changes name and description of a group.
    pub async fn update_group(&self, id: GroupId, change: &GroupChange) -> Result<(), Error> {
        let operation =
            Operation::new(OperationName::UpdateGroup, Method::PATCH, path(id)).json(change)?;
        self.submit(operation).await.map(drop)
    }

    /// Deletes a group. It can be restored for 30 days.
    pub async fn delete_group(&self, id: GroupId) -> Result<(), Error> {
        let operation = Operation::new(OperationName::DeleteGroup, Method::DELETE, path(id));
        self.submit(operation).await.map(drop)
    }

    /// Restores a soft-deleted group under its old id.
    pub async fn restore_group(&self, id: GroupId) -> Result<(), Error> {
        let path = format!("/directory/deletedItems/{id}/restore");
        let operation = Operation::new(OperationName::RestoreGroup, Method::POST, path)
            .json(&serde_json::Map::new())?;
        self.submit(operation).await.map(drop)
    }
}

fn path(id: GroupId) -> String {
    format!("/groups/{id}")
}

fn unique_path(key: &GroupKey) -> String {
    format!("/groups(uniqueName={})", key_literal(key.as_str()))
}

fn find(name: OperationName, path: &str, filter: Filter) -> Operation {
    Operation::get(name, path).query(&Query::new().filter(filter).select(SELECT))
}
