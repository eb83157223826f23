//! Proves the application with a certificate: a short statement signed with its key, as
//! learn.microsoft.com "Microsoft identity platform application authentication certificate credentials" describes it. The
//! sign-in library's own credential of this kind needs OpenSSL; this one hands the statement to it.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pim_core::ids::ClientId;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long a statement holds. It is used at once.
const LASTS: Duration = Duration::from_mins(5);

/// A certificate and its key that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnusableCertificate {
    // What the reader says of it may quote the key.
    #[error("the PEM text cannot be read")]
    Pem,
    #[error("the PEM text holds no {0}: it needs a certificate and its private key")]
    Lacks(&'static str),
    #[error("the private key cannot be used, an RSA key is needed: {0}")]
    Key(String),
}

/// How the tag of a certificate ends.
const CERTIFICATE: &str = "CERTIFICATE";

/// The first block whose tag ends so.
fn block<'a>(blocks: &'a [pem::Pem], ends: &str) -> Option<&'a pem::Pem> {
    blocks.iter().find(|block| block.tag().ends_with(ends))
}

/// When the certificate in a PEM text ends, if that can be read.
pub(super) fn not_after(pem: &str) -> Option<Timestamp> {
    let blocks = pem::parse_many(pem).ok()?;
    let certificate = block(&blocks, CERTIFICATE)?;
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate.contents()).ok()?;
    Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
}

/// Makes statements for one application.
pub(super) struct CertificateProof {
    key: EncodingKey,
    header: Header,
    client: ClientId,
    /// The address at which the statement is shown.
    audience: String,
}

#[derive(Serialize)]
struct SignedClaims<'a> {
    aud: &'a str,
    iss: ClientId,
    sub: ClientId,
    jti: Uuid,
    exp: i64,
}

impl CertificateProof {
    /// Reads certificate and key from one PEM text, in whatever order.
    pub(super) fn new(
        pem: &str,
        client: ClientId,
        audience: String,
    ) -> Result<Self, UnusableCertificate> {
        let blocks = pem::parse_many(pem).map_err(|_| UnusableCertificate::Pem)?;
        let certificate =
            block(&blocks, CERTIFICATE).ok_or(UnusableCertificate::Lacks("certificate"))?;
        let key = block(&blocks, "PRIVATE KEY").ok_or(UnusableCertificate::Lacks("private key"))?;
        let key = EncodingKey::from_rsa_pem(pem::encode(key).as_bytes())
            .map_err(|error| UnusableCertificate::Key(error.to_string()))?;
        let mut header = Header::new(Algorithm::PS256);
        let thumbprint = Sha256::digest(certificate.contents());
        header.x5t_s256 = Some(BASE64URL_NOPAD.encode(&thumbprint));
        Ok(Self {
            key,
            header,
            client,
            audience,
        })
    }
}

impl fmt::Debug for CertificateProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertificateProof")
    }
}

#[async_trait]
impl ClientAssertion for CertificateProof {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let end = Timestamp::now().as_second() + i64::try_from(LASTS.as_secs()).unwrap_or_default();
        let claims = SignedClaims {
            aud: &self.audience,
            iss: self.client,
            sub: self.client,
            jti: Uuid::new_v4(),
            exp: end,
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key).map_err(|error| {
            azure_core::Error::with_message(
                azure_core::error::ErrorKind::Credential,
                format!("the certificate's key cannot sign: {error}"),
            )
        })
    }
}
