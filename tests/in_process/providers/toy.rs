//! A system that there is nowhere but here: it shows that the planner and the reader know no system by name.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use entra_client::Fence;
use entra_pim_operator::providers::{
    Asked, Bind, Catalogue, Effect, HeldRoles, RoleProvider, RoleProviders, WriteAnswer,
};
use futures::FutureExt;
use futures::future::ready;
use pim_core::ids::{GroupId, RoleAssignmentId};
use pim_core::observed::{PlainOrigin, PlainRole};
use pim_core::role::{
    BoundRole, Holders, Keeping, KeptAs, RoleId, RoleReference, RoleScope, RoleSystem, RoleTarget,
    RoleTerms, ScopeForm,
};
use uuid::Uuid;

use super::conformance::System;

const SYSTEM: RoleSystem = RoleSystem {
    field: "toyRole",
    title: "toy role",
    holders: Holders::Anyone,
    scopes: ScopeForm::Id,
    keeping: Keeping::Assignments,
    terms: &RoleTerms::CONDITION,
};

/// Names of roles; their ids are the same in lower case.
const ROLES: [&str; 2] = ["Reader", "Writer"];

#[derive(Default)]
struct ToyRoles(Mutex<BTreeSet<(GroupId, RoleTarget)>>);

struct Roles;

impl Catalogue for Roles {
    fn all(&self, name: &str, _: &str) -> Vec<RoleId> {
        let found = ROLES.iter().filter(|role| role.eq_ignore_ascii_case(name));
        found.map(|role| RoleId::new(role.to_lowercase())).collect()
    }
}

impl RoleProvider for ToyRoles {
    fn system(&self) -> RoleSystem {
        SYSTEM
    }

    fn catalogue<'a>(&'a self, _: &'a [RoleReference<'a>]) -> Asked<'a, Arc<dyn Catalogue>> {
        let roles: Arc<dyn Catalogue> = Arc::new(Roles);
        ready(Ok(roles)).boxed()
    }

    fn plain<'a>(&'a self, group: GroupId, _: &'a [RoleScope]) -> Asked<'a, HeldRoles<PlainRole>> {
        let held = self.0.lock().unwrap();
        let rows = held.iter().filter(|(holder, _)| *holder == group);
        let rows = rows.map(|(_, target)| PlainRole {
            id: RoleAssignmentId::new(target.to_string()),
            target: target.clone(),
            origin: PlainOrigin::Ours,
            condition: None,
        });
        let mut all = HeldRoles::default();
        all.listed.rows.extend(rows);
        ready(Ok(all)).boxed()
    }

    fn bind<'a>(&'a self, _: Option<&Fence>, group: GroupId, bind: Bind<'a>) -> WriteAnswer<'a> {
        let is_new = self
            .0
            .lock()
            .unwrap()
            .insert((group, bind.key.target.clone()));
        let effect = if is_new {
            Effect::Done(None)
        } else {
            Effect::Existed
        };
        ready(Ok(effect)).boxed()
    }

    fn unbind<'a>(
        &'a self,
        _: Option<&Fence>,
        group: GroupId,
        key: &'a BoundRole,
        _: KeptAs,
    ) -> WriteAnswer<'a> {
        let was_held = self.0.lock().unwrap().remove(&(group, key.target.clone()));
        let effect = if was_held {
            Effect::Done(None)
        } else {
            Effect::WasGone
        };
        ready(Ok(effect)).boxed()
    }

    fn delete_plain<'a>(
        &'a self,
        _: Option<&Fence>,
        _: GroupId,
        assignment: &'a RoleAssignmentId,
    ) -> WriteAnswer<'a> {
        let mut held = self.0.lock().unwrap();
        held.retain(|(_, target)| target.to_string() != assignment.as_str());
        ready(Ok(Effect::Done(None))).boxed()
    }
}

/// A tenant with toy roles alone.
pub struct Toy(RoleProviders);

impl Default for Toy {
    fn default() -> Self {
        Self(RoleProviders::new(vec![Arc::new(ToyRoles::default())]))
    }
}

#[async_trait]
impl System for Toy {
    fn providers(&self) -> &RoleProviders {
        &self.0
    }

    fn group(&self) -> GroupId {
        GroupId(Uuid::from_u128(1))
    }

    fn role(&self) -> RoleReference<'static> {
        RoleReference {
            system: SYSTEM,
            role: "Writer",
            scope: Cow::Borrowed("everywhere"),
        }
    }

    async fn wait(&self) {}
}
