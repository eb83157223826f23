//! Roles of Intune, bound by assignments that have the group alone as member. An assignment of ours is known by its name,
//! which follows from group, role and scope groups; one of another name that gives the same counts and is left alone.
//!
//! Trouble with Intune is trouble of these roles alone, so reads end in a fault of the scope and not in an error.

mod approvals;
mod roles;

use std::sync::Arc;

use entra_client::graph::{IntuneAssignment, IntuneChange, NewIntuneAssignment};
use entra_client::{Error, Fence, Graph};
use futures::FutureExt;
use futures::future::join_all;
use pim_core::ids::{GroupId, RoleAssignmentId};
use pim_core::observed::{PlainOrigin, PlainRole, ScopeFault};
use pim_core::role::{BoundRole, KeptAs, RoleId, RoleReference, RoleScope, RoleSystem, RoleTarget};
use uuid::Uuid;

use super::effect::{Effect, of_removal};
use super::role_provider::{
    Asked, Bind, Catalogue, HeldRoles, Registration, RoleProvider, WriteAnswer,
};
use super::scope_fault;
use approvals::Approvals;
use roles::IntuneBook;

/// Roles of Intune. Their permission is asked for where a group holds any.
pub const REGISTRATION: Registration = Registration {
    permissions: &[],
    connect: |services| Some(Arc::new(IntuneRoleProvider::new(&services.graph))),
};

/// Why a role is taken away, for whoever has to agree.
const NOT_DECLARED: &str = "no RoleBinding declares this role any more";

/// The roles of Intune of one tenant.
struct IntuneRoleProvider {
    graph: Graph,
    book: IntuneBook,
    approvals: Approvals,
}

impl IntuneRoleProvider {
    fn new(graph: &Graph) -> Self {
        Self {
            graph: graph.clone(),
            book: IntuneBook::new(graph),
            approvals: Approvals::default(),
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
            Ok(plain(group, row, &role, scopes))
        });
        let read: Vec<Result<PlainRole, Error>> = join_all(read).await;
        held.listed.rows = read.into_iter().collect::<Result<_, _>>()?;
        Ok(held)
    }

    /// The assignments of a name.
    async fn named(&self, name: &str) -> Result<Vec<RoleAssignmentId>, Error> {
        let listed = self.graph.intune_assignments().await?;
        let rows = listed
            .rows
            .into_iter()
            .filter(|row| row.display_name == name);
        Ok(rows.map(|row| row.id).collect())
    }

    async fn delete(&self, assignment: &RoleAssignmentId) -> Result<(), Error> {
        let key = format!("delete {assignment}");
        let change = IntuneChange::Delete(assignment.clone());
        self.approvals
            .ask(&self.graph, &key, &change, NOT_DECLARED)
            .await
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
    let family = Uuid::new_v5(
        &Uuid::NAMESPACE_URL,
        b"https://entra-pim.dev/intune-role-assignment",
    );
    let key = format!("{}|{group}|{}", target.scope, target.role);
    format!("entra-pim {}", Uuid::new_v5(&family, key.as_bytes()))
}

/// An assignment as the group holds it. One of ours is the one that its name stands for, however it was changed.
fn plain(group: GroupId, row: &IntuneAssignment, role: &RoleId, scopes: &[RoleScope]) -> PlainRole {
    let target = |scope: &RoleScope| RoleTarget {
        system: RoleSystem::INTUNE,
        role: role.clone(),
        scope: scope.clone(),
    };
    let stands = RoleScope::of(RoleSystem::INTUNE, &row.scope_groups.join(","));
    let mut all = [&stands].into_iter().chain(scopes);
    let ours = all.find(|scope| row.display_name == name(group, &target(scope)));
    let is_changed = *ours.unwrap_or(&stands) != stands || row.members.len() > 1;
    PlainRole {
        id: row.id.clone(),
        target: target(ours.unwrap_or(&stands)),
        origin: match ours {
            Some(_) => PlainOrigin::Ours,
            None => PlainOrigin::Another,
        },
        condition: (ours.is_some() && is_changed).then(|| {
            let others = row.members.len().saturating_sub(1);
            format!("{stands}, for {others} other groups, too")
        }),
    }
}

/// Nothing is known of any of these scopes.
fn unread(scopes: &[RoleScope], fault: &ScopeFault) -> HeldRoles<PlainRole> {
    let mut held = HeldRoles::default();
    let all = scopes.iter().cloned();
    held.faults = all
        .map(|scope| ((RoleSystem::INTUNE, scope), fault.clone()))
        .collect();
    held
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
        read.map(|held| Ok(held.unwrap_or_else(|error| unread(scopes, &scope_fault::of(&error)))))
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
            let present = self.named(&name).await?;
            let change = match present.into_iter().next() {
                Some(id) => IntuneChange::Update(id, new),
                None => IntuneChange::Create(new),
            };
            let reason = bind.justification;
            let done = self.approvals.ask(&graph, &name, &change, reason).await;
            Ok(done.map(|()| Effect::Done(None))?)
        };
        write.boxed()
    }

    /// An assignment is deleted by its id, so it is looked for first.
    fn unbind<'a>(&'a self, group: GroupId, key: &'a BoundRole, _: KeptAs) -> WriteAnswer<'a> {
        let write = async move {
            let mut effect = Effect::WasGone;
            for assignment in self.named(&name(group, &key.target)).await? {
                if let Effect::Done(done) = of_removal(self.delete(&assignment).await)? {
                    effect = Effect::Done(done);
                }
            }
            Ok(effect)
        };
        write.boxed()
    }

    fn delete_plain<'a>(&'a self, assignment: &'a RoleAssignmentId) -> WriteAnswer<'a> {
        self.delete(assignment).map(of_removal).boxed()
    }
}
