//! What stays in the tenant when an object goes, in words. The planner decides it.

use crate::desired::{Object, Unit};
use crate::ids::GroupId;
use crate::observed::{self, Presence};
use crate::plan::retention::{self, Retention};
use crate::schedule::Key;

/// Why it stays, and what that means.
const WHY: &str = "because spec.deletionPolicy says Retain; nobody looks after that any more";

impl Unit {
    /// What an object that goes leaves in the tenant, if it is to leave something.
    pub fn left_by(&self, object: &Object, observed: &observed::Unit) -> Option<String> {
        let Presence::Living(group) = &observed.group else {
            return None;
        };
        if self.group.object() == *object {
            return self.group_left(group.id);
        }
        let what = self
            .access_left(object)
            .or_else(|| self.role_left(object))?;
        Some(format!("the group keeps {what}, {WHY}"))
    }

    fn group_left(&self, id: GroupId) -> Option<String> {
        let is_known = self.group.last_seen == Some(id);
        (is_known && retention::of_group(self) == Retention::Left).then(|| {
            format!(
                "group {} ({id}) stays in the tenant with everything that it holds, {WHY}",
                self.group.display_name
            )
        })
    }

    fn access_left(&self, object: &Object) -> Option<String> {
        let mut assignments = self.assignments.iter();
        let one = assignments.find(|one| one.object() == *object)?;
        if retention::of_member(self, one.deletion_policy) != Retention::Left {
            return None;
        }
        let declared = one.memory.iter();
        let declared = declared.filter(|record| one.subjects.contains(&record.subject));
        let mut left: Vec<String> = declared
            .map(|record| {
                self.held_by(Key {
                    access: one.access,
                    principal: record.principal,
                    kind: one.kind,
                })
            })
            .collect();
        left.sort();
        (!left.is_empty()).then(|| left.join(", "))
    }

    fn role_left(&self, object: &Object) -> Option<String> {
        let mut bindings = self.bindings.iter();
        let one = bindings.find(|one| one.object() == *object)?;
        let key = one.bound()?;
        (retention::of_member(self, one.deletion_policy) == Retention::Left)
            .then(|| format!("role {}", self.held(&key)))
    }
}
