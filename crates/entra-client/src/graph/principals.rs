//! Users, service principals, and whatever else an id leads to.

use http::Method;
use pim_core::desired::Assignability;
use pim_core::ids::{AppId, GroupId, PrincipalId, UserPrincipalName};
use pim_core::observed::{Direct, DirectKind};
use pim_core::principal::{Account, GroupFacts, Identity, PrincipalKind, UserType};
use pim_core::schedule::Access;
use serde::Deserialize;
use serde_json::json;

use super::{Graph, Listed};
use crate::error::Error;
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, IN_LIMIT, Query, chunks};
use crate::texts;

/// What `getByIds` takes at once.
const BY_ID_LIMIT: usize = 1000;

/// What a list of directory objects holds in one page at most (learn.microsoft.com: group-list-members).
const MOST_AT_ONCE: u32 = 999;

/// The kinds of objects that manifests can name, as the service writes them.
const KINDS: &texts::Table<PrincipalKind> = &[
    ("#microsoft.graph.user", PrincipalKind::User),
    ("#microsoft.graph.group", PrincipalKind::Group),
    (
        "#microsoft.graph.servicePrincipal",
        PrincipalKind::ServicePrincipal,
    ),
];

/// What else can be a member or owner, as the service writes it. Agents are users and service principals of a kind
/// (learn.microsoft.com: agentuser, agentidentity).
const OTHER_KINDS: &texts::Table<DirectKind> = &[
    ("#microsoft.graph.agentUser", DirectKind::User),
    (
        "#microsoft.graph.agentIdentity",
        DirectKind::ServicePrincipal,
    ),
    ("#microsoft.graph.device", DirectKind::Device),
    ("#microsoft.graph.orgContact", DirectKind::Contact),
];

const USER_TYPES: &texts::Table<UserType> =
    &[("Member", UserType::Member), ("Guest", UserType::Guest)];

/// Any object that was found by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryObject {
    /// The object id in the tenant.
    pub id: PrincipalId,
    /// Who it is; nothing for a kind that manifests cannot name. The list does not say whether an account is enabled.
    pub identity: Option<Identity>,
    /// The name that people see in portals.
    pub display_name: Option<String>,
    /// Of a service principal: the id of its application.
    pub app_id: Option<AppId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserRow {
    id: PrincipalId,
    user_principal_name: Option<UserPrincipalName>,
    account_enabled: Option<bool>,
    user_type: Option<String>,
}

impl From<UserRow> for Identity {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            kind: PrincipalKind::User,
            user_principal_name: row.user_principal_name,
            account: account(row.account_enabled),
            group: None,
            application: None,
            user_type: row
                .user_type
                .and_then(|text| texts::meaning(USER_TYPES, &text)),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServicePrincipalRow {
    id: PrincipalId,
    app_id: AppId,
    display_name: Option<String>,
    account_enabled: Option<bool>,
}

impl From<ServicePrincipalRow> for (AppId, Identity) {
    fn from(row: ServicePrincipalRow) -> Self {
        let identity = Identity {
            id: row.id,
            kind: PrincipalKind::ServicePrincipal,
            user_principal_name: None,
            account: account(row.account_enabled),
            user_type: None,
            group: None,
            application: row.display_name,
        };
        (row.app_id, identity)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ObjectRow {
    id: PrincipalId,
    #[serde(rename = "@odata.type")]
    odata_type: String,
    user_principal_name: Option<UserPrincipalName>,
    display_name: Option<String>,
    app_id: Option<AppId>,
    is_assignable_to_role: Option<bool>,
}

impl ObjectRow {
    fn identity(&self) -> Option<Identity> {
        let kind = texts::meaning(KINDS, &self.odata_type)?;
        let group = (kind == PrincipalKind::Group).then(|| GroupFacts {
            display_name: self
                .display_name
                .clone()
                .unwrap_or_else(|| self.id.to_string()),
            assignability: match self.is_assignable_to_role {
                Some(true) => Assignability::RoleAssignable,
                Some(false) | None => Assignability::Ordinary,
            },
        });
        Some(Identity {
            id: self.id,
            kind,
            user_principal_name: self.user_principal_name.clone(),
            account: match kind {
                // A group signs in nowhere, so nobody can have switched it off.
                PrincipalKind::Group => Account::Enabled,
                _ => Account::Unknown,
            },
            user_type: None,
            group,
            application: match kind {
                PrincipalKind::ServicePrincipal => self.display_name.clone(),
                _ => None,
            },
        })
    }
}

impl From<ObjectRow> for DirectoryObject {
    fn from(row: ObjectRow) -> Self {
        let identity = row.identity();
        Self {
            id: row.id,
            identity,
            display_name: row.display_name,
            app_id: row.app_id,
        }
    }
}

/// A row of a list whose path says what kind its rows are.
#[derive(Deserialize)]
struct TypedRow {
    id: PrincipalId,
}

fn account(enabled: Option<bool>) -> Account {
    match enabled {
        Some(true) => Account::Enabled,
        Some(false) => Account::Disabled,
        None => Account::Unknown,
    }
}

const USER: &[&str] = &["id", "userPrincipalName", "accountEnabled", "userType"];
const SERVICE_PRINCIPAL: &[&str] = &["id", "appId", "displayName", "accountEnabled"];

impl Graph {
    /// The users with these principal names. Names that nobody bears are missing from the answer.
    pub async fn users_by_name(
        &self,
        names: &[UserPrincipalName],
    ) -> Result<Listed<Identity>, Error> {
        let filters = chunks(names).map(|names| Filter::is_in("userPrincipalName", names));
        self.find_users(filters).await
    }

    /// The users among these ids, with what [`Graph::principals`] does not tell: whether they may sign in.
    pub async fn users(&self, ids: &[PrincipalId]) -> Result<Listed<Identity>, Error> {
        let filters = ids.chunks(IN_LIMIT).map(|ids| Filter::is_in("id", ids));
        self.find_users(filters).await
    }

    async fn find_users(
        &self,
        filters: impl Iterator<Item = Filter>,
    ) -> Result<Listed<Identity>, Error> {
        let operations = filters.map(|filter| {
            Operation::get(OperationName::FindUsers, "/users")
                .query(&Query::new().filter(filter).select(USER))
        });
        Ok(self
            .session
            .list_all::<UserRow>(operations)
            .await?
            .map(Into::into))
    }

    /// The service principals of these applications, each with the id of its application.
    pub async fn service_principals(
        &self,
        apps: &[AppId],
    ) -> Result<Listed<(AppId, Identity)>, Error> {
        let operations = apps.chunks(IN_LIMIT).map(|apps| {
            let filter = Filter::is_in("appId", apps);
            Operation::get(OperationName::FindServicePrincipals, "/servicePrincipals")
                .query(&Query::new().filter(filter).select(SERVICE_PRINCIPAL))
        });
        let listed = self
            .session
            .list_all::<ServicePrincipalRow>(operations)
            .await?;
        Ok(listed.map(Into::into))
    }

    /// The users, groups and service principals with these ids. Unknown ids are missing, and the order is not kept.
    pub async fn principals(&self, ids: &[PrincipalId]) -> Result<Listed<DirectoryObject>, Error> {
        let operations = ids
            .chunks(BY_ID_LIMIT)
            .map(|ids| {
                Operation::new(
                    OperationName::GetPrincipals,
                    Method::POST,
                    "/directoryObjects/getByIds",
                )
                .json(&json!({"ids": ids, "types": ["user", "group", "servicePrincipal"]}))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let listed = self.session.list_all::<ObjectRow>(operations).await?;
        Ok(listed.map(Into::into))
    }

    /// The direct members or owners of a group. Service principals are not among them: the plain list leaves them out
    /// (learn.microsoft.com: group-list-members).
    pub async fn people(&self, group: GroupId, access: Access) -> Result<Listed<Direct>, Error> {
        let (name, collection) = direct(access);
        let path = format!("/groups/{group}/{collection}");
        let operation = Operation::get(name, path).query(&of_directs());
        Ok(self
            .session
            .list::<ObjectRow>(operation)
            .await?
            .map(|row| Direct {
                access,
                principal: row.id,
                kind: direct_kind(&row.odata_type),
            }))
    }

    /// The service principals among the direct members or owners of a group.
    pub async fn applications(
        &self,
        group: GroupId,
        access: Access,
    ) -> Result<Listed<Direct>, Error> {
        let (name, collection) = direct(access);
        let path = format!("/groups/{group}/{collection}/microsoft.graph.servicePrincipal");
        let operation = Operation::get(name, path).query(&of_directs());
        Ok(self
            .session
            .list::<TypedRow>(operation)
            .await?
            .map(|row| Direct {
                access,
                principal: row.id,
                kind: DirectKind::ServicePrincipal,
            }))
    }
}

/// Only ids, and as many at once as the service gives: a group may have thousands.
fn of_directs() -> Query {
    Query::new().select(&["id"]).top(MOST_AT_ONCE)
}

fn direct_kind(odata_type: &str) -> DirectKind {
    let named = texts::meaning(KINDS, odata_type).map(DirectKind::from);
    let known = named.or_else(|| texts::meaning(OTHER_KINDS, odata_type));
    known.unwrap_or(DirectKind::Other)
}

fn direct(access: Access) -> (OperationName, &'static str) {
    match access {
        Access::Member => (OperationName::ListMembers, "members"),
        Access::Owner => (OperationName::ListOwners, "owners"),
    }
}
