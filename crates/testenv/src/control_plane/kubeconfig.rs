//! Kubeconfig files: the administrator's, and those of service accounts.

use std::path::Path;

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{Api, PostParams};
use kube::config::{AuthInfo, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedContext};
use kube::{Client, Config};
use serde_json::json;

use super::credentials::{Token, write_secret};
use super::error::Error;

/// The name of cluster, user and context in the files written here.
const NAME: &str = "entra-pim-testenv";
/// Longer than any test run, and than a demo that stays up over a working day.
const TOKEN_SECONDS: i64 = 24 * 60 * 60;

/// Writes the kubeconfig of somebody who has `token` at the API server `url`.
pub(super) fn write(path: &Path, url: &str, ca: &Path, token: &Token) -> Result<(), Error> {
    let kubeconfig = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": NAME, "cluster": { "server": url, "certificate-authority": ca } }],
        "users": [{ "name": NAME, "user": { "token": token.0 } }],
        "contexts": [{ "name": NAME, "context": { "cluster": NAME, "user": NAME, "namespace": "default" } }],
        "current-context": NAME,
    });
    write_secret(path, &yaml(path, &kubeconfig)?)
}

/// What a client needs to follow the kubeconfig at `path`.
///
/// A proxy of the environment is left aside: what is tested is on loopback, or named by a kubeconfig that can name its
/// proxy itself.
pub(super) async fn load(path: &Path) -> Result<Config, Error> {
    let kubeconfig = read(path)?;
    let proxy = current_cluster_proxy(&kubeconfig);
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    let mut config = config.map_err(|source| broken(path, &source))?;
    if proxy.is_none() {
        config.proxy_url = None;
    }
    Ok(config)
}

/// Asks for a token of a service account, for an audience other than the API server if one is named.
pub(super) async fn token(
    client: &Client,
    namespace: &str,
    name: &str,
    audience: Option<&str>,
    seconds: Option<i64>,
) -> Result<String, Error> {
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), namespace);
    let request = TokenRequest {
        spec: TokenRequestSpec {
            audiences: audience.map(str::to_owned).into_iter().collect(),
            expiration_seconds: seconds,
            ..TokenRequestSpec::default()
        },
        ..TokenRequest::default()
    };
    let granted = accounts
        .create_token_request(name, &PostParams::default(), &request)
        .await;
    let granted = granted.map_err(|source| Error::Api {
        action: format!("get a token of service account {namespace}/{name}"),
        source: Box::new(source),
    })?;
    Ok(granted
        .status
        .map(|status| status.token)
        .unwrap_or_default())
}

/// Asks for a token of a service account, and writes a kubeconfig for the same cluster as `base` with it.
pub(super) async fn write_for_account(
    client: &Client,
    base: &Path,
    namespace: &str,
    name: &str,
    path: &Path,
) -> Result<(), Error> {
    let token = token(client, namespace, name, None, Some(TOKEN_SECONDS)).await?;
    let mut kubeconfig = read(base)?;
    let current = kubeconfig.current_context.take().unwrap_or_default();
    let context = kubeconfig
        .contexts
        .iter()
        .find(|context| context.name == current)
        .and_then(|named| named.context.as_ref());
    let cluster = context
        .map(|context| context.cluster.clone())
        .ok_or_else(|| Error::Kubeconfig {
            path: base.to_owned(),
            message: "it has no current context".into(),
        })?;
    kubeconfig.clusters.retain(|named| named.name == cluster);
    let context = Context {
        cluster,
        user: Some(NAME.into()),
        namespace: Some(namespace.to_owned()),
        ..Context::default()
    };
    kubeconfig.contexts = vec![NamedContext {
        name: NAME.into(),
        context: Some(context),
        ..NamedContext::default()
    }];
    let user = AuthInfo {
        token: Some(token.into()),
        ..AuthInfo::default()
    };
    kubeconfig.auth_infos = vec![NamedAuthInfo {
        name: NAME.into(),
        auth_info: Some(user),
        ..NamedAuthInfo::default()
    }];
    kubeconfig.current_context = Some(NAME.into());
    write_secret(path, &yaml(path, &kubeconfig)?)
}

fn current_cluster_proxy(kubeconfig: &Kubeconfig) -> Option<String> {
    let current = kubeconfig.current_context.as_ref()?;
    let context = kubeconfig
        .contexts
        .iter()
        .find(|named| &named.name == current)?
        .context
        .as_ref()?;
    kubeconfig
        .clusters
        .iter()
        .find(|named| named.name == context.cluster)?
        .cluster
        .as_ref()?
        .proxy_url
        .clone()
}

fn read(path: &Path) -> Result<Kubeconfig, Error> {
    Kubeconfig::read_from(path).map_err(|source| broken(path, &source))
}

fn yaml(path: &Path, value: &impl serde::Serialize) -> Result<String, Error> {
    serde_saphyr::to_string(value).map_err(|source| broken(path, &source))
}

fn broken(path: &Path, message: &dyn std::fmt::Display) -> Error {
    Error::Kubeconfig {
        path: path.to_owned(),
        message: message.to_string(),
    }
}
