//! Conditions: the one place that writes them. The time of a condition moves only when
//! its status does.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use pim_core::reason::{ConditionType, Reason};
use pim_core::verdict::State;

/// The status of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// The condition holds.
    True,
    /// The condition does not hold.
    False,
    /// It is not known whether the condition holds.
    Unknown,
}

/// The longest message of a condition, in characters.
pub const LONGEST_MESSAGE: usize = 512;

/// Conditions as they are put together for one report.
pub struct Conditions<'a> {
    previous: &'a [Condition],
    generation: Option<i64>,
    now: Timestamp,
    list: Vec<Condition>,
}

impl<'a> Conditions<'a> {
    /// Starts from what was reported before.
    pub fn new(previous: &'a [Condition], generation: Option<i64>, now: Timestamp) -> Self {
        Self {
            previous,
            generation,
            now,
            list: Vec::new(),
        }
    }

    /// Adds one condition. The time of its last transition stays if it had the same status before.
    pub fn set(
        &mut self,
        kind: ConditionType,
        truth: Truth,
        reason: Reason,
        message: &str,
    ) -> &mut Self {
        let type_ = kind.as_str().to_owned();
        let status = format!("{truth:?}");
        let before = self
            .previous
            .iter()
            .find(|condition| condition.type_ == type_ && condition.status == status);
        let since = before.map_or_else(
            || whole_second(self.now),
            |condition| condition.last_transition_time.clone(),
        );
        self.list.push(Condition {
            type_,
            status,
            reason: reason.as_str().to_owned(),
            message: cut(message, LONGEST_MESSAGE),
            last_transition_time: since,
            observed_generation: self.generation,
        });
        self
    }

    /// Says how the object stands: Ready, Reconciling and Stalled together, as kstatus reads them.
    pub fn state(&mut self, state: &State) -> &mut Self {
        use ConditionType::{Ready, Reconciling, Stalled};
        match state {
            State::Ready | State::Gone => self.ready("the tenant matches"),
            State::Expired => {
                let message = "every window has ended; change spec.schedule to grant again";
                self.set(Ready, Truth::True, Reason::Expired, message);
                self.set(Reconciling, Truth::False, Reason::Expired, message);
                self.set(Stalled, Truth::False, Reason::Expired, message)
            }
            State::Waiting { reason, message } => {
                self.set(Ready, Truth::Unknown, *reason, message);
                let at_work = if *reason == Reason::Paused {
                    Truth::False
                } else {
                    Truth::True
                };
                self.set(Reconciling, at_work, *reason, message);
                self.set(Stalled, Truth::False, *reason, message)
            }
            State::Stuck { reason, message } => {
                self.set(Ready, Truth::False, *reason, message);
                self.set(Reconciling, Truth::False, *reason, message);
                self.set(Stalled, Truth::True, *reason, message)
            }
        }
    }

    /// Says that everything is as it should be, in what words.
    pub fn ready(&mut self, message: &str) -> &mut Self {
        self.set(
            ConditionType::Ready,
            Truth::True,
            Reason::Succeeded,
            message,
        );
        self.set(
            ConditionType::Reconciling,
            Truth::False,
            Reason::Succeeded,
            message,
        );
        self.set(
            ConditionType::Stalled,
            Truth::False,
            Reason::Succeeded,
            message,
        )
    }

    /// Leaves a condition as it was reported before, if it was.
    pub fn keep(&mut self, kind: ConditionType) {
        let mut previous = self.previous.iter();
        let known = previous.find(|condition| condition.type_ == kind.as_str());
        self.list.extend(known.cloned());
    }

    /// Adds to what a condition says that was set.
    pub fn note(&mut self, kind: ConditionType, words: &str) {
        let mut set = self.list.iter_mut();
        if let Some(condition) = set.find(|condition| condition.type_ == kind.as_str()) {
            let message = format!("{}; {words}", condition.message);
            condition.message = cut(&message, LONGEST_MESSAGE);
        }
    }

    /// The finished list, with what was said before of everything else.
    pub fn finish_with_previous(self) -> Vec<Condition> {
        let mut list = self.list;
        let said: Vec<String> = list
            .iter()
            .map(|condition| condition.type_.clone())
            .collect();
        let others = self.previous.iter();
        list.extend(others.filter(|known| !said.contains(&known.type_)).cloned());
        list
    }

    /// Returns the conditions that were set, in their order.
    pub fn finish(self) -> Vec<Condition> {
        self.list
    }
}

/// Status keeps whole seconds; comparing with fractions would find a difference every time.
pub fn whole_second(time: Timestamp) -> Time {
    Time(Timestamp::from_second(time.as_second()).unwrap_or(time))
}

/// Cuts a text to so many characters.
pub fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let kept: String = text.chars().take(longest.saturating_sub(3)).collect();
    format!("{kept}...")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_time_moves_only_with_the_status() {
        let mut first = Conditions::new(&[], Some(1), at(10));
        first.set(
            ConditionType::Ready,
            Truth::Unknown,
            Reason::Progressing,
            "works",
        );
        let first = first.finish();
        let mut second = Conditions::new(&first, Some(2), at(20));
        second.set(
            ConditionType::Ready,
            Truth::Unknown,
            Reason::Throttled,
            "waits",
        );
        assert_eq!(second.finish()[0].last_transition_time, Time(at(10)));
        let mut third = Conditions::new(&first, Some(2), at(20));
        third.set(ConditionType::Ready, Truth::True, Reason::Succeeded, "done");
        assert_eq!(third.finish()[0].last_transition_time, Time(at(20)));
    }

    #[test]
    fn a_long_message_is_cut() {
        assert_eq!(cut("abcdef", 5), "ab...");
        assert_eq!(cut("abc", 5), "abc");
    }
}
