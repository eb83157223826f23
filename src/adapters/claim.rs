//! The claim of a release on a tenant, in the status of its `EntraTenant`: read, and written back on exactly the version that
//! was read. What follows from it is decided in `election`.

use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::{Api, Client, ResourceExt};
use pim_api::{ActingOperator, EntraTenant};
use serde_json::json;

/// Who writes the claim, as field manager: another one than who writes the rest of the status.
const MANAGER: &str = "entra-pim-operator-claim";

/// The claim as it is stored, and the version that a write must name.
#[derive(Debug, Clone)]
pub struct StoredClaim {
    /// Who acts for the tenant, if anybody ever did.
    pub acting: Option<ActingOperator>,
    resource_version: String,
}

/// The claims on all tenants.
pub struct ClaimStore(Api<DynamicObject>);

impl ClaimStore {
    /// The claims of a cluster.
    pub fn new(client: Client) -> Self {
        // A tenant that cannot be read as its kind has a claim all the same.
        Self(Api::all_with(
            client,
            &ApiResource::erase::<EntraTenant>(&()),
        ))
    }

    /// Reads one; nothing if the tenant does not exist.
    pub async fn read(&self, tenant: &str) -> Result<Option<StoredClaim>, kube::Error> {
        let found = self.0.get_opt(tenant).await?;
        found.map(|object| stored(&object)).transpose()
    }

    /// Writes one over what was read; nothing if the object has changed or is gone.
    pub async fn write(
        &self,
        tenant: &str,
        over: &StoredClaim,
        claim: &ActingOperator,
    ) -> Result<Option<StoredClaim>, kube::Error> {
        let mut operator = json!(claim);
        if claim.waiting.is_none() {
            operator["waiting"] = json!(null);
        }
        let body = json!({
            "metadata": {"resourceVersion": over.resource_version},
            "status": {"operator": operator},
        });
        let parameters = PatchParams {
            field_manager: Some(MANAGER.to_owned()),
            ..PatchParams::default()
        };
        match self
            .0
            .patch_status(tenant, &parameters, &Patch::Merge(body))
            .await
        {
            Ok(object) => stored(&object).map(Some),
            Err(kube::Error::Api(refused)) if refused.is_conflict() || refused.is_not_found() => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// A claim that cannot be understood is somebody's, so it is an error and not a free tenant.
fn stored(object: &DynamicObject) -> Result<StoredClaim, kube::Error> {
    let claim = &object.data["status"]["operator"];
    let acting = serde_json::from_value(claim.clone()).map_err(kube::Error::SerdeError)?;
    Ok(StoredClaim {
        acting,
        resource_version: object.resource_version().unwrap_or_default(),
    })
}
