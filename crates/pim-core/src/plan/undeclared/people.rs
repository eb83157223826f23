//! What every search for people asks: who is declared, or may be, who is allowed to stay, and who stays because they are
//! protected or needed as an owner. Finds nobody and decides no write.

use super::stray::Removal;
use crate::desired::{Assignment, Object, Readability};
use crate::plan::context::PlanContext;
use crate::principal::{Account, Principal, PrincipalKind, Resolution};
use crate::schedule::{End, Key, Kind};

/// An object of a kind that nobody can read: nobody knows whom it names beside those whom its status remembers.
pub fn unreadable(context: &PlanContext<'_>, kind: Kind) -> Option<Object> {
    first(context, kind, |one| {
        one.readability != Readability::Readable
    })
}

/// An object of a kind with a name of which nobody has looked up whom it means: what it spares may be undeclared.
pub fn with_unread_name(context: &PlanContext<'_>, kind: Kind) -> Option<Object> {
    let names = &context.desired.names;
    first(context, kind, |one| {
        let mut subjects = one.subjects.iter();
        subjects.any(|name| *names.resolution(name) == Resolution::Unread)
    })
}

fn first(
    context: &PlanContext<'_>,
    kind: Kind,
    is_meant: impl Fn(&Assignment) -> bool,
) -> Option<Object> {
    let of_kind = context.desired.assignments.iter();
    let of_kind = of_kind.filter(|one| one.kind == kind && is_meant(one));
    of_kind.map(Assignment::object).min()
}

/// Whether somebody's access is none of ours to tell of: an object declares it or may do so, or the group allows it. The
/// emergency stop takes care of whoever is denied.
pub fn is_spared(context: &PlanContext<'_>, key: Key) -> bool {
    context.desired.rules.denies(key.principal)
        || is_declared(context, key)
        || is_allowed(context, key)
}

/// Whether an object declares some access, declared it before, or may declare it.
pub fn is_declared(context: &PlanContext<'_>, key: Key) -> bool {
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
pub fn is_allowed(context: &PlanContext<'_>, key: Key) -> bool {
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

/// Why somebody stays whom nobody declares, if they do: the tenant protects them, or no declared owner would be left. The
/// service keeps the last owner, and so do we: a declared one has to stand before another goes.
pub fn kept(context: &PlanContext<'_>, key: Key) -> Option<Removal> {
    if context.desired.rules.protects(key.principal) {
        return Some(Removal::Protected);
    }
    let is_needed = key == Key::owner(key.principal) && !has_declared_owner(context);
    is_needed.then_some(Removal::LastOwner)
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
