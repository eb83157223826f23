//! What a refusal of the token endpoint means. Branches on the numbers in `error_codes`, never on texts
//! (learn.microsoft.com "Microsoft Entra authentication and authorization error codes").

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::error::{Class, Error, decode::retry_after};

/// An answer of the token endpoint that is no token.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    codes: Vec<u32>,
    description: String,
    retry_after: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct RefusalBody {
    error: String,
    error_codes: Vec<u32>,
    error_description: String,
}

impl Refusal {
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let body: RefusalBody = serde_json::from_slice(body).unwrap_or_default();
        // The first line carries the meaning, the others trace ids.
        let first_line = body.error_description.lines().next().unwrap_or_default();
        Self {
            status,
            codes: body.error_codes,
            description: if first_line.is_empty() {
                body.error
            } else {
                first_line.to_owned()
            },
            retry_after: retry_after(headers),
        }
    }

    pub(super) fn into_error(self) -> Error {
        let mut error = Error::of_sign_in(self.class(), advice(&self.codes, &self.description));
        let fields = error.fields_mut();
        fields.status = Some(self.status);
        fields.code = self.codes.first().map(|code| format!("AADSTS{code}"));
        fields.retry_after = self.retry_after;
        error
    }

    fn class(&self) -> Class {
        match self.codes.first() {
            // 90033 is a passing fault, 50196 a client that asks too often.
            Some(90_033) => Class::Unreachable,
            Some(50_196) => Class::Throttled,
            Some(_) => Class::CredentialInvalid,
            None => match self.status {
                StatusCode::TOO_MANY_REQUESTS => Class::Throttled,
                status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
                    Class::Unreachable
                }
                _ => Class::CredentialInvalid,
            },
        }
    }
}

/// Whether it is about whom the token is for, and not about the credential: the service is not known in the tenant
/// (500011), the scope is refused, or Conditional Access blocks it (530..), whose policies target single services
/// (learn.microsoft.com: workload-identity "Conditional Access for workload identities").
pub(super) fn is_of_audience(error: &Error) -> bool {
    let code = error
        .code
        .as_deref()
        .and_then(|code| code.strip_prefix("AADSTS"));
    code.is_some_and(|code| {
        matches!(code, "500011" | "70011" | "1002012") || code.starts_with("530")
    })
}

/// What to do about the codes that people meet, else the service's own words.
fn advice(codes: &[u32], description: &str) -> String {
    let hint = match codes.first() {
        Some(90_002) => "the tenant does not exist in this cloud; check tenantId and cloud",
        Some(700_016) => "the application does not exist in the tenant; check clientId",
        Some(7_000_112) => "the application is disabled in the tenant",
        Some(7_000_215) => {
            "the client secret is wrong; put the secret's value, not its id, into the Secret"
        }
        Some(7_000_222) => "the client secret has expired; make a new one",
        Some(53_003) => "Conditional Access blocks this workload identity",
        Some(500_011) => {
            "the service is not known in the tenant under this address; check the cloud"
        }
        Some(70_011 | 1_002_012) => "the scope of the token is refused; check the endpoints",
        _ => return description.to_owned(),
    };
    format!("{hint} ({description})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(status: u16, body: &str) -> Class {
        let status = StatusCode::from_u16(status).unwrap();
        Refusal::read(status, &HeaderMap::new(), body.as_bytes())
            .into_error()
            .class
            .clone()
    }

    #[test]
    fn codes_of_the_authority_become_classes() {
        for (status, codes, expected) in [
            (401, "[7000215]", Class::CredentialInvalid),
            (400, "[7000222]", Class::CredentialInvalid),
            (400, "[90002]", Class::CredentialInvalid),
            (400, "[53003]", Class::CredentialInvalid),
            (400, "[90033]", Class::Unreachable),
            (400, "[50196]", Class::Throttled),
            (429, "[]", Class::Throttled),
            (503, "[]", Class::Unreachable),
            (400, "[]", Class::CredentialInvalid),
        ] {
            let body = format!(r#"{{"error":"invalid_client","error_codes":{codes}}}"#);
            assert_eq!(class(status, &body), expected, "{status} {codes}");
        }
        assert_eq!(class(502, "<html>"), Class::Unreachable);
    }

    #[test]
    fn the_message_says_what_to_do_and_keeps_one_line_of_the_service() {
        let body = r#"{"error":"invalid_client","error_codes":[7000222],
            "error_description":"AADSTS7000222: The provided client secret keys are expired.\r\nTrace ID: x"}"#;
        let error = Refusal::read(StatusCode::UNAUTHORIZED, &HeaderMap::new(), body.as_bytes())
            .into_error();
        assert_eq!(error.code.as_deref(), Some("AADSTS7000222"));
        assert_eq!(
            error.message,
            "the client secret has expired; make a new one (AADSTS7000222: The provided client secret keys are expired.)"
        );
    }
}
