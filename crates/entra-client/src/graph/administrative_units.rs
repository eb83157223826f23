//! Administrative units, and the groups in them (learn.microsoft.com: administrativeunit, administrativeunit-post-members).

use http::Method;
use pim_core::desired::FoundUnit;
use pim_core::ids::{AdministrativeUnitId, GroupId};
use serde::Deserialize;
use serde_json::json;

use super::{Graph, Listed};
use crate::error::{Class, Error};
use crate::operation::{Operation, OperationName};
use crate::query::Query;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnitRow {
    is_member_management_restricted: Option<bool>,
}

#[derive(Deserialize)]
struct ContainerRow {
    id: AdministrativeUnitId,
    #[serde(rename = "@odata.type")]
    odata_type: String,
}

impl Graph {
    /// What there is under the id of an administrative unit.
    pub async fn administrative_unit(&self, id: AdministrativeUnitId) -> Result<FoundUnit, Error> {
        let path = format!("/directory/administrativeUnits/{id}");
        let operation = Operation::get(OperationName::GetAdministrativeUnit, path);
        match self.session.submit(operation).await {
            Ok(response) => {
                let row: UnitRow = response.json()?;
                Ok(match row.is_member_management_restricted {
                    Some(true) => FoundUnit::Restricted,
                    Some(false) | None => FoundUnit::Open,
                })
            }
            Err(error) if error.class == Class::NotFound => Ok(FoundUnit::Missing),
            Err(error) => Err(error),
        }
    }

    /// The administrative units that a group is in.
    pub async fn units_of(&self, group: GroupId) -> Result<Listed<AdministrativeUnitId>, Error> {
        let path = format!("/groups/{group}/memberOf");
        let operation = Operation::get(OperationName::ListUnitsOfGroup, path)
            .query(&Query::new().select(&["id"]));
        let listed = self.session.list::<ContainerRow>(operation).await?;
        Ok(listed.filter_map(|row| {
            (row.odata_type == "#microsoft.graph.administrativeUnit").then_some(row.id)
        }))
    }

    /// Puts a group into an administrative unit.
    pub async fn join_unit(&self, unit: AdministrativeUnitId, group: GroupId) -> Result<(), Error> {
        let path = format!("/directory/administrativeUnits/{unit}/members/$ref");
        let reference = format!("https://graph.microsoft.com/v1.0/groups/{group}");
        let operation = Operation::new(OperationName::JoinAdministrativeUnit, Method::POST, path)
            .json(&json!({"@odata.id": reference}))?;
        self.session.submit(operation).await.map(drop)
    }
}
