//! Who is a member or owner of a group, and plain changes of that by reference.
//!
//! In v1.0 the untyped lists omit service principals, and the typed list has no other; a list is both, or it failed
//! (learn.microsoft.com: group-list-members, known issue; hashicorp/terraform-provider-azuread#1023).

use std::collections::BTreeMap;

use http::Method;
use pim_core::ids::{GroupId, PrincipalId};
use serde::Deserialize;
use serde_json::json;

use super::Graph;
use super::principals::PrincipalKind;
use crate::error::Error;
use crate::operation::{Operation, OperationName};
use crate::query::Query;

/// Which of the two lists of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Members.
    Members,
    /// Owners.
    Owners,
}

impl Relation {
    fn segment(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Owners => "owners",
        }
    }
}

/// Somebody in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Who.
    pub id: PrincipalId,
    /// What kind of object.
    pub kind: PrincipalKind,
}

#[derive(Deserialize)]
struct Row {
    id: PrincipalId,
    #[serde(rename = "@odata.type")]
    kind: Option<PrincipalKind>,
}

impl Graph {
    /// All members or owners, service principals included. Activated ones are among them, eligible ones are not.
    pub async fn references(
        &self,
        group: GroupId,
        relation: Relation,
    ) -> Result<Vec<Reference>, Error> {
        let name = match relation {
            Relation::Members => OperationName::ListMembers,
            Relation::Owners => OperationName::ListOwners,
        };
        let path = format!("/groups/{group}/{}", relation.segment());
        let query = Query::new().select(&["id"]).top(999);
        let untyped = Operation::get(name, path.as_str()).query(&query);
        let typed =
            Operation::get(name, format!("{path}/microsoft.graph.servicePrincipal")).query(&query);
        let (untyped, typed) =
            futures::try_join!(self.list::<Row>(untyped), self.list::<Row>(typed))?;
        let mut found = BTreeMap::new();
        for row in untyped {
            let kind = row
                .kind
                .unwrap_or_else(|| PrincipalKind::Other(String::new()));
            found.insert(row.id, kind);
        }
        // Rows of a typed read carry no type.
        found.extend(
            typed
                .into_iter()
                .map(|row| (row.id, PrincipalKind::ServicePrincipal)),
        );
        Ok(found
            .into_iter()
            .map(|(id, kind)| Reference { id, kind })
            .collect())
    }

    /// Adds a member or owner outside PIM.
    pub async fn add_reference(
        &self,
        group: GroupId,
        relation: Relation,
        principal: PrincipalId,
    ) -> Result<(), Error> {
        let name = match relation {
            Relation::Members => OperationName::AddMember,
            Relation::Owners => OperationName::AddOwner,
        };
        let path = format!("/groups/{group}/{}/$ref", relation.segment());
        let operation = Operation::new(name, Method::POST, path)
            .json(&json!({"@odata.id": self.object_url(principal)}))?;
        self.submit(operation).await.map(drop)
    }

    /// Takes a member or owner out. It ends an active PIM assignment too, whatever its age.
    pub async fn remove_reference(
        &self,
        group: GroupId,
        relation: Relation,
        principal: PrincipalId,
    ) -> Result<(), Error> {
        let name = match relation {
            Relation::Members => OperationName::RemoveMember,
            Relation::Owners => OperationName::RemoveOwner,
        };
        // Without `$ref` this would address the directory object itself, and could delete it.
        let path = format!("/groups/{group}/{}/{principal}/$ref", relation.segment());
        self.submit(Operation::new(name, Method::DELETE, path))
            .await
            .map(drop)
    }
}
