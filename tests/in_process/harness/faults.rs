//! Rules for what the tenant is to do wrong, in few words.

use entra_sim::faults::{FaultEffect, Match, Rule, Traffic};
use jiff::SignedDuration;
use serde_json::Value;

/// A refusal with a status that says nothing of its cause.
pub fn refuse(status: u16, retry_after: Option<SignedDuration>) -> FaultEffect {
    FaultEffect::Status {
        status,
        code: "scripted".to_owned(),
        message: "scripted".to_owned(),
        retry_after,
    }
}

/// A refusal in words of the service.
pub fn refuse_with(status: u16, code: &str, message: &str) -> FaultEffect {
    FaultEffect::Status {
        status,
        code: code.to_owned(),
        message: message.to_owned(),
        retry_after: None,
    }
}

/// An answer that does not come from what the tenant holds.
pub fn answer(status: u16, body: &Value) -> FaultEffect {
    FaultEffect::Gateway {
        status,
        body: body.to_string(),
        content_type: "application/json".to_owned(),
        retry_after: None,
        retry_at: None,
    }
}

/// Strikes whatever matches, from the first to the last.
pub fn always(matches: Match, effect: FaultEffect) -> Rule {
    Rule {
        matches,
        skip: 0,
        count: None,
        effect,
    }
}

/// Matches one operation of the tenant by its name.
pub fn operation(name: &str) -> Match {
    Match {
        operation: Some(name.to_owned()),
        ..Match::default()
    }
}

/// Every list shows every write so late.
pub(super) fn lists_lag(duration: SignedDuration) -> Rule {
    let writes = Match {
        traffic: Some(Traffic::Writes),
        ..Match::default()
    };
    let reads = Some("*list*".to_owned());
    always(writes, FaultEffect::Lag { duration, reads })
}
