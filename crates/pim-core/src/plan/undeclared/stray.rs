//! What is undeclared, as it is found. Looks for nothing.

use jiff::{SignedDuration, Timestamp};

use crate::action::Write;
use crate::desired::{Object, Undeclared};
use crate::ids::PrincipalId;
use crate::knowledge::{DWELLS, Held, Part, later};
use crate::plan::context::PlanContext;
use crate::plan::draft::Draft;
use crate::schedule::Access;

/// How long lists may go on showing what was taken away.
const LINGERS: SignedDuration = SignedDuration::from_mins(5);

/// Something that nobody declares.
pub struct Stray {
    /// What it is.
    pub held: Held,
    /// What it is, in words.
    pub told: String,
    /// Whose access it is, if it is anybody's.
    pub principal: Option<PrincipalId>,
    /// How it is taken away.
    pub removal: Removal,
}

/// How something is taken away.
pub enum Removal {
    /// By this write, now.
    Now(Box<Write>),
    /// By this write, however lately it was seen: what it came from was taken away already.
    AtOnce(Box<Write>),
    /// That cannot be said, or cannot be done yet.
    Later,
    /// Not at all while the group would be left without an owner.
    LastOwner,
    /// Not at all while the tenant protects whom it is about.
    Protected,
    /// Not at all while the lists do not agree that it stands.
    Unproven,
}

/// What was found of one sort.
pub struct Search {
    /// What is to happen to it.
    pub wish: Undeclared,
    pub strays: Vec<Stray>,
    pub extent: SearchExtent,
}

/// How far a search reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchExtent {
    /// Everything was read in this pass that could show a stray.
    Everything,
    /// Not all of it.
    Part,
    /// Nobody knows what this object declares, so anything may be declared.
    Spared(Object),
}

/// Until when something that is to be taken away is only told: an object that declares it may be on its way. Losing what is
/// remembered makes that longer.
pub fn dwells_until(
    context: &PlanContext<'_>,
    held: &Held,
    draft: &mut Draft,
) -> Option<Timestamp> {
    let now = context.now();
    let since = *draft.memory.strays.entry(held.clone()).or_insert(now);
    Some(later(since, DWELLS)).filter(|until| *until > now)
}

/// Whether lists were read in this pass, as they have to be right before somebody goes; if not, they are asked for.
pub fn are_read(context: &PlanContext<'_>, parts: &[Part], draft: &mut Draft) -> bool {
    for part in parts {
        draft.need(*part);
    }
    parts.iter().all(|part| context.observed.is_fresh(*part))
}

/// Whether lists may just go on showing what was taken away.
pub fn lingers(context: &PlanContext<'_>, held: &Held, draft: &Draft) -> bool {
    let removed = draft.memory.removed.get(held);
    removed.is_some_and(|at| later(*at, LINGERS) > context.now())
}

/// Where somebody comes in a list of people: owners weigh more than members. It does not rest on what people are called, or looking
/// up the first of them would bring up others whose names are not known, and so on to the end of a long list.
pub fn rank(stray: &Stray) -> (bool, Held) {
    let owns = matches!(&stray.held, Held::Access(key) if key.access == Access::Owner);
    (!owns, stray.held.clone())
}
