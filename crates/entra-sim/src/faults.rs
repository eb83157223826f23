//! Scripted faults: what a test wants to go wrong, where, and how often.
//!
//! A rule matches operations by name, method, path and kind; it lets `skip` of them pass, then strikes `count` times.
//! Items of a
//! `$batch` are operations like any other. The envelope itself is the operation `batch`, the token endpoint `token`.

use std::collections::BTreeMap;

use http::StatusCode;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::error::{GraphError, Raw};
use crate::pim::engine::{Deferral, Status};

/// A scripted fault: which operations are struck, how many of them, and what happens to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Which operations; empty = all.
    #[serde(rename = "match", default)]
    pub matches: Match,
    /// How many of them pass first.
    #[serde(default)]
    pub skip: u32,
    /// How many of them are struck; `None` = all that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// What happens to the operations that are struck.
    pub effect: FaultEffect,
}

/// Which operations a rule means. In `operation` and `path` a star stands for any text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Match {
    /// Name of the operation, for instance `groups.*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// HTTP method of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Path and query below the version, for instance `/groups/*/members*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only reads, or only writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
}

/// Whether an operation changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Traffic {
    /// Only operations that change nothing.
    Reads,
    /// Only operations that may change something.
    Writes,
}

/// What happens to a struck operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum FaultEffect {
    /// The operation is refused and has no effect.
    Status {
        /// HTTP status of the answer.
        status: u16,
        /// `error.code`.
        #[serde(default)]
        code: String,
        /// `error.message`.
        #[serde(default)]
        message: String,
        /// The header `Retry-After`, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<SignedDuration>,
    },
    /// It has no effect, and a gateway answers in its own form: a page, or nothing.
    Gateway {
        /// HTTP status of the answer.
        status: u16,
        /// The body as it is; empty = none.
        #[serde(default)]
        body: String,
        /// `Content-Type` of the body.
        #[serde(default = "html")]
        content_type: String,
        /// The header `Retry-After`, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<SignedDuration>,
        /// The header `Retry-After`, as a date this much later than the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<SignedDuration>,
    },
    /// The operation waits first, and then runs as always.
    Delay {
        /// How long it waits.
        duration: SignedDuration,
    },
    /// The connection is dropped and nothing happened.
    DropBefore,
    /// It takes effect, then the connection is dropped.
    DropAfter,
    /// A request to PIM is taken with 201 and this status, and is carried out later or never. Everything else runs as
    /// always. Seen: microsoftgraph/microsoft-graph-docs#16961, `Granted` until the window that was asked for was over.
    Accept {
        /// The status that the answer and the request show meanwhile.
        status: Unfinished,
        /// When it is carried out; never, when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<SignedDuration>,
    },
    /// It takes effect, but reads show the tenant as it was before for a while.
    Lag {
        /// How long reads lag behind.
        duration: SignedDuration,
        /// Which reads, by operation name; empty = all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reads: Option<String>,
    },
}

/// What a request to PIM shows that was accepted and is not carried out yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unfinished {
    /// `Granted`.
    Granted,
    /// `PendingProvisioning`.
    PendingProvisioning,
}

fn html() -> String {
    "text/html".to_owned()
}

/// A rule in force and what it did so far.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Script {
    /// Number of the rule, by which it can be removed.
    pub id: u64,
    /// The rule as it was scripted.
    #[serde(flatten)]
    pub rule: Rule,
    /// How many operations have matched so far.
    pub seen: u32,
    /// How many operations were struck so far.
    pub struck: u32,
}

/// What was decided for one operation.
#[derive(Clone, Debug)]
pub(crate) struct FaultDecision {
    pub(crate) rule: u64,
    pub(crate) effect: FaultEffect,
}

impl FaultDecision {
    /// How long the operation waits first.
    pub(crate) fn delay(&self) -> SignedDuration {
        match &self.effect {
            FaultEffect::Delay { duration } => *duration,
            _ => SignedDuration::ZERO,
        }
    }

    /// Whether the answer must not reach the client.
    pub(crate) fn drops(&self) -> bool {
        matches!(
            self.effect,
            FaultEffect::DropBefore | FaultEffect::DropAfter
        )
    }

    /// The refusal that the script asks for. What is dropped before it took effect is refused inside and lost outside.
    pub(crate) fn refusal(&self) -> Result<(), GraphError> {
        match &self.effect {
            FaultEffect::Status {
                status,
                code,
                message,
                retry_after,
            } => {
                let mut error = GraphError::new(answered(*status), code.clone(), message.clone());
                error.retry_after = *retry_after;
                Err(error)
            }
            FaultEffect::Gateway {
                status,
                body,
                content_type,
                retry_after,
                retry_at,
            } => {
                let mut error = GraphError::new(answered(*status), "", "");
                error.retry_after = *retry_after;
                error.raw = Some(Box::new(Raw {
                    content_type: content_type.clone(),
                    body: body.clone(),
                    retry_at: *retry_at,
                }));
                Err(error)
            }
            FaultEffect::DropBefore => Err(GraphError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "connectionDropped",
                "The connection was dropped before the request took effect.",
            )),
            FaultEffect::Delay { .. }
            | FaultEffect::DropAfter
            | FaultEffect::Accept { .. }
            | FaultEffect::Lag { .. } => Ok(()),
        }
    }

    /// How a request to PIM is put off.
    pub(crate) fn deferral(&self) -> Option<Deferral> {
        match self.effect {
            FaultEffect::Accept { status, after } => Some(Deferral {
                status: match status {
                    Unfinished::Granted => Status::Granted,
                    Unfinished::PendingProvisioning => Status::PendingProvisioning,
                },
                after,
            }),
            _ => None,
        }
    }
}

fn answered(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The rules in force, in the order they were added; the first that strikes wins.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    scripts: BTreeMap<u64, Script>,
    next: u64,
}

impl Scripts {
    /// Adds a rule and says its number.
    pub(crate) fn add(&mut self, rule: Rule) -> u64 {
        self.next += 1;
        self.scripts.insert(
            self.next,
            Script {
                id: self.next,
                rule,
                seen: 0,
                struck: 0,
            },
        );
        self.next
    }

    pub(crate) fn list(&self) -> Vec<Script> {
        self.scripts.values().cloned().collect()
    }

    /// Removes a rule; `false` when there is none of that number.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        self.scripts.remove(&id).is_some()
    }

    pub(crate) fn clear(&mut self) {
        self.scripts.clear();
    }

    pub(crate) fn decide(
        &mut self,
        operation: &str,
        traffic: Traffic,
        method: &str,
        path: &str,
    ) -> Option<FaultDecision> {
        let mut decision = None;
        for script in self.scripts.values_mut() {
            if !script.rule.matches.holds(operation, traffic, method, path) {
                continue;
            }
            script.seen += 1;
            let due = script.seen > script.rule.skip
                && script.rule.count.is_none_or(|count| script.struck < count);
            if due && decision.is_none() {
                script.struck += 1;
                decision = Some(FaultDecision {
                    rule: script.id,
                    effect: script.rule.effect.clone(),
                });
            }
        }
        decision
    }
}

impl Match {
    fn holds(&self, operation: &str, traffic: Traffic, method: &str, path: &str) -> bool {
        let matches = |pattern: &Option<String>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| glob(pattern, text))
        };
        matches(&self.operation, operation)
            && matches(&self.path, path)
            && self
                .method
                .as_ref()
                .is_none_or(|one| one.eq_ignore_ascii_case(method))
            && self.traffic.is_none_or(|one| one == traffic)
    }
}

/// Whether a text fits a pattern in which a star stands for any text.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, fits) in [
            ("groups.*", "groups.create", true),
            ("groups.*", "users.get", false),
            ("*", "", true),
            ("*/members/*", "/groups/1/members/$ref", true),
            ("/a*b*b", "/axbxb", true),
            ("/a*b", "/ab", true),
            ("/ab*b", "/ab", false),
            ("exact", "exactly", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn a_rule_lets_some_pass_strikes_some_and_is_done() {
        let rule: Rule = serde_json::from_str(
            r#"{"match":{"traffic":"writes","path":"/groups*"},"skip":1,"count":2,
                "effect":{"status":{"status":503,"code":"x","retryAfter":"5s"}}}"#,
        )
        .unwrap();
        let mut faults = Scripts::default();
        faults.add(rule);
        let mut strikes = |traffic| {
            faults
                .decide("groups.create", traffic, "POST", "/groups")
                .is_some()
        };
        assert!(!strikes(Traffic::Reads));
        let outcome: Vec<bool> = (0..5).map(|_| strikes(Traffic::Writes)).collect();
        assert_eq!(outcome, [false, true, true, false, false]);
        assert_eq!((faults.list()[0].seen, faults.list()[0].struck), (5, 2));
    }

    #[test]
    fn unknown_fields_of_a_rule_are_refused() {
        let text = r#"{"matches":{},"effect":"dropAfter"}"#;
        assert!(serde_json::from_str::<Rule>(text).is_err());
    }
}
