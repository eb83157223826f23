//! Users, service principals, and whatever else an id leads to.

use http::Method;
use pim_core::ids::{AppId, GroupId, PrincipalId, UserPrincipalName};
use serde::Deserialize;
use serde_json::json;

use super::{Graph, Listed};
use crate::error::Error;
use crate::open_enum::open_enum;
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, IN_LIMIT, Query, chunks};

/// What `getByIds` takes at once.
const BY_ID_LIMIT: usize = 1000;

open_enum! {
    /// What kind of directory object it is.
    PrincipalKind {
        /// A person.
        User = "#microsoft.graph.user",
        /// A group.
        Group = "#microsoft.graph.group",
        /// An application or managed identity.
        ServicePrincipal = "#microsoft.graph.servicePrincipal",
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Its object id.
    pub id: PrincipalId,
    /// Its principal name now.
    pub user_principal_name: Option<UserPrincipalName>,
    /// Whether it may sign in.
    pub account_enabled: Option<bool>,
    /// Member of the tenant or guest.
    pub user_type: Option<UserType>,
}

open_enum! {
    /// Whether a user belongs to the tenant.
    UserType {
        /// It does.
        Member = "Member",
        /// It was invited from elsewhere.
        Guest = "Guest",
    }
}

/// A service principal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePrincipal {
    /// Its object id.
    pub id: PrincipalId,
    /// The id of its application.
    pub app_id: AppId,
    /// Whether it may sign in.
    pub account_enabled: Option<bool>,
}

/// Any object that was found by its id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Principal {
    /// Its object id.
    pub id: PrincipalId,
    /// What it is.
    #[serde(rename = "@odata.type")]
    pub kind: PrincipalKind,
    /// Of a user.
    pub user_principal_name: Option<UserPrincipalName>,
    /// What people call it.
    pub display_name: Option<String>,
    /// Of a service principal: the id of its application.
    pub app_id: Option<AppId>,
}

const USER: &[&str] = &["id", "userPrincipalName", "accountEnabled", "userType"];
const SERVICE_PRINCIPAL: &[&str] = &["id", "appId", "accountEnabled"];

impl Graph {
    /// The users with these principal names. Names that nobody bears are missing from the answer.
    pub async fn users_by_name(&self, names: &[UserPrincipalName]) -> Result<Listed<User>, Error> {
        self.list_all(chunks(names).map(|names| {
            let filter = Filter::is_in("userPrincipalName", names);
            Operation::get(OperationName::FindUsers, "/users")
                .query(&Query::new().filter(filter).select(USER))
        }))
        .await
    }

    /// The users among these ids, with what [`Graph::principals`] does not tell: whether they may sign in.
    pub async fn users(&self, ids: &[PrincipalId]) -> Result<Listed<User>, Error> {
        self.list_all(ids.chunks(IN_LIMIT).map(|ids| {
            let filter = Filter::is_in("id", ids);
            Operation::get(OperationName::FindUsers, "/users")
                .query(&Query::new().filter(filter).select(USER))
        }))
        .await
    }

    /// The service principals of these applications.
    pub async fn service_principals(
        &self,
        apps: &[AppId],
    ) -> Result<Listed<ServicePrincipal>, Error> {
        self.list_all(apps.chunks(IN_LIMIT).map(|apps| {
            let filter = Filter::is_in("appId", apps);
            Operation::get(OperationName::FindServicePrincipals, "/servicePrincipals")
                .query(&Query::new().filter(filter).select(SERVICE_PRINCIPAL))
        }))
        .await
    }

    /// The users, groups and service principals with these ids. Unknown ids are missing, and the order is not kept.
    pub async fn principals(&self, ids: &[PrincipalId]) -> Result<Listed<Principal>, Error> {
        let operations = ids
            .chunks(BY_ID_LIMIT)
            .map(|ids| {
                Operation::new(
                    OperationName::GetPrincipals,
                    Method::POST,
                    "/directoryObjects/getByIds".into(),
                )
                .json(&json!({"ids": ids, "types": ["user", "group", "servicePrincipal"]}))
            })
            .collect::<Result<Vec<_>, _>>()?;
        self.list_all(operations).await
    }

    /// The direct members of a group, without service principals: the plain list leaves them out
    /// (learn.microsoft.com: group-list-members).
    pub async fn group_members(&self, group: GroupId) -> Result<Listed<Principal>, Error> {
        self.direct(OperationName::ListMembers, group, "members")
            .await
    }

    /// The owners of a group, without service principals.
    pub async fn group_owners(&self, group: GroupId) -> Result<Listed<Principal>, Error> {
        self.direct(OperationName::ListOwners, group, "owners")
            .await
    }

    /// The service principals among the direct members of a group.
    pub async fn applications_in(&self, group: GroupId) -> Result<Listed<Principal>, Error> {
        self.applications(OperationName::ListMembers, group, "members")
            .await
    }

    /// The service principals among the owners of a group.
    pub async fn applications_owning(&self, group: GroupId) -> Result<Listed<Principal>, Error> {
        self.applications(OperationName::ListOwners, group, "owners")
            .await
    }

    async fn direct(
        &self,
        name: OperationName,
        group: GroupId,
        collection: &str,
    ) -> Result<Listed<Principal>, Error> {
        let path = format!("/groups/{group}/{collection}");
        self.list(Operation::get(name, path).query(&Query::new().select(&["id"])))
            .await
    }

    /// Rows of a typed list do not say what they are.
    async fn applications(
        &self,
        name: OperationName,
        group: GroupId,
        collection: &str,
    ) -> Result<Listed<Principal>, Error> {
        let path = format!("/groups/{group}/{collection}/microsoft.graph.servicePrincipal");
        let query = Query::new().select(&["id"]);
        let listed = self
            .list::<Row>(Operation::get(name, path).query(&query))
            .await?;
        let rows = listed.rows.into_iter().map(|row| Principal {
            id: row.id,
            kind: PrincipalKind::ServicePrincipal,
            user_principal_name: None,
            display_name: None,
            app_id: None,
        });
        Ok(Listed {
            rows: rows.collect(),
            unreadable: listed.unreadable,
        })
    }
}

/// A row of a typed list.
#[derive(Deserialize)]
struct Row {
    id: PrincipalId,
}
