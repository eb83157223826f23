//! The token endpoint: client credentials by secret, certificate or federated identity
//! (learn.microsoft.com: "OAuth 2.0 client credentials flow on the Microsoft identity platform").

pub(crate) mod application;
pub(crate) mod audience;
pub(crate) mod discovery;
pub(crate) mod keys;
mod refusal;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::behaviours::protocol::{CLOUD, TOKEN_LIFETIME};
use crate::ids::AppId;
use crate::state::Tenant;

pub(crate) use application::{Application, FederatedCredential, Secret};
pub(crate) use keys::{Claims, Error, key_set};
pub(crate) use refusal::TokenRefusal;

/// The one kind of assertion that the service takes.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[derive(Debug)]
pub(crate) struct TokenRequest<'a> {
    /// The tenant of the path.
    pub(crate) tenant: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// The host that was asked.
    pub(crate) host: &'a str,
}

pub(crate) fn token(
    tenant: &mut Tenant,
    request: &TokenRequest<'_>,
) -> Result<Value, TokenRefusal> {
    if !tenant.goes_by(request.tenant) {
        return Err(TokenRefusal::UnknownTenant(request.tenant.to_owned()));
    }
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(request.body)
        .into_owned()
        .collect();
    let grant = form
        .get("grant_type")
        .ok_or(TokenRefusal::Missing("grant_type"))?;
    if grant != "client_credentials" {
        return Err(TokenRefusal::UnsupportedGrant(grant.to_owned()));
    }
    let resource = resource(tenant, &form, request.host)?;
    let basic = basic(request.headers);
    let client = basic
        .as_ref()
        .map(|(id, _)| id)
        .or_else(|| form.get("client_id"));
    let client = client.ok_or(TokenRefusal::Missing("client_id"))?;
    let app = application(tenant, client)?;
    let secret = basic
        .as_ref()
        .map(|(_, secret)| secret)
        .or_else(|| form.get("client_secret"));
    let now = tenant.now();
    match (secret, form.get("client_assertion")) {
        (Some(secret), _) => app.check_secret(secret, now)?,
        (None, Some(assertion)) => {
            check_assertion_type(&form)?;
            app.check_assertion(assertion, now)?;
        }
        (None, None) => return Err(TokenRefusal::NoCredential),
    }
    let app_id = app.app_id;
    let lifetime = tenant.behaviours.get(&TOKEN_LIFETIME).as_secs();
    let token = issue(tenant, app_id, &resource)
        .map_err(|_| TokenRefusal::UnknownApplication(client.to_owned()))?;
    Ok(
        json!({"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}),
    )
}

/// An assertion says what it is (RFC 7523, section 2.2).
fn check_assertion_type(form: &BTreeMap<String, String>) -> Result<(), TokenRefusal> {
    match form.get("client_assertion_type").map(String::as_str) {
        Some(ASSERTION_TYPE) => Ok(()),
        Some(_) => Err(TokenRefusal::Malformed),
        None => Err(TokenRefusal::Missing("client_assertion_type")),
    }
}

/// Makes an access token of an application.
pub(crate) fn issue(tenant: &mut Tenant, app: AppId, audience: &str) -> Result<String, Error> {
    let now = tenant.now().as_second();
    let lifetime = tenant.behaviours.get(&TOKEN_LIFETIME).as_secs();
    let principal = tenant
        .directory
        .service_principal_of(app)
        .map(|principal| principal.id)
        .ok_or_else(|| Error::Key(format!("application {app} is not in the tenant")))?;
    let roles = match audience::resource(audience, audience, tenant.behaviours.get(&CLOUD)) {
        Some(audience::Api::ResourceManager) => Vec::new(),
        _ => tenant.directory.permissions_of(principal),
    };
    let claims = Claims {
        aud: audience.to_owned(),
        iss: format!("https://sts.windows.net/{}/", tenant.id),
        iat: now,
        // Clients with a slow clock are forgiven five minutes.
        nbf: now - 300,
        exp: now + lifetime,
        appid: app,
        appidacr: "1".to_owned(),
        idtyp: "app".to_owned(),
        oid: principal,
        sub: principal,
        tid: tenant.id,
        roles,
        uti: tenant.new_request_id(),
        ver: "1.0".to_owned(),
    };
    keys::sign(&claims)
}

/// The resource of a scope: one, known in this cloud, and with `/.default`.
fn resource(
    tenant: &Tenant,
    form: &BTreeMap<String, String>,
    host: &str,
) -> Result<String, TokenRefusal> {
    let scope = form.get("scope").ok_or(TokenRefusal::Missing("scope"))?;
    if scope.split_whitespace().count() != 1 {
        return Err(TokenRefusal::ScopeMalformed(scope.to_owned()));
    }
    let resource = scope
        .trim()
        .strip_suffix("/.default")
        .ok_or_else(|| TokenRefusal::ScopeWithoutDefault(scope.to_owned()))?;
    match audience::resource(resource, host, tenant.behaviours.get(&CLOUD)) {
        Some(_) => Ok(resource.to_owned()),
        None => Err(TokenRefusal::UnknownResource(resource.to_owned())),
    }
}

fn application<'a>(tenant: &'a Tenant, client: &str) -> Result<&'a Application, TokenRefusal> {
    let app = client
        .parse()
        .ok()
        .and_then(|id: AppId| tenant.applications.get(&id))
        .ok_or_else(|| TokenRefusal::UnknownApplication(client.to_owned()))?;
    let enabled = tenant
        .directory
        .service_principal_of(app.app_id)
        .is_some_and(|principal| principal.account_enabled);
    if enabled {
        Ok(app)
    } else {
        Err(TokenRefusal::DisabledApplication(client.to_owned()))
    }
}

/// Client id and secret of the header `Authorization: Basic`, both URL-encoded inside.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((plain(id), plain(secret)))
}
