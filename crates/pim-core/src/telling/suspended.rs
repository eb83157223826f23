//! Writes that are told and not sent, in words that stay the same for as long as nothing changes.

use super::Telling;
use crate::action::{Action, GrantVerb, Write};
use crate::desired::Unit;
use crate::schedule::{Schedule, ScheduleExpiration};

impl Unit {
    /// A write in words that is not sent. What lasts for a duration from its first grant on is told with that: its end would be
    /// another one in every look.
    pub fn tell_suspended(&self, action: &Action) -> Telling {
        match self.begins_with(action).map(|schedule| schedule.expiration) {
            Some(ScheduleExpiration::AfterDuration(days)) => {
                self.tell_lasting(&action.write, &|_| format!(" for {days}"))
            }
            _ => self.tell(&action.write),
        }
    }

    /// The schedule of what a write gives for the first time, and at once.
    fn begins_with(&self, action: &Action) -> Option<&Schedule> {
        let schedule = match &action.write {
            Write::Grant {
                key,
                verb: GrantVerb::Assign,
                ..
            } => {
                let mut all = self.assignments.iter();
                let one = all.find(|one| one.object() == action.object)?;
                let mut memory = one.memory.iter();
                let is_first = !memory.any(|record| record.principal == key.principal);
                is_first.then_some(&one.schedule)
            }
            Write::BindRole {
                verb: GrantVerb::Assign,
                ..
            } => {
                let mut all = self.bindings.iter();
                let one = all.find(|one| one.object() == action.object)?;
                one.first_bound.is_none().then_some(&one.schedule)
            }
            _ => None,
        };
        schedule.filter(|schedule| schedule.start.is_none())
    }
}
