//! The environment of a container as a kubelet resolves it: values, references to other variables, fields of the pod,
//! and keys of config maps and secrets.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ConfigMap, Container, EnvFromSource, EnvVarSource, ObjectFieldSelector, Pod, Secret,
};
use kube::Client;
use kube::api::Api;

use super::Error;

/// Where pods that run on no node pretend to be.
const ADDRESS: &str = "127.0.0.1";

/// The config maps and secrets that the container's environment comes from, as far as they exist.
#[derive(Default)]
pub(super) struct Sources {
    config_maps: BTreeMap<String, BTreeMap<String, String>>,
    secrets: BTreeMap<String, BTreeMap<String, String>>,
}

impl Sources {
    /// Reads what `container` refers to.
    pub(super) async fn read(
        client: &Client,
        namespace: &str,
        container: &Container,
    ) -> Result<Self, Error> {
        let mut sources = Self::default();
        let variables = || {
            container
                .env
                .iter()
                .flatten()
                .filter_map(|variable| variable.value_from.as_ref())
        };
        let whole = || container.env_from.iter().flatten();

        let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
        let names = variables()
            .filter_map(|from| from.config_map_key_ref.as_ref())
            .map(|reference| &reference.name);
        for name in names.chain(
            whole()
                .filter_map(|from| from.config_map_ref.as_ref())
                .map(|reference| &reference.name),
        ) {
            let read = config_maps
                .get_opt(name)
                .await
                .map_err(read_error(format!("ConfigMap {namespace}/{name}")))?;
            if let Some(config_map) = read {
                sources
                    .config_maps
                    .insert(name.clone(), config_map.data.unwrap_or_default());
            }
        }
        let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
        let names = variables()
            .filter_map(|from| from.secret_key_ref.as_ref())
            .map(|reference| &reference.name);
        for name in names.chain(
            whole()
                .filter_map(|from| from.secret_ref.as_ref())
                .map(|reference| &reference.name),
        ) {
            let read = secrets
                .get_opt(name)
                .await
                .map_err(read_error(format!("Secret {namespace}/{name}")))?;
            if let Some(secret) = read {
                let text = |(key, bytes): (String, k8s_openapi::ByteString)| {
                    (key, String::from_utf8_lossy(&bytes.0).into_owned())
                };
                sources.secrets.insert(
                    name.clone(),
                    secret
                        .data
                        .unwrap_or_default()
                        .into_iter()
                        .map(text)
                        .collect(),
                );
            }
        }
        Ok(sources)
    }

    /// The environment in the order of the API: `envFrom` first, then `env`, of which later ones see earlier ones.
    pub(super) fn environment(
        &self,
        container: &Container,
        pod: &Pod,
    ) -> Result<BTreeMap<String, String>, String> {
        let mut environment = BTreeMap::new();
        for from in container.env_from.iter().flatten() {
            environment.extend(self.whole(from)?);
        }
        for variable in container.env.iter().flatten() {
            let value = match &variable.value_from {
                None => Some(expand(
                    variable.value.as_deref().unwrap_or_default(),
                    &environment,
                )),
                Some(from) => self.value(&variable.name, from, pod)?,
            };
            if let Some(value) = value {
                environment.insert(variable.name.clone(), value);
            }
        }
        Ok(environment)
    }

    fn whole(&self, from: &EnvFromSource) -> Result<BTreeMap<String, String>, String> {
        let (kind, name, optional, found) = match (&from.config_map_ref, &from.secret_ref) {
            (Some(reference), _) => (
                "ConfigMap",
                &reference.name,
                reference.optional,
                self.config_maps.get(&reference.name),
            ),
            (None, Some(reference)) => (
                "Secret",
                &reference.name,
                reference.optional,
                self.secrets.get(&reference.name),
            ),
            (None, None) => return Ok(BTreeMap::new()),
        };
        let prefix = from.prefix.as_deref().unwrap_or_default();
        match found {
            Some(entries) => Ok(entries
                .iter()
                .map(|(key, value)| (format!("{prefix}{key}"), value.clone()))
                .collect()),
            None if optional == Some(true) => Ok(BTreeMap::new()),
            None => Err(format!("{kind} {name} of its envFrom does not exist")),
        }
    }

    fn value(
        &self,
        variable: &str,
        from: &EnvVarSource,
        pod: &Pod,
    ) -> Result<Option<String>, String> {
        if let Some(field) = &from.field_ref {
            return field_value(field, pod)
                .map(Some)
                .ok_or_else(|| format!("{variable} asks for field {}", field.field_path));
        }
        let (kind, name, key, optional, found) = if let Some(reference) = &from.config_map_key_ref {
            (
                "ConfigMap",
                &reference.name,
                &reference.key,
                reference.optional,
                self.config_maps.get(&reference.name),
            )
        } else if let Some(reference) = &from.secret_key_ref {
            (
                "Secret",
                &reference.name,
                &reference.key,
                reference.optional,
                self.secrets.get(&reference.name),
            )
        } else {
            return Err(format!(
                "{variable} has a source other than a field, a ConfigMap or a Secret"
            ));
        };
        match found.and_then(|entries| entries.get(key)) {
            Some(value) => Ok(Some(value.clone())),
            None if optional == Some(true) => Ok(None),
            None => Err(format!(
                "{variable} asks for key {key} of {kind} {name}, which does not exist"
            )),
        }
    }
}

/// A field of the pod, as the downward API gives it.
fn field_value(field: &ObjectFieldSelector, pod: &Pod) -> Option<String> {
    let metadata = &pod.metadata;
    let entry = |map: &Option<BTreeMap<String, String>>, rest: &str| {
        let key = rest.strip_suffix("']")?;
        Some(
            map.as_ref()
                .and_then(|map| map.get(key))
                .cloned()
                .unwrap_or_default(),
        )
    };
    match field.field_path.as_str() {
        "metadata.name" => metadata.name.clone(),
        "metadata.namespace" => metadata.namespace.clone(),
        "metadata.uid" => metadata.uid.clone(),
        "spec.serviceAccountName" => pod.spec.as_ref()?.service_account_name.clone(),
        "spec.nodeName" => Some("localhost".into()),
        "status.podIP" | "status.podIPs" | "status.hostIP" | "status.hostIPs" => {
            Some(ADDRESS.into())
        }
        path => path
            .strip_prefix("metadata.labels['")
            .and_then(|rest| entry(&metadata.labels, rest))
            .or_else(|| {
                path.strip_prefix("metadata.annotations['")
                    .and_then(|rest| entry(&metadata.annotations, rest))
            }),
    }
}

/// Replaces `$(NAME)` by a variable. `$$` stands for one `$`, and an unknown name stays as it is (Kubernetes API
/// reference: `Container.args`).
pub(super) fn expand(text: &str, environment: &BTreeMap<String, String>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let reference = after
            .strip_prefix('(')
            .and_then(|inner| inner.split_once(')'));
        if let Some(escaped) = after.strip_prefix('$') {
            expanded.push('$');
            rest = escaped;
        } else if let Some((value, tail)) =
            reference.and_then(|(name, tail)| Some((environment.get(name)?, tail)))
        {
            expanded.push_str(value);
            rest = tail;
        } else {
            expanded.push('$');
            rest = after;
        }
    }
    expanded + rest
}

/// An error that names what could not be read.
pub(super) fn read_error(object: String) -> impl FnOnce(kube::Error) -> Error {
    move |source| Error::Read {
        object,
        source: Box::new(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn container_of(value: serde_json::Value) -> Container {
        serde_json::from_value(value).unwrap()
    }

    fn sources() -> Sources {
        let map = |entries: &[(&str, &str)]| {
            entries
                .iter()
                .map(|(key, value)| ((*key).into(), (*value).into()))
                .collect()
        };
        Sources {
            config_maps: [(
                "settings".to_owned(),
                map(&[("region", "north"), ("size", "10")]),
            )]
            .into(),
            secrets: [("credentials".to_owned(), map(&[("token", "s3cret")]))].into(),
        }
    }

    fn some_pod() -> Pod {
        serde_json::from_value(json!({
            "metadata": {
                "name": "operator-0",
                "namespace": "system",
                "labels": { "app.kubernetes.io/name": "operator" },
            },
        }))
        .unwrap()
    }

    #[test]
    fn environment_follows_the_order_of_the_api() {
        let container = container_of(json!({
            "name": "operator",
            "envFrom": [
                { "prefix": "CONFIG_", "configMapRef": { "name": "settings" } },
                { "secretRef": { "name": "none", "optional": true } },
            ],
            "env": [
                { "name": "POD_NAME", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } },
                { "name": "POD_NAMESPACE", "valueFrom": { "fieldRef": { "fieldPath": "metadata.namespace" } } },
                { "name": "APP", "valueFrom": { "fieldRef": { "fieldPath": "metadata.labels['app.kubernetes.io/name']" } } },
                { "name": "WHERE", "value": "$(POD_NAMESPACE)/$(POD_NAME)" },
                { "name": "CONFIG_size", "valueFrom": { "secretKeyRef": { "name": "credentials", "key": "token" } } },
                { "name": "ABSENT", "valueFrom": { "configMapKeyRef": { "name": "settings", "key": "no", "optional": true } } },
                { "name": "EMPTY" },
            ],
        }));
        let environment = sources().environment(&container, &some_pod()).unwrap();
        let expected = [
            ("APP", "operator"),
            ("CONFIG_region", "north"),
            ("CONFIG_size", "s3cret"),
            ("EMPTY", ""),
            ("POD_NAME", "operator-0"),
            ("POD_NAMESPACE", "system"),
            ("WHERE", "system/operator-0"),
        ];
        assert_eq!(
            environment,
            expected
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into()
        );
    }

    #[test]
    fn what_cannot_be_resolved_is_an_error_that_names_it() {
        for (source, expected) in [
            (
                json!({ "secretKeyRef": { "name": "credentials", "key": "nothing" } }),
                "key nothing of Secret credentials",
            ),
            (
                json!({ "configMapKeyRef": { "name": "gone", "key": "region" } }),
                "ConfigMap gone",
            ),
            (
                json!({ "fieldRef": { "fieldPath": "status.phase" } }),
                "status.phase",
            ),
            (
                json!({ "resourceFieldRef": { "resource": "limits.memory" } }),
                "VARIABLE has a source other than",
            ),
        ] {
            let container = container_of(
                json!({ "name": "operator", "env": [{ "name": "VARIABLE", "valueFrom": source }] }),
            );
            let error = sources().environment(&container, &some_pod()).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        let container = container_of(
            json!({ "name": "operator", "envFrom": [{ "secretRef": { "name": "gone" } }] }),
        );
        assert!(
            sources()
                .environment(&container, &some_pod())
                .unwrap_err()
                .contains("Secret gone")
        );
    }

    #[test]
    fn references_are_expanded_as_the_api_says() {
        let environment = [("A".to_owned(), "1".to_owned())].into();
        for (text, expected) in [
            ("--a=$(A)", "--a=1"),
            ("$(A)$(A)", "11"),
            ("$$(A)", "$(A)"),
            ("$(B) $(A", "$(B) $(A"),
            ("$", "$"),
            ("plain", "plain"),
        ] {
            assert_eq!(expand(text, &environment), expected, "{text}");
        }
    }
}
