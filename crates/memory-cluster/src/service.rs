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
use serde_json::Value;
use tower::{BoxError, Service};

use super::call::{Call, PATCH_MEDIA_TYPES, PatchKind, Payload, Verb, View};
use super::hooks::{Hooks, Interception, RequestSummary};
use super::refusal::Refusal;
use super::routes::{Target, target};
use super::server::{Answer, Server};
use super::watch::Watch;

type ResponseBody = UnsyncBoxBody<Bytes, Infallible>;

/// Answers the requests of one named client.
#[derive(Clone)]
pub struct MemoryService {
    server: Arc<Server>,
    hooks: Arc<Hooks>,
    client: String,
}

/// A connection that a test broke on purpose.
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum Broken {
    #[error("connection closed before the request was sent")]
    BeforeRequest,
    #[error("connection closed before the answer was received")]
    BeforeAnswer,
}

impl MemoryService {
    pub(super) fn new(server: Arc<Server>, hooks: Arc<Hooks>, client: String) -> MemoryService {
        MemoryService {
            server,
            hooks,
            client,
        }
    }

    async fn answer(self, request: Request<Body>) -> Result<Response<ResponseBody>, BoxError> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await?;
        let call = match self.decode(&parts, &body) {
            Ok(Decoded::Call(call)) => call,
            Ok(Decoded::Discovery(document)) => return respond(StatusCode::OK, &document),
            Err(refusal) => return refuse(&refusal),
        };
        let mut summary = RequestSummary::of(&call, &self.client);
        match self.hooks.judge(&mut summary) {
            Interception::Pass => self.perform(*call),
            Interception::Delay(time) => {
                tokio::time::sleep(time).await;
                self.perform(*call)
            }
            Interception::Refuse(refusal) => refuse(&refusal),
            Interception::Disconnect => Err(Broken::BeforeRequest.into()),
            Interception::LoseAnswer => {
                self.perform(*call)?;
                Err(Broken::BeforeAnswer.into())
            }
        }
    }

    fn decode(&self, parts: &request::Parts, body: &[u8]) -> Result<Decoded, Refusal> {
        let mut call = match target(&self.server.registry, &parts.method, &parts.uri)? {
            Target::Discovery(document) => return Ok(Decoded::Discovery(document)),
            Target::Call(call) => call,
        };
        let text = |name: header::HeaderName| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        call.options.view = View::of_accept(text(header::ACCEPT));
        if call.options.manager.is_empty()
            && !matches!(call.verb, Verb::Patch if text(header::CONTENT_TYPE).contains("apply-patch"))
        {
            text(header::USER_AGENT)
                .split('/')
                .next()
                .unwrap_or_default()
                .clone_into(&mut call.options.manager);
        }
        call.payload = match call.verb {
            Verb::Patch => {
                let kind = PatchKind::of_media_type(text(header::CONTENT_TYPE))?;
                Payload::Patch(kind, parse(body, kind)?)
            }
            Verb::Create | Verb::Update => Payload::Object(parse(body, PatchKind::Merge)?),
            Verb::Delete | Verb::DeleteCollection if !body.is_empty() => {
                Payload::Object(parse(body, PatchKind::Merge)?)
            }
            _ => Payload::None,
        };
        if let Payload::Object(options) = &call.payload
            && matches!(call.verb, Verb::Delete | Verb::DeleteCollection)
            && options
                .get("dryRun")
                .is_some_and(|list| list.as_array().is_some_and(|list| !list.is_empty()))
        {
            call.options.persistence = super::call::Persistence::DryRun;
        }
        Ok(Decoded::Call(call))
    }

    fn perform(&self, call: Call) -> Result<Response<ResponseBody>, BoxError> {
        let view = call.options.view;
        if call.verb == Verb::Watch {
            return match Watch::open(&self.server, call) {
                Ok(watch) => response(
                    StatusCode::OK,
                    StreamBody::new(watch.frames()).boxed_unsync(),
                ),
                Err(refusal) => refuse(&refusal),
            };
        }
        match self.server.execute(&call) {
            Ok(Answer { code, body }) => respond(code, &view.answer(body)),
            Err(refusal) => refuse(&refusal),
        }
    }
}

enum Decoded {
    Call(Box<Call>),
    Discovery(Value),
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

/// Reads a body. What is applied may be YAML.
fn parse(body: &[u8], kind: PatchKind) -> Result<Value, Refusal> {
    match (serde_json::from_slice(body), kind) {
        (Ok(value), _) => Ok(value),
        (Err(_), PatchKind::Apply) => {
            let text = std::str::from_utf8(body)
                .map_err(|_| Refusal::unsupported_media_type(PATCH_MEDIA_TYPES))?;
            serde_saphyr::from_str(text)
                .map_err(|error| Refusal::bad_request(format!("error decoding YAML: {error}")))
        }
        (Err(error), _) => Err(Refusal::bad_request(format!(
            "the body of the request could not be read: {error}"
        ))),
    }
}

fn refuse(refusal: &Refusal) -> Result<Response<ResponseBody>, BoxError> {
    respond(
        StatusCode::from_u16(refusal.status().code)?,
        &refusal.body(),
    )
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
