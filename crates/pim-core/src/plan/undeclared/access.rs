//! Members and owners whom no object declares, eligible or active. Who has activated what they are eligible for is none of
//! them: that ends by itself.

use super::stray::{Removal, Search, SearchExtent, Stray, lingers, need};
use crate::desired::{Assignment, Readability, Undeclared};
use crate::ids::GroupId;
use crate::knowledge::{Held, Part};
use crate::observed::{Nature, Schedule};
use crate::plan::context::PlanContext;
use crate::plan::draft::Draft;
use crate::plan::removal;
use crate::principal::{Account, Principal, PrincipalKind, Resolution};
use crate::schedule::{Access, End, Key, Kind};

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
    let spared = |is_spared: fn(&PlanContext<'_>, &Assignment) -> bool| {
        let of_kind = context.desired.assignments.iter();
        let of_kind = of_kind.filter(|one| one.kind == kind && is_spared(context, one));
        of_kind.map(Assignment::object).min()
    };
    let mut found = Search {
        wish,
        strays: Vec::new(),
        extent: match spared(is_name_unread) {
            Some(unread) => SearchExtent::Spared(unread),
            None if context.observed.is_fresh(part) => SearchExtent::Everything,
            None => SearchExtent::Part,
        },
    };
    // Nobody can read whom it names beside those whom its status remembers.
    if let Some(unreadable) = spared(|_, one| one.readability != Readability::Readable) {
        found.extent = SearchExtent::Spared(unreadable);
        return Some(found);
    }
    for row in context.observed.list(kind).rows() {
        let key = row.key(kind);
        let stands = row.nature == Nature::Assigned && !row.window.end.is_over(context.now());
        // The emergency stop takes care of whoever is denied.
        let is_denied = context.desired.rules.denies(key.principal);
        if !stands || is_denied || is_declared(context, key) || is_allowed(context, key) {
            continue;
        }
        need(context, part, draft);
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

/// Where somebody stands in the list: owners weigh more than members. It does not rest on what people are called, or looking
/// up the first of them would bring up others whose names are not known, and so on to the end of a long list.
fn rank(stray: &Stray) -> (bool, Held) {
    let owns = matches!(&stray.held, Held::Access(key) if key.access == Access::Owner);
    (!owns, stray.held.clone())
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
            .any(|key| is_declared(context, *key) || is_allowed(context, *key));
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

/// Whether nobody has looked whom an object names: what it spares may be undeclared.
fn is_name_unread(context: &PlanContext<'_>, assignment: &Assignment) -> bool {
    let mut names = assignment.subjects.iter();
    names.any(|name| *context.desired.names.resolution(name) == Resolution::Unread)
}

/// Whether an object declares some access, declared it before, or may declare it.
fn is_declared(context: &PlanContext<'_>, key: Key) -> bool {
    let may_declare = |one: &&Assignment| {
        let of_key = one.kind == key.kind && one.access == key.access;
        let mut memory = one.memory.iter();
        of_key
            && (memory.any(|record| record.principal == key.principal)
                || one.subjects.iter().any(|name| may_mean(context, name, key)))
    };
    context.claims.is_kept(&key)
        || context
            .desired
            .assignments
            .iter()
            .any(|one| may_declare(&one))
}

fn may_mean(context: &PlanContext<'_>, name: &Principal, key: Key) -> bool {
    match context.desired.names.resolution(name) {
        Resolution::Found(identity) => identity.id == key.principal,
        Resolution::Ambiguous(ids) => ids.contains(&key.principal),
        // Named by another of their ids than the kind asks for.
        Resolution::Elsewhere(_) => name.name.parse() == Ok(key.principal),
        // What its status names may be the group that is meant, proved or not.
        Resolution::Withheld { hint, .. } => *hint == Some(key.principal),
        Resolution::NotFound => false,
        Resolution::Unread => true,
    }
}

/// Whether the group says that somebody may stay, and the boundary lets it say that.
fn is_allowed(context: &PlanContext<'_>, key: Key) -> bool {
    let boundary = context.desired.boundary.as_ref();
    let into = context.desired.group.assignability;
    let mut allowed = context.desired.group.undeclared.allowed.iter();
    allowed.any(|name| match context.desired.names.resolution(name) {
        Resolution::Found(identity) => {
            identity.id == key.principal
                && boundary.is_some_and(|one| one.judge_subject(name, identity, into).is_ok())
        }
        _ => may_mean(context, name, key),
    })
}

/// How somebody is taken out. The service keeps the last owner, and so do we: a declared one has to stand before another goes.
fn taken_out(
    context: &PlanContext<'_>,
    group: GroupId,
    (row, key): (&Schedule, Key),
    draft: &mut Draft,
) -> Removal {
    if context.desired.rules.protects(key.principal) {
        return Removal::Protected;
    }
    if key == Key::owner(key.principal) && !has_declared_owner(context) {
        return Removal::LastOwner;
    }
    let young = context.too_young_until(key.kind, row.created, &row.window);
    draft.wake(young);
    if young.is_some() || !context.observed.is_fresh(Part::of(key.kind)) {
        return Removal::Later;
    }
    Removal::Now(Box::new(removal::of(group, key.kind, row, draft)))
}

/// Whether a person whom an object declares owns the group for good: the service counts no others.
fn has_declared_owner(context: &PlanContext<'_>) -> bool {
    let names = &context.desired.names;
    let mut owners = context.observed.owners();
    owners.any(|owner| {
        let claimant = context.claims.holder(&owner.key(Kind::Active));
        let identity = claimant.and_then(|one| names.identity(&one.subject));
        let is_person = identity
            .is_some_and(|one| one.kind == PrincipalKind::User && one.account != Account::Disabled);
        owner.window.end == End::Never && is_person && !names.is_gone(owner.principal)
    })
}
