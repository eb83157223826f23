//! Changes that wait until a second administrator agrees. Knows what the tenant called them, and nothing of what they change.

use std::time::Duration;

use entra_client::graph::{Agreement, IntuneChange};
use entra_client::{Class, Error, Graph};

use crate::providers::kept::Kept;

/// How long a request waits in the tenant.
const LAPSES_AFTER: Duration = Duration::from_hours(3 * 24);

/// The codes of what was sent and waits, each under a key of the change. They are kept in memory: whoever takes over does not
/// know them, and what was approved by then is asked for once more when it has lapsed.
pub struct Approvals(Kept<String, String>);

impl Default for Approvals {
    fn default() -> Self {
        Self(Kept::new(LAPSES_AFTER))
    }
}

impl Approvals {
    /// Sends a change: for the first time with the reason for it, while it waits with its code. A code that is refused belongs
    /// to what was declared before, or has lapsed; then the change is asked for anew.
    pub async fn ask(
        &self,
        graph: &Graph,
        key: &String,
        change: &IntuneChange<'_>,
        reason: &str,
    ) -> Result<(), Error> {
        let code = self.0.get(key, LAPSES_AFTER);
        let code = code.as_deref();
        let mut answer = graph
            .change_intune(change, Agreement { reason, code })
            .await;
        if code.is_some() && matches!(&answer, Err(error) if error.class == Class::Invalid) {
            self.0.forget(key);
            let code = None;
            answer = graph
                .change_intune(change, Agreement { reason, code })
                .await;
        }
        match &answer {
            Ok(()) => self.0.forget(key),
            Err(error) => {
                if let Class::PendingApproval { code } = &error.class {
                    self.0.put(key, code.clone());
                }
            }
        }
        answer
    }
}
