//! The client against a scripted service on paused time: what it sends, when, and what it makes of the answers.

mod audiences;
mod batching;
mod changes;
mod faults;
mod paging;
mod services;
mod sign_in;
mod throttle;
mod typed;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::dispatch::Response;
use crate::operation::Operation;
use crate::{
    AccessToken, DispatchSettings, Endpoints, Error, Graph, OperationName, Recorder, Services,
    TokenSource, Transport, TransportError, Wiring,
};

pub(crate) const GROUP: &str = "aaaaaaaa-1111-4111-8111-111111111111";

/// What the service does with one operation.
pub(crate) enum Reply {
    ExchangeAnswer(u16, Vec<(&'static str, String)>, Value),
    Drop,
    Refuse,
    /// No answer, ever.
    Hang,
    /// The item is missing from the batch.
    Omit,
}

impl Reply {
    pub(crate) fn ok() -> Self {
        Self::ExchangeAnswer(200, vec![], json!({"value": []}))
    }

    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self::ExchangeAnswer(status, vec![], body)
    }

    pub(crate) fn throttle(seconds: Option<u64>) -> Self {
        let headers = seconds
            .map(|seconds| ("Retry-After", seconds.to_string()))
            .into_iter()
            .collect();
        Self::ExchangeAnswer(
            429,
            headers,
            json!({"error": {"code": "UnknownError", "message": "Too Many Requests"}}),
        )
    }
}

/// One operation as the service sees it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Value>,
}

/// One HTTP request as the service sees it.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) at: Duration,
    pub(crate) operations: Vec<Seen>,
}

type Script = Box<dyn Fn(&Seen) -> Reply + Send + Sync>;

/// A service that answers each operation as its script says, after `latency`.
pub(crate) struct Service {
    script: Script,
    latency: Duration,
    started: Instant,
    sent: Mutex<Vec<Sent>>,
}

impl Service {
    pub(crate) fn new(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Arc<Self> {
        Self::slow(Duration::ZERO, script)
    }

    pub(crate) fn slow(
        latency: Duration,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            script: Box::new(script),
            latency,
            started: Instant::now(),
            sent: Mutex::default(),
        })
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// How many operations each request carried.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.sent()
            .iter()
            .map(|sent| sent.operations.len())
            .collect()
    }
}

fn headers(value: Option<&Value>) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in value.and_then(Value::as_object).into_iter().flatten() {
        map.insert(
            http::HeaderName::try_from(name.as_str()).unwrap(),
            value.as_str().unwrap().parse().unwrap(),
        );
    }
    map
}

fn operations(request: &Request<Bytes>) -> (Vec<Seen>, Vec<String>) {
    let body: Option<Value> = serde_json::from_slice(request.body()).ok();
    let path = request.uri().path_and_query().unwrap().as_str();
    if path != "/v1.0/$batch" {
        let seen = Seen {
            method: request.method().to_string(),
            path: path.strip_prefix("/v1.0").unwrap_or(path).to_owned(),
            headers: request.headers().clone(),
            body,
        };
        return (vec![seen], vec![]);
    }
    let body = body.unwrap();
    let items = body["requests"].as_array().unwrap();
    assert!(
        (2..=20).contains(&items.len()),
        "a batch of {}",
        items.len()
    );
    let seen = items
        .iter()
        .map(|item| Seen {
            method: item["method"].as_str().unwrap().to_owned(),
            path: item["url"].as_str().unwrap().to_owned(),
            headers: headers(item.get("headers")),
            body: item.get("body").cloned(),
        })
        .collect();
    let ids = items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    (seen, ids)
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, request: Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let (seen, ids) = operations(&request);
        self.sent.lock().unwrap().push(Sent {
            at: self.started.elapsed(),
            operations: seen.clone(),
        });
        let replies: Vec<Reply> = seen.iter().map(|seen| (self.script)(seen)).collect();
        tokio::time::sleep(self.latency).await;
        let mut items = Vec::new();
        for (place, reply) in replies.into_iter().enumerate() {
            match reply {
                Reply::Drop => return Err(TransportError::Interrupted("reset".into())),
                Reply::Refuse => return Err(TransportError::Connect("no route".into())),
                Reply::Hang => std::future::pending().await,
                Reply::Omit => {}
                Reply::ExchangeAnswer(status, headers, body) if ids.is_empty() => {
                    let mut builder = http::Response::builder()
                        .status(status)
                        .header("Date", "Fri, 09 Jan 2026 02:02:12 GMT");
                    for (name, value) in headers {
                        builder = builder.header(name, value);
                    }
                    return Ok(builder.body(body.to_string().into()).unwrap());
                }
                Reply::ExchangeAnswer(status, headers, body) => {
                    let headers: serde_json::Map<_, _> = headers
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), Value::String(value)))
                        .collect();
                    items.push(json!({"id": ids[place], "status": status, "headers": headers, "body": body}));
                }
            }
        }
        // Answers may come in any order.
        items.reverse();
        let body = json!({ "responses": items }).to_string();
        Ok(http::Response::builder()
            .status(StatusCode::OK)
            .body(body.into())
            .unwrap())
    }
}

/// Gives tokens that count up each time one is forgotten.
#[derive(Default)]
pub(crate) struct Tokens {
    forgotten: AtomicUsize,
}

impl Tokens {
    pub(crate) fn forgotten(&self) -> usize {
        self.forgotten.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl TokenSource for Tokens {
    async fn token(&self, scope: &str) -> Result<AccessToken, Error> {
        assert_eq!(scope, "https://graph.test/.default");
        Ok(AccessToken::new(
            format!("token-{}", self.forgotten()),
            Timestamp::MAX,
        ))
    }

    fn forget(&self, _scope: &str) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
    }
}

pub(crate) struct NoRecorder;

impl Recorder for NoRecorder {}

pub(crate) fn endpoints() -> Endpoints {
    Endpoints::custom("https://login.test", "https://graph.test", None).unwrap()
}

pub(crate) fn wiring(service: &Arc<Service>, tokens: &Arc<Tokens>) -> Wiring {
    Wiring {
        endpoints: endpoints(),
        transport: Arc::clone(service) as _,
        tokens: Arc::clone(tokens) as _,
        recorder: Arc::new(NoRecorder),
        settings: DispatchSettings::default(),
    }
}

pub(crate) fn graph(service: &Arc<Service>) -> Graph {
    Services::connect(&wiring(service, &Arc::default())).graph
}

/// A read of the directory lane.
pub(crate) fn read(number: usize) -> Operation {
    Operation::get(OperationName::ListGroups, format!("/groups/{number}"))
}

/// A write of the directory lane.
pub(crate) fn write(number: usize) -> Operation {
    Operation::new(
        OperationName::DeleteGroup,
        http::Method::DELETE,
        format!("/groups/{number}"),
    )
}

/// A write of the schedule lane that gives.
pub(crate) fn schedule_write(number: usize) -> Operation {
    Operation::new(
        OperationName::RequestGroupEligibility,
        http::Method::POST,
        format!("/privilegedAccess/{number}"),
    )
}

/// A read of the schedule lane.
pub(crate) fn schedule_read(number: usize) -> Operation {
    Operation::get(
        OperationName::ListGroupEligibility,
        format!("/schedules/{number}"),
    )
}

/// Submits all at once and waits for all.
pub(crate) async fn all(
    graph: &Graph,
    operations: impl IntoIterator<Item = Operation>,
) -> Vec<Result<Response, Error>> {
    futures::future::join_all(
        operations
            .into_iter()
            .map(|operation| graph.session.submit(operation)),
    )
    .await
}
