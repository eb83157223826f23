//! The values that labels may have: closed lists, because every new value is a new series that lives for ever.

use std::fmt::{self, Write as _};

use clap::ValueEnum;
use pim_core::desired::ObjectKind;
use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

use crate::settings::spelled::spelled;

macro_rules! label_values {
    ($($(#[$doc:meta])* $Name:ident { $($(#[$value_doc:meta])* $Value:ident = $text:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Name {
            $($(#[$value_doc])* $Value,)+
        }

        impl $Name {
            /// Every value that the label can have.
            pub const ALL: &'static [Self] = &[$(Self::$Value,)+];

            /// The value of the label.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$Value => $text,)+ }
            }
        }

        impl EncodeLabelValue for $Name {
            fn encode(&self, encoder: &mut LabelValueEncoder) -> fmt::Result {
                encoder.write_str(self.as_str())
            }
        }
    )+};
}

label_values! {
    /// The controller that a series is about.
    Controller {
        /// A group with its bindings and assignments.
        Group = "group",
        /// Tenants: signing in, and waking their groups.
        Tenant = "tenant",
        /// Boundaries, and the counts in their status.
        Boundary = "boundary",
        /// Templates, and the counts in their status.
        Template = "template",
        /// Objects whose group does not exist.
        Dependent = "dependent",
    }

    /// Where a write would have gone that the term of this replica did not outlast.
    FencedPort {
        /// To a tenant.
        Tenant = "tenant",
        /// To the API server.
        Kubernetes = "kubernetes",
    }

    /// Where it was heard that something may have changed in a group.
    HintSource {
        /// In what the directory tells of changed groups.
        GroupChanges = "group_changes",
        /// In the audit log.
        AuditLog = "audit_log",
    }

    /// How a pass ended.
    ReconcileResult {
        /// Nothing is left to do until something changes.
        Success = "success",
        /// The pass is repeated at once.
        Requeue = "requeue",
        /// The pass is repeated after a time.
        RequeueAfter = "requeue_after",
        /// The pass failed and will be tried again.
        Error = "error",
    }

    /// What the condition `Ready` says.
    Ready {
        /// The tenant matches.
        True = "true",
        /// The tenant does not match.
        False = "false",
        /// Work is under way, or the tenant cannot be seen.
        Unknown = "unknown",
    }

    /// What a write to a tenant does.
    WriteAction {
        /// Creates a group, or grants access or a role.
        Create = "create",
        /// Changes something that exists.
        Update = "update",
        /// Deletes the group, or takes access or a role away.
        Delete = "delete",
        /// Brings something back from the deleted items.
        Restore = "restore",
    }

    /// What became of a write.
    WriteOutcome {
        /// The tenant carried it out.
        Success = "success",
        /// The tenant took it and is still at it.
        Accepted = "accepted",
        /// The write had no effect.
        Failure = "failure",
        /// The effect is not known; the next read of the tenant will show it.
        Unknown = "unknown",
    }

    /// What became of a request for a token.
    TokenOutcome {
        /// The service issued a token.
        Success = "success",
        /// The service issued no token.
        Failure = "failure",
    }
}

impl Ready {
    /// The value of the series of one object.
    pub(super) const fn as_number(self) -> i64 {
        match self {
            Self::True => 1,
            Self::False => 0,
            Self::Unknown => -1,
        }
    }
}

/// The kind of an object as a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct KindLabel(pub(super) ObjectKind);

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
        f.write_str(&spelled(self))
    }
}

/// A field of a manifest as a label: what stands in brackets names an element of a list, often a person, and is cut.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Field(String);

impl Field {
    pub(super) fn of(path: &str) -> Self {
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
