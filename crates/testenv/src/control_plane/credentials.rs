//! Keys, certificates and tokens of one control plane. They protect nothing beyond a test run: the point is that a
//! client talks to this API server and to no other that happens to have the port.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize, SanType,
};
use uuid::Uuid;

use super::error::Error;

/// The files that the processes read, and the administrator's token.
#[derive(Debug)]
pub(super) struct Credentials {
    pub(super) ca: PathBuf,
    pub(super) serving_certificate: PathBuf,
    pub(super) serving_key: PathBuf,
    pub(super) service_account_key: PathBuf,
    pub(super) service_account_public_key: PathBuf,
    pub(super) tokens: PathBuf,
    pub(super) administrator: Token,
    pub(super) controller_manager: Token,
}

/// A bearer token; its value stays out of debug output.
pub(super) struct Token(pub(super) String);

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token(..)")
    }
}

impl Token {
    fn new() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }
}

/// Makes everything new in `directory`.
pub(super) fn create(directory: &Path) -> Result<Credentials, Error> {
    let files = Credentials {
        ca: directory.join("ca.crt"),
        serving_certificate: directory.join("serving.crt"),
        serving_key: directory.join("serving.key"),
        service_account_key: directory.join("service-account.key"),
        service_account_public_key: directory.join("service-account.pub"),
        tokens: directory.join("tokens.csv"),
        administrator: Token::new(),
        controller_manager: Token::new(),
    };
    certificates(&files)?;
    // Clusters that Entra ID trusts sign their tokens with RSA (learn.microsoft.com: workload-identity-federation-considerations).
    let key = generate(KeyPair::generate_rsa_for(
        &PKCS_RSA_SHA256,
        RsaKeySize::_2048,
    ))?;
    write_secret(&files.service_account_key, &key.serialize_pem())?;
    write_secret(&files.service_account_public_key, &key.public_key_pem())?;
    // The bootstrap role of the controller manager expects a service account for each controller; one identity with all
    // rights does for these few.
    let tokens = format!(
        "{},admin,admin,\"system:masters\"\n{},system:kube-controller-manager,controller-manager,\"system:masters\"\n",
        files.administrator.0, files.controller_manager.0
    );
    write_secret(&files.tokens, &tokens)?;
    Ok(files)
}

/// Writes a certificate authority, and a certificate for the API server that it has signed.
fn certificates(files: &Credentials) -> Result<(), Error> {
    let mut authority = CertificateParams::default();
    authority
        .distinguished_name
        .push(DnType::CommonName, "entra-pim-testenv");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    let authority = generate(CertifiedIssuer::self_signed(
        authority,
        generate(KeyPair::generate())?,
    ))?;

    let names = [
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
    ]
    .map(str::to_owned);
    let mut serving = generate(CertificateParams::new(names))?;
    serving
        .distinguished_name
        .push(DnType::CommonName, "kube-apiserver");
    serving
        .subject_alt_names
        .push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    serving.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = generate(KeyPair::generate())?;
    let certificate = generate(serving.signed_by(&key, &authority))?;

    write_secret(&files.ca, &authority.pem())?;
    write_secret(&files.serving_certificate, &certificate.pem())?;
    write_secret(&files.serving_key, &key.serialize_pem())
}

fn generate<T>(result: Result<T, rcgen::Error>) -> Result<T, Error> {
    result.map_err(|source| Error::Credentials { source })
}

/// Writes a file that only this user can read.
pub(super) fn write_secret(path: &Path, text: &str) -> Result<(), Error> {
    let file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path);
    let written = file.and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()));
    written.map_err(|source| Error::File {
        action: "write",
        path: path.to_owned(),
        source,
    })
}
