//! The operator as an owner of its group: some tenants make whoever creates a group its owner, and so do other tools that sign in
//! as the same application. It needs no group for what it does, and an owner can do more than anybody declared, so it goes
//! once a declared owner stands. Whoever declares it as an owner keeps it there.

use super::people;
use super::stray::{Removal, Search, SearchExtent, Stray, are_read, dwells_until, lingers};
use crate::action::Write;
use crate::desired::Undeclared;
use crate::ids::GroupId;
use crate::knowledge::{Held, Part};
use crate::observed::Schedule;
use crate::plan::context::PlanContext;
use crate::plan::draft::Draft;
use crate::schedule::{Key, Kind};

/// Looks for the operator among the owners that the directory lists; nothing where it is none, where it may be declared, and
/// where nobody wants to know who is an owner past PIM.
pub fn search(context: &PlanContext<'_>, group: GroupId, draft: &mut Draft) -> Option<Search> {
    let key = Key::owner(context.desired.operator?);
    let is_unread = people::with_unread_name(context, Kind::Active).is_some()
        || people::unreadable(context, Kind::Active).is_some();
    let is_left_alone = context.desired.group.undeclared.standing == Undeclared::Ignore
        || is_unread
        || people::is_spared(context, key);
    let mut listed = context.observed.applications.rows().iter();
    let is_listed = listed.any(|one| one.key() == key);
    // Whom PIM has made an owner it takes out, as it does everybody.
    let is_pims = context
        .observed
        .assigned(key)
        .is_some_and(|row| !row.is_plain());
    let held = Held::Access(key);
    if is_left_alone || !is_listed || is_pims || lingers(context, &held, draft) {
        return None;
    }
    let removal = match people::kept(context, key) {
        Some(Removal::LastOwner) if is_alone(context, key) => Removal::LastOwner,
        // Nobody waits for what nobody asked for: it is told, and goes once a declared owner stands.
        Some(_) => Removal::Unproven,
        None => removal(context, group, key, draft),
    };
    let named = context.desired.principal(key.principal);
    Some(Search {
        wish: Undeclared::Remove,
        strays: vec![Stray {
            held,
            told: format!("plain owner {named}, the operator's own application"),
            principal: Some(key.principal),
            removal,
        }],
        extent: SearchExtent::Everything,
    })
}

/// Whether no other owner stands, whom somebody might have forgotten to declare.
fn is_alone(context: &PlanContext<'_>, key: Key) -> bool {
    let is_other = |owner: &Schedule| owner.principal != key.principal;
    !context.observed.owners().any(is_other)
}

/// How it leaves: once the list shows it that is read right before.
fn removal(context: &PlanContext<'_>, group: GroupId, key: Key, draft: &mut Draft) -> Removal {
    if dwells_until(context, &Held::Access(key), draft).is_some() {
        return Removal::Later;
    }
    // The declared owner has to stand now as well.
    if !are_read(context, &[Part::Active, Part::Applications], draft) {
        return Removal::Later;
    }
    Removal::Now(Box::new(Write::RemoveDirect {
        group,
        access: key.access,
        principal: key.principal,
    }))
}
