//! Scripted faults.

use entra_sim::faults::Rule;
use entra_sim::journal::Answer;
use http::Method;
use serde_json::{Value, json};

use crate::client::{Client, group, ideal};

fn script(client: &Client, rule: Value) -> u64 {
    let rule: Rule = serde_json::from_value(rule).unwrap();
    client.simulator.faults().add(rule)
}

#[tokio::test]
async fn a_status_is_answered_without_any_effect() {
    let client = ideal();
    script(
        &client,
        json!({"match": {"traffic": "writes"}, "count": 1,
            "effect": {"status": {"status": 503, "code": "x", "message": "m"}}}),
    );
    let answer = client.post("/groups", group("A")).await;
    assert_eq!(
        (answer.status, answer.code(), answer.message()),
        (503, "x", "m")
    );
    assert!(
        client
            .simulator
            .journal()
            .last()
            .unwrap()
            .effects
            .is_empty()
    );
    client.post("/groups", group("A")).await.expect(201);
}

#[tokio::test]
async fn a_connection_is_dropped_before_or_after_the_effect() {
    let client = ideal();
    for (effect, groups) in [("dropBefore", 0), ("dropAfter", 1)] {
        let id = script(
            &client,
            json!({"match": {"operation": "groups.create"}, "count": 1, "effect": effect}),
        );
        assert!(
            client
                .send(Method::POST, "/groups", Some(&group(effect)))
                .await
                .is_err()
        );
        assert_eq!(
            client.simulator.journal().last().unwrap().answer,
            Answer::Lost
        );
        assert!(client.simulator.faults().remove(id));
        let found = client
            .get(&format!("/groups?$filter=displayName eq '{effect}'"))
            .await;
        assert_eq!(found.column("id").len(), groups, "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delay_is_waited_for() {
    let client = ideal();
    script(
        &client,
        json!({"match": {"operation": "groups.list"}, "effect": {"delay": {"duration": "30s"}}}),
    );
    let start = tokio::time::Instant::now();
    client.get("/groups").await.expect(200);
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn under_a_lag_reads_show_the_tenant_as_it_was() {
    let client = ideal();
    let id = client.group("Ops").await;
    let (jose, amira) = (client.user("jose").await, client.user("amira").await);
    script(
        &client,
        json!({"match": {"operation": "groups.members.*", "traffic": "writes"}, "count": 1,
               "effect": {"lag": {"duration": "20s", "reads": "groups.members.*"}}}),
    );
    let members = format!("/groups/{id}/members?$select=id");
    client.add(&id, "members", &jose).await;
    client.add(&id, "members", &amira).await;
    assert!(client.column(&members, "id").await.is_empty());
    let expanded = client.get(&format!("/groups/{id}?$expand=members")).await;
    assert_eq!(
        expanded.body["members"].as_array().unwrap().len(),
        2,
        "other reads are not touched"
    );
    let again = client.add(&id, "members", &jose).await;
    assert_eq!(again.status, 400, "writes see the tenant as it is");
    client.seconds(20);
    assert_eq!(client.column(&members, "id").await.len(), 2);
}

#[tokio::test]
async fn the_token_endpoint_can_be_struck() {
    let client = ideal();
    script(
        &client,
        json!({"match": {"operation": "token"}, "count": 1,
            "effect": {"status": {"status": 503, "code": "temporarily_unavailable", "retryAfter": "2s"}}}),
    );
    let request =
        http::Request::post("https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token")
            .body(bytes::Bytes::new())
            .unwrap();
    let response = client.simulator.call(request).await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            response.headers()["retry-after"].to_str().unwrap()
        ),
        (503, "2")
    );
}

#[tokio::test]
async fn scripts_tell_what_they_did_and_can_be_cleared() {
    let client = ideal();
    script(
        &client,
        json!({"match": {"method": "GET", "path": "/groups*"}, "skip": 1, "effect": {"status": {"status": 500}}}),
    );
    for status in [200, 500, 500] {
        assert_eq!(client.get("/groups").await.status, status);
    }
    client.get("/users").await.expect(200);
    let scripts = client.simulator.faults().list();
    assert_eq!((scripts[0].seen, scripts[0].struck), (3, 2));
    client.simulator.faults().clear();
    client.get("/groups").await.expect(200);
}

#[tokio::test]
async fn a_gateway_answers_in_its_own_form() {
    let client = ideal();
    let page = "<html><h1>Service Unavailable</h1></html>";
    let gateway = json!({"gateway": {"status": 503, "body": page, "retryAt": "30s"}});
    script(&client, json!({"count": 2, "effect": gateway}));
    let uri = "https://graph.microsoft.com/v1.0/groups";
    let request = http::Request::get(uri)
        .header("authorization", format!("Bearer {}", client.token))
        .body(bytes::Bytes::new())
        .unwrap();
    let response = client.simulator.call(request).await.unwrap();
    assert_eq!(response.body(), page);
    let headers = response.headers();
    assert_eq!(headers["content-type"], "text/html");
    assert_eq!(headers["date"], "Sat, 21 Nov 2026 08:00:00 GMT");
    assert_eq!(headers["retry-after"], "Sat, 21 Nov 2026 08:00:30 GMT");
    client.simulator.faults().clear();
    let gateway = json!({"gateway": {"status": 502, "body": page}});
    script(
        &client,
        json!({"match": {"operation": "groups.list"}, "count": 1, "effect": gateway}),
    );
    let item = json!({"id": "1", "method": "GET", "url": "/groups"});
    let batch = client.post("/$batch", json!({"requests": [item]})).await;
    let item = &batch.body["responses"][0];
    assert_eq!(item["status"], 502, "{batch:?}");
    assert_eq!(item["headers"]["Content-Type"], "text/html");
    assert!(item["body"].as_str().unwrap().starts_with("PGh0bWw+"));
}

#[tokio::test]
async fn an_empty_answer_is_possible_everywhere() {
    let client = ideal();
    let gateway = json!({"gateway": {"status": 504, "retryAfter": "7s"}});
    script(&client, json!({"effect": gateway}));
    let answer = client.post("/groups", group("A")).await;
    assert_eq!((answer.status, &answer.body), (504, &Value::Null));
    assert_eq!(answer.header("retry-after"), "7");
    assert!(!answer.headers.contains_key("content-type"));
    let login = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token";
    let answer = client.post(login, json!({})).await;
    assert_eq!((answer.status, &answer.body), (504, &Value::Null));
}

#[tokio::test]
async fn a_gateway_that_sends_json_sends_the_same_alone_and_in_a_batch() {
    let client = ideal();
    let sent = json!({"value": [{"id": "1"}], "odd": null});
    for (kind, inside) in [
        ("application/json", sent.clone()),
        ("application/json;odata.metadata=minimal", sent.clone()),
        (
            "text/plain",
            json!("eyJ2YWx1ZSI6W3siaWQiOiIxIn1dLCJvZGQiOm51bGx9"),
        ),
    ] {
        let text = r#"{"value":[{"id":"1"}],"odd":null}"#;
        let gateway = json!({"gateway": {"status": 200, "contentType": kind, "body": text}});
        client.simulator.faults().clear();
        script(
            &client,
            json!({"match": {"operation": "groups.list"}, "effect": gateway}),
        );
        let alone = client.get("/groups").await;
        assert_eq!((alone.status, &alone.body), (200, &sent));
        assert_eq!(alone.header("content-type"), kind);
        let item = json!({"id": "1", "method": "GET", "url": "/groups"});
        let batch = client.post("/$batch", json!({"requests": [item]})).await;
        assert_eq!(batch.body["responses"][0]["body"], inside, "{kind}");
    }
}
