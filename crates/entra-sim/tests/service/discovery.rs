//! The documents by which clients find the endpoints.

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::client::{Client, TENANT, ideal};

async fn document(client: &Client, url: &str) -> (u16, Value) {
    let request = Request::get(url).body(Bytes::new()).unwrap();
    let response = client.simulator.call(request).await.unwrap();
    (
        response.status().as_u16(),
        serde_json::from_slice(response.body()).unwrap(),
    )
}

#[tokio::test]
async fn discovery_leads_from_the_authority_to_its_keys() {
    let client = ideal();
    let start = format!("https://localhost:8443/{TENANT}/v2.0/.well-known/openid-configuration");
    let (status, configuration) = document(&client, &start).await;
    assert_eq!(status, 200);
    assert_eq!(
        configuration["issuer"],
        format!("https://localhost:8443/{TENANT}/v2.0")
    );
    assert_eq!(
        configuration["token_endpoint"],
        format!("https://localhost:8443/{TENANT}/oauth2/v2.0/token")
    );
    let (status, keys) = document(&client, configuration["jwks_uri"].as_str().unwrap()).await;
    assert_eq!(
        (status, keys["keys"][0]["kty"].as_str()),
        (200, Some("RSA"))
    );
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(&set.keys[0]).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    assert!(
        jsonwebtoken::decode::<Value>(&client.token, &key, &validation).is_ok(),
        "tokens are signed by the published key"
    );
}

#[tokio::test]
async fn a_foreign_tenant_has_no_discovery() {
    let url = "https://localhost/99999999-9999-4999-8999-999999999999/v2.0/.well-known/openid-configuration";
    assert_eq!(document(&ideal(), url).await.0, 404);
}

#[tokio::test]
async fn the_metadata_of_one_cloud_has_what_azure_cli_and_terraform_read() {
    let url = "https://sim.test/metadata/endpoints?api-version=2022-09-01";
    let (_, cloud) = document(&ideal(), url).await;
    for name in [
        "name",
        "portal",
        "media",
        "graph",
        "graphAudience",
        "batch",
        "resourceManager",
        "vmImageAliasDoc",
        "activeDirectoryDataLake",
        "sqlManagement",
        "microsoftGraphResourceId",
        "appInsightsResourceId",
        "attestationResourceId",
        "synapseAnalyticsResourceId",
        "logAnalyticsResourceId",
        "ossrDbmsResourceId",
    ] {
        assert!(cloud[name].is_string(), "{name} in {cloud}");
    }
    assert!(cloud["suffixes"].is_object());
    let authentication = &cloud["authentication"];
    assert_eq!(authentication["loginEndpoint"], "https://sim.test");
    assert_eq!(authentication["audiences"][0], "https://sim.test/");
    assert_eq!(authentication["identityProvider"], "AAD");
    assert!(authentication["tenant"].is_string());
}

#[tokio::test]
async fn the_metadata_of_the_cloud_names_this_host_everywhere() {
    let client = ideal();
    let (_, old) = document(
        &client,
        "https://sim.test/metadata/endpoints?api-version=2015-01-01",
    )
    .await;
    assert_eq!(old["authentication"]["loginEndpoint"], "https://sim.test/");
    let (_, new) = document(
        &client,
        "https://sim.test/metadata/endpoints?api-version=2022-09-01",
    )
    .await;
    assert_eq!(new["resourceManager"], "https://sim.test/");
    assert_eq!(new["microsoftGraphResourceId"], "https://sim.test/");
    let (_, between) = document(
        &client,
        "https://sim.test/metadata/endpoints?api-version=2020-06-01",
    )
    .await;
    assert_eq!(between[0]["resourceManager"], "https://sim.test/");
    let (_, instance) = document(
        &client,
        "https://sim.test/common/discovery/instance?api-version=1.1",
    )
    .await;
    assert!(
        instance["tenant_discovery_endpoint"]
            .as_str()
            .unwrap()
            .starts_with("https://sim.test/")
    );
}
