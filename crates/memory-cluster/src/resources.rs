//! The kinds that are served, and how a request body becomes an object of one of them.

use std::sync::Arc;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion,
};
use serde::de::Error as _;
use serde_json::{Value, json};

use super::builtin::{BUILT_IN, BuiltIn};
use super::problem::Problem;
use super::refusal::Refusal;
use super::rules::Rules;
use super::schema::Schema;
use super::{defaults, metadata, prune, validate};

/// One kind in one version.
pub(super) struct Resource {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) list_kind: String,
    pub(super) plural: String,
    pub(super) singular: String,
    pub(super) scope: Scope,
    pub(super) status: StatusEndpoint,
    pub(super) schema: Schema,
    pub(super) nature: Nature,
    selectable: Vec<String>,
}

/// Where objects of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Cluster,
    Namespaced,
}

/// Whether status is written at an endpoint of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatusEndpoint {
    Present,
    Absent,
}

/// What a kind brings along.
pub(super) enum Nature {
    Custom(Box<Rules>),
    BuiltIn(&'static BuiltIn),
}

impl Resource {
    /// `apiVersion` of its objects.
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `plural.group`, as messages and counters name it.
    pub(super) fn qualified_plural(&self) -> String {
        if self.group.is_empty() {
            self.plural.clone()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// The group that problems of an object name: events are reported under the core group.
    pub(super) fn group_in_problems(&self) -> &str {
        match &self.nature {
            Nature::BuiltIn(kind) => kind.group_in_problems.unwrap_or(&self.group),
            Nature::Custom(_) => &self.group,
        }
    }

    /// Whether a field selector may name this field.
    pub(super) fn selects_field(&self, name: &str) -> bool {
        name == "metadata.name"
            || (name == "metadata.namespace" && self.scope == Scope::Namespaced)
            || self.selectable.iter().any(|field| field == name)
    }

    /// An object of this kind that has only its identity.
    pub(super) fn blank(&self) -> Value {
        let mut blank = json!({"apiVersion": self.api_version(), "kind": self.kind});
        if let (Nature::BuiltIn(kind), Value::Object(fields)) = (&self.nature, &mut blank)
            && let Value::Object(more) = (kind.blank)()
        {
            fields.extend(more);
        }
        blank
    }

    /// Turns a body into an object: type checked, metadata normalised, undeclared fields removed, defaults
    /// filled in. Returns the paths of the undeclared fields.
    pub(super) fn decode(&self, mut body: Value) -> Result<(Value, Vec<String>), Refusal> {
        self.check_type(&body)?;
        metadata::normalise(&mut body)?;
        match &self.nature {
            Nature::Custom(_) => {
                let unknown = prune::prune(&self.schema, &mut body);
                defaults::fill(&self.schema, &mut body);
                Ok((body, unknown))
            }
            Nature::BuiltIn(kind) => {
                let object = (kind.decode)(body)
                    .map_err(|error| Refusal::bad_request(format!("{}: {error}", self.kind)))?;
                Ok((object, Vec::new()))
            }
        }
    }

    /// Refuses a body of another kind or version.
    pub(super) fn check_type(&self, body: &Value) -> Result<(), Refusal> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let (version, kind) = (text("apiVersion"), text("kind"));
        if version.is_empty() || kind.is_empty() {
            return Err(Refusal::bad_request(
                "Object 'Kind' is missing in the body of the request",
            ));
        }
        if version != self.api_version() || kind != self.kind {
            return Err(Refusal::bad_request(format!(
                "the API version and kind in the data ({version}, {kind}) do not match the expected ({}, {})",
                self.api_version(),
                self.kind
            )));
        }
        Ok(())
    }

    /// What is wrong with an object as a whole, after what was found already.
    pub(super) fn problems(
        &self,
        mut found: Vec<Problem>,
        object: &Value,
        old: Option<&Value>,
    ) -> Vec<Problem> {
        found.extend(validate::problems(&self.schema, object, ""));
        self.add_kind_problems(found, object, old)
    }

    /// What is wrong with a new status. Rules are asked about the whole object.
    pub(super) fn status_problems(
        &self,
        mut found: Vec<Problem>,
        object: &Value,
        old: &Value,
    ) -> Vec<Problem> {
        if let (Some(status), Some(schema)) =
            (object.get("status"), self.schema.properties.get("status"))
        {
            found.extend(validate::problems(schema, status, "status"));
        }
        self.add_kind_problems(found, object, Some(old))
    }

    fn add_kind_problems(
        &self,
        mut found: Vec<Problem>,
        object: &Value,
        old: Option<&Value>,
    ) -> Vec<Problem> {
        match &self.nature {
            Nature::Custom(_) if found.iter().any(Problem::blocks_rules) => {
                found.push(Problem::rules_not_checked());
            }
            Nature::Custom(rules) => found.extend(rules.problems(object, old)),
            Nature::BuiltIn(kind) => found.extend((kind.problems)(object, old)),
        }
        found
    }

    /// What the kind itself sets on a new object; nobody is noted as having written it.
    pub(super) fn prepare(&self, object: &mut Value) {
        if let Nature::BuiltIn(kind) = &self.nature {
            (kind.prepare)(object);
        }
    }

    fn custom(
        crd: &CustomResourceDefinition,
        version: &CustomResourceDefinitionVersion,
    ) -> Result<Resource, serde_json::Error> {
        let names = &crd.spec.names;
        let raw = version
            .schema
            .as_ref()
            .and_then(|schema| schema.open_api_v3_schema.as_ref());
        let raw = raw.map_or_else(|| Ok(json!({})), serde_json::to_value)?;
        let selectable = version
            .selectable_fields
            .iter()
            .flatten()
            .map(|field| field.json_path.trim_start_matches('.').to_owned());
        let has_status = version
            .subresources
            .as_ref()
            .is_some_and(|subresources| subresources.status.is_some());
        Ok(Resource {
            group: crd.spec.group.clone(),
            version: version.name.clone(),
            kind: names.kind.clone(),
            list_kind: names
                .list_kind
                .clone()
                .unwrap_or_else(|| format!("{}List", names.kind)),
            plural: names.plural.clone(),
            singular: names
                .singular
                .clone()
                .unwrap_or_else(|| names.kind.to_lowercase()),
            scope: if crd.spec.scope == "Cluster" {
                Scope::Cluster
            } else {
                Scope::Namespaced
            },
            status: if has_status {
                StatusEndpoint::Present
            } else {
                StatusEndpoint::Absent
            },
            schema: serde_json::from_value::<Schema>(raw.clone())?.with_object_fields()?,
            nature: Nature::Custom(Box::new(
                Rules::of(&raw).map_err(serde_json::Error::custom)?,
            )),
            selectable: selectable.collect(),
        })
    }

    fn built_in(kind: &'static BuiltIn) -> Result<Resource, serde_json::Error> {
        Ok(Resource {
            group: kind.group.to_owned(),
            version: kind.version.to_owned(),
            kind: kind.kind.to_owned(),
            list_kind: format!("{}List", kind.kind),
            plural: kind.plural.to_owned(),
            singular: kind.kind.to_lowercase(),
            scope: kind.scope,
            status: StatusEndpoint::Absent,
            schema: serde_json::from_value::<Schema>((kind.schema)())?.with_object_fields()?,
            nature: Nature::BuiltIn(kind),
            selectable: kind
                .selectable
                .iter()
                .map(|field| (*field).to_owned())
                .collect(),
        })
    }
}

/// All kinds that are served.
pub(super) struct Registry(Vec<Arc<Resource>>);

impl Registry {
    /// The built-in kinds and every served version of the given definitions.
    pub(super) fn new(crds: &[CustomResourceDefinition]) -> Result<Registry, serde_json::Error> {
        let mut kinds = Vec::new();
        for kind in BUILT_IN {
            kinds.push(Arc::new(Resource::built_in(kind)?));
        }
        for crd in crds {
            for version in crd.spec.versions.iter().filter(|version| version.served) {
                kinds.push(Arc::new(Resource::custom(crd, version)?));
            }
        }
        Ok(Registry(kinds))
    }

    /// The kind at a place of the URL.
    pub(super) fn at(&self, group: &str, version: &str, plural: &str) -> Option<&Arc<Resource>> {
        self.0
            .iter()
            .find(|kind| kind.group == group && kind.version == version && kind.plural == plural)
    }

    /// The kind that a manifest names.
    pub(super) fn of_manifest(&self, api_version: &str, kind: &str) -> Option<&Arc<Resource>> {
        self.0
            .iter()
            .find(|resource| resource.kind == kind && resource.api_version() == api_version)
    }

    /// The kind by its name, or by `Kind.group` where names collide.
    pub(super) fn named(&self, name: &str) -> Option<&Arc<Resource>> {
        let qualified = |kind: &Resource| {
            name.strip_prefix(kind.kind.as_str())
                .and_then(|rest| rest.strip_prefix('.'))
                == Some(kind.group.as_str())
        };
        self.0
            .iter()
            .find(|kind| kind.kind == name || qualified(kind))
    }

    /// Every kind.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.0.iter()
    }
}
