//! What an application may prove itself with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::refusal::{Presented, TokenRefusal};
use crate::ids::{AppId, ObjectId};

#[derive(Clone, Debug)]
pub(crate) struct Application {
    /// The object id of the registration, which is not that of the service principal.
    pub(crate) id: ObjectId,
    pub(crate) app_id: AppId,
    pub(crate) secrets: Vec<Secret>,
    /// Certificates in PEM form.
    pub(crate) certificates: Vec<String>,
    pub(crate) federated: Vec<FederatedCredential>,
}

/// A client secret; only its digest and its first characters are kept.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    pub(crate) id: Uuid,
    digest: Vec<u8>,
    pub(crate) hint: String,
    pub(crate) expires: Option<Timestamp>,
}

/// How many characters of a secret are shown (learn.microsoft.com: passwordCredential, `hint`).
const HINT: usize = 3;

/// A foreign issuer that is trusted to vouch for the application.
#[derive(Clone, Debug)]
pub(crate) struct FederatedCredential {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) audience: String,
    pub(crate) keys: JwkSet,
}

#[derive(Debug, Deserialize)]
struct AssertionClaims {
    #[serde(default)]
    iss: String,
    #[serde(default)]
    sub: String,
    #[serde(default)]
    aud: Audience,
    exp: Option<i64>,
    nbf: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Default for Audience {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Audience {
    fn holds(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => many.iter().any(|one| one == wanted),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::One(one) => one.clone(),
            Self::Many(many) => many.join(","),
        }
    }
}

impl Secret {
    /// A secret that ends at `expires`, or never.
    pub(crate) fn new(id: Uuid, value: &str, expires: Option<Timestamp>) -> Self {
        Self {
            id,
            digest: Sha256::digest(value.as_bytes()).to_vec(),
            hint: value.chars().take(HINT).collect(),
            expires,
        }
    }

    fn matches(&self, value: &str) -> bool {
        self.digest == Sha256::digest(value.as_bytes()).to_vec()
    }
}

impl Application {
    pub(super) fn check_secret(&self, value: &str, now: Timestamp) -> Result<(), TokenRefusal> {
        let found = self.secrets.iter().find(|secret| secret.matches(value));
        match found {
            None => Err(TokenRefusal::WrongSecret(self.app_id.to_string())),
            Some(secret) if secret.expires.is_some_and(|end| end <= now) => {
                Err(TokenRefusal::ExpiredSecret(self.app_id.to_string()))
            }
            Some(_) => Ok(()),
        }
    }

    /// Judges a client assertion: signed by one of the certificates, or by a trusted foreign issuer.
    pub(super) fn check_assertion(
        &self,
        assertion: &str,
        now: Timestamp,
    ) -> Result<(), TokenRefusal> {
        let claims = unverified(assertion).ok_or_else(|| self.bad_assertion())?;
        let own = claims.iss.eq_ignore_ascii_case(&self.app_id.to_string());
        if own {
            self.check_certificate(assertion)?;
        } else {
            self.check_federated(assertion, &claims)?;
        }
        let seconds = now.as_second();
        let expired = claims.exp.is_none_or(|end| end <= seconds);
        let early = claims.nbf.is_some_and(|start| start > seconds + 300);
        if expired || early {
            return Err(TokenRefusal::AssertionWindow);
        }
        Ok(())
    }

    fn bad_assertion(&self) -> TokenRefusal {
        TokenRefusal::BadAssertion(self.app_id.to_string())
    }

    fn check_certificate(&self, assertion: &str) -> Result<(), TokenRefusal> {
        let valid = self.certificates.iter().any(|pem| {
            DecodingKey::from_rsa_pem(pem.as_bytes()).is_ok_and(|key| verifies(assertion, &key))
        });
        if valid {
            Ok(())
        } else {
            Err(self.bad_assertion())
        }
    }

    /// Issuer, subject and audience must match exactly; the message names what was presented.
    fn check_federated(
        &self,
        assertion: &str,
        claims: &AssertionClaims,
    ) -> Result<(), TokenRefusal> {
        let unknown = |what, presented: &str| {
            Err(TokenRefusal::NoFederatedIdentity(
                what,
                presented.to_owned(),
            ))
        };
        let mut candidates: Vec<_> = self.federated.iter().collect();
        candidates.retain(|one| one.issuer == claims.iss);
        if candidates.is_empty() {
            return unknown(Presented::Issuer, &claims.iss);
        }
        candidates.retain(|one| one.subject == claims.sub);
        if candidates.is_empty() {
            return unknown(Presented::Subject, &claims.sub);
        }
        candidates.retain(|one| claims.aud.holds(&one.audience));
        let Some(credential) = candidates.first() else {
            return unknown(Presented::Audience, &claims.aud.shown());
        };
        let keys = credential.keys.keys.iter();
        let mut keys = keys.filter_map(|jwk| DecodingKey::from_jwk(jwk).ok());
        if keys.any(|key| verifies(assertion, &key)) {
            Ok(())
        } else {
            Err(self.bad_assertion())
        }
    }
}

/// The claims as they stand, to choose what to verify them with.
fn unverified(assertion: &str) -> Option<AssertionClaims> {
    let payload = assertion.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()
}

/// Whether the signature is by this key. Times are judged apart, by the clock of the tenant.
fn verifies(assertion: &str, key: &DecodingKey) -> bool {
    [Algorithm::RS256, Algorithm::PS256]
        .into_iter()
        .any(|algorithm| {
            let mut validation = Validation::new(algorithm);
            validation.validate_exp = false;
            validation.validate_aud = false;
            validation.required_spec_claims.clear();
            jsonwebtoken::decode::<serde_json::Value>(assertion, key, &validation).is_ok()
        })
}
