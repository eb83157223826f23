//! One credential, tokens for several audiences.

use std::time::Duration;

use super::sign_in::{SCOPE, refusal, sign_in, token};
use super::*;
use crate::Class;

const OTHER_SCOPE: &str = "https://other.test/.default";

/// What the authority does when it is asked for the nth time by one audience, counted from 1. Nothing is no answer.
type Answers = Box<dyn Fn(&str, usize) -> Option<(u16, Value)> + Send + Sync>;

/// A token endpoint that answers each audience as scripted.
struct Authority {
    answers: Answers,
    asked: Mutex<Vec<&'static str>>,
}

impl Authority {
    fn new(
        answers: impl Fn(&str, usize) -> Option<(u16, Value)> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            answers: Box::new(answers),
            asked: Mutex::default(),
        })
    }

    /// How often a token for this scope was asked for.
    fn asked(&self, scope: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|known| **known == scope).count()
    }
}

#[async_trait]
impl Transport for Authority {
    async fn send(&self, request: Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let form = String::from_utf8(request.body().to_vec()).unwrap();
        let scope = [SCOPE, OTHER_SCOPE].into_iter().find(|scope| {
            let encoded = scope.replace(':', "%3A").replace('/', "%2F");
            form.contains(&format!("scope={encoded}"))
        });
        let scope = scope.unwrap();
        self.asked.lock().unwrap().push(scope);
        let Some((status, body)) = (self.answers)(scope, self.asked(scope)) else {
            return std::future::pending().await;
        };
        Ok(http::Response::builder()
            .status(status)
            .body(body.to_string().into())
            .unwrap())
    }
}

#[tokio::test(start_paused = true)]
async fn each_audience_has_a_token_of_its_own_that_is_asked_for_once() {
    let authority = Authority::new(|scope, nth| Some(token(&format!("{scope}-{nth}"))));
    let source = sign_in(&authority);
    for scope in [SCOPE, OTHER_SCOPE] {
        let (first, second) = tokio::join!(source.token(scope), source.token(scope));
        for token in [first, second, source.token(scope).await] {
            assert_eq!(token.unwrap().secret(), format!("{scope}-1"));
        }
        assert_eq!(authority.asked(scope), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_forgotten_leaves_the_other_audience_its_own() {
    let authority = Authority::new(|scope, nth| Some(token(&format!("{scope}-{nth}"))));
    let source = sign_in(&authority);
    for scope in [SCOPE, OTHER_SCOPE] {
        source.token(scope).await.unwrap();
    }
    source.forget(OTHER_SCOPE);
    let (kept, fresh) = tokio::join!(source.token(SCOPE), source.token(OTHER_SCOPE));
    assert_eq!(kept.unwrap().secret(), format!("{SCOPE}-1"));
    assert_eq!(fresh.unwrap().secret(), format!("{OTHER_SCOPE}-2"));
}

#[tokio::test(start_paused = true)]
async fn an_audience_that_gets_no_answer_does_not_hold_the_other() {
    let authority = Authority::new(|scope, _| (scope == SCOPE).then(|| token("t")));
    let source = sign_in(&authority);
    let within = |seconds| Duration::from_secs(seconds);
    let (stuck, served) = tokio::join!(
        tokio::time::timeout(within(10), source.token(OTHER_SCOPE)),
        tokio::time::timeout(within(1), source.token(SCOPE)),
    );
    assert!(stuck.is_err());
    assert_eq!(served.unwrap().unwrap().secret(), "t");
}

#[tokio::test(start_paused = true)]
async fn a_refused_credential_is_known_for_all_audiences() {
    let authority = Authority::new(|_, _| Some(refusal(7_000_215)));
    let source = sign_in(&authority);
    source.token(OTHER_SCOPE).await.unwrap_err();
    let error = source.token(SCOPE).await.unwrap_err();
    assert_eq!(error.class, Class::CredentialInvalid);
    assert_eq!(error.code.as_deref(), Some("AADSTS7000215"));
    assert_eq!(authority.asked(SCOPE), 0);
    tokio::time::sleep(Duration::from_secs(31)).await;
    source.token(SCOPE).await.unwrap_err();
    assert_eq!(authority.asked(SCOPE), 1);
}

#[tokio::test(start_paused = true)]
async fn an_audience_that_the_tenant_does_not_know_is_no_fault_of_the_credential() {
    let authority = Authority::new(|scope, _| {
        Some(if scope == SCOPE {
            token("t")
        } else {
            refusal(500_011)
        })
    });
    let source = sign_in(&authority);
    for _ in 0..3 {
        source.token(OTHER_SCOPE).await.unwrap_err();
    }
    assert_eq!(source.token(SCOPE).await.unwrap().secret(), "t");
    assert_eq!(authority.asked(OTHER_SCOPE), 1);
}
