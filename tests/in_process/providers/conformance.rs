//! The suite: what the planner and the reader rely on, whatever the system.

use std::time::Duration;

use async_trait::async_trait;
use entra_pim_operator::providers::{Bind, Catalogues, Effect, RoleProvider, RoleProviders};
use pim_core::action::GrantVerb;
use pim_core::desired::Role;
use pim_core::ids::GroupId;
use pim_core::role::{BoundRole, Keeping, KeptAs, RoleReference, RoleScope, RoleTarget};
use pim_core::schedule::{End, Kind, Window};

/// A system with a group that holds nothing of it yet.
#[async_trait]
pub trait System {
    /// The provider, as the reader holds it.
    fn providers(&self) -> &RoleProviders;

    /// The group that holds nothing yet.
    fn group(&self) -> GroupId;

    /// A role that there is, at a scope that there is.
    fn role(&self) -> RoleReference<'static>;

    /// Lets pass what the system needs before it takes something away that was just given.
    async fn wait(&self);
}

/// Makes the suite's tests for each system.
macro_rules! conforms {
    ($($name:ident: $system:expr;)*) => {$(
        mod $name {
            use super::conformance::*;
            use super::*;

            #[tokio::test(start_paused = true)]
            async fn a_name_leads_to_one_role_whatever_its_case_and_so_does_its_id() {
                names(&$system).await;
            }

            #[tokio::test(start_paused = true)]
            async fn a_role_that_is_bound_is_listed_and_bound_only_once() {
                bound_once(&$system).await;
            }

            #[tokio::test(start_paused = true)]
            async fn a_role_that_is_taken_away_is_gone_and_may_be_taken_away_again() {
                taken_away(&$system).await;
            }

            #[tokio::test(start_paused = true)]
            async fn a_role_ends_and_is_eligible_where_the_system_knows_that() {
                windows(&$system).await;
            }
        }
    )*};
}
pub(super) use conforms;

fn of(system: &impl System) -> &dyn RoleProvider {
    system.providers().of(system.role().system).unwrap()
}

async fn catalogues(system: &impl System, role: &RoleReference<'_>) -> Catalogues {
    let wanted = std::slice::from_ref(role);
    system.providers().catalogues(wanted).await.unwrap()
}

async fn target(system: &impl System) -> RoleTarget {
    let role = system.role();
    match catalogues(system, &role).await.find(&role) {
        Role::Found(target) => target,
        other => panic!("{other:?}"),
    }
}

fn active(target: RoleTarget) -> BoundRole {
    let kind = Kind::Active;
    BoundRole { target, kind }
}

async fn bind(system: &impl System, key: &BoundRole) -> Effect {
    change(system, key, GrantVerb::Assign, Window::ALWAYS).await
}

/// What the system keeps of a role in a window.
fn kept_as(key: &BoundRole, window: Window) -> KeptAs {
    let is_lasting = key.kind == Kind::Active && window == Window::ALWAYS;
    match key.target.system.keeping {
        Keeping::Schedules => KeptAs::Schedule,
        Keeping::Both if !is_lasting => KeptAs::Schedule,
        Keeping::Both | Keeping::Assignments => KeptAs::Assignment,
    }
}

async fn take_away(system: &impl System, key: &BoundRole, window: Window) -> Effect {
    let by = kept_as(key, window);
    of(system)
        .unbind(None, system.group(), key, by)
        .await
        .unwrap()
}

/// How often the schedules of a kind show a role.
async fn scheduled(system: &impl System, kind: Kind, target: &RoleTarget) -> Vec<End> {
    let scopes = [target.scope.clone()];
    let held = of(system).schedules(kind, system.group(), &scopes);
    let rows = held.await.unwrap().listed.rows.into_iter();
    let rows = rows.filter(|row| row.target == *target);
    rows.map(|row| row.window.end).collect()
}

async fn change(system: &impl System, key: &BoundRole, verb: GrantVerb, window: Window) -> Effect {
    let bind = Bind {
        key,
        by: kept_as(key, window),
        verb,
        window,
        condition: None,
        justification: "the suite",
        ticket: None,
    };
    of(system).bind(None, system.group(), bind).await.unwrap()
}

/// How often a list shows a role, by schedules and otherwise.
async fn shown(system: &impl System, target: &RoleTarget) -> (usize, usize) {
    let scopes = [target.scope.clone()];
    let plain = of(system).plain(system.group(), &scopes);
    let plain = plain.await.unwrap().listed;
    let held = plain.rows.iter().filter(|row| row.target == *target);
    let scheduled = scheduled(system, Kind::Active, target).await;
    (scheduled.len(), held.count())
}

pub async fn names(system: &impl System) {
    let (role, target) = (system.role(), target(system).await);
    let scope = RoleScope::of(role.system, &role.scope);
    assert_eq!((target.system, &target.scope), (role.system, &scope));
    let (upper, id) = (role.role.to_uppercase(), target.role.to_string());
    for name in [upper.as_str(), id.as_str()] {
        let named = RoleReference {
            role: name,
            ..role.clone()
        };
        let found = catalogues(system, &named).await.find(&named);
        assert_eq!(found, Role::Found(target.clone()), "{name}");
    }
    let unknown = RoleReference {
        role: "no role bears this name",
        ..role
    };
    let found = catalogues(system, &unknown).await.find(&unknown);
    assert_eq!(found, Role::NotFound);
}

pub async fn bound_once(system: &impl System) {
    let target = target(system).await;
    assert_eq!(shown(system, &target).await, (0, 0));
    assert!(matches!(
        bind(system, &active(target.clone())).await,
        Effect::Done(_)
    ));
    let first = shown(system, &target).await;
    assert!(first.0.max(first.1) == 1, "it is listed: {first:?}");
    let again = bind(system, &active(target.clone())).await;
    assert!(
        matches!(again, Effect::Existed | Effect::Done(_)),
        "{again:?}"
    );
    assert_eq!(shown(system, &target).await, first, "once");
    assert_eq!(scheduled(system, Kind::Eligible, &target).await, []);
}

pub async fn taken_away(system: &impl System) {
    let target = target(system).await;
    bind(system, &active(target.clone())).await;
    system.wait().await;
    for expected in ["it was there", "it is gone"] {
        let effect = take_away(system, &active(target.clone()), Window::ALWAYS).await;
        match expected {
            "it was there" => assert!(matches!(effect, Effect::Done(_)), "{effect:?}"),
            _ => assert_eq!(effect, Effect::WasGone),
        }
    }
    assert_eq!(shown(system, &target).await, (0, 0));
}

pub async fn windows(system: &impl System) {
    let target = target(system).await;
    for kind in [Kind::Eligible, Kind::Active] {
        let key = BoundRole {
            target: target.clone(),
            kind,
        };
        let (month, week) = (until(30), until(7));
        if !target.system.has_schedules() {
            assert_eq!(scheduled(system, kind, &target).await, []);
            continue;
        }
        change(system, &key, GrantVerb::Assign, month).await;
        assert_eq!(
            scheduled(system, kind, &target).await,
            [month.end],
            "{kind}"
        );
        system.wait().await;
        change(system, &key, GrantVerb::Update, week).await;
        assert_eq!(scheduled(system, kind, &target).await, [week.end], "{kind}");
        system.wait().await;
        let effect = take_away(system, &key, week).await;
        assert!(matches!(effect, Effect::Done(_)), "{effect:?}");
        assert_eq!(scheduled(system, kind, &target).await, [], "{kind}");
    }
}

/// From now on for so many days.
fn until(days: u64) -> Window {
    let now = jiff::Timestamp::now();
    let end = now + Duration::from_secs(days * 24 * 60 * 60);
    Window {
        start: None,
        end: End::At(pim_core::knowledge::whole_second(end)),
    }
}
