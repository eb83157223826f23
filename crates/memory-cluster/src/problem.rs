//! Invalid fields: what is wrong where, as causes of a `Status`.

use kube::core::response::StatusCause;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    pub(super) field: String,
    kind: ProblemKind,
    value: Option<Value>,
    detail: String,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProblemKind {
    Required,
    Invalid,
    TypeInvalid,
    NotSupported,
    TooLong,
    TooMany,
    Forbidden,
    Duplicate,
}

impl ProblemKind {
    fn reason(self) -> &'static str {
        match self {
            ProblemKind::Required => "FieldValueRequired",
            ProblemKind::Invalid => "FieldValueInvalid",
            ProblemKind::TypeInvalid => "FieldValueTypeInvalid",
            ProblemKind::NotSupported => "FieldValueNotSupported",
            ProblemKind::TooLong => "FieldValueTooLong",
            ProblemKind::TooMany => "FieldValueTooMany",
            ProblemKind::Forbidden => "FieldValueForbidden",
            ProblemKind::Duplicate => "FieldValueDuplicate",
        }
    }

    fn words(self) -> &'static str {
        match self {
            ProblemKind::Required => "Required value",
            ProblemKind::Invalid | ProblemKind::TypeInvalid => "Invalid value",
            ProblemKind::NotSupported => "Unsupported value",
            ProblemKind::TooLong => "Too long",
            ProblemKind::TooMany => "Too many",
            ProblemKind::Forbidden => "Forbidden",
            ProblemKind::Duplicate => "Duplicate value",
        }
    }
}

impl Problem {
    /// A problem that shows the offending value.
    pub(super) fn with_value(
        kind: ProblemKind,
        field: impl Into<String>,
        value: &Value,
        detail: impl Into<String>,
    ) -> Self {
        Problem {
            field: field.into(),
            kind,
            value: Some(value.clone()),
            detail: detail.into(),
        }
    }

    /// A value that is not as it must be.
    pub(super) fn invalid(
        field: impl Into<String>,
        value: &Value,
        detail: impl Into<String>,
    ) -> Self {
        Problem::with_value(ProblemKind::Invalid, field, value, detail)
    }

    /// A problem without a value to show.
    pub(super) fn plain(
        kind: ProblemKind,
        field: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Problem {
            field: field.into(),
            kind,
            value: None,
            detail: detail.into(),
        }
    }

    /// The note that rules were not evaluated.
    pub(super) fn rules_not_checked() -> Self {
        let detail = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
        Problem::invalid("<nil>", &Value::Null, detail)
    }

    /// Whether rules are not evaluated while this problem stands.
    pub(super) fn blocks_rules(&self) -> bool {
        matches!(
            self.kind,
            ProblemKind::Required
                | ProblemKind::TypeInvalid
                | ProblemKind::NotSupported
                | ProblemKind::TooLong
                | ProblemKind::TooMany
        )
    }

    /// What is wrong, in words.
    pub(super) fn body(&self) -> String {
        let mut parts = vec![self.kind.words().to_owned()];
        parts.extend(self.value.as_ref().map(ToString::to_string));
        parts.extend(Some(self.detail.clone()).filter(|detail| !detail.is_empty()));
        parts.join(": ")
    }

    /// The same as a cause in a `Status`, for programs.
    pub(super) fn cause(&self) -> StatusCause {
        StatusCause {
            reason: self.kind.reason().to_owned(),
            message: self.body(),
            field: self.field.clone(),
        }
    }
}
