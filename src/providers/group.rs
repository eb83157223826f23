//! How groups, their policies and the access to them are written. When to do it is the planner's business.

use entra_client::graph::Upserted;
use entra_client::{Class, Error, Graph};
use pim_core::action::NewGroup;
use pim_core::desired::Assignability;
use pim_core::ids::{AdministrativeUnitId, GroupId, PolicyId, PrincipalId};
use pim_core::rule::{Rule, RuleKey};
use pim_core::schedule::{Access, Key};

use super::effect::{Effect, Refused, of_grant, of_removal, of_revocation};

pub use entra_client::graph::Grant;

/// What came of an upsert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upsert {
    /// The group was created.
    Made(GroupId),
    /// It stood already; the next read finds it by its key.
    Stood,
    /// The tenant does not take upserts for role-assignable groups (microsoftgraph/msgraph-bicep-types#140).
    NotTaken,
}

/// Makes a group under its key by upsert, which makes a lost answer harmless.
pub async fn upsert(graph: &Graph, group: &NewGroup) -> Result<Upsert, Refused> {
    match graph.upsert_group(group).await {
        Ok(Upserted::Created(made)) => Ok(Upsert::Made(made)),
        Ok(Upserted::Updated) => Ok(Upsert::Stood),
        Err(error)
            if group.assignability == Assignability::RoleAssignable && is_refusal(&error) =>
        {
            Ok(Upsert::NotTaken)
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes a group by a plain request, whose lost answer is settled by looking for the key.
pub async fn create(graph: &Graph, group: &NewGroup) -> Result<GroupId, Refused> {
    Ok(graph.create_group(group).await?.group.id)
}

fn is_refusal(error: &Error) -> bool {
    matches!(
        error.class,
        Class::Invalid | Class::PermissionDenied { .. } | Class::Unsupported
    )
}

/// Brings a group back from the deleted items.
pub async fn restore(graph: &Graph, group: GroupId) -> Result<(), Refused> {
    Ok(graph.restore_group(group).await?)
}

/// Changes display name and description.
pub async fn update(
    graph: &Graph,
    group: GroupId,
    display_name: &str,
    description: Option<&str>,
) -> Result<(), Refused> {
    Ok(graph.update_group(group, display_name, description).await?)
}

/// Puts a group into an administrative unit. One that is in it already is.
pub async fn join_unit(
    graph: &Graph,
    group: GroupId,
    unit: AdministrativeUnitId,
) -> Result<Effect, Refused> {
    match graph.join_unit(unit, group).await {
        Err(error) if error.class == Class::AlreadyExists => Ok(Effect::Existed),
        done => Ok(done.map(|()| Effect::Done(None))?),
    }
}

/// Deletes a group; it stays among the deleted items for a time.
pub async fn delete(graph: &Graph, group: GroupId) -> Result<Effect, Refused> {
    of_removal(graph.delete_group(group).await)
}

/// Takes a plain member or owner out, whom no schedule shows.
pub async fn remove_direct(
    graph: &Graph,
    group: GroupId,
    access: Access,
    principal: PrincipalId,
) -> Result<Effect, Refused> {
    of_removal(graph.remove_direct(group, access, principal).await)
}

/// Writes rules of a policy.
pub async fn update_policy(
    graph: &Graph,
    policy: &PolicyId,
    rules: &[(RuleKey, Rule)],
) -> Result<(), Refused> {
    Ok(graph.update_policy(policy, rules).await?)
}

/// Gives somebody access, or changes the window of it.
pub async fn grant(
    graph: &Graph,
    group: GroupId,
    key: Key,
    grant: &Grant<'_>,
) -> Result<Effect, Refused> {
    of_grant(graph.grant(group, key, grant).await)
}

/// Takes access to a group away from one principal.
pub async fn revoke(graph: &Graph, group: GroupId, key: Key) -> Result<Effect, Refused> {
    of_revocation(graph.revoke(group, key).await)
}
