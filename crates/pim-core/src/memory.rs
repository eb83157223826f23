//! What is remembered of a group between two plans: writes that are not seen yet, removals that were confirmed, absences.
//! Losing it costs a minute and some writes that do no harm, never a wrong decision: what must survive stands in status.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::action::{Difference, Write, WriteKey};
use crate::desired::Object;
use crate::ids::PrincipalId;
use crate::knowledge::{Held, later};
use crate::reason::Reason;
use crate::schedule::Key;
use crate::verdict::State;

/// How long something is remembered that no plan asked for.
const KEPT: SignedDuration = SignedDuration::from_mins(30);

/// How long it is remembered that something was corrected: as long as it takes to see a pattern in it.
const KEPT_REVERSAL: SignedDuration = SignedDuration::from_hours(24);

/// After how long what is read shows what was corrected: what differs sooner may be an old list.
const SETTLED: SignedDuration = SignedDuration::from_mins(5);

/// How many times somebody changes a field after it was corrected until it is no accident.
const CONTESTED: u32 = 3;

/// What became of a write that was tried before, as long as it is not seen in the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was first tried, in an unbroken series of tries.
    pub since: Timestamp,
    /// When it was last tried.
    pub last: Timestamp,
    /// How many times it was tried.
    pub times: u32,
    /// When it may be tried again.
    pub retry_at: Timestamp,
    /// The write that was tried.
    pub write: Write,
    /// What the service answered to the last try.
    pub answer: Answer,
}

impl Attempt {
    /// Whether the service said of a try to take something away that it knows nothing of it, or nobody by that id.
    /// Refusals for other reasons say nothing of what stands.
    pub fn knows_nothing(&self) -> bool {
        match &self.answer {
            Answer::WasGone => true,
            Answer::Refused(State::Waiting { reason, .. } | State::Stuck { reason, .. }) => {
                matches!(
                    reason,
                    Reason::WaitingForReplication | Reason::RequestUnfinished
                )
            }
            Answer::Refused(_) | Answer::Taken | Answer::Accepted => false,
        }
    }
}

/// What the service said to a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has taken it and carried it out.
    Taken,
    /// It has taken it and is still at it.
    Accepted,
    /// What was to be taken away was not there.
    WasGone,
    /// It refused, or did not answer: how the object stands because of it.
    Refused(State),
}

/// A field that somebody else changes again and again after it was corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// When it was first corrected.
    pub since: Timestamp,
    /// When it was last corrected.
    pub last: Timestamp,
    /// How many times it was corrected and then changed once more.
    pub times: u32,
    /// What it was last changed to, as text.
    pub to: String,
    /// Whether it was seen as declared since the last correction. A correction that does not show yet is repeated, and that
    /// is nobody's doing.
    pub stood: bool,
}

/// What is remembered of a group between two plans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// Writes that were tried and are not seen.
    pub attempts: BTreeMap<WriteKey, Attempt>,
    /// When we removed something and the service said that it is done.
    pub removed: BTreeMap<Held, Timestamp>,
    /// Since when something is not shown, in an unbroken series of reads.
    pub absent: BTreeMap<Held, Timestamp>,
    /// Since when something that nobody declares is to be taken away.
    pub strays: BTreeMap<Held, Timestamp>,
    /// Since when the directory lists somebody whom PIM does not, in an unbroken series of reads of both.
    pub apart: BTreeMap<Key, Timestamp>,
    /// Since when something that was granted is not admitted by a boundary that takes it away.
    pub violations: BTreeMap<Held, Timestamp>,
    /// What was corrected, by object and field, because somebody else had changed it.
    pub reversals: BTreeMap<(Object, String), Reversal>,
}

impl Memory {
    /// Notes that a write was tried. What became of the opposite one before that says nothing any more.
    pub fn tried(
        &mut self,
        write: &Write,
        now: Timestamp,
        retry_after: SignedDuration,
        answer: Answer,
    ) {
        let key = write.key();
        for undone in key.opposites() {
            self.attempts.remove(&undone);
        }
        if let Some(held) = key.gives() {
            self.removed.remove(&held);
        }
        let known = self.series(write);
        let attempt = Attempt {
            since: known.map_or(now, |known| known.since),
            last: now,
            times: known.map_or(1, |known| known.times.saturating_add(1)),
            retry_at: later(now, retry_after),
            write: write.clone(),
            answer,
        };
        if attempt.answer == Answer::Taken
            && let Some(held) = key.removes()
        {
            self.removed.insert(held, now);
        }
        self.attempts.insert(key, attempt);
    }

    /// Notes that differences were corrected which somebody else had brought about.
    pub fn corrected(&mut self, object: &Object, differences: &[Difference], now: Timestamp) {
        for found in differences {
            let key = (object.clone(), found.field.clone());
            let to = found.stands.clone();
            match self.reversals.get_mut(&key) {
                // It does not show yet, or a list that lags shows what stood before.
                Some(known) if !known.stood || now < later(known.last, SETTLED) => {}
                Some(known) => {
                    let times = known.times.saturating_add(1);
                    *known = Reversal {
                        last: now,
                        times,
                        to,
                        stood: false,
                        ..*known
                    };
                }
                None => {
                    let first = Reversal {
                        since: now,
                        last: now,
                        times: 1,
                        to,
                        stood: false,
                    };
                    self.reversals.insert(key, first);
                }
            }
        }
    }

    /// Notes of which objects everything was seen as it is declared.
    pub fn stood(&mut self, stands: impl Fn(&Object) -> bool) {
        for ((object, _), reversal) in &mut self.reversals {
            reversal.stood |= stands(object);
        }
    }

    /// What somebody else keeps changing, however often it is corrected.
    pub fn contested(&self) -> impl Iterator<Item = (&Object, &str, &Reversal)> {
        let contested = self.reversals.iter();
        contested
            .filter(|(_, reversal)| reversal.times >= CONTESTED)
            .map(|((object, field), reversal)| (object, field.as_str(), reversal))
    }

    /// The tries of just this write. One that says something else, because a manifest changed, begins a new series.
    pub fn series(&self, write: &Write) -> Option<&Attempt> {
        let attempt = self.attempts.get(&write.key())?;
        attempt.write.says_the_same(write).then_some(attempt)
    }

    /// Those from whom something was to be taken away of which the service knows nothing. They may have left the tenant.
    pub fn unknown_people(&self) -> BTreeSet<PrincipalId> {
        let removals = self.attempts.values().filter(|attempt| {
            matches!(
                attempt.write,
                Write::Revoke { .. } | Write::RemoveDirect { .. }
            )
        });
        removals
            .filter(|attempt| attempt.knows_nothing())
            .filter_map(|attempt| attempt.write.principal())
            .collect()
    }

    /// Forgets what a manifest may have caused that has changed now.
    pub fn manifest_changed(&mut self) {
        self.forget_refusals();
        self.reversals.clear();
    }

    /// Forgets refusals: something changed that may have caused them.
    pub fn forget_refusals(&mut self) {
        self.attempts
            .retain(|_, attempt| !matches!(attempt.answer, Answer::Refused(_)));
    }

    /// Drops what has grown old.
    pub fn forget_old(&mut self, now: Timestamp) {
        let is_young = |at: Timestamp| later(at, KEPT) > now;
        self.removed.retain(|_, at| is_young(*at));
        self.reversals
            .retain(|_, reversal| later(reversal.last, KEPT_REVERSAL) > now);
        self.attempts
            .retain(|_, attempt| is_young(attempt.last.max(attempt.retry_at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::GrantVerb;
    use crate::desired::ObjectKind;
    use crate::ids::{GroupId, ObjectName};
    use crate::schedule::{Access, End, Kind, Window};
    use uuid::Uuid;

    const KEY: Key = Key {
        access: Access::Member,
        principal: PrincipalId(Uuid::nil()),
        kind: Kind::Eligible,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn grant(end: End) -> Write {
        Write::Grant {
            group: GroupId(Uuid::nil()),
            key: KEY,
            verb: GrantVerb::Assign,
            window: Window { start: None, end },
            justification: String::new(),
            ticket: None,
        }
    }

    fn revoke() -> Write {
        Write::Revoke {
            group: GroupId(Uuid::nil()),
            key: KEY,
        }
    }

    fn tried(memory: &mut Memory, write: &Write, second: i64, answer: Answer) {
        memory.tried(write, at(second), SignedDuration::from_secs(10), answer);
    }

    #[test]
    fn tries_of_the_same_write_are_one_series() {
        let mut memory = Memory::default();
        tried(&mut memory, &grant(End::Never), 0, Answer::Taken);
        tried(&mut memory, &grant(End::Never), 20, Answer::Taken);
        let series = memory.series(&grant(End::Never)).unwrap();
        assert_eq!(
            (series.since, series.last, series.times),
            (at(0), at(20), 2)
        );
        assert_eq!(series.retry_at, at(30));
        assert_eq!(
            memory.series(&grant(End::At(at(DAY)))),
            None,
            "another wish"
        );
    }

    const DAY: i64 = 24 * 60 * 60;

    #[test]
    fn what_is_given_again_was_not_taken_away() {
        let mut memory = Memory::default();
        tried(&mut memory, &revoke(), 0, Answer::Taken);
        assert_eq!(memory.removed.len(), 1);
        tried(&mut memory, &grant(End::Never), 20, Answer::Taken);
        assert!(memory.removed.is_empty());
        assert_eq!(
            memory.series(&revoke()),
            None,
            "an answer to it says nothing any more"
        );
        tried(&mut memory, &revoke(), 40, Answer::WasGone);
        assert_eq!(memory.series(&grant(End::Never)), None);
        assert!(memory.removed.is_empty(), "nobody took it away");
    }

    #[test]
    fn whose_access_the_service_knows_nothing_of_may_have_left_the_tenant() {
        let mut memory = Memory::default();
        let unknown = |reason| Answer::Refused(State::waiting(reason, "no such subject"));
        let nobody = BTreeSet::new();
        for (write, answer, expected) in [
            (revoke(), Answer::Taken, &nobody),
            (revoke(), unknown(Reason::PermissionDenied), &nobody),
            (
                grant(End::Never),
                unknown(Reason::WaitingForReplication),
                &nobody,
            ),
            (revoke(), Answer::WasGone, &[KEY.principal].into()),
            (
                revoke(),
                unknown(Reason::WaitingForReplication),
                &[KEY.principal].into(),
            ),
        ] {
            tried(&mut memory, &write, 0, answer);
            assert_eq!(memory.unknown_people(), *expected, "{write:?}");
        }
    }

    #[test]
    fn what_is_changed_again_after_each_correction_is_contested_and_what_does_not_show_yet_is_not()
    {
        let object = Object::new(ObjectKind::PrivilegedGroup, ObjectName::new("ns", "one"));
        let moved = [Difference {
            field: "spec.displayName".to_owned(),
            declared: "one".to_owned(),
            stands: "other".to_owned(),
        }];
        let mut memory = Memory::default();
        for second in 0..5 {
            memory.corrected(&object, &moved, at(second * 60));
        }
        assert_eq!(memory.contested().count(), 0, "one change that lags");
        memory.stood(|seen| *seen == object);
        memory.corrected(&object, &moved, at(4 * 60));
        for minute in [5, 10] {
            memory.stood(|seen| *seen == object);
            memory.corrected(&object, &moved, at(minute * 60));
        }
        let contested: Vec<_> = memory.contested().collect();
        let [(of, "spec.displayName", reversal)] = contested.as_slice() else {
            panic!("{contested:?}");
        };
        assert_eq!((*of, reversal.since, reversal.times), (&object, at(0), 3));
        memory.forget_old(at(10 * 60 + DAY));
        assert_eq!(memory.contested().count(), 0, "it has ended");
    }

    #[test]
    fn a_manifest_that_changes_again_and_again_postpones_no_removal() {
        let mut memory = Memory::default();
        memory.strays.insert(Held::Access(KEY), at(0));
        memory.violations.insert(Held::Access(KEY), at(0));
        memory.manifest_changed();
        assert_eq!(memory.strays.len(), 1);
        assert_eq!(memory.violations.len(), 1);
    }

    #[test]
    fn what_nobody_asked_for_is_forgotten_and_refusals_when_something_changes() {
        let mut memory = Memory::default();
        let refused = Answer::Refused(State::Ready);
        tried(&mut memory, &grant(End::Never), 0, refused);
        memory.forget_old(at(29 * 60));
        assert_eq!(memory.attempts.len(), 1);
        memory.forget_refusals();
        assert!(memory.attempts.is_empty());
        tried(&mut memory, &revoke(), 0, Answer::Taken);
        memory.forget_old(at(31 * 60));
        assert_eq!(memory, Memory::default());
    }
}
