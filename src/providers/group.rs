//! How groups, their policies and the access to them are written. When to do it is the planner's business.

use entra_client::graph::group_pim::{Access as WireAccess, GroupRequest};
use entra_client::graph::groups::{
    Assignability as WireAssignability, GroupChange, NewGroup as WireGroup, Upserted,
};
use entra_client::graph::schedule::{Change, Ticket as WireTicket, WantedEnd, WantedWindow};
use entra_client::{Class, Error, Graph};
use pim_core::action::{GrantVerb, NewGroup};
use pim_core::desired::{Assignability, Ticket};
use pim_core::ids::{GroupId, PolicyId, PrincipalId};
use pim_core::rule::{Rule, RuleKey};
use pim_core::schedule::{Access, End, Key, Kind, Window};

use super::{Effect, Refused, effect, removal};
use crate::reader::convert;

/// What came of an upsert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upsert {
    /// The group was made.
    Made(GroupId),
    /// It stood already; the next look finds it by its key.
    Stood,
    /// The tenant does not take upserts for role-assignable groups (microsoftgraph/msgraph-bicep-types#140).
    NotTaken,
}

/// Makes a group under its key by upsert, which makes a lost answer harmless.
pub async fn upsert(graph: &Graph, group: &NewGroup) -> Result<Upsert, Refused> {
    match graph.upsert_group(&group.key, &wire(group)).await {
        Ok(Upserted::Created(made)) => Ok(Upsert::Made(made.id)),
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
    Ok(graph.create_group(&wire(group)).await?.id)
}

fn wire(group: &NewGroup) -> WireGroup {
    WireGroup {
        display_name: group.display_name.clone(),
        description: group.description.clone(),
        mail_nickname: group.key.clone(),
        assignability: match group.assignability {
            Assignability::RoleAssignable => WireAssignability::RoleAssignable,
            Assignability::Ordinary => WireAssignability::Ordinary,
        },
    }
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

/// Changes name and description.
pub async fn update(
    graph: &Graph,
    group: GroupId,
    display_name: &str,
    description: Option<&str>,
) -> Result<(), Refused> {
    let change = GroupChange {
        display_name: display_name.to_owned(),
        description: description.map(str::to_owned),
    };
    Ok(graph.update_group(group, &change).await?)
}

/// Deletes a group.
pub async fn delete(graph: &Graph, group: GroupId) -> Result<Effect, Refused> {
    removal(graph.delete_group(group).await)
}

/// Takes a plain member or owner out, whom no schedule shows.
pub async fn remove_direct(
    graph: &Graph,
    group: GroupId,
    access: Access,
    principal: PrincipalId,
) -> Result<Effect, Refused> {
    removal(graph.remove_direct(group, access, principal).await)
}

/// Writes rules of a policy.
pub async fn update_policy(
    graph: &Graph,
    policy: &PolicyId,
    rules: &[(RuleKey, Rule)],
) -> Result<(), Refused> {
    let rules: Vec<_> = rules
        .iter()
        .map(|(key, rule)| convert::to_wire(*key, rule))
        .collect();
    Ok(graph.update_policy(policy, &rules).await?)
}

/// A grant, in words for the tenant's record.
pub struct Grant<'a> {
    /// Whether it is new.
    pub verb: GrantVerb,
    /// When.
    pub window: Window,
    /// Why.
    pub justification: &'a str,
    /// The ticket.
    pub ticket: Option<&'a Ticket>,
}

/// Gives somebody access, or changes the window of it.
pub async fn grant(
    graph: &Graph,
    group: GroupId,
    key: Key,
    grant: &Grant<'_>,
) -> Result<Effect, Refused> {
    let window = WantedWindow {
        start: grant.window.start,
        end: match grant.window.end {
            End::Never => WantedEnd::Never,
            End::At(end) => WantedEnd::At(end),
        },
    };
    let change = match grant.verb {
        GrantVerb::Assign => Change::Assign(window),
        GrantVerb::Update => Change::Update(window),
    };
    let ticket = grant.ticket.map(|ticket| WireTicket {
        number: Some(ticket.number.clone()),
        system: ticket.system.clone(),
    });
    let asked = GroupRequest {
        justification: Some(grant.justification.to_owned()),
        ticket,
        ..of(group, key, change)
    };
    match request(graph, asked, key.kind).await {
        Err(Refused::Call(error)) if error.class == Class::AlreadyExists => Ok(Effect::Existed),
        granted => granted,
    }
}

/// Takes somebody's access away. What is not there was taken away.
pub async fn revoke(graph: &Graph, group: GroupId, key: Key) -> Result<Effect, Refused> {
    match request(graph, of(group, key, Change::Remove), key.kind).await {
        Err(Refused::Call(error)) if error.class == Class::AlreadyGone => Ok(Effect::WasGone),
        revoked => revoked,
    }
}

fn of(group: GroupId, key: Key, change: Change) -> GroupRequest {
    let access = match key.access {
        Access::Member => WireAccess::Member,
        Access::Owner => WireAccess::Owner,
    };
    GroupRequest {
        group,
        principal: key.principal,
        access,
        change,
        justification: None,
        ticket: None,
    }
}

async fn request(graph: &Graph, request: GroupRequest, kind: Kind) -> Result<Effect, Refused> {
    effect(match kind {
        Kind::Eligible => graph.request_group_eligibility(&request).await?,
        Kind::Active => graph.request_group_assignment(&request).await?,
    })
}
