//! The claim of a release on a tenant, in the status of its `EntraTenant`: read, and written back on exactly the version that
//! was read. What follows from it is decided in `election`.

use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::{Api, Client, ResourceExt};
use pim_api::{ActingOperator, EntraTenant};
use serde_json::json;

use super::wish::{Uid, uid};

/// Who writes the claim, as field manager: another one than who writes the rest of the status.
const MANAGER: &str = "entra-pim-operator-claim";

/// The claim as it is stored, and the version that a write must name.
#[derive(Debug, Clone)]
pub struct StoredClaim {
    /// Who acts for the tenant, if anybody ever did.
    pub acting: Option<ActingOperator>,
    /// Which object it stands on.
    pub uid: Uid,
    resource_version: String,
}

impl StoredClaim {
    /// A claim on an object of this uid.
    #[cfg(test)]
    pub fn of(acting: Option<ActingOperator>, uid: Uid) -> Self {
        let resource_version = String::new();
        Self {
            acting,
            uid,
            resource_version,
        }
    }
}

/// Why a claim cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server does not answer, or refuses.
    #[error(transparent)]
    Kubernetes(#[from] kube::Error),
    /// A claim that cannot be understood is somebody's, so this is an error and not a free tenant.
    #[error("status.operator cannot be read: {0}")]
    Unreadable(#[source] serde_json::Error),
    /// The API server has dropped the claim, because its definition does not know the field.
    #[error(
        "the definition of EntraTenant is older than this operator: apply the definitions of its version; until then it does nothing"
    )]
    OldDefinition,
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
    pub async fn read(&self, tenant: &str) -> Result<Option<StoredClaim>, Error> {
        let found = self.0.get_opt(tenant).await?;
        found.map(|object| stored(&object)).transpose()
    }

    /// Writes one over what was read; nothing if the object has changed or is gone.
    pub async fn write(
        &self,
        tenant: &str,
        over: &StoredClaim,
        claim: &ActingOperator,
    ) -> Result<Option<StoredClaim>, Error> {
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
            Ok(object) => match stored(&object)? {
                StoredClaim { acting: None, .. } => Err(Error::OldDefinition),
                written => Ok(Some(written)),
            },
            Err(kube::Error::Api(refused)) if refused.is_conflict() || refused.is_not_found() => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn stored(object: &DynamicObject) -> Result<StoredClaim, Error> {
    let claim = &object.data["status"]["operator"];
    let acting = serde_json::from_value(claim.clone()).map_err(Error::Unreadable)?;
    Ok(StoredClaim {
        acting,
        uid: uid(object),
        resource_version: object.resource_version().unwrap_or_default(),
    })
}
