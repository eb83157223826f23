//! A plan as it leaves the planner: ordered stages of writes, what has to be read first, and what is said of each object.

use std::collections::BTreeMap;

use crate::action::{Action, WakeAt};
use crate::desired::Object;
use crate::ids::PrincipalId;
use crate::knowledge::{Needs, Part};
use crate::memory::Memory;
use crate::verdict::{GroupRecord, Record, State, UndeclaredFinding, Verdict};

/// What a stage is for; the order of the variants is the order of the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageKind {
    /// Take everything away from denied people.
    EmergencyStop,
    /// Take away what the boundary does not admit any more.
    Violation,
    /// Take access away, or shorten it; and roles, while the group is wanted.
    Revoke,
    /// Take away what nobody declares.
    Undeclared,
    /// Take roles away from a group that goes.
    Unbind,
    /// Delete the group.
    Delete,
    /// Make or restore the group.
    Group,
    /// Put the group into its administrative unit.
    Unit,
    /// Bring the policies in line.
    Policy,
    /// Bind roles and give access.
    Grant,
    /// Rename the group: nothing waits for it.
    Rename,
}

impl StageKind {
    /// Whether it only reduces what anybody has.
    pub fn only_reduces(self) -> bool {
        matches!(
            self,
            Self::EmergencyStop
                | Self::Violation
                | Self::Revoke
                | Self::Undeclared
                | Self::Unbind
                | Self::Delete
        )
    }

    /// Whether somebody stands above those who can pause an object.
    pub fn overrules_a_pause(self) -> bool {
        matches!(self, Self::EmergencyStop | Self::Violation)
    }
}

/// Writes that may travel together, because each changes something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// What this stage is for.
    pub kind: StageKind,
    /// The writes of this stage.
    pub actions: Vec<Action>,
}

/// What is to be done, and how everything stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What to do, in this order; the first one now. Empty while something has to be read that it rests on.
    pub stages: Vec<Stage>,
    /// The parts that have to be read before more can be planned.
    pub needs: Needs,
    /// When to reconcile again at the latest, if time alone changes something.
    pub wake_at: WakeAt,
    /// What paused objects would do, and all objects of a tenant that is only observed.
    pub suspended: Vec<Action>,
    /// What is remembered from now on.
    pub memory: Memory,
    /// What is said of each object of the group.
    pub verdicts: BTreeMap<Object, Verdict>,
}

/// What shows the access of people.
const PEOPLE: [Part; 4] = [
    Part::Eligible,
    Part::Active,
    Part::People,
    Part::Applications,
];

impl Plan {
    /// Leaves of a plan what needs no word of the group: that whoever is denied goes.
    #[must_use]
    pub fn only_emergency_stop(mut self) -> Self {
        self.stages
            .retain(|stage| stage.kind == StageKind::EmergencyStop);
        self.needs.retain(|part| PEOPLE.contains(part));
        self
    }

    /// Who of those whose access to a group no object declares is told by name.
    pub fn undeclared_people(&self, group: &Object) -> &[PrincipalId] {
        let verdict = self.verdicts.get(group);
        match verdict.map(|verdict| &verdict.record) {
            Some(Record::Group(GroupRecord {
                undeclared: UndeclaredFinding::Found { people, .. },
                ..
            })) => people,
            _ => &[],
        }
    }

    /// Whether the tenant matches an object of this plan, or why not.
    pub fn state(&self, object: &Object) -> Option<&State> {
        self.verdicts.get(object).map(|verdict| &verdict.state)
    }
}
