//! The labels and the values that they may have: closed lists, because every new value is a new series that lives for ever,
//! or names of things of which there are few. Each says what it means, for the reference.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use clap::ValueEnum;
use pim_core::desired::ObjectKind;
use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

/// What the reference says of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelDescription {
    /// The name of the label.
    pub name: &'static str,
    /// What it tells, as Markdown of one line.
    pub meaning: &'static str,
    /// Every value that it can have with what that means, where the list is closed here.
    pub values: &'static [(&'static str, &'static str)],
}

/// Labels whose names are known before there is a series.
pub(crate) trait LabelSet {
    /// All of them, in the order in which they are written.
    const LABELS: &'static [LabelDescription];
}

/// The value of a label, with what the label tells wherever it stands.
pub(crate) trait LabelText {
    /// What the label tells.
    const MEANING: &'static str;
    /// Every value with what it means, if they are listed.
    const VALUES: &'static [(&'static str, &'static str)] = &[];
}

/// Makes a struct the labels of a family: the names of its fields are those of the labels.
macro_rules! label_set {
    ($(#[$doc:meta])* $Name:ident { $($field:ident: $Type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash,
            prometheus_client::encoding::EncodeLabelSet,
        )]
        pub(crate) struct $Name {
            $(pub(crate) $field: $Type,)+
        }

        impl $crate::labels::LabelSet for $Name {
            const LABELS: &'static [$crate::labels::LabelDescription] = &[$(
                $crate::labels::LabelDescription {
                    name: stringify!($field),
                    meaning: <$Type as $crate::labels::LabelText>::MEANING,
                    values: <$Type as $crate::labels::LabelText>::VALUES,
                },
            )+];
        }
    };
}

pub(crate) use label_set;

macro_rules! label_values {
    ($($Name:ident: $meaning:literal { $($Value:ident = $text:literal, $value_meaning:literal;)+ })+) => {$(
        #[doc = $meaning]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Name {
            $(#[doc = $value_meaning] $Value,)+
        }

        impl $Name {
            /// Every value that the label can have.
            pub const ALL: &'static [Self] = &[$(Self::$Value,)+];

            /// The value of the label.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$Value => $text,)+ }
            }
        }

        impl LabelText for $Name {
            const MEANING: &'static str = $meaning;
            const VALUES: &'static [(&'static str, &'static str)] = &[$(($text, $value_meaning),)+];
        }

        impl EncodeLabelValue for $Name {
            fn encode(&self, encoder: &mut LabelValueEncoder) -> fmt::Result {
                encoder.write_str(self.as_str())
            }
        }
    )+};
}

label_values! {
    Controller: "the controller that a series is about" {
        Group = "group", "a group with its bindings and assignments";
        Tenant = "tenant", "tenants: signing in, and waking their groups";
        Boundary = "boundary", "boundaries, and the counts in their status";
        Template = "template", "templates, and the counts in their status";
        Dependent = "dependent", "objects whose group does not exist";
    }
    FencedPort: "where a write would have gone that the term of this replica did not outlast" {
        Tenant = "tenant", "to a tenant";
        Kubernetes = "kubernetes", "to the API server";
    }
    HintSource: "where it was heard that something may have changed in a group" {
        GroupChanges = "group_changes", "in what the directory tells of changed groups";
        AuditLog = "audit_log", "in the audit log";
    }
    ReconcileResult: "how a pass ended" {
        Success = "success", "nothing is left to do until something changes";
        Requeue = "requeue", "the pass is repeated at once";
        RequeueAfter = "requeue_after", "the pass is repeated after a time";
        Error = "error", "the pass failed and will be tried again";
    }
    Ready: "what the condition `Ready` says" {
        True = "true", "the tenant matches";
        False = "false", "the tenant does not match";
        Unknown = "unknown", "work is under way, or the tenant cannot be seen";
    }
    WriteAction: "what a write to a tenant does" {
        Create = "create", "creates a group, or grants access or a role";
        Update = "update", "changes something that exists";
        Delete = "delete", "deletes the group, or takes access or a role away";
        Restore = "restore", "brings something back from the deleted items";
    }
    WriteOutcome: "what became of a write" {
        Success = "success", "the tenant carried it out";
        Accepted = "accepted", "the tenant took it and is still at it";
        Failure = "failure", "the write had no effect";
        Unknown = "unknown", "the effect is not known; the next read of the tenant will show it";
    }
    TokenOutcome: "what became of a request for a token" {
        Success = "success", "the service issued a token";
        Failure = "failure", "the service issued no token";
    }
}

impl Ready {
    /// The value of the series of one object.
    pub(crate) const fn as_number(self) -> i64 {
        match self {
            Self::True => 1,
            Self::False => 0,
            Self::Unknown => -1,
        }
    }
}

/// Values that are listed elsewhere, or that people choose.
macro_rules! label_texts {
    ($($Name:ident: $meaning:literal;)+) => {$(
        #[doc = $meaning]
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $Name(Cow<'static, str>);

        impl<T: Into<Cow<'static, str>>> From<T> for $Name {
            fn from(text: T) -> Self {
                Self(text.into())
            }
        }

        impl LabelText for $Name {
            const MEANING: &'static str = $meaning;
        }

        impl EncodeLabelValue for $Name {
            fn encode(&self, encoder: &mut LabelValueEncoder) -> fmt::Result {
                encoder.write_str(&self.0)
            }
        }
    )+};
}

label_texts! {
    TenantLabel: "the name of the `EntraTenant`";
    LeaseLabel: "the name of the Lease";
    ApiLabel: "the service that was called: `graph`, the Resource Manager as `azure`, or the authority as `token`";
    OperationLabel: "what was asked for, by the name that logs have too";
    MethodLabel: "the method of the request";
    CodeLabel: "the status of the answer";
    LaneLabel: "the budget of the service on which a call draws";
    ReasonLabel: "the [reason](conditions.md#reasons) of the condition `Ready`";
    NamespaceLabel: "the namespace of the object, empty for kinds without one";
    NameLabel: "the name of the object";
    RuleLabel: "the field of the boundary that refused";
    VersionLabel: "the version of the operator";
    RevisionLabel: "the revision from which it was built, where that is known";
    CompilerLabel: "the version of the compiler";
}

/// The kind of an object as a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KindLabel(pub(crate) ObjectKind);

impl LabelText for KindLabel {
    const MEANING: &'static str = "the kind of the object";
}

impl EncodeLabelValue for KindLabel {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> fmt::Result {
        encoder.write_str(self.0.as_str())
    }
}

/// Whether there are series for single objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ObjectSeries {
    /// There are.
    Enabled,
    /// Only counts.
    Disabled,
}

impl fmt::Display for ObjectSeries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        })
    }
}

/// A field of a manifest as a label: what stands in brackets names an element of a list, often a person, and is cut.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Field(String);

impl Field {
    pub(crate) fn of(path: &str) -> Self {
        let mut depth = 0_usize;
        let kept = path.chars().filter(|character| match character {
            '[' => {
                depth += 1;
                false
            }
            ']' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        });
        Self(kept.collect())
    }
}

impl LabelText for Field {
    const MEANING: &'static str =
        "the field of the manifest that differs, without names of its elements";
}

impl EncodeLabelValue for Field {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> fmt::Result {
        encoder.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_names_nobody() {
        for (path, label) in [
            (
                "spec.subjects[User jose@contoso.com].schedule",
                "spec.subjects.schedule",
            ),
            (
                "spec.policy.member.activation.require",
                "spec.policy.member.activation.require",
            ),
            ("a[b[c]d]e", "ae"),
            ("a]b[c", "ab"),
        ] {
            assert_eq!(Field::of(path), Field(label.to_owned()), "{path}");
        }
    }
}
