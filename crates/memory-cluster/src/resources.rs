//! The kinds that are served, and how a request body becomes an object of one of them.

use std::sync::Arc;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion,
};
use serde::de::Error as _;
use serde_json::{Value, json};

use super::builtin::{BUILT_IN, BuiltIn, Scope};
use super::problem::Problem;
use super::refusal::{Refusal, Subject};
use super::rules::Rules;
use super::schema::Schema;
use super::{metadata, normalise, validate};

/// One kind in one version.
pub(super) struct Resource {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) list_kind: String,
    pub(super) plural: String,
    pub(super) scope: Scope,
    pub(super) status: StatusEndpoint,
    pub(super) schema: Schema,
    pub(super) nature: Nature,
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

    /// An object of this kind, as most errors name it: by the plural.
    pub(super) fn subject<'a>(&'a self, name: &'a str) -> Subject<'a> {
        Subject {
            group: &self.group,
            kind: &self.plural,
            name,
        }
    }

    /// The same as invalid objects are named: by the kind, and events under the core group.
    pub(super) fn subject_of_problems<'a>(&'a self, name: &'a str) -> Subject<'a> {
        let group = match &self.nature {
            Nature::BuiltIn(_) => "",
            Nature::Custom(_) => &self.group,
        };
        let kind = &self.kind;
        Subject { group, kind, name }
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
    /// filled in.
    pub(super) fn decode(&self, mut body: Value) -> Result<Value, Refusal> {
        self.check_type(&body)?;
        metadata::normalise(&mut body)?;
        match &self.nature {
            Nature::Custom(_) => {
                normalise::fill(&self.schema, &mut body);
                Ok(body)
            }
            Nature::BuiltIn(kind) => (kind.decode)(body)
                .map_err(|error| Refusal::bad_request(format!("{}: {error}", self.kind))),
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
        validate::check(&self.schema, object, "", &mut found);
        self.add_kind_problems(found, object, old)
    }

    /// What is wrong with a new status. Rules are asked about the whole object.
    pub(super) fn status_problems(
        &self,
        mut found: Vec<Problem>,
        object: &Value,
        old: &Value,
    ) -> Vec<Problem> {
        let schema = self.schema.properties.get("status");
        if let (Some(status), Some(schema)) = (object.get("status"), schema) {
            validate::check(schema, status, "status", &mut found);
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
            Nature::BuiltIn(kind) => found.extend((kind.problems)(object)),
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
        let schema = version.schema.as_ref();
        let schema = schema.and_then(|schema| schema.open_api_v3_schema.as_ref());
        let schema = schema.map_or_else(|| Ok(json!({})), serde_json::to_value)?;
        let subresources = version.subresources.as_ref();
        let status = subresources.and_then(|subresources| subresources.status.as_ref());
        let list_kind = names.list_kind.clone();
        let rules = Rules::of(&schema).map_err(serde_json::Error::custom)?;
        Ok(Resource {
            group: crd.spec.group.clone(),
            version: version.name.clone(),
            kind: names.kind.clone(),
            list_kind: list_kind.unwrap_or_else(|| format!("{}List", names.kind)),
            plural: names.plural.clone(),
            scope: match crd.spec.scope.as_str() {
                "Cluster" => Scope::Cluster,
                _ => Scope::Namespaced,
            },
            status: status.map_or(StatusEndpoint::Absent, |_| StatusEndpoint::Present),
            schema: Schema::of_object(schema)?,
            nature: Nature::Custom(Box::new(rules)),
        })
    }

    fn built_in(kind: &'static BuiltIn) -> Result<Resource, serde_json::Error> {
        Ok(Resource {
            group: kind.group.to_owned(),
            version: "v1".to_owned(),
            kind: kind.kind.to_owned(),
            list_kind: format!("{}List", kind.kind),
            plural: kind.plural.to_owned(),
            scope: kind.scope,
            status: StatusEndpoint::Absent,
            schema: Schema::of_object((kind.schema)())?,
            nature: Nature::BuiltIn(kind),
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

    /// The kind by its name.
    pub(super) fn named(&self, name: &str) -> Option<&Arc<Resource>> {
        self.0.iter().find(|kind| kind.kind == name)
    }
}
