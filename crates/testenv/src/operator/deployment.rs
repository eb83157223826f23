//! What a rendered Deployment asks for: arguments, environment, service account, and its projected tokens. Other volumes and
//! probes are left out; a process on this machine has no use for them. What else only a kubelet can give is refused.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, EnvVar, PodSpec};
use kube::api::{Api, ListParams};
use kube::{Client, ResourceExt as _};

use super::error::Error;
use super::launch::Launch;

#[derive(PartialEq, Eq)]
pub(super) struct Rendered {
    pub(super) arguments: Vec<String>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) service_account: String,
    pub(super) tokens: Vec<ProjectedToken>,
}

/// A token of the service account that the kubelet puts into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProjectedToken {
    /// Where the container sees it.
    pub(super) path: String,
    /// Whom it is for.
    pub(super) audience: Option<String>,
    /// How long it holds, in seconds.
    pub(super) seconds: Option<i64>,
}

/// Reads the one Deployment of the release, and resolves it.
pub(super) async fn read(client: &Client, launch: &Launch) -> Result<Rendered, Error> {
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), &launch.namespace);
    let selector = format!("app.kubernetes.io/instance={}", launch.release);
    let list = ListParams::default().labels(&selector);
    let list = deployments.list(&list).await;
    let found = list.map_err(|source| Error::Read {
        object: format!("the Deployments of release {}", launch.release),
        source: Box::new(source),
    })?;
    let [deployment] = found.items.as_slice() else {
        return Err(Error::NotOneDeployment {
            release: launch.release.clone(),
            namespace: launch.namespace.clone(),
            found: found.items.len(),
        });
    };
    let template = deployment.spec.as_ref().map(|spec| spec.template.clone());
    let spec = template.and_then(|template| template.spec);
    resolve(&spec.unwrap_or_default(), launch).map_err(|reason| Error::Unsupported {
        deployment: deployment.name_any(),
        reason,
    })
}

/// What a kubelet would give to the operator's container. It is the first one; what users add stands behind it.
fn resolve(spec: &PodSpec, launch: &Launch) -> Result<Rendered, String> {
    let container = spec.containers.first().ok_or("it has no container")?;
    let name = &container.name;
    let given = |list: Option<usize>| list.is_some_and(|length| length > 0);
    if given(container.command.as_ref().map(Vec::len)) {
        return Err(format!(
            "container {name} replaces the command of its image"
        ));
    }
    if given(container.env_from.as_ref().map(Vec::len)) {
        return Err(format!("container {name} has an envFrom"));
    }
    let arguments = container.args.clone().unwrap_or_default();
    if let Some(argument) = arguments.iter().find(|argument| argument.contains("$(")) {
        return Err(format!("{argument} refers to a variable"));
    }
    let service_account = spec.service_account_name.clone();
    Ok(Rendered {
        arguments,
        environment: environment(container, launch)?,
        service_account: service_account.unwrap_or_else(|| "default".into()),
        tokens: tokens(spec, container),
    })
}

fn tokens(spec: &PodSpec, container: &Container) -> Vec<ProjectedToken> {
    let mounts = container.volume_mounts.iter().flatten();
    let projected = mounts.filter_map(|mount| {
        let mut volumes = spec.volumes.iter().flatten();
        let volume = volumes.find(|volume| volume.name == mount.name)?;
        Some((mount, volume.projected.as_ref()?))
    });
    let sources = projected.flat_map(|(mount, projected)| {
        let sources = projected.sources.iter().flatten();
        sources.filter_map(move |source| Some((mount, source.service_account_token.as_ref()?)))
    });
    sources
        .map(|(mount, token)| ProjectedToken {
            path: format!("{}/{}", mount.mount_path, token.path),
            audience: token.audience.clone(),
            seconds: token.expiration_seconds,
        })
        .collect()
}

fn environment(container: &Container, launch: &Launch) -> Result<BTreeMap<String, String>, String> {
    let variables = container.env.iter().flatten();
    let resolve = |variable: &EnvVar| Ok((variable.name.clone(), value(variable, launch)?));
    variables.map(resolve).collect()
}

fn value(variable: &EnvVar, launch: &Launch) -> Result<String, String> {
    let name = &variable.name;
    let Some(from) = &variable.value_from else {
        let value = variable.value.clone().unwrap_or_default();
        let refers = value.contains("$(");
        return (!refers)
            .then_some(value)
            .ok_or_else(|| format!("{name} refers to another variable"));
    };
    let field = from.field_ref.as_ref();
    match field.map(|field| field.field_path.as_str()) {
        Some("metadata.name") => Ok(launch.pod.clone()),
        Some("metadata.namespace") => Ok(launch.namespace.clone()),
        Some(other) => Err(format!("{name} asks for field {other}")),
        None => Err(format!("{name} has a source other than a field of the pod")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn resolved(container: &Value) -> Result<Rendered, String> {
        let spec = serde_json::from_value(json!({ "containers": [container] })).unwrap();
        let launch = Launch {
            binary: "/operator".into(),
            namespace: "system".into(),
            release: "operator".into(),
            pod: "operator-0".into(),
            arguments: Vec::new(),
            log: "/log".into(),
        };
        resolve(&spec, &launch)
    }

    #[test]
    fn arguments_and_environment_are_what_a_kubelet_would_give() {
        let rendered = resolved(&json!({
            "name": "operator",
            "args": ["run", "--port=1"],
            "env": [
                { "name": "POD_NAME", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } },
                { "name": "POD_NAMESPACE", "valueFrom": { "fieldRef": { "fieldPath": "metadata.namespace" } } },
                { "name": "REGION", "value": "north" },
                { "name": "EMPTY" },
            ],
        }));
        let rendered = rendered.unwrap();
        let expected = [
            ("EMPTY", ""),
            ("POD_NAME", "operator-0"),
            ("POD_NAMESPACE", "system"),
            ("REGION", "north"),
        ];
        assert_eq!(
            rendered.environment,
            expected
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into()
        );
        assert_eq!(rendered.arguments, ["run", "--port=1"]);
        assert_eq!(rendered.service_account, "default");
    }

    #[test]
    fn what_only_a_kubelet_can_give_is_an_error_that_names_it() {
        let variable = |source: Value| json!({ "name": "o", "env": [{ "name": "VARIABLE", "valueFrom": source }] });
        for (container, expected) in [
            (
                json!({ "name": "operator", "command": ["/bin/sh"] }),
                "operator replaces the command",
            ),
            (
                json!({ "name": "o", "envFrom": [{ "secretRef": { "name": "gone" } }] }),
                "envFrom",
            ),
            (json!({ "name": "o", "args": ["--a=$(A)"] }), "--a=$(A)"),
            (
                json!({ "name": "o", "env": [{ "name": "A", "value": "$(B)" }] }),
                "A refers",
            ),
            (
                variable(json!({ "secretKeyRef": { "name": "credentials", "key": "token" } })),
                "VARIABLE has a source other than",
            ),
            (
                variable(json!({ "fieldRef": { "fieldPath": "status.phase" } })),
                "status.phase",
            ),
        ] {
            let error = resolved(&container).err().unwrap();
            assert!(error.contains(expected), "{error}");
        }
    }
}
