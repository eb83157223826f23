//! Groups: find, make, change, delete, restore (learn.microsoft.com: group, group-upsert, group-delete).

mod row;

use http::{HeaderName, HeaderValue, Method, StatusCode};
use pim_core::action::NewGroup;
use pim_core::desired::Assignability;
use pim_core::ids::{GroupId, GroupKey, PrincipalId};
use pim_core::schedule::Access;
use serde::Serialize;

use super::Graph;
use super::Listed;
use crate::error::{Class, Error};
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, IN_LIMIT, Query, chunks, key_literal};

pub use row::ListedGroup;
use row::{GroupRow, SELECT};

/// Whether an upsert created a group or met an existing one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upserted {
    /// The group did not exist and does now.
    Created(GroupId),
    /// The group existed and was updated.
    Updated,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangeBody<'a> {
    display_name: &'a str,
    /// Null clears it.
    description: Option<&'a str>,
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
            mail_nickname: group.key.as_str(),
            security_enabled: true,
            group_types: [],
            is_assignable_to_role: group.assignability == Assignability::RoleAssignable,
        }
    }
}

impl Graph {
    /// The groups with these ids. Ids that do not exist are missing from the answer.
    pub async fn groups(&self, ids: &[GroupId]) -> Result<Listed<ListedGroup>, Error> {
        let filters = ids.chunks(IN_LIMIT).map(|ids| Filter::is_in("id", ids));
        self.find(OperationName::ListGroups, "/groups", filters)
            .await
    }

    /// The living groups that bear one of these keys as mail nickname. A nickname is not unique: there may be two.
    pub async fn groups_by_nickname(
        &self,
        keys: &[GroupKey],
    ) -> Result<Listed<ListedGroup>, Error> {
        self.find(OperationName::FindGroups, "/groups", nicknames(keys))
            .await
    }

    /// The soft-deleted groups that bear one of these keys as mail nickname.
    pub async fn deleted_groups_by_nickname(
        &self,
        keys: &[GroupKey],
    ) -> Result<Listed<ListedGroup>, Error> {
        self.find(
            OperationName::FindDeletedGroups,
            "/directory/deletedItems/microsoft.graph.group",
            nicknames(keys),
        )
        .await
    }

    /// The living groups with one of these display names, which are not unique.
    pub async fn groups_by_display_name(
        &self,
        names: &[&str],
    ) -> Result<Listed<ListedGroup>, Error> {
        let filters = chunks(names).map(|names| Filter::is_in("displayName", names));
        self.find(OperationName::FindGroups, "/groups", filters)
            .await
    }

    async fn find(
        &self,
        name: OperationName,
        path: &str,
        filters: impl Iterator<Item = Filter>,
    ) -> Result<Listed<ListedGroup>, Error> {
        let operations = filters.map(|filter| {
            Operation::get(name, path).query(&Query::new().filter(filter).select(SELECT))
        });
        Ok(self
            .session
            .list_all::<GroupRow>(operations)
            .await?
            .map(Into::into))
    }

    /// One group as a whole, asked of the directory itself and not of its index; nothing if it is not there.
    pub async fn group_by_id(&self, id: GroupId) -> Result<Option<ListedGroup>, Error> {
        self.get_group(OperationName::GetGroup, path(id)).await
    }

    /// One soft-deleted group; nothing if it is not among the deleted items.
    pub async fn deleted_group_by_id(&self, id: GroupId) -> Result<Option<ListedGroup>, Error> {
        let path = format!("/directory/deletedItems/{id}");
        self.get_group(OperationName::GetDeletedGroup, path).await
    }

    async fn get_group(
        &self,
        name: OperationName,
        path: String,
    ) -> Result<Option<ListedGroup>, Error> {
        match self.session.submit(Operation::get(name, path)).await {
            Ok(response) => Ok(Some(response.json::<GroupRow>()?.into())),
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error),
        }
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
        self.session.submit(operation).await.map(drop)
    }

    /// Makes a group. Not idempotent: after an unknown outcome, search for the key before trying again. An application
    /// that makes a group leaves it without owners.
    pub async fn create_group(&self, group: &NewGroup) -> Result<ListedGroup, Error> {
        let operation = Operation::new(OperationName::CreateGroup, Method::POST, "/groups")
            .json(&NewGroupBody::from(group))?;
        Ok(self
            .session
            .submit(operation)
            .await?
            .json::<GroupRow>()?
            .into())
    }

    /// Makes the group under its key, or updates it: the one creation that may be repeated. Tenants refuse it for
    /// role-assignable groups (microsoftgraph/msgraph-bicep-types#140).
    pub async fn upsert_group(&self, group: &NewGroup) -> Result<Upserted, Error> {
        let path = unique_path(&group.key);
        let operation = Operation::new(OperationName::UpsertGroup, Method::PATCH, path)
            .header(
                HeaderName::from_static("prefer"),
                HeaderValue::from_static("create-if-missing"),
            )
            .json(&NewGroupBody::from(group))?;
        let response = self.session.submit(operation).await?;
        if response.status() == StatusCode::CREATED {
            return Ok(Upserted::Created(response.json::<GroupRow>()?.id));
        }
        Ok(Upserted::Updated)
    }

    /// Changes name and description of a group; no description clears it.
    pub async fn update_group(
        &self,
        id: GroupId,
        display_name: &str,
        description: Option<&str>,
    ) -> Result<(), Error> {
        let body = ChangeBody {
            display_name,
            description,
        };
        let operation =
            Operation::new(OperationName::UpdateGroup, Method::PATCH, path(id)).json(&body)?;
        self.session.submit(operation).await.map(drop)
    }

    /// Deletes a group. It can be restored for 30 days.
    pub async fn delete_group(&self, id: GroupId) -> Result<(), Error> {
        let operation = Operation::new(OperationName::DeleteGroup, Method::DELETE, path(id));
        self.session.submit(operation).await.map(drop)
    }

    /// Restores a soft-deleted group under its old id.
    pub async fn restore_group(&self, id: GroupId) -> Result<(), Error> {
        let path = format!("/directory/deletedItems/{id}/restore");
        let operation = Operation::new(OperationName::RestoreGroup, Method::POST, path)
            .json(&serde_json::Map::new())?;
        self.session.submit(operation).await.map(drop)
    }
}

fn path(id: GroupId) -> String {
    format!("/groups/{id}")
}

fn unique_path(key: &GroupKey) -> String {
    format!("/groups(uniqueName={})", key_literal(key.as_str()))
}

fn nicknames(keys: &[GroupKey]) -> impl Iterator<Item = Filter> {
    keys.chunks(IN_LIMIT)
        .map(|keys| Filter::is_in("mailNickname", keys))
}
