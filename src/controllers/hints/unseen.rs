//! What was told of groups and not seen by a look yet. A change that we made ourselves is in what the last look saw, as is
//! one that is told twice; anything else leads to a look, and to a second one, because the lists may lag behind the hint.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use pim_core::ids::{GroupId, PrincipalId};
use pim_core::observed::{Presence, Unit};
use pim_core::schedule::Access;
use tokio::time::Instant;

use super::asked::AskedTenant;
use crate::reader::{ChangeDetails, GroupChange, LinkChange};

/// How often a group is looked at for the same change.
const LOOKS: u8 = 2;

/// How long a change is remembered that no look has seen: told again within that time, it leads to nothing.
const REMEMBERED: Duration = Duration::from_mins(10);

/// What was told of groups, and how often they were looked at since.
#[derive(Debug, Default)]
pub(super) struct UnseenChanges(HashMap<GroupId, Told>);

#[derive(Debug)]
struct Told {
    change: GroupChange,
    looks: u8,
    since: Instant,
}

impl UnseenChanges {
    /// Something is told of a group, in a round after those before.
    pub(super) fn tell(&mut self, group: GroupId, change: GroupChange) {
        let known = self.0.get(&group).map(|told| &told.change);
        let change = match (known, change) {
            (Some(GroupChange::Details(known)), GroupChange::Details(newer)) => {
                GroupChange::Details(with_newer(known.clone(), newer))
            }
            (_, change) => change,
        };
        if known != Some(&change) {
            let told = Told {
                change,
                looks: 0,
                since: Instant::now(),
            };
            self.0.insert(group, told);
        }
    }

    /// The groups to look at now.
    pub(super) fn due(&mut self, asked: &AskedTenant<'_>) -> Vec<GroupId> {
        let now = asked.connected.reader.now();
        self.due_unless(|group, change| {
            asked.names(group).all(|name| {
                let notes = &asked.context.notes;
                notes.last_saw(name, |unit| is_seen(unit, change, now))
            })
        })
    }

    fn due_unless(&mut self, is_seen: impl Fn(GroupId, &GroupChange) -> bool) -> Vec<GroupId> {
        let now = Instant::now();
        self.0
            .retain(|group, told| now < told.since + REMEMBERED && !is_seen(*group, &told.change));
        let mut due = Vec::new();
        for (group, told) in &mut self.0 {
            if told.looks < LOOKS {
                told.looks += 1;
                due.push(*group);
            }
        }
        due
    }
}

fn with_newer(known: ChangeDetails, newer: ChangeDetails) -> ChangeDetails {
    let mut links = known.links;
    links.extend(newer.links);
    ChangeDetails {
        properties: newer.properties.or(known.properties),
        links,
    }
}

/// Whether what a look saw shows a change already.
fn is_seen(unit: &Unit, change: &GroupChange, now: Timestamp) -> bool {
    let (Presence::Living(group), GroupChange::Details(details)) = (&unit.group, change) else {
        return false;
    };
    let is_called = |(name, description): &(String, Option<String>)| {
        *name == group.display_name && *description == group.description
    };
    let mut links = details.links.iter();
    details.properties.as_ref().is_none_or(is_called)
        && links.all(|((access, principal), change)| match change {
            LinkChange::Added => is_in(unit, *access, *principal, now),
            LinkChange::Removed => !is_in(unit, *access, *principal, now),
            LinkChange::Both => false,
        })
}

/// Whether somebody is member or owner now, by what a look saw.
fn is_in(unit: &Unit, access: Access, principal: PrincipalId, now: Timestamp) -> bool {
    let mut active = unit.active.rows().iter();
    active.any(|row| {
        (row.access, row.principal) == (access, principal)
            && !row.window.is_future(now)
            && !row.window.end.is_over(now)
    }) || unit
        .direct()
        .any(|row| (row.access, row.principal) == (access, principal))
}

#[cfg(test)]
mod tests {
    use pim_core::desired::Assignability;
    use pim_core::knowledge::Read;
    use pim_core::observed::{Group, Management, Nature, Schedule};
    use pim_core::schedule::{End, Window};
    use uuid::Uuid;

    use super::*;

    const GROUP: GroupId = GroupId(Uuid::from_u128(1));
    const JOSE: PrincipalId = PrincipalId(Uuid::from_u128(2));

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn link(change: LinkChange) -> GroupChange {
        GroupChange::Details(ChangeDetails {
            properties: None,
            links: [((Access::Member, JOSE), change)].into(),
        })
    }

    fn saw(members: &[PrincipalId]) -> Unit {
        let group = Group {
            id: GROUP,
            display_name: "PAG".to_owned(),
            description: None,
            assignability: Assignability::RoleAssignable,
            management: Management::Open,
            created_by: None,
        };
        let mut unit = Unit::unread(now(), Presence::Living(group));
        let row = |principal: &PrincipalId| Schedule {
            access: Access::Member,
            principal: *principal,
            window: Window {
                start: None,
                end: End::Never,
            },
            nature: Nature::Assigned,
            created: None,
        };
        unit.active = Read::Earlier {
            value: members.iter().map(row).collect(),
            at: now(),
        };
        unit
    }

    #[test]
    fn what_the_last_look_saw_is_no_news_and_anything_else_is() {
        for (members, change, seen) in [
            (&[JOSE][..], LinkChange::Added, true),
            (&[], LinkChange::Added, false),
            (&[JOSE], LinkChange::Removed, false),
            (&[], LinkChange::Removed, true),
            (&[JOSE], LinkChange::Both, false),
        ] {
            let unit = saw(members);
            assert_eq!(is_seen(&unit, &link(change), now()), seen, "{change:?}");
        }
        let renamed = |name: &str| {
            GroupChange::Details(ChangeDetails {
                properties: Some((name.to_owned(), None)),
                ..ChangeDetails::default()
            })
        };
        assert!(is_seen(&saw(&[]), &renamed("PAG"), now()));
        assert!(!is_seen(&saw(&[]), &renamed("Mine"), now()));
        assert!(!is_seen(&saw(&[]), &GroupChange::Deleted, now()));
        assert!(!is_seen(&saw(&[]), &GroupChange::Unclear, now()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_no_look_sees_leads_to_two_looks_however_often_it_is_told() {
        let mut unseen = UnseenChanges::default();
        let mut looks = 0;
        for _ in 0..8 {
            unseen.tell(GROUP, link(LinkChange::Added));
            looks += unseen.due_unless(|_, _| false).len();
            tokio::time::advance(Duration::from_mins(1)).await;
        }
        assert_eq!(looks, usize::from(LOOKS));
        unseen.tell(GROUP, link(LinkChange::Removed));
        assert_eq!(
            unseen.due_unless(|_, _| false),
            [GROUP],
            "that is another one"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_is_seen_leads_to_nothing() {
        let mut unseen = UnseenChanges::default();
        unseen.tell(GROUP, link(LinkChange::Added));
        assert_eq!(unseen.due_unless(|_, _| false), [GROUP]);
        assert!(unseen.due_unless(|_, _| true).is_empty());
        assert!(unseen.0.is_empty());
    }
}
