//! A throw-away authority and a server certificate signed by it.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use super::error::ServeError;

pub(super) struct Certificates {
    /// The authority, for clients.
    pub(super) authority_pem: String,
    /// The configuration, for the server.
    pub(super) server: Arc<ServerConfig>,
}

/// Makes an authority and a certificate for `localhost`, the loopback addresses and these names.
pub(super) fn issue(names: &[String]) -> Result<Certificates, ServeError> {
    let mut all = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    all.extend(names.iter().cloned());
    make(&all).map_err(|problem| ServeError::Certificate {
        names: all.join(", "),
        problem,
    })
}

fn make(names: &[String]) -> Result<Certificates, String> {
    let text = |error: rcgen::Error| error.to_string();
    let authority_key = KeyPair::generate().map_err(text)?;
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority
        .distinguished_name
        .push(DnType::CommonName, "entra-sim authority");
    let authority_certificate = authority.self_signed(&authority_key).map_err(text)?;
    let issuer = Issuer::new(authority, authority_key);

    let key = KeyPair::generate().map_err(text)?;
    let mut leaf = CertificateParams::new(names.to_vec()).map_err(text)?;
    leaf.distinguished_name
        .push(DnType::CommonName, "entra-sim");
    leaf.use_authority_key_identifier_extension = true;
    let certificate = leaf.signed_by(&key, &issuer).map_err(text)?;

    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .map_err(|error| error.to_string())?;
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Certificates {
        authority_pem: authority_certificate.pem(),
        server: Arc::new(server),
    })
}
