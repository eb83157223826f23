//! Authentication contexts of a tenant: what was read of them, and what a setting that names one means. The service takes any
//! id, also of a context that does not exist, and then nobody can activate (learn.microsoft.com:
//! unifiedrolemanagementpolicyauthenticationcontextrule); so a name is looked up, and an id checked, before it is written.

use std::collections::BTreeSet;

use crate::ids::AuthenticationContextId;
use crate::reason::Reason;

/// How a setting names a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextReference<'a> {
    /// By its id.
    Id(&'a str),
    /// By its display name.
    Name(&'a str),
}

/// Why it cannot be said which context is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextFault {
    /// The reason that conditions give.
    pub reason: Reason,
    /// What is wrong, and what to do.
    pub message: String,
}

impl ContextFault {
    /// Takes a reason and words.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
        }
    }

    /// Whether it passes without a person.
    pub fn may_pass(&self) -> bool {
        matches!(
            self.reason,
            Reason::ReadRefused | Reason::WaitingForDependency
        )
    }
}

/// An authentication context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantContext {
    /// `c1` to `c99`.
    pub id: AuthenticationContextId,
    /// What people call it. Several may be called the same.
    pub display_name: String,
    /// Whether applications may ask for it.
    pub availability: Availability,
}

/// Whether applications may ask for a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It is published to applications.
    Published,
    /// It is hidden from them.
    Hidden,
}

/// What is known of the contexts of a tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Contexts {
    /// Nobody asked, because nothing names one.
    #[default]
    Unasked,
    /// They may not or cannot be read, for this reason.
    Unread(ContextFault),
    /// All of them.
    Read {
        /// The contexts, in no order.
        contexts: Vec<TenantContext>,
        /// Those that a policy of Conditional Access enforces; nothing if that was not read.
        enforced: Option<BTreeSet<AuthenticationContextId>>,
    },
}

impl Contexts {
    /// The context that is meant; or why that cannot be said. An id that cannot be checked counts.
    pub fn resolve(
        &self,
        reference: ContextReference<'_>,
    ) -> Result<AuthenticationContextId, ContextFault> {
        match reference {
            ContextReference::Id(id) => self.checked(id),
            ContextReference::Name(name) => self.named(name),
        }
    }

    fn checked(&self, id: &str) -> Result<AuthenticationContextId, ContextFault> {
        let declared = AuthenticationContextId::new(id.to_owned());
        let Self::Read { contexts, .. } = self else {
            return Ok(declared);
        };
        match contexts.iter().find(|one| one.id == declared) {
            Some(found) => published(found),
            None => Err(ContextFault::new(
                Reason::ReferenceNotFound,
                format!(
                    "there is no authentication context {id} in the tenant; create it, or name another"
                ),
            )),
        }
    }

    fn named(&self, name: &str) -> Result<AuthenticationContextId, ContextFault> {
        let contexts = match self {
            Self::Read { contexts, .. } => contexts,
            Self::Unread(fault) => return Err(fault.clone()),
            Self::Unasked => {
                let message = format!("authentication context {name:?} was not looked up yet");
                return Err(ContextFault::new(Reason::WaitingForDependency, message));
            }
        };
        let is_meant =
            |one: &&TenantContext| one.display_name.to_lowercase() == name.to_lowercase();
        let found: Vec<&TenantContext> = contexts.iter().filter(is_meant).collect();
        match found.as_slice() {
            [] => Err(ContextFault::new(
                Reason::ReferenceNotFound,
                format!(
                    "there is no authentication context {name:?} in the tenant; create it, or correct the name"
                ),
            )),
            [one] => published(one),
            several => {
                let mut ids: Vec<&str> = several.iter().map(|one| one.id.as_str()).collect();
                ids.sort_unstable();
                let ids = ids.join(", ");
                let message = format!(
                    "authentication context {name:?} may mean any of {ids}; name the one that is meant by its id"
                );
                Err(ContextFault::new(Reason::AmbiguousName, message))
            }
        }
    }

    /// A context that no policy enforces that is switched on, as far as the policies were read, in words.
    pub fn unenforced(&self, id: &AuthenticationContextId) -> Option<String> {
        let Self::Read {
            contexts,
            enforced: Some(enforced),
        } = self
        else {
            return None;
        };
        let name = contexts.iter().find(|one| one.id == *id);
        let name = name.map(|one| format!("{} ({id})", one.display_name));
        (!enforced.contains(id)).then(|| name.unwrap_or_else(|| id.to_string()))
    }
}

fn published(found: &TenantContext) -> Result<AuthenticationContextId, ContextFault> {
    match found.availability {
        Availability::Published => Ok(found.id.clone()),
        Availability::Hidden => Err(ContextFault::new(
            Reason::ReferenceNotFound,
            format!(
                "authentication context {} ({}) is not published to applications, so nobody could activate; publish it in the \
                 portal under Conditional Access",
                found.display_name, found.id
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(id: &str, name: &str, availability: Availability) -> TenantContext {
        TenantContext {
            id: AuthenticationContextId::new(id.to_owned()),
            display_name: name.to_owned(),
            availability,
        }
    }

    fn read() -> Contexts {
        Contexts::Read {
            contexts: vec![
                context("c1", "Strong", Availability::Published),
                context("c2", "Hidden", Availability::Hidden),
                context("c3", "Twice", Availability::Published),
                context("c4", "twice", Availability::Hidden),
            ],
            enforced: Some(BTreeSet::from([AuthenticationContextId::new(
                "c3".to_owned(),
            )])),
        }
    }

    fn by_id(id: &str) -> ContextReference<'_> {
        ContextReference::Id(id)
    }

    fn by_name(name: &str) -> ContextReference<'_> {
        ContextReference::Name(name)
    }

    fn refusal(contexts: &Contexts, reference: ContextReference<'_>) -> (Reason, String) {
        let fault = contexts.resolve(reference).unwrap_err();
        (fault.reason, fault.message)
    }

    #[test]
    fn a_name_leads_to_the_one_published_context_that_bears_it() {
        let c1 = AuthenticationContextId::new("c1".to_owned());
        assert_eq!(read().resolve(by_name("strong")), Ok(c1.clone()));
        assert_eq!(read().resolve(by_id("c1")), Ok(c1));
        assert_eq!(
            refusal(&read(), by_name("Weak")).0,
            Reason::ReferenceNotFound
        );
        assert_eq!(
            refusal(&read(), by_name("Hidden")).0,
            Reason::ReferenceNotFound
        );
        let (reason, message) = refusal(&read(), by_name("Twice"));
        assert_eq!(reason, Reason::AmbiguousName);
        assert!(message.contains("c3, c4"), "{message}");
    }

    #[test]
    fn an_id_is_checked_where_contexts_can_be_read_and_counts_where_they_cannot() {
        assert_eq!(refusal(&read(), by_id("c9")).0, Reason::ReferenceNotFound);
        assert_eq!(refusal(&read(), by_id("c2")).0, Reason::ReferenceNotFound);
        let denied = ContextFault::new(Reason::PermissionDenied, "no");
        for unknown in [Contexts::Unasked, Contexts::Unread(denied)] {
            let c9 = AuthenticationContextId::new("c9".to_owned());
            assert_eq!(unknown.resolve(by_id("c9")), Ok(c9));
            assert!(unknown.resolve(by_name("Strong")).is_err());
        }
    }

    #[test]
    fn nothing_is_said_of_enforcement_that_was_not_read() {
        let c1 = AuthenticationContextId::new("c1".to_owned());
        assert_eq!(read().unenforced(&c1), Some("Strong (c1)".to_owned()));
        let Contexts::Read { contexts, .. } = read() else {
            return;
        };
        let unknown = Contexts::Read {
            contexts,
            enforced: None,
        };
        assert_eq!(unknown.unenforced(&c1), None);
    }
}
