//! Reads what a tenant's credentials need from the operator's own namespace: one Secret each, perhaps one ConfigMap. Read
//! when a connection is made, never watched: the operator may only get the objects that the chart lists by name.

use std::path::PathBuf;

use entra_client::token::Credential;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, Client};
use pim_api::{ConfigMapKeyReference, SecretKeyReference, TenantCredential};

/// Why a credential cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operator may not read it.
    #[error(
        "{what} {name} in namespace {namespace} cannot be read: add its name to the chart value {value}"
    )]
    Forbidden {
        /// `Secret` or `ConfigMap`.
        what: &'static str,
        /// Name of the object.
        name: String,
        /// Namespace of the object.
        namespace: String,
        /// The chart value that lists what may be read.
        value: &'static str,
    },
    /// The object does not exist.
    #[error("{what} {name} does not exist in namespace {namespace}: create it")]
    Missing {
        /// `Secret` or `ConfigMap`.
        what: &'static str,
        /// Name of the object.
        name: String,
        /// Namespace of the object.
        namespace: String,
    },
    /// It lacks the key, or the key holds no text.
    #[error("{what} {name} in namespace {namespace} has no text under the key {key}: add it")]
    NoSuchKey {
        /// `Secret` or `ConfigMap`.
        what: &'static str,
        /// Name of the object.
        name: String,
        /// Namespace of the object.
        namespace: String,
        /// The key that is missing or holds no text.
        key: String,
    },
    /// There is no token of the service account.
    #[error(
        "there is no token of the service account in {}: set the chart value auth.federatedTokenAudience",
        file.display()
    )]
    NoToken {
        /// Where it was to be.
        file: PathBuf,
    },
    /// The read failed for another reason, such as an API server that does not answer.
    #[error("{what} {name} cannot be read: {source}")]
    Read {
        /// `Secret` or `ConfigMap`.
        what: &'static str,
        /// Name of the object.
        name: String,
        /// The error of the Kubernetes client.
        #[source]
        source: Box<kube::Error>,
    },
}

/// Where the operator runs: what it may sign in with stands there.
#[derive(Debug, Clone)]
pub struct Home {
    /// Its namespace, where it reads Secrets and ConfigMaps.
    pub namespace: String,
    /// The file in which the kubelet keeps a token of its service account for the tenant's authority.
    pub federated_token: PathBuf,
}

/// Reads what a tenant's credential shows to the authority. A manifest without any, which the API server does not take, shows the
/// token.
pub async fn credential(
    client: &Client,
    home: &Home,
    declared: &TenantCredential,
) -> Result<Credential, Error> {
    if let Some(one) = &declared.client_certificate {
        let pem = secret(client, &home.namespace, &one.secret_ref).await?;
        return Ok(Credential::ClientCertificate { pem });
    }
    if let Some(one) = &declared.client_secret {
        let secret = secret(client, &home.namespace, &one.secret_ref).await?;
        return Ok(Credential::ClientSecret { secret });
    }
    let file = home.federated_token.clone();
    match tokio::fs::metadata(&file).await {
        Ok(_) => Ok(Credential::FederatedToken { file }),
        Err(_) => Err(Error::NoToken { file }),
    }
}

/// Reads one key of a Secret.
async fn secret(
    client: &Client,
    namespace: &str,
    reference: &SecretKeyReference,
) -> Result<String, Error> {
    const WHAT: &str = "Secret";
    let api: Api<Secret> = Api::namespaced(client.clone(), namespace);
    let found = api.get(&reference.name).await;
    let secret = found
        .map_err(|error| refused(error, WHAT, "auth.secretNames", &reference.name, namespace))?;
    let text = secret
        .data
        .unwrap_or_default()
        .remove(&reference.key)
        .and_then(|bytes| String::from_utf8(bytes.0).ok());
    text.map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
        .ok_or_else(|| no_such_key(WHAT, &reference.name, namespace, &reference.key))
}

/// Reads one key of a ConfigMap.
pub async fn config_map(
    client: &Client,
    namespace: &str,
    reference: &ConfigMapKeyReference,
) -> Result<String, Error> {
    const WHAT: &str = "ConfigMap";
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
    let found = api.get(&reference.name).await;
    let map = found.map_err(|error| {
        refused(
            error,
            WHAT,
            "auth.configMapNames",
            &reference.name,
            namespace,
        )
    })?;
    map.data
        .unwrap_or_default()
        .remove(&reference.key)
        .ok_or_else(|| no_such_key(WHAT, &reference.name, namespace, &reference.key))
}

fn no_such_key(what: &'static str, name: &str, namespace: &str, key: &str) -> Error {
    Error::NoSuchKey {
        what,
        name: name.to_owned(),
        namespace: namespace.to_owned(),
        key: key.to_owned(),
    }
}

fn refused(
    error: kube::Error,
    what: &'static str,
    value: &'static str,
    name: &str,
    namespace: &str,
) -> Error {
    match error {
        kube::Error::Api(status) if status.is_forbidden() => Error::Forbidden {
            what,
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            value,
        },
        kube::Error::Api(status) if status.is_not_found() => Error::Missing {
            what,
            name: name.to_owned(),
            namespace: namespace.to_owned(),
        },
        error => Error::Read {
            what,
            name: name.to_owned(),
            source: Box::new(error),
        },
    }
}
