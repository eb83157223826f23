//! The token endpoint and the tokens it makes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use entra_sim::Profile;
use http::Request;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::client::{
    Answer, Client, OPERATOR, OPERATOR_OBJECT, SECRET, TENANT, ideal, seeded, tenant,
};

const SCOPE: &str = "https://graph.microsoft.com/.default";

async fn ask(
    client: &Client,
    tenant: &str,
    fields: &[(&str, &str)],
    basic: Option<&str>,
) -> Answer {
    let form: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let mut request = Request::post(format!(
        "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
    ))
    .header("content-type", "application/x-www-form-urlencoded");
    if let Some(basic) = basic {
        request = request.header("authorization", format!("Basic {}", STANDARD.encode(basic)));
    }
    let response = client
        .simulator
        .call(request.body(Bytes::from(form)).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap(),
    }
}

fn with_secret<'a>(client: &'a str, secret: &'a str, scope: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_id", client),
        ("client_secret", secret),
        ("scope", scope),
    ]
}

fn claims(answer: &Answer) -> Value {
    let token = answer.body["access_token"].as_str().unwrap();
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn a_secret_gets_a_token_with_the_granted_permissions() {
    let client = ideal().permitted(&["Group.Read.All", "User.Read.All"]);
    for tenant in [TENANT, "contoso.com"] {
        let answer = ask(&client, tenant, &with_secret(OPERATOR, SECRET, SCOPE), None)
            .await
            .expect(200);
        assert_eq!(
            (
                answer.body["token_type"].as_str(),
                answer.body["expires_in"].as_i64()
            ),
            (Some("Bearer"), Some(3599))
        );
        let claims = claims(&answer);
        assert_eq!(claims["roles"], json!(["Group.Read.All", "User.Read.All"]));
        assert_eq!(
            (claims["idtyp"].as_str(), claims["appid"].as_str()),
            (Some("app"), Some(OPERATOR))
        );
        assert_eq!(
            (claims["oid"].as_str(), claims["tid"].as_str()),
            (Some(OPERATOR_OBJECT), Some(TENANT))
        );
        assert_eq!(claims["aud"], "https://graph.microsoft.com");
    }
}

#[tokio::test]
async fn a_token_without_permissions_has_no_roles() {
    let client = ideal().permitted(&[]);
    let answer = ask(&client, TENANT, &with_secret(OPERATOR, SECRET, SCOPE), None)
        .await
        .expect(200);
    assert!(claims(&answer).get("roles").is_none());
}

#[tokio::test]
async fn basic_authentication_is_taken_as_well() {
    let basic = format!("{OPERATOR}:{SECRET}");
    let fields = [("grant_type", "client_credentials"), ("scope", SCOPE)];
    ask(&ideal(), TENANT, &fields, Some(&basic))
        .await
        .expect(200);
}

#[tokio::test]
async fn refusals_are_numbered() {
    let client = ideal();
    let other = "99999999-9999-4999-8999-999999999999";
    let cases = [
        (
            TENANT,
            with_secret(OPERATOR, "wrong", SCOPE),
            401,
            7_000_215,
            "invalid_client",
        ),
        (
            TENANT,
            with_secret(other, SECRET, SCOPE),
            400,
            700_016,
            "unauthorized_client",
        ),
        (
            other,
            with_secret(OPERATOR, SECRET, SCOPE),
            400,
            90002,
            "invalid_request",
        ),
        (
            TENANT,
            with_secret(OPERATOR, SECRET, "https://graph.microsoft.com"),
            400,
            1_002_012,
            "invalid_scope",
        ),
        (
            TENANT,
            with_secret(OPERATOR, SECRET, "https://vault.azure.net/.default"),
            400,
            500_011,
            "invalid_resource",
        ),
        (
            TENANT,
            with_secret(OPERATOR, SECRET, "a/.default b/.default"),
            400,
            70011,
            "invalid_scope",
        ),
        (
            TENANT,
            vec![
                ("grant_type", "client_credentials"),
                ("client_id", OPERATOR),
                ("scope", SCOPE),
            ],
            401,
            7_000_216,
            "invalid_client",
        ),
        (
            TENANT,
            vec![
                ("grant_type", "password"),
                ("client_id", OPERATOR),
                ("scope", SCOPE),
            ],
            400,
            70003,
            "unsupported_grant_type",
        ),
        (
            TENANT,
            vec![("client_id", OPERATOR)],
            400,
            900_144,
            "invalid_request",
        ),
    ];
    for (tenant, fields, status, code, error) in cases {
        let answer = ask(&client, tenant, &fields, None).await;
        assert_eq!(answer.status, status, "{code}: {answer:?}");
        assert_eq!(answer.body["error_codes"], json!([code]));
        assert_eq!(answer.body["error"], error);
        let description = answer.body["error_description"].as_str().unwrap();
        assert!(
            description.starts_with(&format!("AADSTS{code}:")),
            "{description}"
        );
        assert!(
            description.contains("Trace ID:")
                && description.contains("Timestamp: 2026-11-21 08:00:00Z")
        );
        assert!(!answer.body.to_string().contains(SECRET));
    }
}

#[tokio::test]
async fn expired_secrets_and_disabled_applications_are_refused() {
    let client = seeded(&format!(
        "tenant: {{id: {TENANT}, displayName: X, domains: [x.test]}}
applications:
  - {{clientId: {OPERATOR}, displayName: a, secrets: [{{value: old, expires: 2026-01-01T00:00:00Z}}]}}
  - {{clientId: 88888888-8888-4888-8888-888888888888, displayName: b, secrets: [{{value: s}}], enabled: false}}
"
    ));
    let answer = ask(&client, TENANT, &with_secret(OPERATOR, "old", SCOPE), None).await;
    assert_eq!(answer.body["error_codes"], json!([7_000_222]));
    let answer = ask(
        &client,
        TENANT,
        &with_secret("88888888-8888-4888-8888-888888888888", "s", SCOPE),
        None,
    )
    .await;
    assert_eq!(answer.body["error_codes"], json!([7_000_112]));
}

#[tokio::test]
async fn a_token_ends_by_the_clock_of_the_tenant() {
    let client = ideal();
    client.get("/organization").await.expect(200);
    client.advance(SignedDuration::from_secs(3600));
    let answer = client.get("/organization").await;
    answer.is(401, "InvalidAuthenticationToken");
    assert!(answer.message().contains("expired"));
    client.renewed().get("/organization").await.expect(200);
}

#[tokio::test]
async fn each_cloud_knows_the_apis_of_its_own_alone() {
    let cases = [
        ("global", "graph.microsoft.com", "graph.microsoft.us"),
        ("usgov", "graph.microsoft.us", "dod-graph.microsoft.us"),
        (
            "china",
            "microsoftgraph.chinacloudapi.cn",
            "graph.microsoft.com",
        ),
        (
            "global",
            "management.azure.com",
            "management.chinacloudapi.cn",
        ),
        ("usgovdod", "localhost:8443", "management.azure.com"),
    ];
    for (cloud, own, other) in cases {
        let client = tenant(Profile::Ideal, &[("cloud", cloud)]);
        let scopes = [own, other].map(|host| format!("https://{host}/.default"));
        let fields = with_secret(OPERATOR, SECRET, &scopes[0]);
        let answer = ask(&client, TENANT, &fields, None).await;
        assert_eq!(answer.status, 200, "{own} in {cloud}: {answer:?}");
        let fields = with_secret(OPERATOR, SECRET, &scopes[1]);
        let refused = ask(&client, TENANT, &fields, None).await;
        assert_eq!(
            (refused.status, &refused.body["error_codes"]),
            (400, &json!([500_011])),
            "{other} in {cloud}"
        );
    }
}

#[tokio::test]
async fn graph_takes_no_token_of_another_cloud() {
    let client = tenant(Profile::Ideal, &[("cloud", "china")]);
    let answer = client.get("/organization").await;
    answer.is(401, "InvalidAuthenticationToken");
    assert!(answer.message().contains("audience"));
}

#[tokio::test]
async fn graph_takes_no_foreign_and_no_broken_token() {
    let client = ideal();
    let app = OPERATOR.parse().unwrap();
    let mut foreign = client.clone();
    foreign.token = client
        .simulator
        .token(app, "https://management.azure.com")
        .unwrap();
    assert!(
        foreign
            .get("/organization")
            .await
            .message()
            .contains("audience")
    );
    for token in ["", "x.y.z", &format!("{}x", client.token)] {
        let mut broken = client.clone();
        broken.token = token.to_owned();
        let answer = broken.get("/organization").await;
        assert_eq!(
            (answer.status, answer.code()),
            (401, "InvalidAuthenticationToken"),
            "{token}"
        );
    }
}

/// A foreign issuer: its signing key and the seed that trusts it.
struct Issuer {
    key: EncodingKey,
    seed: String,
}

fn issuer() -> Issuer {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let key = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap();
    let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["x".to_owned()])
        .unwrap()
        .self_signed(&pair)
        .unwrap()
        .pem();
    let lines: Vec<String> = certificate
        .lines()
        .map(|line| format!("        {line}"))
        .collect();
    let pem = lines.join(
        "
",
    );
    let seed = format!(
        "tenant: {{id: {TENANT}, displayName: X, domains: [x.test]}}
applications:
  - clientId: {OPERATOR}
    displayName: a
    certificates:
      - |
{pem}
    federatedCredentials:
      - issuer: https://issuer.test
        subject: system:serviceaccount:ops:operator
        keys: {{keys: [{}]}}
",
        serde_json::to_string(&jwk).unwrap()
    );
    Issuer { key, seed }
}

fn assertion(issuer: &Issuer, iss: &str, sub: &str, aud: &str, exp: i64) -> String {
    let claims = json!({"iss": iss, "sub": sub, "aud": aud, "exp": exp});
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &issuer.key).unwrap()
}

async fn ask_with(client: &Client, assertion: &str) -> Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", OPERATOR),
        ("scope", SCOPE),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion),
    ];
    ask(client, TENANT, &fields, None).await
}

#[tokio::test]
async fn certificates_and_federated_identities_are_judged_by_their_signature_and_names() {
    let issuer = issuer();
    let client = seeded(&issuer.seed);
    let end = client.now().as_second() + 600;
    let subject = "system:serviceaccount:ops:operator";
    let exchange = "api://AzureADTokenExchange";
    let federated = |iss: &str, sub: &str, aud: &str, end| assertion(&issuer, iss, sub, aud, end);
    let home = "https://issuer.test";
    ask_with(&client, &federated(home, subject, exchange, end))
        .await
        .expect(200);
    let own = federated(
        OPERATOR,
        OPERATOR,
        "https://login.microsoftonline.com/x",
        end,
    );
    ask_with(&client, &own).await.expect(200);
    let other = Issuer {
        key: self::issuer().key,
        seed: String::new(),
    };
    for (assertion, code) in [
        (
            federated("https://other.test", subject, exchange, end),
            700_211,
        ),
        (
            federated(home, "system:serviceaccount:ops:other", exchange, end),
            700_213,
        ),
        (federated(home, subject, "api://other", end), 700_212),
        (federated(home, subject, exchange, end - 3600), 700_024),
        (
            self::assertion(&other, home, subject, exchange, end),
            700_027,
        ),
        (
            self::assertion(&other, OPERATOR, OPERATOR, "x", end),
            700_027,
        ),
        ("no token".to_owned(), 700_027),
    ] {
        let answer = ask_with(&client, &assertion).await;
        assert_eq!(answer.body["error_codes"], json!([code]), "{answer:?}");
    }
}

#[tokio::test]
async fn an_assertion_says_what_it_is() {
    let issuer = issuer();
    let client = seeded(&issuer.seed);
    let end = client.now().as_second() + 600;
    let own = assertion(
        &issuer,
        OPERATOR,
        OPERATOR,
        "https://login.microsoftonline.com/x",
        end,
    );
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    for (kind, code) in [(None, 900_144), (Some(saml), 9_002_313)] {
        let mut fields = vec![
            ("grant_type", "client_credentials"),
            ("client_id", OPERATOR),
            ("scope", SCOPE),
            ("client_assertion", &own),
        ];
        fields.extend(kind.map(|kind| ("client_assertion_type", kind)));
        let answer = ask(&client, TENANT, &fields, None).await;
        assert_eq!(
            (answer.status, answer.body["error"].as_str()),
            (400, Some("invalid_request"))
        );
        assert_eq!(answer.body["error_codes"], json!([code]), "{answer:?}");
    }
}
