//! One role of one binding: how the group holds it, and how it should. Decides no write.

use super::held::{plain, schedule, wanted};
use crate::action::{Cause, Difference};
use crate::desired::{Binding, LastReport};
use crate::observed::{PlainOrigin, PlainRole, RoleSchedule};
use crate::plan::context::PlanContext;
use crate::plan::facts::cleanup::CleanupTarget;
use crate::plan::facts::window::{self, Comparison, Wanted};
use crate::role::{BoundRole, KeptAs, RoleTarget};
use crate::schedule::{End, Kind, Window};

/// How a role is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding<'a> {
    /// By a schedule.
    Scheduled(&'a RoleSchedule),
    /// By a plain assignment, under the condition that is declared.
    Plainly(&'a PlainRole),
    /// By a plain assignment under another condition, or under none.
    Conditioned(&'a PlainRole),
    /// By a plain assignment that somebody else made, under another condition or for longer than is declared.
    OfAnother(&'a PlainRole),
    /// Not at all.
    Not,
    /// Not known before more is read.
    Unknown,
}

/// One role of one binding.
pub struct RolePlan<'a> {
    /// The binding that declares the role.
    pub binding: &'a Binding,
    /// The role, as the binding declares it.
    pub key: BoundRole,
    /// How the group holds it.
    pub held: Holding<'a>,
    /// The window that the manifest asks for.
    pub wanted: Wanted,
}

impl<'a> RolePlan<'a> {
    /// The role that a binding means.
    pub fn new(context: &PlanContext<'a>, binding: &'a Binding, target: &RoleTarget) -> Self {
        let key = binding.key(target);
        Self {
            held: held(context, binding, &key),
            wanted: wanted(context, binding, &key),
            binding,
            key,
        }
    }

    /// The window in which the group holds it, if it does.
    pub fn stands(&self) -> Option<&'a Window> {
        match self.held {
            Holding::Scheduled(row) => Some(&row.window),
            Holding::Plainly(_) | Holding::Conditioned(_) | Holding::OfAnother(_) => {
                Some(&Window::ALWAYS)
            }
            Holding::Not | Holding::Unknown => None,
        }
    }

    /// The condition under which the group holds it.
    pub fn condition(&self) -> Option<&'a String> {
        match self.held {
            Holding::Scheduled(row) => row.condition.as_ref(),
            Holding::Plainly(row) | Holding::Conditioned(row) | Holding::OfAnother(row) => {
                row.condition.as_ref()
            }
            Holding::Not | Holding::Unknown => None,
        }
    }

    /// Compares the window in which it is held with the one that is wanted.
    pub fn compare(&self, context: &PlanContext<'_>) -> Comparison {
        window::compare(self.stands(), &self.wanted.window, context.now())
    }

    /// Whether this object bound it before.
    pub fn is_bound(&self) -> bool {
        self.binding.bound().as_ref() == Some(&self.key)
    }

    /// Whether a schedule or an assignment is written to change how it is held.
    pub fn by(&self) -> KeptAs {
        match self.held {
            Holding::Scheduled(_) => KeptAs::Schedule,
            _ => self.binding.kept_as(),
        }
    }

    /// When it ends, once that is known. What never ends says nothing of when a duration begins to count, until that is recorded.
    pub fn end(&self, context: &PlanContext<'_>) -> Option<End> {
        let (schedule, noted) = (&self.binding.schedule, self.binding.first_bound);
        let is_recorded = matches!(context.cleanup, CleanupTarget::Ready(_));
        let ends = |window: &Window| window.end != End::Never || is_recorded;
        let is_known = self.stands().is_some_and(ends)
            || window::ends_at_a_fixed_time(schedule, noted, self.stands(), context.now());
        is_known.then_some(self.wanted.window.end)
    }

    /// Whether somebody else made the difference: the role was bound, and the manifest is the same as then.
    pub fn cause(&self) -> Cause {
        let was_seen = self.is_bound() && self.binding.sent.is_none();
        if self.binding.last_report == LastReport::Differed || !was_seen {
            return Cause::Declared;
        }
        Cause::Drift(vec![self.difference()])
    }

    fn difference(&self) -> Difference {
        let system = self.binding.system;
        let field = format!("spec.{}", system.field);
        let condition =
            |text: &Option<String>| text.clone().unwrap_or_else(|| system.terms.none.to_owned());
        let conditioned = match self.held {
            Holding::Conditioned(row) => Some(&row.condition),
            Holding::Scheduled(row) => Some(&row.condition),
            _ => None,
        };
        match (self.held, conditioned) {
            (_, Some(stands)) if *stands != self.binding.condition => Difference {
                field: format!("{field}.{}", system.terms.field),
                declared: condition(&self.binding.condition),
                stands: condition(stands),
            },
            (held, _) => match self.stands() {
                Some(window) => Difference {
                    field: "spec.schedule".to_owned(),
                    declared: self.wanted.window.to_string(),
                    stands: match held {
                        Holding::Scheduled(_) => window.to_string(),
                        _ => "a plain assignment, which never ends".to_owned(),
                    },
                },
                None => Difference {
                    field,
                    declared: format!("{} at {}", self.binding.role_name, self.key.target.scope),
                    stands: "nothing".to_owned(),
                },
            },
        }
    }
}

fn is_scheduled(binding: &Binding) -> bool {
    binding.kept_as() == KeptAs::Schedule
}

fn held<'a>(context: &PlanContext<'a>, binding: &Binding, key: &BoundRole) -> Holding<'a> {
    if let Some(row) = schedule(context, binding, key) {
        return Holding::Scheduled(row);
    }
    let schedules = context.observed.role_list(key.kind).last();
    if key.kind == Kind::Eligible {
        return match schedules {
            Some(_) => Holding::Not,
            None => Holding::Unknown,
        };
    }
    let Some(rows) = context.observed.plain_roles.last() else {
        return Holding::Unknown;
    };
    match plain(rows, &key.target) {
        // Its own schedule may be behind it, which is listed later.
        Some(row) if row.origin == PlainOrigin::Another && is_scheduled(binding) => {
            if binding.sent.is_some() {
                Holding::Not
            } else {
                Holding::OfAnother(row)
            }
        }
        // A plain assignment that exists already counts.
        Some(row) if row.condition == binding.condition => Holding::Plainly(row),
        Some(row) if row.origin == PlainOrigin::Another => Holding::OfAnother(row),
        Some(row) => Holding::Conditioned(row),
        None if schedules.is_some() => Holding::Not,
        None => Holding::Unknown,
    }
}
