//! Over real sockets: TLS, both versions of HTTP, the admin API.

use std::time::Duration;

use entra_sim::{Config, Profile, ServeOptions, Server, Simulator};
use reqwest::{Certificate, StatusCode};
use serde_json::{Value, json};

use crate::client::{OPERATOR, SECRET, TENANT, group};

struct Served {
    simulator: Simulator,
    server: Server,
}

async fn served() -> Served {
    let simulator = Simulator::new(Config {
        profile: Profile::Ideal,
        ..Config::default()
    })
    .unwrap();
    let server = simulator.serve(ServeOptions::default()).await.unwrap();
    Served { simulator, server }
}

fn builder(served: &Served) -> reqwest::ClientBuilder {
    let authority = Certificate::from_pem(served.server.ca_pem.as_bytes()).unwrap();
    reqwest::Client::builder()
        .tls_certs_only([authority])
        .timeout(Duration::from_secs(10))
}

async fn token(served: &Served, client: &reqwest::Client) -> String {
    let form = format!(
        "grant_type=client_credentials&client_id={OPERATOR}&client_secret={SECRET}&scope={}/.default",
        served.server.graph_url
    );
    let request = client
        .post(format!(
            "{}/{TENANT}/oauth2/v2.0/token",
            served.server.authority_url
        ))
        .body(form);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_client_gets_a_token_and_groups_over_both_versions_of_http() {
    let served = served().await;
    for client in [
        builder(&served).build().unwrap(),
        builder(&served).http1_only().build().unwrap(),
    ] {
        let token = token(&served, &client).await;
        let url = format!("{}/v1.0/groups", served.server.graph_url);
        let created = client
            .post(&url)
            .bearer_auth(&token)
            .json(&group("Served"))
            .send()
            .await
            .unwrap();
        assert_eq!(created.status(), StatusCode::CREATED);
        let page: Value = client
            .get(format!("{url}?$top=1"))
            .bearer_auth(&token)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let next = page["@odata.nextLink"].as_str().unwrap();
        assert!(next.starts_with(&url), "{next}");
        assert_eq!(
            client
                .get(next)
                .bearer_auth(&token)
                .send()
                .await
                .unwrap()
                .status(),
            StatusCode::OK
        );
    }
    assert_eq!(
        served.simulator.counters().handshakes,
        2,
        "connections are kept"
    );
}

#[tokio::test]
async fn a_dropped_answer_is_a_broken_connection() {
    let served = served().await;
    for client in [
        builder(&served).build().unwrap(),
        builder(&served).http1_only().build().unwrap(),
    ] {
        let token = token(&served, &client).await;
        let rule =
            json!({"match": {"operation": "groups.create"}, "count": 1, "effect": "dropAfter"});
        let posted = reqwest::Client::new()
            .post(format!("{}/faults", served.server.admin_url))
            .json(&rule)
            .send()
            .await
            .unwrap();
        assert_eq!(posted.status(), StatusCode::CREATED);
        let before = served.simulator.holdings().groups().count();
        let url = format!("{}/v1.0/groups", served.server.graph_url);
        assert!(
            client
                .post(&url)
                .bearer_auth(&token)
                .json(&group("Lost"))
                .send()
                .await
                .is_err()
        );
        assert_eq!(served.simulator.holdings().groups().count(), before + 1);
    }
}

#[tokio::test]
async fn the_admin_api_shows_and_steers_the_tenant() {
    let served = served().await;
    let admin = |path: &str| format!("{}{path}", served.server.admin_url);
    let client = reqwest::Client::new();
    let json_of = async |path: &str| {
        client
            .get(admin(path))
            .send()
            .await
            .unwrap()
            .json::<Value>()
            .await
            .unwrap()
    };
    assert_eq!(json_of("/journal").await[0]["operation"], "seed");
    assert_eq!(json_of("/state").await["tenant"]["displayName"], "Contoso");
    assert_eq!(json_of("/counters").await["totals"]["operations"], 0);
    assert_eq!(json_of("/violations").await, json!([]));
    let before = served.simulator.clock().now();
    let moved = client
        .post(admin("/clock/advance"))
        .json(&json!({"by": "2d"}))
        .send()
        .await
        .unwrap();
    assert_eq!(moved.status(), StatusCode::OK);
    assert!(
        served
            .simulator
            .clock()
            .now()
            .duration_since(before)
            .as_hours()
            >= 48
    );
    let wrong = client
        .post(admin("/clock/advance"))
        .json(&json!({"by": "soon"}))
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    let set = client
        .patch(admin("/behaviours"))
        .json(&json!({"licence": "p1", "nonsense": 1}))
        .send()
        .await
        .unwrap();
    assert_eq!(set.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        json_of("/behaviours").await["licence"],
        "p2",
        "all or nothing"
    );
    client
        .patch(admin("/behaviours"))
        .json(&json!({"licence": "p1", "roleAssignableLimit": 7}))
        .send()
        .await
        .unwrap();
    assert_eq!(json_of("/behaviours").await["roleAssignableLimit"], "7");
    let rule = json!({"effect": {"status": {"status": 500}}});
    let id = client
        .post(admin("/faults"))
        .json(&rule)
        .send()
        .await
        .unwrap()
        .json::<Value>()
        .await
        .unwrap()["id"]
        .clone();
    assert_eq!(json_of("/faults").await[0]["id"], id);
    let gone = client
        .delete(admin(&format!("/faults/{id}")))
        .send()
        .await
        .unwrap();
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    client.delete(admin("/journal")).send().await.unwrap();
    assert_eq!(json_of("/journal").await, json!([]));
}

#[tokio::test]
async fn a_dropped_server_stops_listening() {
    let served = served().await;
    let url = format!("{}/metadata/endpoints", served.server.authority_url);
    let client = builder(&served).build().unwrap();
    assert_eq!(
        client.get(&url).send().await.unwrap().status(),
        StatusCode::OK
    );
    drop(served.server);
    let closed = tokio::time::timeout(Duration::from_secs(5), async {
        while client.get(&url).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    });
    assert!(closed.await.is_ok());
}

#[tokio::test]
async fn a_taken_address_is_said() {
    let served = served().await;
    let port = served
        .server
        .authority_url
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let options = ServeOptions {
        listen: (std::net::Ipv4Addr::LOCALHOST, port).into(),
        ..ServeOptions::default()
    };
    let error = served
        .simulator
        .serve(options)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains(&port.to_string()), "{error}");
}
