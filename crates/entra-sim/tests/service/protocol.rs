//! Headers, error envelope, unknown paths, broken bodies.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::json;

use crate::client::{group, ideal};

#[tokio::test]
async fn every_answer_bears_ids_and_the_date_of_the_tenant() {
    let client = ideal().with("client-request-id", "mine");
    for answer in [
        client.get("/groups").await,
        client.get("/groups/x").await,
        client.get("/nonsense").await,
    ] {
        assert_eq!(answer.header("client-request-id"), "mine");
        assert_eq!(answer.header("request-id").len(), 36);
        assert_eq!(answer.header("date"), "Sat, 21 Nov 2026 08:00:00 GMT");
        assert!(!answer.header("x-ms-ags-diagnostic").is_empty());
    }
    let error = client.get("/groups/x").await;
    let inner = &error.body["error"]["innerError"];
    assert_eq!(inner["date"], "2026-11-21T08:00:00");
    assert_eq!(
        (
            inner["client-request-id"].as_str(),
            inner["request-id"].as_str()
        ),
        (Some("mine"), Some(error.header("request-id")))
    );
}

#[tokio::test]
async fn what_is_not_simulated_says_so() {
    let client = ideal();
    for path in ["/nonsense", "/me", "/devices", "/groups/x/calendar"] {
        let answer = client.get(path).await;
        assert_eq!(
            (answer.status, answer.code()),
            (501, "NotImplemented"),
            "{path}"
        );
        assert!(answer.message().contains(path), "{path}");
    }
    client
        .get("https://graph.microsoft.com/beta/users")
        .await
        .expect(501);
    client
        .get("https://graph.microsoft.com/elsewhere")
        .await
        .expect(404);
    client.delete("/groups").await.expect(405);
    let put = client
        .send(Method::PUT, "/groups", Some(&json!({})))
        .await
        .unwrap();
    assert_eq!(put.status, 405);
    client.get("/groups?$apply=x").await.expect(400);
    client.get("/groups?$expand=drive").await.expect(400);
}

#[tokio::test]
async fn bodies_must_be_json_objects() {
    let client = ideal();
    for body in ["{", "", "[]", "7"] {
        let request = Request::post("https://graph.microsoft.com/v1.0/groups")
            .header("authorization", format!("Bearer {}", client.token))
            .header("content-type", "application/json")
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap();
        let response = client.simulator.call(request).await.unwrap();
        assert_eq!(response.status().as_u16(), 400, "{body}");
    }
}

#[tokio::test]
async fn bodies_must_say_that_they_are_json() {
    let client = ideal();
    for (kind, status) in [
        (None, 400),
        (Some("text/plain"), 400),
        (Some("application/json"), 201),
        (Some("Application/JSON; charset=utf-8"), 201),
    ] {
        let mut request = Request::post("https://graph.microsoft.com/v1.0/groups")
            .header("authorization", format!("Bearer {}", client.token));
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let request = request
            .body(Bytes::from(group("Typed").to_string()))
            .unwrap();
        let response = client.simulator.call(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{kind:?}");
    }
}

#[tokio::test]
async fn links_and_contexts_follow_the_host_that_was_asked() {
    let client = ideal();
    let answer = client
        .get("https://localhost:9999/v1.0/groups?$top=1&$select=id")
        .await;
    assert_eq!(
        answer.body["@odata.context"],
        "https://localhost:9999/v1.0/$metadata#groups(id)"
    );
    let next = answer.body["@odata.nextLink"].as_str().unwrap();
    assert!(
        next.starts_with("https://localhost:9999/v1.0/groups?$top=1&$select=id&$skiptoken="),
        "{next}"
    );
}

#[tokio::test]
async fn a_router_serves_the_same_answers() {
    use tower::ServiceExt as _;
    let client = ideal();
    let request = Request::post("https://graph.microsoft.com/v1.0/groups")
        .header("authorization", format!("Bearer {}", client.token))
        .header("content-type", "application/json")
        .body(axum::body::Body::from(group("Routed").to_string()))
        .unwrap();
    let response = client.simulator.router().oneshot(request).await.unwrap();
    assert_eq!(response.status().as_u16(), 201);
}
