//! What can go wrong, as one closed list of classes.
//!
//! The service says the same thing in many ways; `table` holds them all (service code first, HTTP status second) and
//! `decode` finds the code in whatever body came. Callers branch on [`Class`] and never on texts.

mod class;
pub(crate) mod decode;
mod table;

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use http::StatusCode;

use crate::operation::{OperationEffect, OperationName};

pub use class::{CallOutcome, Class};

/// The longest message that is made of the service's words and ours, in characters.
const LONGEST_ADDED: usize = 800;

/// A failure. Cheap to move; its fields are those of [`CallFailure`].
#[derive(Clone)]
pub struct Error(Box<CallFailure>);

/// The fields of an [`Error`].
#[derive(Clone)]
pub struct CallFailure {
    /// What the failure means for the caller.
    pub class: Class,
    /// Which operation failed; nothing when it was the sign-in.
    pub operation: Option<OperationName>,
    /// The path of the object it was about, without query.
    pub object: String,
    /// The HTTP status, if there was an answer.
    pub status: Option<StatusCode>,
    /// The most specific code of the service.
    pub code: Option<String>,
    /// The service's words or ours: one line, capped, without secrets.
    pub message: String,
    /// The service's id of the request, for a support case.
    pub request_id: Option<String>,
    /// How long to wait, if the service said so.
    pub retry_after: Option<Duration>,
    /// What is known about the effect.
    pub outcome: CallOutcome,
}

impl Deref for Error {
    type Target = CallFailure;
    fn deref(&self) -> &CallFailure {
        &self.0
    }
}

impl Error {
    fn new(class: Class, operation: Option<OperationName>, object: &str) -> Self {
        Self(Box::new(CallFailure {
            class,
            operation,
            object: sanitize(object, 200),
            status: None,
            code: None,
            message: String::new(),
            request_id: None,
            retry_after: None,
            outcome: CallOutcome::NotExecuted,
        }))
    }

    /// A failure of an operation on an object, without effect unless said otherwise.
    pub(crate) fn of_operation(name: OperationName, object: &str, class: Class) -> Self {
        Self::new(class, Some(name), object)
    }

    /// Something in an answer that cannot be read, so that nothing is known of what it was about.
    pub fn unreadable(message: impl AsRef<str>) -> Self {
        Self::new(Class::ReadRefused, None, "").saying(message)
    }

    /// A failure of the sign-in. For token sources outside this crate, too.
    pub fn of_sign_in(class: Class, message: impl AsRef<str>) -> Self {
        Self::new(class, None, "").saying(message)
    }

    /// With these words, made safe for logs and status.
    #[must_use]
    pub(crate) fn saying(mut self, message: impl AsRef<str>) -> Self {
        self.0.message = sanitize(message.as_ref(), 400);
        self
    }

    /// With words of ours before those of the service.
    #[must_use]
    pub fn preceded_by(self, words: &str) -> Self {
        let message = if self.0.message.is_empty() {
            words.to_owned()
        } else {
            format!("{words}; {}", self.0.message)
        };
        let mut more = self;
        more.0.message = sanitize(&message, LONGEST_ADDED);
        more
    }

    /// It surely had no effect.
    #[must_use]
    pub(crate) fn not_executed(mut self) -> Self {
        self.0.outcome = CallOutcome::NotExecuted;
        self
    }

    /// The answer to a write was lost. For a read this says nothing.
    #[must_use]
    pub(crate) fn maybe_executed(mut self) -> Self {
        if self
            .0
            .operation
            .is_some_and(|name| name.effect() == OperationEffect::Write)
        {
            self.0.outcome = CallOutcome::Unknown;
        }
        self
    }

    #[must_use]
    pub(crate) fn after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// The same failure, told of an operation that could not be sent because of it.
    #[must_use]
    pub(crate) fn on_behalf_of(mut self, name: OperationName, object: &str) -> Self {
        self.0.operation = Some(name);
        self.0.object = sanitize(object, 200);
        self.0.outcome = CallOutcome::NotExecuted;
        self
    }

    pub(crate) fn fields_mut(&mut self) -> &mut CallFailure {
        &mut self.0
    }
}

impl Error {
    /// The cause and what to do, for people. Which call it was, its path and ids stand in the fields, so that the same
    /// failure always has the same text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write_cause(&mut text);
        if let Some(code) = &self.code
            && !text.contains(code.as_str())
        {
            text = format!("{text} ({code})");
        }
        text
    }

    /// A sentence of ours for a sign-in is more telling than the advice of its class, and may contradict it.
    fn write_cause(&self, text: &mut impl fmt::Write) -> fmt::Result {
        if self.operation.is_none() && !self.message.is_empty() {
            return text.write_str(&self.message);
        }
        match &self.class {
            Class::PermissionDenied { any_of } => {
                let named: Vec<&str> = if any_of.is_empty() {
                    self.operation
                        .map_or(&[][..], OperationName::permissions)
                        .to_vec()
                } else {
                    any_of.iter().map(String::as_str).collect()
                };
                if named.is_empty() {
                    text.write_str(self.class.advice())?;
                } else {
                    write!(
                        text,
                        "a permission is missing; grant {} to the operator's application",
                        named.join(" or ")
                    )?;
                }
            }
            class => text.write_str(class.advice())?,
        }
        if !self.message.is_empty() {
            write!(text, ": {}", self.message)?;
        }
        Ok(())
    }

    fn facts(&self) -> Vec<String> {
        let status = self
            .status
            .map(|status| format!("HTTP {}", status.as_u16()));
        status.into_iter().chain(self.code.clone()).collect()
    }

    fn write_to(&self, text: &mut impl fmt::Write, facts: &[String]) -> fmt::Result {
        match self.operation {
            Some(name) => write!(text, "{name} {} failed: ", self.object)?,
            None => text.write_str("sign-in failed: ")?,
        }
        self.write_cause(text)?;
        if !facts.is_empty() {
            write!(text, " ({})", facts.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut facts = self.facts();
        let id = self.request_id.as_ref();
        facts.extend(id.map(|id| format!("request-id {id}")));
        self.write_to(f, &facts)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("class", &self.class)
            .field("outcome", &self.outcome)
            .field("text", &self.to_string())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}

/// Text from outside, fit for a log line or a status message: one line, capped, and without anything that looks like a
/// token.
pub(crate) fn sanitize(text: &str, limit: usize) -> String {
    let mut clean = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !clean.is_empty() {
            clean.push(' ');
        }
        // A JWT starts with the base64 of `{"`.
        clean.push_str(if word.contains("eyJ") {
            "[token]"
        } else {
            word
        });
    }
    if clean.chars().count() <= limit {
        return clean;
    }
    let kept: String = clean.chars().take(limit.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_operation_the_object_and_what_to_do() {
        let error = Error::of_operation(
            OperationName::ListGroupPolicies,
            "/policies/x",
            Class::PermissionDenied {
                any_of: vec!["RoleManagementPolicy.Read.AzureADGroup".into()],
            },
        );
        assert_eq!(
            error.to_string(),
            "list_group_policies /policies/x failed: a permission is missing; \
             grant RoleManagementPolicy.Read.AzureADGroup to the operator's application"
        );
    }

    #[test]
    fn foreign_text_is_one_short_line_without_tokens() {
        let text = sanitize("a\r\n\u{1b}[31mred claims=eyJhbGciOi.x.y  b", 400);
        assert_eq!(text, "a [31mred [token] b");
        assert_eq!(sanitize("äöüß", 3), "äö…", "the mark counts too");
    }
}
