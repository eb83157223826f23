//! The closed list of reasons that conditions and problems give, each with what it means and what to do about it. Adding
//! one needs a test and nothing else: the reference is made from here, and no reason stands anywhere else as text.

mod condition_type;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use condition_type::ConditionType;

macro_rules! reasons {
    ($($name:ident {
        meaning: $meaning:literal,
        remedy: $remedy:literal,
        $(guides: [$($guide:literal),+],)?
    })*) => {
        /// Why something is as it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[schemars(inline)]
        pub enum Reason {
            $(#[doc = $meaning] $name,)*
        }

        impl Reason {
            /// Every reason, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The reason as conditions write it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// What it means, as Markdown of one line.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)*
                }
            }

            /// What somebody does about it, as Markdown of one line. "Passes by itself" means that the operator tries again.
            pub const fn remedy(self) -> &'static str {
                match self {
                    $(Self::$name => $remedy,)*
                }
            }

            /// The pages that say more about what to do, by their names under `docs/`.
            pub const fn guides(self) -> &'static [&'static str] {
                match self {
                    $(Self::$name => &[$($($guide),+)?],)*
                }
            }
        }
    };
}

reasons! {
    Succeeded {
        meaning: "the tenant matches",
        remedy: "nothing",
    }
    Progressing {
        meaning: "something is being created, changed or taken away",
        remedy: "nothing, passes by itself",
    }
    WaitingForReplication {
        meaning: "written, and not readable everywhere yet",
        remedy: "nothing, passes by itself within minutes",
    }
    WaitingForDependency {
        meaning: "another object, request or lock must be settled first, or it is other groups' turn to take over a template; \
         the message names it",
        remedy: "look at what it names",
    }
    Throttled {
        meaning: "the service asks to slow down",
        remedy: "nothing, passes by itself; if it stays, raise `resyncInterval`",
    }
    TenantUnreachable {
        meaning: "no usable answer from the tenant",
        remedy: "check name resolution, network and the service's health; what was true before is kept",
    }
    ReadRefused {
        meaning: "the tenant answers and refuses a read, so what stands there is not known; nothing is written on it",
        remedy: "nothing if it passes; else look at `status.lastError`, which has the call, the code and the id of the \
         request",
    }
    CredentialInvalid {
        meaning: "the tenant refuses the sign-in, or the Secret cannot be read",
        remedy: "check the Secret, its key, the application, and the chart values `auth.secretNames` and \
         `auth.configMapNames`",
    }
    PermissionDenied {
        meaning: "an application permission is missing, or a role in Azure at the scope of a binding",
        remedy: "grant what the message or the tenant's `status.permissions.missing` names",
        guides: ["permissions", "azure-roles"],
    }
    BoundaryDenied {
        meaning: "the boundary does not admit the object, or that it leaves something behind (`groups.leaveBehind`), does not \
         exist or cannot be read; the message names the rule and the boundary, and says what is declared against \
         what is allowed",
        remedy: "change the object, or ask whoever owns the boundary",
    }
    BoundaryViolated {
        meaning: "admitted before, and not any more; where the boundary takes that away, the message says when",
        remedy: "change the object or the boundary; nothing more is granted until then",
        guides: ["boundaries"],
    }
    ReferenceNotFound {
        meaning: "the named tenant, template or group does not exist, or the template cannot be read; settings name an \
         authentication context that does not exist or is not published to applications; or there is no group of the \
         id in `spec.adopt`, or only among the deleted items. Without its template nothing is written to a group's \
         settings and nothing granted; who is taken out loses access all the same",
        remedy: "create it, mend it, or correct the name",
    }
    PrincipalNotFound {
        meaning: "a user, group or application does not exist, or the account is disabled",
        remedy: "correct the name, enable the account, or remove the subject",
    }
    RoleNotFound {
        meaning: "no role has this name or id",
        remedy: "delete the binding, and recreate it with the right `role`",
    }
    ScopeNotFound {
        meaning: "there is no such subscription, management group, resource group or resource, or the operator's application \
         sees none; or no such enterprise application",
        remedy: "create what it names, or delete the binding and recreate it with the right scope or application",
    }
    AdoptionRequired {
        meaning: "the group that `spec.adopt` names is not listed in the boundary, or holds a role that the boundary does not \
         cover; or a group bears the key of this object, and holds more than its boundary admits, was made by \
         somebody else, or lies among the deleted items without anything that tells it is ours",
        remedy: "list the group under `groups.adoptable`, widen the boundary, or take away in the tenant what the message \
         names",
        guides: ["adoption"],
    }
    AdoptionConflict {
        meaning: "it is not certain which group is meant: two bear the key, or the one in status bears it no more; or the \
         group is not of the declared kind, or none that PIM manages",
        remedy: "settle it in the tenant; the message has the ids",
        guides: ["adoption"],
    }
    ClockDiffers {
        meaning: "of the condition `ClockSkewed`: the clock of the operator and that of the tenant are more than a minute \
         apart",
        remedy: "set the clock of the node",
        guides: ["preflight"],
    }
    PendingApproval {
        meaning: "somebody in the tenant must agree first: an approver of PIM, or a second administrator of Intune",
        remedy: "have it approved; then it goes on by itself",
    }
    Conflict {
        meaning: "another object declares the same or has the same group, or somebody has assigned the role in Azure by hand; \
         the message names it",
        remedy: "delete one, or remove the subject from one; delete that assignment, or declare it as it is",
    }
    AnotherOperator {
        meaning: "two releases of the operator serve this tenant; `status.operator` names the one that acts and the one that \
         waits",
        remedy: "uninstall one; the one that waits takes over when the other has been gone for four times its \
         `leaseDurationSeconds`",
    }
    AnotherWriter {
        meaning: "somebody else keeps changing what is declared for the group: a script, a colleague, or an operator of \
         another cluster that serves the same tenant under the same `spec.installation` and so works under the same \
         keys",
        remedy: "give one of the two tenants another `installation` before anything is created there; otherwise look into \
         the tenant's audit log. Until then each pass corrects it once, so both sides write once in a \
         `resyncInterval`",
    }
    Undeclared {
        meaning: "of the condition `UndeclaredAccess`: somebody gave access beside the manifests",
        remedy: "declare it, take it away in the portal, or say in `spec.undeclared` of the group what is to happen to it",
    }
    InvalidSpec {
        meaning: "passed the schema, and cannot work",
        remedy: "correct what the message names",
    }
    QuotaExceeded {
        meaning: "a limit of the tenant is reached",
        remedy: "free some of it, or have it raised",
    }
    LimitNear {
        meaning: "of the condition `NearLimit`: the tenant has nearly as many role-assignable groups as it can have",
        remedy: "delete some that nobody needs",
        guides: ["preflight"],
    }
    LicenseMissing {
        meaning: "the tenant has no licence for PIM, or for Intune where a group holds its roles",
        remedy: "buy or assign Entra ID P2 or Entra ID Governance, or Intune",
    }
    DriftDetected {
        meaning: "what stands differs from what is declared",
        remedy: "nothing, it is put right at this look; the message says what",
    }
    Expired {
        meaning: "the window has ended; a normal state",
        remedy: "change the schedule to grant it again",
    }
    EndsSoon {
        meaning: "of the condition `Expiring`: access ends soon and is not extended by itself; the message names whose, and \
         when",
        remedy: "change `spec.schedule.expiration` or `spec.renewal`, or let it end",
        guides: ["assignments"],
    }
    PolicyForbids {
        meaning: "the settings of the group, or those that the tenant keeps for a role, do not allow this; the message names \
         the field or the rule",
        remedy: "change the assignment or binding, or those settings",
    }
    GuardMissing {
        meaning: "the settings do not read back as declared yet, so nothing is granted",
        remedy: "nothing, passes by itself; else look at the group",
    }
    TooYoung {
        meaning: "the service does not take away what is younger than five minutes",
        remedy: "nothing; the message has the time",
    }
    AmbiguousName {
        meaning: "a name leads to several principals or roles",
        remedy: "use the id; of a binding, in a new object",
    }
    PrincipalChanged {
        meaning: "a name leads to another principal than the one that was granted",
        remedy: "make sure whom you mean, then edit the subject; the object id is unambiguous",
    }
    PrincipalDenied {
        meaning: "the tenant's `spec.deniedPrincipals` names somebody whom this object names; they lose everything and get \
         nothing",
        remedy: "take the subject out of the object, or the id off the list",
        guides: ["emergency-stop"],
    }
    PrincipalProtected {
        meaning: "this object would have to take something from somebody whom the tenant's `spec.protectedPrincipals` names; \
         nothing is taken, and an object that is deleted waits",
        remedy: "take the id off the list, or declare the access as it is",
        guides: ["emergency-stop"],
    }
    RevokedByBoundary {
        meaning: "the boundary does not admit any more what this object had, and had it taken away (`spec.onViolation: \
         Revoke`); the message has its rule",
        remedy: "change the object or the boundary; what is admitted again is granted as a new wish",
        guides: ["boundaries"],
    }
    RemovedByOthers {
        meaning: "somebody took away in the tenant what this object declares, and the tenant's `spec.removedByOthers` says \
         `Hold`",
        remedy: "edit the object to have it granted again, or take the subject out",
    }
    RemovedByReview {
        meaning: "an access review took away in the tenant what this object declares, as the audit log says",
        remedy: "take the subject out, as the reviewers decided; or edit the object to have it granted again",
    }
    LastOwner {
        meaning: "the group would be left without an owner that stays",
        remedy: "declare another permanent owner first",
    }
    UnmanagedRule {
        meaning: "a policy holds a rule that is not known and not switched off, such as one by which activations call an \
         extension; the message names both. Nothing is granted, and what stands stays",
        remedy: "switch it off in the portal, or have the id that the message names listed under \
         `spec.policyFloor.customExtensions` of the boundary",
        guides: ["policies"],
    }
    PolicyIncomplete {
        meaning: "the tenant lists fewer rules of a policy than every policy has, or one that cannot be read; the message has \
         their ids. Nothing is granted or written on it",
        remedy: "open the group's settings in the portal once and save them; if it stays, report it with the ids",
    }
    RequestUnfinished {
        meaning: "the tenant accepted a request, or refuses it, for longer than replication takes; the message has its id, \
         its status and since when. It is not sent again meanwhile; one that the tenant took and knows nothing of is \
         sent ever more seldom",
        remedy: "nothing if it passes; else open a support case with the id of the request",
    }
    NoNotificationRecipient {
        meaning: "of the condition of that name: mail of PIM to administrators would reach nobody, because the group has no \
         permanent owner and its settings name no address",
        remedy: "declare a permanent owner, or name addresses under `spec.policy.member.notifications`",
    }
    ContextUnenforced {
        meaning: "of the condition of that name: settings ask for an authentication context that no policy of Conditional \
         Access targets which is switched on",
        remedy: "switch one on, or create one",
        guides: ["policies"],
    }
    OwnerMissing {
        meaning: "the group has no permanent owner, although an `ActiveAssignment` declares one; the message names it",
        remedy: "look at the status of that object, and declare another owner if that one cannot be",
    }
    ManagementRestricted {
        meaning: "the group is in a restricted management unit, where the service refuses every change",
        remedy: "take it out of the unit",
    }
    Paused {
        meaning: "the annotation `entra-pim.dev/paused` asks for it, or the tenant's `spec.managementPolicy: Observe`; the message says \
         what would be done",
        remedy: "take the annotation away, or let the tenant say `Manage`",
    }
    RolloutStopped {
        meaning: "of a template: groups failed with what was changed in it, so no other group of their tenant takes it over; \
         `status.firstFailed` names one",
        remedy: "look at the status of that group; mend it, or change the template",
    }
    DeletionInProgress {
        meaning: "clean-up runs",
        remedy: "nothing, passes by itself",
    }
    DeletionBlocked {
        meaning: "other objects still refer to the group",
        remedy: "delete the objects that the message names",
    }
    InternalError {
        meaning: "a fault of the operator",
        remedy: "report it with the message and the log of that time",
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Reason {
    type Err = ();

    /// Reads a reason back from a condition.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.iter().copied();
        all.find(|reason| reason.as_str() == text).ok_or(())
    }
}
