//! Signed tokens: the key pair of this process, its public half as a key set, signing and verifying.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use serde::{Deserialize, Serialize};

use crate::ids::{AppId, ObjectId, TenantId};

/// Claims of an access token of an application
/// (learn.microsoft.com: "Access token claims reference"; app-only tokens carry `idtyp` and `roles`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) aud: String,
    pub(crate) iss: String,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    pub(crate) appid: AppId,
    pub(crate) appidacr: String,
    pub(crate) idtyp: String,
    pub(crate) oid: ObjectId,
    pub(crate) sub: ObjectId,
    pub(crate) tid: TenantId,
    /// Application permissions; left out when there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<String>,
    pub(crate) uti: String,
    pub(crate) ver: String,
}

/// Why a token could not be signed or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The key pair could not be made.
    #[error("the signing key could not be made: {0}")]
    Key(String),
    /// The token is malformed or not signed by this process.
    #[error("the token is not valid: {0}")]
    Token(#[from] jsonwebtoken::errors::Error),
}

struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    public: Jwk,
}

/// Id of the key in headers and key set.
const KEY_ID: &str = "entra-sim-1";

static KEYS: LazyLock<Result<Keys, String>> =
    LazyLock::new(|| make_keys().map_err(|error| error.to_string()));

fn make_keys() -> Result<Keys, Error> {
    let pair =
        KeyPair::generate_for(&PKCS_RSA_SHA256).map_err(|error| Error::Key(error.to_string()))?;
    let encoding = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes())?;
    let mut public = Jwk::from_encoding_key(&encoding, Algorithm::RS256)?;
    public.common.key_id = Some(KEY_ID.to_owned());
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    public.common.key_algorithm = Some(KeyAlgorithm::RS256);
    let decoding = DecodingKey::from_jwk(&public)?;
    Ok(Keys {
        encoding,
        decoding,
        public,
    })
}

fn keys() -> Result<&'static Keys, Error> {
    KEYS.as_ref().map_err(|problem| Error::Key(problem.clone()))
}

pub(crate) fn sign(claims: &Claims) -> Result<String, Error> {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(KEY_ID.to_owned());
    Ok(jsonwebtoken::encode(&header, claims, &keys()?.encoding)?)
}

/// The claims of a token that this process signed.
fn verify(token: &str) -> Result<Claims, Error> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    Ok(jsonwebtoken::decode::<Claims>(token, &keys()?.decoding, &validation)?.claims)
}

pub(crate) fn key_set() -> Result<JwkSet, Error> {
    Ok(JwkSet {
        keys: vec![keys()?.public.clone()],
    })
}

/// A token that was found good.
#[derive(Debug)]
pub(crate) struct VerifiedToken {
    pub(crate) claims: Claims,
    pub(crate) permissions: Arc<BTreeSet<String>>,
}

/// Tokens whose signature was found good. A client sends one token thousands of times.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    known: BTreeMap<String, Arc<VerifiedToken>>,
}

const MAXIMUM_SESSIONS: usize = 256;

impl Sessions {
    /// Reads a token that this process signed. Whether it is still good is for the caller to judge, by the clock of the
    /// tenant.
    pub(crate) fn read(&mut self, token: &str) -> Result<Arc<VerifiedToken>, Error> {
        if let Some(session) = self.known.get(token) {
            return Ok(session.clone());
        }
        let claims = verify(token)?;
        let session = Arc::new(VerifiedToken {
            permissions: Arc::new(claims.roles.iter().cloned().collect()),
            claims,
        });
        if self.known.len() >= MAXIMUM_SESSIONS {
            self.known.clear();
        }
        self.known.insert(token.to_owned(), session.clone());
        Ok(session)
    }
}
