//! The changes of groups in their order: what delta queries replay.

use jiff::Timestamp;

use crate::ids::{Access, ObjectId};
use crate::journal::Effect;

#[derive(Clone, Debug)]
pub(crate) struct GroupChange {
    pub(crate) at: Timestamp,
    pub(crate) group: ObjectId,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// It is new, or back.
    Appeared,
    Properties(Vec<String>),
    Holder {
        access: Access,
        principal: ObjectId,
    },
    SoftDeleted,
    Purged,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    log: Vec<GroupChange>,
}

impl Changes {
    /// Keeps an effect that concerns a group.
    pub(crate) fn note(&mut self, at: Timestamp, effect: &Effect) {
        let holder = |access, principal: &ObjectId| What::Holder {
            access,
            principal: *principal,
        };
        let (group, what) = match effect {
            Effect::GroupCreated { group, .. } | Effect::GroupRestored { group } => {
                (group, What::Appeared)
            }
            Effect::GroupUpdated { group, properties } => {
                (group, What::Properties(properties.clone()))
            }
            Effect::GroupDeleted { group } => (group, What::SoftDeleted),
            Effect::GroupPurged { group } => (group, What::Purged),
            Effect::MemberAdded { group, principal }
            | Effect::MemberRemoved { group, principal } => {
                (group, holder(Access::Member, principal))
            }
            Effect::OwnerAdded { group, principal } | Effect::OwnerRemoved { group, principal } => {
                (group, holder(Access::Owner, principal))
            }
            _ => return,
        };
        self.log.push(GroupChange {
            at,
            group: *group,
            what,
        });
    }

    /// How many changes there are; the position after the last one.
    pub(crate) fn len(&self) -> usize {
        self.log.len()
    }

    /// The changes from a position on that happened before `until`, and the position after them.
    pub(crate) fn since(&self, position: usize, until: Timestamp) -> (&[GroupChange], usize) {
        let rest = self.log.get(position..).unwrap_or_default();
        let visible = rest.iter().take_while(|change| change.at <= until).count();
        (&rest[..visible], position + visible)
    }
}
