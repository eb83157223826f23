//! What the operator's own token says about it. Read without checking the signature: the token is ours, came over TLS
//! from the authority, and the service checks it again at every request.

use data_encoding::BASE64URL_NOPAD;
use pim_core::ids::{PrincipalId, TenantId};
use serde::Deserialize;

/// The claims of an application's token that matter here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct TokenClaims {
    /// The granted application permissions, none of which implies another. A token without any has no such claim.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The tenant that issued the token.
    #[serde(rename = "tid")]
    pub tenant: Option<TenantId>,
    /// The service principal of the application in it.
    #[serde(rename = "oid")]
    pub holder: Option<PrincipalId>,
}

/// The token is none whose claims can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the access token has no readable claims")]
pub struct UnreadableToken;

pub(super) fn read(token: &str) -> Result<TokenClaims, UnreadableToken> {
    let payload = token.split('.').nth(1).ok_or(UnreadableToken)?;
    let json = BASE64URL_NOPAD
        .decode(payload.trim_end_matches('=').as_bytes())
        .map_err(|_| UnreadableToken)?;
    serde_json::from_slice(&json).map_err(|_| UnreadableToken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> String {
        format!("e30.{}.c2ln", BASE64URL_NOPAD.encode(payload.as_bytes()))
    }

    #[test]
    fn granted_permissions_are_the_roles_of_the_token() {
        let claims = read(&token(
            r#"{"roles":["Group.Read.All"],"tid":"11111111-1111-4111-8111-111111111111","aud":"x"}"#,
        ))
        .unwrap();
        assert_eq!(claims.roles, ["Group.Read.All"]);
        assert!(claims.tenant.is_some());
    }

    #[test]
    fn a_token_without_permissions_grants_nothing_and_an_opaque_one_is_unreadable() {
        assert_eq!(read(&token("{}")), Ok(TokenClaims::default()));
        assert_eq!(read("opaque"), Err(UnreadableToken));
        assert_eq!(read("a.b!.c"), Err(UnreadableToken));
    }
}
