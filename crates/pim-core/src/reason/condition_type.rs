//! The closed list of condition types: which kinds of objects have each, and what it means when it is true.

use crate::desired::ObjectKind::{
    self, ActiveAssignment, EligibleAssignment, EntraTenant, PrivilegedGroup, RoleBinding,
};

macro_rules! condition_types {
    ($($name:ident on $kinds:expr, {
        meaning: $meaning:literal,
        $(guides: [$($guide:literal),+],)?
    })*) => {
        /// The types of conditions that the operator sets.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ConditionType {
            $(#[doc = $meaning] $name,)*
        }

        impl ConditionType {
            /// Every type, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The type as conditions write it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// The kinds of objects that may have it.
            pub const fn kinds(self) -> &'static [ObjectKind] {
                match self {
                    $(Self::$name => $kinds,)*
                }
            }

            /// What `True` means, as Markdown of one line.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)*
                }
            }

            /// The pages that say more, by their names under `docs/`.
            pub const fn guides(self) -> &'static [&'static str] {
                match self {
                    $(Self::$name => &[$($($guide),+)?],)*
                }
            }
        }
    };
}

condition_types! {
    Ready on ObjectKind::ALL, {
        meaning: "the tenant matches this generation and nothing is pending",
    }
    Reconciling on ObjectKind::ALL, {
        meaning: "work is under way, or something passes by itself",
    }
    Stalled on ObjectKind::ALL, {
        meaning: "nothing moves before somebody acts",
    }
    Authorized on ObjectKind::OF_GROUP, {
        meaning: "the boundary admits the object",
    }
    Synced on ObjectKind::OF_GROUP, {
        meaning: "the last comparison found no difference",
    }
    MemberPolicyApplied on &[PrivilegedGroup], {
        meaning: "every rule of the member policy equals the manifest, with what it inherits",
    }
    OwnerPolicyApplied on &[PrivilegedGroup], {
        meaning: "every rule of the owner policy equals the manifest, with what it inherits",
    }
    Bound on &[RoleBinding], {
        meaning: "the group holds the role as declared",
    }
    Scheduled on ObjectKind::ASSIGNMENTS, {
        meaning: "every subject has what is declared for it",
    }
    Expiring on &[EligibleAssignment, ActiveAssignment, EntraTenant], {
        meaning: "access of somebody ends soon and is not extended by itself; the message says whose and when. On a tenant: \
         the credential ends within 30 days, or has ended. It does not touch `Ready`",
        guides: ["assignments", "preflight"],
    }
    NoNotificationRecipient on &[PrivilegedGroup], {
        meaning: "mail of PIM to administrators would reach nobody. It does not touch `Ready`",
        guides: ["preflight"],
    }
    ContextUnenforced on &[PrivilegedGroup], {
        meaning: "activations ask for an authentication context that no policy of Conditional Access enforces. It does not \
         touch `Ready`",
        guides: ["policies"],
    }
    Licensed on &[EntraTenant], {
        meaning: "the tenant has a licence for PIM; `Unknown` where its subscriptions may not be read",
        guides: ["preflight"],
    }
    NearLimit on &[EntraTenant], {
        meaning: "the tenant has at least nine tenths of the role-assignable groups that it can have",
    }
    ClockSkewed on &[EntraTenant], {
        meaning: "the operator's clock and the tenant's are more than a minute apart",
    }
    UndeclaredAccess on &[PrivilegedGroup], {
        meaning: "roles, members or owners stand that no object declares; the message names them. It does not touch `Ready`",
        guides: ["undeclared-access"],
    }
    Deleting on ObjectKind::OF_GROUP, {
        meaning: "clean-up runs",
    }
    Contested on &[EntraTenant, PrivilegedGroup], {
        meaning: "on a tenant: a second release of the operator would act for it, too, and waits; on a group: somebody has \
         changed the same field three times or more within a day, each time after it was corrected",
    }
}
