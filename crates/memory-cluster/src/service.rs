//! The HTTP face: a `tower` service that a [`kube::Client`] can be built on.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, StatusCode, header, request};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use kube::client::Body;
use serde_json::{Value, json};
use tower::{BoxError, Service};

use super::call::{Call, PatchKind, Payload, Verb, View};
use super::hooks::{Hooks, Interception};
use super::refusal::Refusal;
use super::routes;
use super::server::Server;
use super::transaction::Answer;
use super::watch::Watch;

type ResponseBody = UnsyncBoxBody<Bytes, Infallible>;

/// Answers requests as the API server does.
#[derive(Clone)]
pub struct MemoryService {
    server: Arc<Server>,
    hooks: Arc<Hooks>,
}

/// A connection that a test broke on purpose.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("connection closed before the request was sent")]
struct Disconnected;

impl MemoryService {
    pub(super) fn new(server: Arc<Server>, hooks: Arc<Hooks>) -> MemoryService {
        MemoryService { server, hooks }
    }

    async fn answer(self, request: Request<Body>) -> Result<Response<ResponseBody>, BoxError> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await?;
        let call = match self.decode(&parts, &body) {
            Ok(call) => call,
            Err(refusal) => return refuse(&refusal),
        };
        if !call.verb.is_mutation() {
            return self.perform(call);
        }
        match self.hooks.judge(&call.target()) {
            Interception::Pass => self.perform(call),
            Interception::Refuse(refusal) => refuse(&refusal),
            Interception::Disconnect => Err(Disconnected.into()),
        }
    }

    fn decode(&self, parts: &request::Parts, body: &[u8]) -> Result<Call, Refusal> {
        let mut call = routes::target(&self.server.registry, &parts.method, &parts.uri)?;
        let text = |name: header::HeaderName| {
            let value = parts.headers.get(name);
            value.and_then(|value| value.to_str().ok()).unwrap_or("")
        };
        let wants_metadata = text(header::ACCEPT).contains("as=PartialObjectMetadata");
        call.view = match call.verb {
            Verb::Watch if wants_metadata => return Err(Refusal::not_acceptable()),
            _ if wants_metadata => View::Metadata,
            _ => View::Full,
        };
        call.payload = match call.verb {
            Verb::Patch => Payload::Patch(
                PatchKind::of_media_type(text(header::CONTENT_TYPE))?,
                parse(body)?,
            ),
            Verb::Create => Payload::Object(parse(body)?),
            Verb::Delete if !body.is_empty() && parse(body)? != json!({}) => {
                return Err(Refusal::bad_request("options of a deletion are not known"));
            }
            Verb::Get | Verb::List | Verb::Watch | Verb::Delete => Payload::None,
        };
        Ok(call)
    }

    fn perform(&self, call: Call) -> Result<Response<ResponseBody>, BoxError> {
        if call.verb == Verb::Watch {
            return match Watch::open(&self.server, call) {
                Ok(watch) => response(
                    StatusCode::OK,
                    StreamBody::new(watch.frames()).boxed_unsync(),
                ),
                Err(refusal) => refuse(&refusal),
            };
        }
        match (self.server.execute(&call), call.view) {
            (Ok(Answer { code, body }), View::Full) => respond(code, &body),
            (Ok(Answer { code, body }), View::Metadata) => respond(code, &partial(body)),
            (Err(refusal), _) => refuse(&refusal),
        }
    }
}

impl Service<Request<Body>> for MemoryService {
    type Response = Response<ResponseBody>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}

/// What of an object, or of each object of a list, is metadata. Such lists have no continue token (observed on 1.36).
fn partial(mut answer: Value) -> Value {
    let mut metadata = answer["metadata"].take();
    if let Value::Object(metadata) = &mut metadata {
        metadata.remove("continue");
    }
    let mut view = json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": metadata});
    if let Value::Array(items) = answer["items"].take() {
        view["kind"] = json!("PartialObjectMetadataList");
        view["items"] = items.into_iter().map(partial).collect();
    }
    view
}

fn parse(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        Refusal::bad_request(format!(
            "the body of the request could not be read: {error}"
        ))
    })
}

fn refuse(refusal: &Refusal) -> Result<Response<ResponseBody>, BoxError> {
    respond(StatusCode::from_u16(refusal.code())?, &refusal.body())
}

fn respond(code: StatusCode, body: &Value) -> Result<Response<ResponseBody>, BoxError> {
    response(
        code,
        Full::new(Bytes::from(serde_json::to_vec(body)?)).boxed_unsync(),
    )
}

fn response(code: StatusCode, body: ResponseBody) -> Result<Response<ResponseBody>, BoxError> {
    Ok(Response::builder()
        .status(code)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)?)
}
