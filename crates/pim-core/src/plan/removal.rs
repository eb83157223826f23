//! How somebody is taken out of the group for whom no object asks. Whether they are is decided elsewhere.

use super::draft::Draft;
use crate::action::{Write, WriteKey};
use crate::ids::GroupId;
use crate::memory::Attempt;
use crate::observed::Schedule;
use crate::schedule::{Kind, Window};

/// How somebody is taken out. Whether PIM removes a plain member or owner, whom it lists, is not documented: where it knows
/// nothing of them, the directory does.
pub fn of(group: GroupId, kind: Kind, schedule: &Schedule, draft: &mut Draft) -> Write {
    let key = schedule.key(kind);
    let is_plain = kind == Kind::Active && schedule.window == Window::ALWAYS;
    let revoke = WriteKey::Revoke(key);
    let attempt = draft.memory.attempts.get(&revoke);
    if is_plain && attempt.is_some_and(Attempt::knows_nothing) {
        draft.wanted.insert(revoke);
        return Write::RemoveDirect {
            group,
            access: key.access,
            principal: key.principal,
        };
    }
    Write::Revoke { group, key }
}
