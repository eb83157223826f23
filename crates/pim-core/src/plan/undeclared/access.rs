//! Members and owners whom PIM has made eligible or active and whom no object declares. Who has activated what they are
//! eligible for is none of them: that ends by itself. Whoever is one past PIM is looked for in `standing`.

use super::people;
use super::stray::{Removal, Search, SearchExtent, Stray, lingers, rank};
use crate::desired::Undeclared;
use crate::ids::GroupId;
use crate::knowledge::{Held, Part};
use crate::observed::{Nature, Schedule};
use crate::plan::context::PlanContext;
use crate::plan::draft::Draft;
use crate::plan::removal;
use crate::schedule::{Key, Kind};

/// Looks for access of a kind that nobody declares; nothing where nobody wants to know.
pub fn search(
    context: &PlanContext<'_>,
    group: GroupId,
    kind: Kind,
    draft: &mut Draft,
) -> Option<Search> {
    let wishes = &context.desired.group.undeclared;
    let wish = match kind {
        Kind::Eligible => wishes.eligible,
        Kind::Active => wishes.active,
    };
    if wish == Undeclared::Ignore {
        return None;
    }
    let part = Part::of(kind);
    let mut found = Search {
        wish,
        strays: Vec::new(),
        extent: match people::with_unread_name(context, kind) {
            Some(unread) => SearchExtent::Spared(unread),
            None if context.observed.is_fresh(part) => SearchExtent::Everything,
            None => SearchExtent::Part,
        },
    };
    if let Some(unreadable) = people::unreadable(context, kind) {
        found.extent = SearchExtent::Spared(unreadable);
        return Some(found);
    }
    for row in context.observed.list(kind).rows() {
        let key = row.key(kind);
        let stands = row.nature == Nature::Assigned && !row.window.end.is_over(context.now());
        let is_past_pim = kind == Kind::Active && row.is_plain();
        if !stands || is_past_pim || people::is_spared(context, key) {
            continue;
        }
        // They may have gone since.
        draft.need(part);
        if lingers(context, &Held::Access(key), draft) {
            continue;
        }
        found.strays.push(Stray {
            held: Held::Access(key),
            told: context.desired.held_by(key),
            principal: Some(key.principal),
            removal: taken_out(context, group, (row, key), draft),
        });
    }
    if kind == Kind::Eligible && wish == Undeclared::Remove {
        found.strays.extend(activations(context, group, draft));
    }
    found.strays.sort_by_cached_key(rank);
    Some(found)
}

/// Activations whose eligibility does not stand any more and is declared by nobody: the service lets them run on.
fn activations(context: &PlanContext<'_>, group: GroupId, draft: &mut Draft) -> Vec<Stray> {
    let observed = context.observed;
    let (Some(eligible), Some(active)) = (observed.eligible.fresh(), observed.active.fresh())
    else {
        return Vec::new();
    };
    let mut left = Vec::new();
    for row in active.iter().filter(|row| row.nature == Nature::Activated) {
        let (from, key) = (row.key(Kind::Eligible), row.key(Kind::Active));
        let stands = eligible
            .iter()
            .any(|one| one.key(Kind::Eligible) == from && !one.window.end.is_over(context.now()));
        let is_wanted = [from, key]
            .iter()
            .any(|key| people::is_declared(context, *key) || people::is_allowed(context, *key));
        let is_over = row.window.end.is_over(context.now());
        // An assignment and an activation are told apart by nothing that a request can name.
        let is_denied = context.desired.rules.denies(key.principal);
        if stands || is_wanted || is_over || is_denied || observed.assigned(key).is_some() {
            continue;
        }
        let young = context.too_young_until(key.kind, row.created, &row.window);
        draft.wake(young);
        let was_ours = draft.memory.removed.contains_key(&Held::Access(from));
        let write = Box::new(removal::of(group, Kind::Active, row, draft));
        left.push(Stray {
            held: Held::Access(key),
            told: format!("activation of {}", context.desired.principal(key.principal)),
            principal: Some(key.principal),
            removal: match young {
                _ if context.desired.rules.protects(key.principal) => Removal::Protected,
                Some(_) => Removal::Later,
                None if was_ours => Removal::AtOnce(write),
                None => Removal::Now(write),
            },
        });
    }
    left
}

/// How somebody is taken out.
fn taken_out(
    context: &PlanContext<'_>,
    group: GroupId,
    (row, key): (&Schedule, Key),
    draft: &mut Draft,
) -> Removal {
    if let Some(kept) = people::kept(context, key) {
        return kept;
    }
    let young = context.too_young_until(key.kind, row.created, &row.window);
    draft.wake(young);
    if young.is_some() || !context.observed.is_fresh(Part::of(key.kind)) {
        return Removal::Later;
    }
    Removal::Now(Box::new(removal::of(group, key.kind, row, draft)))
}
