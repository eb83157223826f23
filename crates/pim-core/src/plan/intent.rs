//! What the statuses record of a stage before it is sent: should the process end before the answers, the next one knows what
//! may have had an effect. A plan whose stage is not begun records nothing of it.

use jiff::Timestamp;

use super::stage::Plan;
use super::{assignment, binding};
use crate::action::{Action, Write};
use crate::desired::{GroupOperation, PendingGroup};
use crate::verdict::{Record, Verdict};

impl Plan {
    /// Records that the first stage is about to be sent, at a time of the service.
    pub fn begin(&mut self, now: Timestamp) {
        let Some(stage) = self.stages.first() else {
            return;
        };
        for action in &stage.actions {
            if let Some(verdict) = self.verdicts.get_mut(&action.object) {
                begin(action, verdict, now);
            }
        }
    }
}

fn begin(action: &Action, verdict: &mut Verdict, now: Timestamp) {
    match (&action.write, &mut verdict.record) {
        (Write::Grant { key, window, .. }, Record::Assignment(record)) => {
            assignment::begin(record, *key, *window, now);
        }
        (Write::BindRole { role, window, .. }, Record::Binding(record)) => {
            binding::begin(record, role, *window, now);
        }
        (write, Record::Group(record)) => {
            let (operation, group) = match write {
                Write::CreateGroup(_) => (GroupOperation::CreateGroup, None),
                Write::RestoreGroup(id) => (GroupOperation::RestoreGroup, Some(*id)),
                _ => return,
            };
            record.pending = Some(PendingGroup {
                operation,
                since: now,
                group,
            });
        }
        _ => {}
    }
}
