//! What a rendered Deployment asks for: arguments, environment, service account. Volumes and
//! probes are left out; a process on this machine has no use for them.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, Pod, PodSpec};
use kube::api::{Api, ListParams};
use kube::{Client, ResourceExt as _};

use super::environment::{Sources, expand, read_error};
use super::{Error, Launch};

/// What the process gets.
#[derive(PartialEq, Eq)]
pub(super) struct Rendered {
    pub(super) arguments: Vec<String>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) service_account: String,
}

/// Reads the one Deployment of the release, and resolves it.
pub(super) async fn read(client: &Client, launch: &Launch) -> Result<Rendered, Error> {
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), &launch.namespace);
    let selector = format!("app.kubernetes.io/instance={}", launch.release);
    let found = deployments
        .list(&ListParams::default().labels(&selector))
        .await;
    let found = found
        .map_err(read_error(format!(
            "the Deployments of release {}",
            launch.release
        )))?
        .items;
    let [deployment] = found.as_slice() else {
        let (release, namespace) = (launch.release.clone(), launch.namespace.clone());
        return Err(Error::NotOneDeployment {
            release,
            namespace,
            found: found.len(),
        });
    };
    let pod = pod(deployment, &launch.pod, &launch.namespace);
    let spec = pod.spec.clone().unwrap_or_default();
    let unsupported = |reason: String| Error::Unsupported {
        deployment: deployment.name_any(),
        reason,
    };
    let container = container(&spec).map_err(unsupported)?;

    let sources = Sources::read(client, &launch.namespace, container).await?;
    let mut environment = sources.environment(container, &pod).map_err(unsupported)?;
    environment.extend(launch.environment.iter().cloned());
    let arguments = container
        .args
        .iter()
        .flatten()
        .map(|argument| expand(argument, &environment))
        .collect();
    let arguments = launch
        .flags
        .iter()
        .fold(arguments, |arguments, (name, value)| {
            with_flag(arguments, name, value)
        });
    let service_account = spec
        .service_account_name
        .unwrap_or_else(|| "default".into());
    Ok(Rendered {
        arguments,
        environment,
        service_account,
    })
}

/// The pod that the Deployment's template makes, with what a scheduler and a kubelet would fill in.
fn pod(deployment: &Deployment, name: &str, namespace: &str) -> Pod {
    let template = deployment
        .spec
        .as_ref()
        .map(|spec| spec.template.clone())
        .unwrap_or_default();
    let mut metadata = template.metadata.unwrap_or_default();
    metadata.name = Some(name.to_owned());
    metadata.namespace = Some(namespace.to_owned());
    metadata.uid = deployment.uid();
    Pod {
        metadata,
        spec: template.spec,
        status: None,
    }
}

/// The operator's container is the first one; what users add stands behind it.
fn container(spec: &PodSpec) -> Result<&Container, String> {
    let container = spec.containers.first().ok_or("it has no container")?;
    if container
        .command
        .as_ref()
        .is_some_and(|command| !command.is_empty())
    {
        return Err(format!(
            "container {} replaces the command of its image",
            container.name
        ));
    }
    Ok(container)
}

/// Sets a flag, in place of what the arguments say in either spelling (`--flag=value`, `--flag value`).
fn with_flag(arguments: Vec<String>, name: &str, value: &str) -> Vec<String> {
    let assigned = format!("{name}=");
    let mut kept: Vec<String> = Vec::new();
    let mut arguments = arguments.into_iter().peekable();
    while let Some(argument) = arguments.next() {
        if argument == name {
            arguments.next_if(|next| !next.starts_with("--"));
        } else if !argument.starts_with(&assigned) {
            kept.push(argument);
        }
    }
    kept.push(format!("{assigned}{value}"));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn container_of(value: serde_json::Value) -> Container {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_replaced_command_is_refused() {
        let spec = PodSpec {
            containers: vec![container_of(
                json!({ "name": "operator", "command": ["/bin/sh"] }),
            )],
            ..PodSpec::default()
        };
        assert!(
            container(&spec)
                .unwrap_err()
                .contains("operator replaces the command")
        );
        assert!(container(&PodSpec::default()).is_err());
    }

    #[test]
    fn a_flag_replaces_both_spellings() {
        let arguments = [
            "run",
            "--port=1",
            "--port",
            "2",
            "--portal=x",
            "--port",
            "--last",
        ]
        .map(str::to_owned)
        .to_vec();
        assert_eq!(
            with_flag(arguments, "--port", "3"),
            ["run", "--portal=x", "--last", "--port=3"]
        );
    }

    #[test]
    fn the_pod_has_what_a_kubelet_would_fill_in() {
        let deployment: Deployment = serde_json::from_value(json!({
            "metadata": { "name": "operator", "uid": "uid-1", "labels": { "of": "the deployment" } },
            "spec": { "selector": {}, "template": {
                "metadata": { "labels": { "of": "the pod" } },
                "spec": { "containers": [{ "name": "operator" }] },
            } },
        }))
        .unwrap();
        let pod = pod(&deployment, "operator-0", "system");
        assert_eq!(
            (pod.name_any(), pod.namespace(), pod.uid()),
            (
                "operator-0".into(),
                Some("system".into()),
                Some("uid-1".into())
            )
        );
        assert_eq!(pod.labels()["of"], "the pod");
    }
}
