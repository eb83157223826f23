//! The admin API: plain HTTP for tests and people, apart from what is simulated.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::behaviours;
use crate::faults::Rule;
use crate::simulator::Simulator;

pub(super) async fn run(simulator: Simulator, listener: TcpListener, stop: CancellationToken) {
    let server = axum::serve(listener, router(simulator));
    if let Err(error) = server.with_graceful_shutdown(stop.cancelled_owned()).await {
        tracing::warn!(%error, "the admin API ended");
    }
}

fn router(simulator: Simulator) -> Router {
    Router::new()
        .route("/journal", get(journal).delete(forget))
        .route("/counters", get(counters))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/faults/{id}", axum::routing::delete(remove_fault))
        .route("/clock", get(clock))
        .route("/clock/advance", post(advance))
        .route("/state", get(state))
        .route("/intune/approve", post(approve_in_intune))
        .route("/violations", get(violations))
        .route("/behaviours", get(list_behaviours).patch(set_behaviours))
        .with_state(simulator)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Since {
    /// Only entries after this sequence number.
    #[serde(default)]
    after: u64,
}

async fn journal(State(simulator): State<Simulator>, Query(since): Query<Since>) -> Response {
    Json(simulator.journal_after(since.after)).into_response()
}

async fn forget(State(simulator): State<Simulator>) -> StatusCode {
    simulator.reset_journal();
    StatusCode::NO_CONTENT
}

async fn counters(State(simulator): State<Simulator>) -> Json<Value> {
    Json(json!({"totals": simulator.counters(), "operations": simulator.operations()}))
}

async fn faults(State(simulator): State<Simulator>) -> Response {
    Json(simulator.faults().list()).into_response()
}

async fn add_fault(State(simulator): State<Simulator>, Json(rule): Json<Rule>) -> Response {
    let id = simulator.faults().add(rule);
    (StatusCode::CREATED, Json(json!({ "id": id }))).into_response()
}

async fn clear_faults(State(simulator): State<Simulator>) -> StatusCode {
    simulator.faults().clear();
    StatusCode::NO_CONTENT
}

async fn remove_fault(State(simulator): State<Simulator>, Path(id): Path<u64>) -> StatusCode {
    if simulator.faults().remove(id) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn clock(State(simulator): State<Simulator>) -> Json<Value> {
    Json(json!({"now": simulator.clock().now()}))
}

async fn approve_in_intune(State(simulator): State<Simulator>) -> Json<Value> {
    Json(json!({"approved": simulator.approve_in_intune()}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    /// `5h`, `P30D`, ...
    by: String,
}

async fn advance(State(simulator): State<Simulator>, Json(advance): Json<Advance>) -> Response {
    match <SignedDuration as behaviours::Value>::parse(&advance.by) {
        Some(by) => {
            simulator.advance(by);
            Json(json!({"now": simulator.clock().now()})).into_response()
        }
        None => refused(&format!(
            "'{}' is no duration: write 90s, 4h or 7d",
            advance.by
        )),
    }
}

async fn state(State(simulator): State<Simulator>) -> Json<Value> {
    Json(simulator.dump())
}

async fn violations(State(simulator): State<Simulator>) -> Json<Vec<String>> {
    Json(simulator.violations())
}

async fn list_behaviours(State(simulator): State<Simulator>) -> Response {
    Json(simulator.behaviours()).into_response()
}

/// All or nothing: a wrong name or value leaves everything as it was.
async fn set_behaviours(
    State(simulator): State<Simulator>,
    Json(values): Json<Map<String, Value>>,
) -> Response {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let mut rehearsal = behaviours::Behaviours::default();
    for (name, value) in &values {
        if let Err(error) = rehearsal.set(name, &text(value)) {
            return refused(&error.to_string());
        }
    }
    for (name, value) in &values {
        if let Err(error) = simulator.set_behaviour(name, &text(value)) {
            return refused(&error.to_string());
        }
    }
    Json(simulator.behaviours()).into_response()
}

fn refused(message: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": message }))).into_response()
}
