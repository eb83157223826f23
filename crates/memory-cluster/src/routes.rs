//! URLs of the API: what a path and a query address.
//!
//! `kubernetes.io: API concepts, resource URIs`. Unknown paths and unknown subresources are 404.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Uri};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::call::{
    Bookmarks, Call, Options, Part, Payload, Persistence, Validation, Verb, VersionMatch,
    WatchStart,
};
use super::managed::Force;
use super::refusal::Refusal;
use super::resources::{Registry, Resource, Scope, StatusEndpoint};

/// What a request addresses.
pub(super) enum Target {
    Call(Box<Call>),
    /// A document that describes the API itself.
    Discovery(Value),
}

/// Decodes method, path and query.
pub(super) fn target(registry: &Registry, method: &Method, uri: &Uri) -> Result<Target, Refusal> {
    let segments: Vec<String> = uri
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (group, version, rest) = match segments.as_slice() {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        other => {
            return discovery_root(registry, method, other)
                .map(Target::Discovery)
                .ok_or_else(Refusal::unknown_path);
        }
    };
    if rest.is_empty() {
        return discovery_group(registry, group, version)
            .map(Target::Discovery)
            .ok_or_else(Refusal::unknown_path);
    }
    let mut call = addressed(registry, group, version, rest)?;
    call.options = options(uri.query().unwrap_or_default())?;
    call.verb = verb(method, &call, uri.query().unwrap_or_default())?;
    Ok(Target::Call(Box::new(call)))
}

fn addressed(
    registry: &Registry,
    group: &str,
    version: &str,
    rest: &[&str],
) -> Result<Call, Refusal> {
    let (namespace, plural, name, subresource) = match rest {
        ["namespaces", namespace, plural, tail @ ..]
            if *plural != "status" && *plural != "finalize" =>
        {
            (Some(*namespace), *plural, tail.first(), tail.get(1..))
        }
        [plural, tail @ ..] => (None, *plural, tail.first(), tail.get(1..)),
        [] => return Err(Refusal::unknown_path()),
    };
    let resource = registry
        .at(group, version, plural)
        .ok_or_else(Refusal::unknown_path)?;
    let part = match subresource {
        None | Some([]) => Part::Whole,
        Some(["status"]) if resource.status == StatusEndpoint::Present => Part::Status,
        Some(_) => {
            return Err(Refusal::unknown_subresource(
                resource,
                name.copied().unwrap_or_default(),
            ));
        }
    };
    let misplaced = match resource.scope {
        Scope::Cluster => namespace.is_some(),
        Scope::Namespaced => namespace.is_none() && name.is_some(),
    };
    if misplaced {
        return Err(Refusal::unknown_path());
    }
    Ok(Call {
        verb: Verb::Get,
        resource: Arc::clone(resource),
        namespace: namespace.map(str::to_owned),
        name: name.map(|name| (*name).to_owned()).unwrap_or_default(),
        part,
        options: Options::default(),
        payload: Payload::None,
    })
}

fn verb(method: &Method, call: &Call, query: &str) -> Result<Verb, Refusal> {
    let is_collection = call.name.is_empty();
    let everywhere =
        is_collection && call.namespace.is_none() && call.resource.scope == Scope::Namespaced;
    match (method, is_collection) {
        (&Method::GET, true) if Query::of(query).truth("watch") => Ok(Verb::Watch),
        (&Method::GET, true) => Ok(Verb::List),
        (&Method::GET, false) => Ok(Verb::Get),
        (&Method::POST, true) if !everywhere => Ok(Verb::Create),
        (&Method::DELETE, true) if !everywhere => Ok(Verb::DeleteCollection),
        (&Method::PUT, false) => Ok(Verb::Update),
        (&Method::PATCH, false) => Ok(Verb::Patch),
        (&Method::DELETE, false) if call.part == Part::Whole => Ok(Verb::Delete),
        _ => Err(Refusal::method_not_allowed()),
    }
}

fn options(query: &str) -> Result<Options, Refusal> {
    let query = Query::of(query);
    let defaults = Options::default();
    let version: Option<u64> = query.number("resourceVersion")?;
    let exact = query.text("resourceVersionMatch") == Some("Exact");
    let owned = |name: &str| query.text(name).map(str::to_owned);
    Ok(Options {
        manager: owned("fieldManager").unwrap_or_default(),
        force: if query.truth("force") {
            Force::Yes
        } else {
            Force::No
        },
        persistence: query
            .text("dryRun")
            .map_or(Persistence::Stored, |_| Persistence::DryRun),
        validation: match query.text("fieldValidation") {
            Some("Strict") => Validation::Strict,
            _ => Validation::Lenient,
        },
        labels: owned("labelSelector"),
        fields: owned("fieldSelector"),
        limit: query.number("limit")?.filter(|limit| *limit > 0),
        continue_token: owned("continue"),
        version_match: version
            .filter(|_| exact)
            .map_or(VersionMatch::Latest, VersionMatch::Exact),
        watch_start: match version {
            Some(version) if version > 0 && !query.truth("sendInitialEvents") => {
                WatchStart::After(version)
            }
            _ => WatchStart::Everything,
        },
        bookmarks: if query.truth("allowWatchBookmarks") {
            Bookmarks::Wanted
        } else {
            Bookmarks::Unwanted
        },
        timeout: query
            .number("timeoutSeconds")?
            .map_or(defaults.timeout, Duration::from_secs),
        ..defaults
    })
}

/// The parameters of a query; an empty one counts as absent.
struct Query(BTreeMap<String, String>);

impl Query {
    fn of(query: &str) -> Query {
        Query(
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        )
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn truth(&self, name: &str) -> bool {
        matches!(self.text(name), Some("true" | "1"))
    }

    fn number<N: FromStr>(&self, name: &str) -> Result<Option<N>, Refusal> {
        let parse = |value: &str| {
            value
                .parse()
                .map_err(|_| Refusal::bad_request(format!("invalid value of {name}: {value:?}")))
        };
        self.text(name).map(parse).transpose()
    }
}

fn discovery_root(registry: &Registry, method: &Method, segments: &[&str]) -> Option<Value> {
    if method != Method::GET {
        return None;
    }
    match segments {
        ["version"] => Some(
            json!({"major": "1", "minor": "36", "gitVersion": "v1.36.0+memory", "gitCommit": "", "gitTreeState": "clean",
            "buildDate": "", "goVersion": "", "compiler": "", "platform": ""}),
        ),
        ["api"] => Some(
            json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}),
        ),
        ["apis"] => {
            Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups(registry)}))
        }
        _ => None,
    }
}

fn groups(registry: &Registry) -> Vec<Value> {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for resource in registry
        .iter()
        .filter(|resource| !resource.group.is_empty())
    {
        groups
            .entry(&resource.group)
            .or_default()
            .insert(&resource.version);
    }
    let described = |(group, versions): (&str, BTreeSet<&str>)| {
        let versions: Vec<Value> = versions
            .iter()
            .map(
                |version| json!({"groupVersion": format!("{group}/{version}"), "version": version}),
            )
            .collect();
        json!({"name": group, "versions": versions, "preferredVersion": versions.first()})
    };
    groups.into_iter().map(described).collect()
}

fn discovery_group(registry: &Registry, group: &str, version: &str) -> Option<Value> {
    let served: Vec<&Arc<Resource>> = registry
        .iter()
        .filter(|resource| resource.group == group && resource.version == version)
        .collect();
    let group_version = served.first()?.api_version();
    let verbs = json!([
        "create",
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "update",
        "watch"
    ]);
    let mut resources = Vec::new();
    for resource in served {
        let namespaced = resource.scope == Scope::Namespaced;
        resources.push(json!({"name": resource.plural, "singularName": resource.singular, "namespaced": namespaced, "kind": resource.kind, "verbs": verbs}));
        if resource.status == StatusEndpoint::Present {
            let name = format!("{}/status", resource.plural);
            resources.push(json!({"name": name, "singularName": "", "namespaced": namespaced, "kind": resource.kind, "verbs": ["get", "patch", "update"]}));
        }
    }
    Some(
        json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources}),
    )
}
