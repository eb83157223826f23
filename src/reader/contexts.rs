//! The authentication contexts of a tenant, and which of them its policies of Conditional Access enforce.

use std::time::Duration;

use entra_client::Graph;
use entra_client::permissions::{CONDITIONAL_ACCESS, CONTEXTS};
use pim_core::context::{ContextFault, Contexts};
use pim_core::reason::Reason;
use tokio::time::Instant;

use super::seldom::{MaximumAge, Seldom, granted, soon};

/// How old what is known of contexts may be. All groups share one read, and the service takes one a second for a whole tenant.
const YOUNG_ENOUGH: MaximumAge = MaximumAge(Duration::from_mins(10));

/// How long what was read counts while it cannot be read again: a name that leads elsewhere by now would be found out then.
const COUNTS_FOR: Duration = Duration::from_hours(1);

/// What is known of contexts, and when it was read.
#[derive(Debug, Clone)]
pub struct KnownContexts {
    contexts: Contexts,
    read: Instant,
}

impl Seldom<KnownContexts> {
    /// The authentication contexts of the tenant.
    pub async fn contexts(&self, graph: &Graph) -> Contexts {
        let read = |before| read(graph, before);
        let known = self.get(YOUNG_ENOUGH, read).await.contexts;
        if matches!(known, Contexts::Read { .. }) {
            return known;
        }
        // Whoever waits for a name need not wait so long for the next try.
        self.get(MaximumAge::MINUTE, read).await.contexts
    }
}

async fn read(graph: &Graph, before: Option<KnownContexts>) -> KnownContexts {
    let read = Instant::now();
    let granted = granted(graph).await;
    if !CONTEXTS.is_granted(&granted) {
        let message = "display names of authentication contexts cannot be looked up: grant AuthenticationContext.Read.All to \
                       the operator's application, or name the context by its id";
        let contexts = Contexts::Unread(ContextFault::new(Reason::PermissionDenied, message));
        return KnownContexts { contexts, read };
    }
    let listed = match soon(graph.authentication_contexts()).await {
        Ok(listed) => listed,
        Err(error) => {
            let is_read = |known: &KnownContexts| matches!(known.contexts, Contexts::Read { .. });
            let known = before.filter(|known| is_read(known) && known.read.elapsed() < COUNTS_FOR);
            let message = format!("authentication contexts cannot be read: {}", error.text());
            let contexts = Contexts::Unread(ContextFault::new(Reason::ReadRefused, message));
            return known.unwrap_or(KnownContexts { contexts, read });
        }
    };
    let enforced = if CONDITIONAL_ACCESS.is_granted(&granted) {
        soon(graph.enforced_contexts()).await.ok()
    } else {
        None
    };
    let contexts = Contexts::Read {
        contexts: listed,
        enforced,
    };
    KnownContexts { contexts, read }
}
