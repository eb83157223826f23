//! Signing in, through the library and our transport.

use std::time::Duration;

use super::*;
use crate::Class;
use crate::token::{Credential, SignIn};

const SECRET: &str = "sup3r-s3cret";

/// A token endpoint that answers as scripted.
struct Authority {
    answers: Mutex<Vec<Result<(u16, Value), TransportError>>>,
    asked: Mutex<Vec<(String, String)>>,
}

impl Authority {
    /// The last answer is repeated.
    fn new(mut answers: Vec<Result<(u16, Value), TransportError>>) -> Arc<Self> {
        answers.reverse();
        Arc::new(Self {
            answers: Mutex::new(answers),
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

#[async_trait]
impl Transport for Authority {
    async fn send(&self, request: Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        self.asked.lock().unwrap().push((
            request.uri().to_string(),
            String::from_utf8(request.body().to_vec()).unwrap(),
        ));
        let mut answers = self.answers.lock().unwrap();
        let answer = match answers.len() {
            1 => answers[0].clone(),
            _ => answers.pop().unwrap(),
        };
        let (status, body) = answer?;
        Ok(http::Response::builder()
            .status(status)
            .body(body.to_string().into())
            .unwrap())
    }
}

pub(super) fn token(text: &str) -> (u16, Value) {
    (
        200,
        json!({"token_type": "Bearer", "expires_in": 3599, "access_token": text}),
    )
}

pub(super) fn refusal(code: u32) -> (u16, Value) {
    // As the authority writes it, with line breaks.
    let text = format!(
        "AADSTS{code}: no. \r\nTrace ID: 1\r\nCorrelation ID: 2\r\nTimestamp: 2026-01-09 02:02:12Z"
    );
    (
        401,
        json!({"error": "invalid_client", "error_description": text, "error_codes": [code]}),
    )
}

pub(super) fn sign_in(authority: &Arc<impl Transport + 'static>) -> SignIn {
    SignIn::new(
        &endpoints(),
        "11111111-1111-4111-8111-111111111111".parse().unwrap(),
        "22222222-2222-4222-8222-222222222222".parse().unwrap(),
        Credential::ClientSecret {
            secret: SECRET.into(),
        },
        Arc::clone(authority) as _,
        Arc::new(NoRecorder),
    )
}

pub(super) const SCOPE: &str = "https://graph.test/.default";

#[tokio::test(start_paused = true)]
async fn a_token_is_asked_from_the_authority_of_the_cloud_and_kept() {
    let authority = Authority::new(vec![Ok(token("t-1"))]);
    let source = sign_in(&authority);
    assert_eq!(source.token(SCOPE).await.unwrap().secret(), "t-1");
    assert_eq!(source.token(SCOPE).await.unwrap().secret(), "t-1");
    assert_eq!(authority.asked(), 1);
    let (url, form) = authority.asked.lock().unwrap()[0].clone();
    assert_eq!(
        url,
        "https://login.test/11111111-1111-4111-8111-111111111111/oauth2/v2.0/token"
    );
    assert!(form.contains("grant_type=client_credentials"));
    assert!(form.contains("scope=https%3A%2F%2Fgraph.test%2F.default"));
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_token_is_not_given_out_again() {
    let authority = Authority::new(vec![Ok(token("t-1")), Ok(token("t-2"))]);
    let source = sign_in(&authority);
    source.token(SCOPE).await.unwrap();
    source.forget(SCOPE);
    assert_eq!(source.token(SCOPE).await.unwrap().secret(), "t-2");
}

#[tokio::test(start_paused = true)]
async fn a_refused_secret_is_named_and_not_tried_again_and_again() {
    let authority = Authority::new(vec![Ok(refusal(7_000_215))]);
    let source = sign_in(&authority);
    for _ in 0..10 {
        let error = source.token(SCOPE).await.unwrap_err();
        assert_eq!(error.class, Class::CredentialInvalid);
        assert_eq!(error.code.as_deref(), Some("AADSTS7000215"));
        assert!(error.to_string().starts_with("sign-in failed"));
    }
    assert_eq!(authority.asked(), 1);
    tokio::time::sleep(Duration::from_secs(31)).await;
    source.token(SCOPE).await.unwrap_err();
    assert_eq!(authority.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_silent_authority_is_asked_a_few_times() {
    let gone = || Err(TransportError::Connect("no route to host".into()));
    let authority = Authority::new(vec![gone(), gone(), Ok(token("t-1"))]);
    assert_eq!(
        sign_in(&authority).token(SCOPE).await.unwrap().secret(),
        "t-1"
    );

    let authority = Authority::new(vec![gone()]);
    let error = sign_in(&authority).token(SCOPE).await.unwrap_err();
    assert_eq!(error.class, Class::Unreachable);
    assert!(error.to_string().contains("no route to host"), "{error}");
    assert_eq!(authority.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_busy_authority_is_left_alone() {
    let authority = Authority::new(vec![Ok((429, json!({"error": "temporarily_unavailable"})))]);
    let source = sign_in(&authority);
    for _ in 0..5 {
        assert_eq!(
            source.token(SCOPE).await.unwrap_err().class,
            Class::Throttled
        );
    }
    assert_eq!(authority.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_got_no_token_had_no_effect() {
    let authority = Authority::new(vec![Ok(refusal(7_000_222))]);
    let service = Service::new(|_| Reply::ok());
    let wiring = Wiring {
        tokens: Arc::new(sign_in(&authority)),
        ..wiring(&service, &Arc::default())
    };
    let error = Services::connect(&wiring)
        .graph
        .session
        .submit(write(1))
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::CredentialInvalid);
    assert_eq!(error.outcome, crate::CallOutcome::NotExecuted);
    assert_eq!(error.operation, Some(OperationName::DeleteGroup));
    assert_eq!(service.sent().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn secrets_are_in_no_debug_output_and_no_error() {
    let authority = Authority::new(vec![Ok(refusal(7_000_215))]);
    let source = sign_in(&authority);
    let error = source.token(SCOPE).await.unwrap_err();
    let credential = Credential::ClientSecret {
        secret: SECRET.into(),
    };
    let access = AccessToken::new(SECRET, Timestamp::MAX);
    let service = Service::new(|_| Reply::ok());
    let graph = graph(&service);
    let response = graph
        .session
        .submit(read(1).json(&json!({"secret": SECRET})).unwrap())
        .await
        .unwrap();
    let operation = write(1).json(&json!({"secret": SECRET})).unwrap();
    let texts = format!(
        "{source:?} {error:?} {error} {credential:?} {access:?} {graph:?} {response:?} {operation:?}"
    );
    assert!(!texts.contains(SECRET), "{texts}");
}
