//! Nothing is given on facts that were not read in this pass, and nothing is taken for absent that nobody looked for.

use proptest::prelude::*;
use proptest::sample::select;

use super::fixture::*;
use super::strategy;
use crate::action::{Action, GrantVerb, Write};
use crate::desired;
use crate::observed::{self, Presence};
use crate::plan::teardown::LAST_LOOK;
use crate::plan::{Plan, StageKind};
use crate::principal::{Account, Identity, Names, PrincipalKind, Resolution};
use crate::schedule::{Access, ByAccess, End, Key, Kind, ScheduleExpiration, Window};

/// The same names, with accounts that nobody has asked for.
pub fn with_unknown_accounts(names: &Names) -> Names {
    let known = PEOPLE.iter().map(|name| {
        let resolution = match names.resolution(&person(name)) {
            Resolution::Found(identity) => Resolution::Found(Identity {
                account: Account::Unknown,
                ..identity.clone()
            }),
            other => other.clone(),
        };
        (person(name), resolution)
    });
    known.collect()
}

/// Holds a plan against what was read for it.
pub fn judge(desired: &desired::Unit, observed: &observed::Unit, plan: &Plan) {
    assert!(
        plan.needs.is_empty() || plan.stages.is_empty(),
        "nothing is done before everything is known that it rests on"
    );
    for stage in &plan.stages {
        for action in &stage.actions {
            judge_action(desired, observed, stage.kind, action);
        }
    }
}

fn asks_for(observed: &observed::Unit, parts: &[Part], action: &Action) {
    for part in parts {
        assert!(
            observed.is_fresh(*part),
            "{part:?} was not read: {action:?}"
        );
    }
}

fn judge_action(
    desired: &desired::Unit,
    observed: &observed::Unit,
    stage: StageKind,
    action: &Action,
) {
    match &action.write {
        Write::Grant {
            key, verb, window, ..
        } => {
            asks_for(observed, &[Part::of(key.kind), Part::Policies], action);
            if *verb == GrantVerb::Assign {
                assert_eq!(stage, StageKind::Grant);
                assert_eq!(account(desired, *key), Some(Account::Enabled), "{action:?}");
            }
            let is_lasting = key.kind == Kind::Active && window.end == End::Never;
            // Only a permanent owner who is to end some day may be the last one by then.
            let stands = observed.standing(*key).map(|stands| stands.window.end);
            let gives_less = stage == StageKind::Revoke
                && !(key.kind == Kind::Active && stands == Some(End::Never));
            if key.access == Access::Owner && !is_lasting && !gives_less {
                asks_for(observed, &[Part::Active], action);
                assert!(has_lasting_owner(desired, observed, *key), "{action:?}");
            }
        }
        Write::BindRole { role, .. } => {
            let lists: &[Part] = match role.kind {
                Kind::Eligible => &[Part::EligibleRoles],
                Kind::Active => &[Part::Roles, Part::PlainRoles],
            };
            asks_for(observed, lists, action);
            if stage == StageKind::Grant {
                asks_for(observed, &[Part::Policies], action);
            }
        }
        Write::UpdatePolicy { .. } => asks_for(observed, &[Part::Policies], action),
        // What was sent and never seen is taken away unseen, but not unread.
        Write::Revoke { key, .. } => {
            assert!(observed.list(key.kind).last().is_some(), "{action:?}");
        }
        Write::UnbindRole { role, .. } => {
            let list = observed.role_list(role.kind);
            assert!(list.last().is_some(), "{action:?}");
        }
        Write::DeletePlainRole { .. } => {
            asks_for(observed, &[Part::PlainRoles, Part::Roles], action);
        }
        // Whoever is denied goes whatever shows them.
        Write::RemoveDirect { .. } if stage == StageKind::EmergencyStop => {}
        Write::RemoveDirect { .. } if stage == StageKind::Undeclared => {
            let parts = [Part::Active, Part::People, Part::Applications];
            asks_for(observed, &parts, action);
        }
        Write::RemoveDirect {
            access, principal, ..
        } => {
            let is_listed = |row: &observed::Schedule| {
                row.access == *access && row.principal == *principal && row.window == Window::ALWAYS
            };
            if !observed.active.rows().iter().any(is_listed) {
                asks_for(observed, &[Part::Applications, Part::Active], action);
            }
        }
        Write::DeleteGroup(_) => {
            asks_for(observed, &LAST_LOOK, action);
            judge_emptiness(observed);
        }
        Write::JoinUnit { .. } => asks_for(observed, &[Part::Units], action),
        Write::CreateGroup(_) | Write::RestoreGroup(_) | Write::UpdateGroup { .. } => {}
    }
}

/// The account of whom a key means, by any name that leads to them.
fn account(desired: &desired::Unit, key: Key) -> Option<Account> {
    let identities = PEOPLE
        .iter()
        .filter_map(|name| desired.names.identity(&person(name)));
    let accounts = identities
        .filter(|identity| identity.id == key.principal)
        .map(|identity| identity.account);
    accounts.min_by_key(|account| *account != Account::Enabled)
}

/// Whether somebody who may sign in is declared and stands as permanent owner, beside the one that is written.
fn has_lasting_owner(desired: &desired::Unit, observed: &observed::Unit, written: Key) -> bool {
    observed.owners().any(|owner| {
        let is_declared = desired.assignments.iter().any(|one| {
            one.access == Access::Owner
                && one.kind == Kind::Active
                && one.schedule.expiration == ScheduleExpiration::Never
                && one.subjects.iter().any(|subject| {
                    desired.names.identity(subject).is_some_and(|identity| {
                        identity.id == owner.principal
                            && identity.kind == PrincipalKind::User
                            && identity.account == Account::Enabled
                    })
                })
        });
        let is_other = written.kind == Kind::Eligible || owner.principal != written.principal;
        owner.window.end == End::Never && is_declared && is_other
    })
}

/// Nothing but the last owner goes with a group.
fn judge_emptiness(observed: &observed::Unit) {
    assert!(observed.eligible.rows().is_empty());
    assert!(observed.roles.rows().is_empty() && observed.eligible_roles.rows().is_empty());
    assert!(observed.plain_roles.rows().is_empty());
    let owners: Vec<_> = observed
        .active
        .rows()
        .iter()
        .map(|row| (row.access, row.principal))
        .collect();
    let applications: Vec<_> = observed
        .applications
        .rows()
        .iter()
        .map(|row| (row.access, row.principal))
        .collect();
    let mut left: Vec<_> = owners.into_iter().chain(applications).collect();
    left.dedup();
    assert!(
        left.len() <= 1 && left.iter().all(|(access, _)| *access == Access::Owner),
        "{left:?}"
    );
}

/// How well a part is known.
#[derive(Debug, Clone, Copy)]
enum Freshness {
    Fresh,
    Earlier,
    Unread,
}

fn freshness() -> impl Strategy<Value = (Freshness, i64)> {
    let freshness = select(
        &[
            Freshness::Fresh,
            Freshness::Fresh,
            Freshness::Earlier,
            Freshness::Unread,
        ][..],
    );
    (freshness, -600..0_i64)
}

fn known<T: Clone>(part: &mut Read<T>, (freshness, when): (Freshness, i64)) {
    let Some(value) = part.last().cloned() else {
        return;
    };
    *part = match freshness {
        Freshness::Fresh => Read::now(value, at(when)),
        Freshness::Earlier => Read::now(value, at(when)).demoted(),
        Freshness::Unread => Read::Unread,
    };
}

prop_compose! {
    fn partly_read()(
        mut world in strategy::world(),
        parts in prop::collection::vec(freshness(), 8),
        knows_accounts in prop::bool::weighted(0.6),
        obeys in prop::bool::weighted(0.6),
        has_owner in prop::bool::weighted(0.3),
    ) -> World {
        if has_owner {
            // Without a permanent owner no other one is ever given.
            world.stands(owner_key("eve"), End::Never);
            world.owners("lasting", &["eve"]);
            world.eligible("wish", &["dan"]).access = Access::Owner;
        }
        if obeys {
            // Otherwise the guard hides nearly everything else.
            let (member, owner) = (world.declared(Access::Member), world.declared(Access::Owner));
            world.observed.policies = Read::now(
                ByAccess { member: Some(policy(&member)), owner: Some(policy(&owner)) },
                at(0),
            );
        }
        let observed = &mut world.observed;
        known(&mut observed.policies, parts[0]);
        known(&mut observed.eligible, parts[1]);
        known(&mut observed.active, parts[2]);
        known(&mut observed.roles, parts[3]);
        known(&mut observed.eligible_roles, parts[4]);
        known(&mut observed.plain_roles, parts[5]);
        known(&mut observed.people, parts[6]);
        known(&mut observed.applications, parts[7]);
        if !knows_accounts {
            world.desired.names = with_unknown_accounts(&world.desired.names);
        }
        world
    }
}

proptest! {
    #[test]
    fn nothing_is_given_on_facts_that_were_not_read_in_this_pass(world in partly_read()) {
        let plan = world.plan();
        judge(&world.desired, &world.observed, &plan);
        if !matches!(world.observed.group, Presence::Living(_)) {
            prop_assert!(plan.needs.is_empty(), "nothing can be read of it, but {:?}", plan.needs);
        }
    }
}
