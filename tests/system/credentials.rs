//! How the operator signs in: by the token that the API server issues for its service account, by a certificate, and apart for
//! Azure. The simulated tenant judges each by its signature, its names and its time.

use entra_sim::Seed;
use entra_sim::seed::{SeedApplication, SeedFederatedCredential};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use testenv::installation::{NAMESPACE, RELEASE};
use testenv::simulated::SECRET;

use super::place::{Place, condition};
use super::world;

const EXCHANGE: &str = "api://AzureADTokenExchange";

/// Asks the API server for what everybody may know of it.
async fn public(path: &str) -> Value {
    let control_plane = world::shared().await.control_plane;
    let text = world::kubectl(control_plane, &["get", "--raw", path]).await;
    serde_json::from_str(&text).unwrap()
}

/// What an administrator tells the application: whose tokens it trusts.
async fn trust() -> SeedFederatedCredential {
    let issuer = public("/.well-known/openid-configuration").await;
    let keys = public("/openid/v1/jwks").await;
    SeedFederatedCredential {
        issuer: issuer["issuer"].as_str().unwrap().to_owned(),
        subject: format!("system:serviceaccount:{NAMESPACE}:{RELEASE}"),
        audience: EXCHANGE.to_owned(),
        keys: serde_json::from_value(keys).unwrap(),
    }
}

/// A place whose tenant knows the operator's application as it is changed.
async fn place(name: &str, change: impl FnOnce(&mut SeedApplication)) -> Place {
    let mut seed = Seed::default();
    change(&mut seed.applications[0]);
    Place::seeded(world::shared().await.control_plane, name, seed).await
}

/// Has the operator sign in to the tenant of a place otherwise.
async fn signs_in_by(place: &Place, credentials: &Value) {
    let change = json!({ "spec": credentials }).to_string();
    place
        .kubectl(&[
            "patch",
            "ptenant",
            &place.name,
            "--type=merge",
            "--patch",
            &change,
        ])
        .await;
}

fn workload_identity(place: &Place) -> Value {
    json!({"credential": {
        "clientSecret": null, "workloadIdentity": {"clientId": place.tenant.client_id()},
    }})
}

/// Waits until the tenant says why nobody signs in there.
async fn refused(place: &Place) -> String {
    let told = place.until_reason("EntraTenant", &place.name, "Ready", "CredentialInvalid");
    told.await.1
}

#[tokio::test]
async fn a_tenant_that_trusts_the_service_account_needs_no_secret() {
    let trusted = trust().await;
    let place = place("workload", |application| {
        application.federated_credentials = vec![trusted];
        application.secrets[0].value = "nobody-knows-it".to_owned();
    })
    .await;
    signs_in_by(&place, &workload_identity(&place)).await;
    place.tell_story().await;
    let log = std::fs::read_to_string(world::shared().await.installation.operator.log()).unwrap();
    let token = public_part_of_a_token().await;
    assert!(!log.contains(&token), "no token is logged");
}

/// What every token of the API server for the operator begins with.
async fn public_part_of_a_token() -> String {
    let control_plane = world::shared().await.control_plane;
    let arguments = [
        "create",
        "token",
        RELEASE,
        "--namespace",
        NAMESPACE,
        "--audience",
        EXCHANGE,
    ];
    let token = world::kubectl(control_plane, &arguments).await;
    token.split('.').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_that_the_application_does_not_trust_is_told_with_what_is_wrong_about_it() {
    for (name, what, code) in [
        ("wrong-issuer", "issuer", "AADSTS700211"),
        ("wrong-subject", "subject", "AADSTS700213"),
        ("wrong-audience", "audience", "AADSTS700212"),
    ] {
        let mut trusted = trust().await;
        match what {
            "issuer" => trusted.issuer = "https://other.example".to_owned(),
            "subject" => trusted.subject = "system:serviceaccount:other:operator".to_owned(),
            _ => trusted.audience = "api://other".to_owned(),
        }
        let place = place(name, |application| {
            application.federated_credentials = vec![trusted];
        })
        .await;
        signs_in_by(&place, &workload_identity(&place)).await;
        let said = refused(&place).await;
        assert!(said.contains(code), "{said}");
    }
}

#[tokio::test]
async fn a_certificate_signs_in_and_another_one_takes_its_place_without_a_restart() {
    let (first, second, third) = (certificate(), certificate(), certificate());
    let place = place("certificate", |application| {
        application.certificates = vec![first.public.clone(), second.public.clone()];
    })
    .await;
    keep(&place, &first).await;
    let credential = json!({"credential": {
        "clientSecret": null,
        "clientCertificate": {
            "clientId": place.tenant.client_id(),
            "secretRef": {"name": SECRET, "key": "certificate.pem"},
        },
    }});
    signs_in_by(&place, &credential).await;
    place.tell_story().await;
    keep(&place, &third).await;
    resync(&place, "an unknown one").await;
    let said = refused(&place).await;
    assert!(said.contains("AADSTS700027"), "{said}");
    keep(&place, &second).await;
    resync(&place, "a known one").await;
    place
        .until_object("EntraTenant", &place.name, "it signs in again", |tenant| {
            condition(tenant, "Ready").is_some_and(|ready| ready["status"] == "True")
        })
        .await;
}

/// Everything that the operator says, wherever it says it: its log, its objects with their status, events, metrics.
async fn said_anywhere() -> String {
    let world = world::shared().await;
    let kinds =
        "ptenant,pboundary,pgroup,prb,pea,paa,events,events.events.k8s.io,leases,configmaps";
    let arguments = [
        "get",
        kinds,
        "--all-namespaces",
        "--output=json",
        "--show-managed-fields",
    ];
    let objects = world::kubectl(world.control_plane, &arguments).await;
    let log = std::fs::read_to_string(world.installation.operator.log()).unwrap();
    let metrics = reqwest::get(world.installation.metrics_url())
        .await
        .unwrap();
    format!("{objects}\n{log}\n{}", metrics.text().await.unwrap())
}

#[tokio::test]
async fn no_secret_no_key_no_assertion_and_no_token_is_said_anywhere() {
    let certificate = certificate();
    let (right, wrong) = ("canary-4711-right", "canary-4711-wrong");
    let trusted = trust().await;
    let place = place("canaries", |application| {
        application.secrets[0].value = right.to_owned();
        application.certificates = vec![certificate.public.clone()];
        application.federated_credentials = vec![trusted];
    })
    .await;
    let key = "canary";
    let credential = json!({"credential": {"clientSecret": {
        "clientId": place.tenant.client_id(), "secretRef": {"name": SECRET, "key": key},
    }}});
    keep_under(&place, key, wrong).await;
    signs_in_by(&place, &credential).await;
    refused(&place).await;
    keep_under(&place, key, right).await;
    resync(&place, "right").await;
    place.tell_story().await;
    keep_under(&place, "canary.pem", &certificate.whole).await;
    let by_certificate = json!({"credential": {"clientSecret": null, "clientCertificate": {
        "clientId": place.tenant.client_id(), "secretRef": {"name": SECRET, "key": "canary.pem"},
    }}});
    for credential in [by_certificate, workload_identity(&place)] {
        let mut credential = credential;
        if credential["credential"]["workloadIdentity"].is_object() {
            credential["credential"]["clientCertificate"] = Value::Null;
        }
        signs_in_by(&place, &credential).await;
        place
            .until_object("EntraTenant", &place.name, "it signs in", |tenant| {
                condition(tenant, "Ready").is_some_and(|ready| {
                    ready["status"] == "True"
                        && ready["observedGeneration"] == tenant["metadata"]["generation"]
                })
            })
            .await;
    }
    let said = said_anywhere().await;
    assert!(said.contains("\"canaries\""), "it was looked at");
    let key = certificate.whole.lines().nth(5).unwrap();
    let around = |at: usize| &said[at.saturating_sub(200)..at + 40];
    for canary in [right, wrong, key, "PRIVATE KEY"] {
        assert_eq!(said.find(canary).map(around), None, "{canary}");
    }
    assert_eq!(token(&said).map(around), None);
}

/// Where a token or an assertion stands: each begins with its head, in Base64. The letters in the middle of a certificate are none.
fn token(said: &str) -> Option<usize> {
    let of_base64 = |letter: u8| letter.is_ascii_alphanumeric() || b"+/-_=".contains(&letter);
    let mut heads = said.match_indices("eyJ").map(|(at, _)| at);
    heads.find(|at| {
        let before = at.checked_sub(1).map(|before| said.as_bytes()[before]);
        !before.is_some_and(of_base64) || said[..*at].ends_with("\\n")
    })
}

#[test]
fn a_token_is_told_from_letters_of_a_certificate() {
    assert_eq!(token("token=xeyJ, MIIBeyJhbGci"), None);
    assert_eq!(token("Bearer eyJhbGci"), Some(7));
    assert_eq!(token("\"eyJhbGci"), Some(1));
    assert_eq!(token("a\\neyJhbGci"), Some(3));
}

struct CertificateOfApplication {
    public: String,
    whole: String,
}

fn certificate() -> CertificateOfApplication {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let public = CertificateParams::default()
        .self_signed(&key)
        .unwrap()
        .pem();
    CertificateOfApplication {
        whole: format!("{}{public}", key.serialize_pem()),
        public,
    }
}

/// Puts a certificate and its key where the operator reads it.
async fn keep(place: &Place, certificate: &CertificateOfApplication) {
    keep_under(place, "certificate.pem", &certificate.whole).await;
}

/// Puts a text where the operator reads it, under a key of its own.
async fn keep_under(place: &Place, key: &str, text: &str) {
    let change = json!({"stringData": {key: text}}).to_string();
    let arguments = [
        "patch",
        "secret",
        SECRET,
        "--namespace",
        NAMESPACE,
        "--type=merge",
        "--patch",
        &change,
    ];
    world::kubectl(place.control_plane, &arguments).await;
}

async fn resync(place: &Place, value: &str) {
    let annotation = format!("entra-pim.dev/resync={value}");
    place
        .kubectl(&[
            "annotate",
            "ptenant",
            &place.name,
            "--overwrite",
            &annotation,
        ])
        .await;
}
