//! URLs of the API: what a method, a path and a query address.
//!
//! `kubernetes.io: API concepts, resource URIs`. Unknown paths and unknown subresources are 404, parameters
//! that this server does not know are 400.

use std::sync::Arc;

use http::{Method, Uri};
use percent_encoding::percent_decode_str;

use super::builtin::Scope;
use super::call::{Call, Options, Part, Payload, Verb, View};
use super::refusal::Refusal;
use super::resources::{Registry, StatusEndpoint};

/// Decodes method, path and query.
pub(super) fn target(registry: &Registry, method: &Method, uri: &Uri) -> Result<Call, Refusal> {
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
        _ => return Err(Refusal::unknown_path()),
    };
    let options: Options = serde_urlencoded::from_str(uri.query().unwrap_or_default())
        .map_err(|error| Refusal::bad_request(format!("query: {error}")))?;
    let mut call = addressed(registry, group, version, rest, options)?;
    call.verb = verb(method, &call)?;
    Ok(call)
}

fn addressed(
    registry: &Registry,
    group: &str,
    version: &str,
    rest: &[&str],
    options: Options,
) -> Result<Call, Refusal> {
    let (namespace, plural, tail) = match rest {
        ["namespaces", namespace, plural, tail @ ..]
            if *plural != "status" && *plural != "finalize" =>
        {
            (Some(*namespace), *plural, tail)
        }
        [plural, tail @ ..] => (None, *plural, tail),
        [] => return Err(Refusal::unknown_path()),
    };
    let resource = registry
        .at(group, version, plural)
        .ok_or_else(Refusal::unknown_path)?;
    let (name, part) = match tail {
        [] => ("", Part::Whole),
        [name] => (*name, Part::Whole),
        [name, "status"] if resource.status == StatusEndpoint::Present => (*name, Part::Status),
        [name, ..] => return Err(Refusal::unknown_subresource(resource.subject(name))),
    };
    let misplaced = match resource.scope {
        Scope::Cluster => namespace.is_some(),
        Scope::Namespaced => namespace.is_none() && !name.is_empty(),
    };
    if misplaced {
        return Err(Refusal::unknown_path());
    }
    Ok(Call {
        verb: Verb::Get,
        resource: Arc::clone(resource),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
        part,
        view: View::Full,
        options,
        payload: Payload::None,
    })
}

fn verb(method: &Method, call: &Call) -> Result<Verb, Refusal> {
    let is_collection = call.name.is_empty();
    let everywhere =
        is_collection && call.namespace.is_none() && call.resource.scope == Scope::Namespaced;
    match (method, is_collection) {
        (&Method::GET, true) if call.options.watch => Ok(Verb::Watch),
        (&Method::GET, true) => Ok(Verb::List),
        (&Method::GET, false) => Ok(Verb::Get),
        (&Method::POST, true) if !everywhere => Ok(Verb::Create),
        (&Method::PATCH, false) => Ok(Verb::Patch),
        (&Method::DELETE, false) if call.part == Part::Whole => Ok(Verb::Delete),
        _ => Err(Refusal::method_not_allowed()),
    }
}
