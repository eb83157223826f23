//! One request and its answer as handlers see them: no sockets, no HTTP framing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::error::GraphError;
use crate::ids::{AppId, ObjectId};
use crate::odata::Query;
use crate::permission::Permissions;
use crate::pim::engine::Deferral;
use crate::version::Version;

/// Who calls: an application, or a signed-in user through an application.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// `appid` of the token.
    pub(crate) app_id: AppId,
    /// `oid` of the token: the service principal of the application.
    pub(crate) object_id: ObjectId,
    /// Application permissions in the claim `roles` of the token.
    pub(crate) permissions: Arc<BTreeSet<String>>,
    /// The user that the header `x-entra-sim-user` signs in; the call is then a delegated one.
    pub(crate) signed_in_user: Option<ObjectId>,
}

impl Caller {
    /// Whether the token holds a permission.
    pub(crate) fn has(&self, permission: &str) -> bool {
        self.permissions.contains(permission)
    }

    /// Whether the token holds one of the sets in full.
    pub(crate) fn has_any(&self, permissions: Permissions) -> bool {
        let full = |set: &&[&str]| set.iter().all(|one| self.has(one));
        permissions.iter().any(full)
    }

    /// The principal that acts: the signed-in user, else the service principal.
    pub(crate) fn principal(&self) -> ObjectId {
        self.signed_in_user.unwrap_or(self.object_id)
    }
}

/// A request that was matched, authenticated and found permitted.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) version: Version,
    /// The path as the client wrote it, decoded, with the version segment.
    pub(crate) path: String,
    /// Parameters of the route pattern by name.
    pub(crate) params: BTreeMap<&'static str, String>,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Value>,
    pub(crate) caller: Caller,
    /// Name of the operation: the lane by which replication delays differ.
    pub(crate) operation: &'static str,
    /// Name of the published type that the answer holds, without its namespace; empty when there is none.
    pub(crate) kind: String,
    /// Whether objects of several types stand in the answer.
    pub(crate) mixed: bool,
    pub(crate) now: Timestamp,
    /// How a script puts a request to PIM off.
    pub(crate) deferral: Option<Deferral>,
    /// Scheme, host and version, for instance `https://graph.microsoft.com/v1.0`.
    pub(crate) base_url: String,
}

impl Call {
    /// A parameter of the route pattern; empty when the pattern has none of that name.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A parameter that must be an object id. The directory answers 400 to anything else.
    pub(crate) fn object_id(&self, name: &str) -> Result<ObjectId, GraphError> {
        let text = self.param(name);
        text.parse()
            .map_err(|_| GraphError::invalid(format!("Invalid object identifier '{text}'.")))
    }

    /// The body as an object; 400 when it is missing or something else.
    pub(crate) fn body_object(&self) -> Result<&Map<String, Value>, GraphError> {
        match &self.body {
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(GraphError::bad_request(
                "BadRequest",
                "The request body must be a JSON object.",
            )),
            None => Err(GraphError::bad_request(
                "BadRequest",
                "Empty Payload. JSON content expected.",
            )),
        }
    }

    /// Whether the header `Prefer` holds this preference.
    pub(crate) fn prefers(&self, preference: &str) -> bool {
        self.headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split([',', ';']))
            .any(|one| one.trim().eq_ignore_ascii_case(preference))
    }

    /// Advanced query mode: `ConsistencyLevel: eventual`.
    pub(crate) fn eventual(&self) -> bool {
        self.headers
            .get("consistencylevel")
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"eventual"))
    }

    /// Refuses an application unless it holds one of the permissions; for checks that depend on the object. A signed-in
    /// user was judged by their roles before the handler ran.
    pub(crate) fn require(&self, any_of: Permissions) -> Result<(), GraphError> {
        if self.caller.signed_in_user.is_some() || self.caller.has_any(any_of) {
            Ok(())
        } else {
            Err(GraphError::denied())
        }
    }
}

/// What a handler comes to.
pub(crate) type Answered = Result<Reply, GraphError>;

/// What a handler answers when it agrees.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Body,
}

/// The kinds of body; the dispatcher adds `@odata.context`, pages rows and checks shapes.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Empty,
    /// One object of the route's response type.
    Entity(Value),
    /// Rows of a collection, filtered and selected, not yet paged.
    Rows(Rows),
    /// Sent as it is.
    Raw(Value),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) values: Vec<Value>,
    /// Rows on one page.
    pub(crate) page_size: usize,
    /// `@odata.count`, when asked for.
    pub(crate) count: Option<usize>,
    /// `@odata.deltaLink` of the last page.
    pub(crate) delta_link: Option<String>,
}

impl Reply {
    fn with(status: StatusCode, body: Body) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    /// Answers 200 with one object.
    pub(crate) fn ok(entity: Value) -> Self {
        Self::with(StatusCode::OK, Body::Entity(entity))
    }

    /// 201 with the new object.
    pub(crate) fn created(entity: Value) -> Self {
        Self::with(StatusCode::CREATED, Body::Entity(entity))
    }

    /// Answers 204 without a body.
    pub(crate) fn no_content() -> Self {
        Self::with(StatusCode::NO_CONTENT, Body::Empty)
    }

    /// 200 with rows; make them with `odata::collection`.
    pub(crate) fn rows(rows: Rows) -> Self {
        Self::with(StatusCode::OK, Body::Rows(rows))
    }

    /// 200 with a body that is sent as it is.
    pub(crate) fn raw(body: Value) -> Self {
        Self::with(StatusCode::OK, Body::Raw(body))
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}
