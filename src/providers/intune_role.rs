//! Roles of Intune, bound by assignments that have the group alone as member. An assignment of ours is known by its name,
//! which follows from group, role and scope groups; one of another name that gives the same counts and is left alone.
//!
//! Trouble with Intune is trouble of these roles alone, so reads end in a fault of the scope and not in an error.

mod approvals;
mod roles;

use std::sync::Arc;

use entra_client::graph::{IntuneAssignment, IntuneChange, NewIntuneAssignment};
use entra_client::permissions::INTUNE_ROLES;
use entra_client::{Error, Fence, Graph};
use futures::FutureExt;
use futures::future::join_all;
use pim_core::ids::{GroupId, RoleAssignmentId};
use pim_core::observed::{PlainOrigin, PlainRole};
use pim_core::role::{
    BoundRole, EVERYWHERE, KeptAs, RoleId, RoleReference, RoleScope, RoleSystem, RoleTarget,
};
use tokio::sync::Mutex;

use super::derived;
use super::effect::{Effect, Refused, of_removal};
use super::role_provider::{
    Asked, Bind, Catalogue, HeldRoles, Registration, RoleProvider, WriteAnswer,
};
use super::scope_fault;
use approvals::Approvals;
use roles::IntuneBook;

/// Roles of Intune. Their permission is asked for where a group holds any.
pub const REGISTRATION: Registration = Registration {
    system: RoleSystem::INTUNE,
    permissions: INTUNE_ROLES,
    connect: |services| Some(Arc::new(IntuneRoleProvider::new(&services.graph))),
};

/// Why a role is taken away, for whoever has to agree.
const NOT_DECLARED: &str = "no RoleBinding declares this role any more";

/// The roles of Intune of one tenant.
struct IntuneRoleProvider {
    graph: Graph,
    book: IntuneBook,
    approvals: Approvals,
    /// Whoever takes a group out of an assignment.
    leaving: Mutex<()>,
}

impl IntuneRoleProvider {
    fn new(graph: &Graph) -> Self {
        Self {
            graph: graph.clone(),
            book: IntuneBook::new(graph),
            approvals: Approvals::default(),
            leaving: Mutex::default(),
        }
    }

    /// What a group holds, by whatever assignment.
    async fn held(
        &self,
        group: GroupId,
        scopes: &[RoleScope],
    ) -> Result<HeldRoles<PlainRole>, Error> {
        let mut held = HeldRoles::default();
        if scopes.is_empty() {
            return Ok(held);
        }
        let listed = self.book.assignments().await?;
        held.listed.unreadable.clone_from(&listed.unreadable);
        let rows = listed.rows.iter().filter(|row| has(row, group));
        let read = rows.map(async |row| {
            let role = self.book.role_of(&row.id).await?;
            Ok(role.map_or_else(Vec::new, |role| plain(group, row, &role, scopes)))
        });
        let read: Vec<Result<Vec<PlainRole>, Error>> = join_all(read).await;
        let read: Vec<Vec<PlainRole>> = read.into_iter().collect::<Result<_, _>>()?;
        held.listed.rows = read.into_iter().flatten().collect();
        Ok(held)
    }

    /// The assignments of ours that give a role: those of the name, unless somebody gave that to another role.
    async fn ours(&self, name: &str, role: &RoleId) -> Result<Vec<IntuneAssignment>, Error> {
        let listed = self.graph.intune_assignments().await?;
        let mut ours = Vec::new();
        for row in listed.rows {
            if row.display_name == name && self.book.role_of(&row.id).await?.as_ref() == Some(role)
            {
                ours.push(row);
            }
        }
        Ok(ours)
    }

    /// Takes one group out of the assignment of an id. One after the other: what is written is what was read without the group, and
    /// would bring back whoever else left in between.
    async fn leave(
        &self,
        graph: &Graph,
        group: GroupId,
        assignment: &RoleAssignmentId,
    ) -> Result<Effect, Refused> {
        let _alone = self.leaving.lock().await;
        let listed = self.graph.intune_assignments().await?;
        let (rows, unreadable) = (listed.rows, listed.unreadable);
        let Some(row) = rows.into_iter().find(|row| row.id == *assignment) else {
            // What is not listed is gone, unless it is what cannot be read.
            let unread = unreadable.first().map(|row| Error::unreadable(&row.reason));
            return unread.map_or(Ok(Effect::WasGone), |error| Err(error.into()));
        };
        self.take_out(graph, group, row).await
    }

    /// Takes one group out of an assignment as it was just read. It goes with the last of its groups.
    async fn take_out(
        &self,
        graph: &Graph,
        group: GroupId,
        row: IntuneAssignment,
    ) -> Result<Effect, Refused> {
        if !has(&row, group) {
            return Ok(Effect::WasGone);
        }
        let (id, mut others) = (row.id, row.members);
        others.retain(|member| !member.eq_ignore_ascii_case(&group.to_string()));
        let (key, change) = if others.is_empty() {
            (format!("delete {id}"), IntuneChange::Delete(id))
        } else {
            (
                format!("leave {id} {group}"),
                IntuneChange::Keep(id, others),
            )
        };
        of_removal(self.approvals.ask(graph, &key, &change, NOT_DECLARED).await)
    }
}

/// Whether a group is among the members of an assignment.
fn has(row: &IntuneAssignment, group: GroupId) -> bool {
    let group = group.to_string();
    let mut members = row.members.iter();
    members.any(|member| member.eq_ignore_ascii_case(&group))
}

/// The name of the assignment that gives a group a role.
fn name(group: GroupId, target: &RoleTarget) -> String {
    const FAMILY: &str = "https://entra-pim.dev/intune-role-assignment";
    format!("entra-pim {}", derived::id(FAMILY, group, target))
}

/// An assignment as the group holds it. One of ours is the one that its name stands for, however it was changed; then what it
/// gives instead is told, too.
fn plain(
    group: GroupId,
    row: &IntuneAssignment,
    role: &RoleId,
    scopes: &[RoleScope],
) -> Vec<PlainRole> {
    let held = |scope: &RoleScope, origin, condition| PlainRole {
        id: row.id.clone(),
        target: target(role, scope),
        origin,
        condition,
    };
    let stands = RoleScope::of(RoleSystem::INTUNE, &row.scope_groups.join(","));
    let mut all = [&stands].into_iter().chain(scopes);
    let Some(named) = all.find(|scope| row.display_name == name(group, &target(role, scope)))
    else {
        return vec![held(&stands, PlainOrigin::Another, None)];
    };
    let others = row.members.len().saturating_sub(1);
    let instead = format!("{stands}, for {others} other groups, too");
    if *named != stands {
        return vec![
            held(named, PlainOrigin::Ours, Some(instead)),
            held(&stands, PlainOrigin::Another, None),
        ];
    }
    vec![held(
        named,
        PlainOrigin::Ours,
        (others > 0).then_some(instead),
    )]
}

fn target(role: &RoleId, scope: &RoleScope) -> RoleTarget {
    RoleTarget {
        system: RoleSystem::INTUNE,
        role: role.clone(),
        scope: scope.clone(),
    }
}

/// Nothing is known of any of these scopes. A group for which none is named is only looked at to see what else it holds, as far
/// as that may be read.
fn unread(scopes: &[RoleScope], error: &Error) -> HeldRoles<PlainRole> {
    let named = scopes.iter().filter(|scope| scope.as_str() != EVERYWHERE);
    HeldRoles::unread(RoleSystem::INTUNE, named, &scope_fault::of(error))
}

impl RoleProvider for IntuneRoleProvider {
    fn system(&self) -> RoleSystem {
        RoleSystem::INTUNE
    }

    fn catalogue<'a>(&'a self, wanted: &'a [RoleReference<'a>]) -> Asked<'a, Arc<dyn Catalogue>> {
        let read = async move {
            let known: Arc<dyn Catalogue> = Arc::new(self.book.catalogue(wanted).await);
            Ok(known)
        };
        read.boxed()
    }

    fn plain<'a>(
        &'a self,
        group: GroupId,
        scopes: &'a [RoleScope],
    ) -> Asked<'a, HeldRoles<PlainRole>> {
        let read = self.held(group, scopes);
        read.map(|held| Ok(held.unwrap_or_else(|error| unread(scopes, &error))))
            .boxed()
    }

    fn bind<'a>(
        &'a self,
        fence: Option<&Fence>,
        group: GroupId,
        bind: Bind<'a>,
    ) -> WriteAnswer<'a> {
        let graph = self.graph.fenced(fence);
        let write = async move {
            let name = name(group, &bind.key.target);
            let new = NewIntuneAssignment {
                name: &name,
                group,
                role: &bind.key.target.role,
                scope: &bind.key.target.scope,
            };
            let present = self.ours(&name, &bind.key.target.role).await?;
            let change = match present.into_iter().next() {
                Some(row) => IntuneChange::Update(row.id, new),
                None => IntuneChange::Create(new),
            };
            let reason = bind.justification;
            let done = self.approvals.ask(&graph, &name, &change, reason).await;
            Ok(done.map(|()| Effect::Done(None))?)
        };
        write.boxed()
    }

    /// An assignment is deleted by its id, so it is looked for first.
    fn unbind<'a>(
        &'a self,
        fence: Option<&Fence>,
        group: GroupId,
        key: &'a BoundRole,
        _: KeptAs,
    ) -> WriteAnswer<'a> {
        let graph = self.graph.fenced(fence);
        let write = async move {
            let mut effect = Effect::WasGone;
            let name = name(group, &key.target);
            let _alone = self.leaving.lock().await;
            for row in self.ours(&name, &key.target.role).await? {
                if let Effect::Done(done) = self.take_out(&graph, group, row).await? {
                    effect = Effect::Done(done);
                }
            }
            Ok(effect)
        };
        write.boxed()
    }

    fn name(&self, role: &RoleTarget) -> Option<String> {
        self.book.name(&role.role)
    }

    fn delete_plain<'a>(
        &'a self,
        fence: Option<&Fence>,
        group: GroupId,
        assignment: &'a RoleAssignmentId,
    ) -> WriteAnswer<'a> {
        let graph = self.graph.fenced(fence);
        let write = async move { self.leave(&graph, group, assignment).await };
        write.boxed()
    }
}
