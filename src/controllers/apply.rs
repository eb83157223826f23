//! Carries out one stage: all its writes at once, each with its own outcome. Decides nothing.

use pim_core::action::{Action, NewGroup, Write};
use pim_core::desired::Assignability;
use pim_core::ids::GroupId;
use pim_core::plan::Stage;

use super::context::Context;
use super::measure::Sent;
use super::outcome::Failure;
use super::tenants::{Tenant, Upserts};
use crate::providers::group::{Grant, Upsert};
use crate::providers::{Refused, Removal, directory_role, group};

/// What became of one write.
pub struct Applied {
    /// The write.
    pub action: Action,
    /// Whether it was done.
    pub result: Result<Done, Failure>,
}

/// What is known after a write that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// A group was made.
    Created(GroupId),
    /// What was to be taken away was not there.
    WasGone,
    /// Anything else.
    Written,
}

impl From<Removal> for Done {
    fn from(removal: Removal) -> Self {
        match removal {
            Removal::Done => Self::Written,
            Removal::WasGone => Self::WasGone,
        }
    }
}

/// Carries out a stage. Each write is taken down with its answer: a pass may be cut off while others have none yet.
pub async fn apply(context: &Context, tenant: &Tenant, stage: &Stage) -> Vec<Applied> {
    let writes = stage.actions.iter().map(|action| async move {
        let sent = Sent::new(context, action);
        let result = write(tenant, &action.write).await.map_err(Failure::from);
        sent.answered(&result);
        Applied {
            action: action.clone(),
            result,
        }
    });
    futures::future::join_all(writes).await
}

async fn write(tenant: &Tenant, write: &Write) -> Result<Done, Refused> {
    let graph = tenant.reader.graph();
    match write {
        Write::CreateGroup(new) => return create(tenant, new).await,
        Write::RestoreGroup(id) => group::restore(graph, *id).await?,
        Write::UpdateGroup {
            group: id,
            display_name,
            description,
        } => {
            group::update(graph, *id, display_name, description.as_deref()).await?;
        }
        Write::DeleteGroup(id) => return Ok(group::delete(graph, *id).await?.into()),
        Write::UpdatePolicy { policy, rules, .. } => {
            group::update_policy(graph, policy, rules).await?;
        }
        Write::Grant {
            group: id,
            key,
            verb,
            window,
            justification,
            ticket,
        } => {
            let grant = Grant {
                verb: *verb,
                window: *window,
                justification,
                ticket: ticket.as_ref(),
            };
            group::grant(graph, *id, *key, &grant).await?;
        }
        Write::Revoke { group: id, key } => {
            return Ok(group::revoke(graph, *id, *key).await?.into());
        }
        Write::BindRole {
            group: id,
            role,
            scope,
            verb,
            justification,
        } => {
            directory_role::bind(graph, *id, *role, scope, *verb, justification).await?;
        }
        Write::UnbindRole {
            group: id,
            role,
            scope,
        } => {
            let unbound = directory_role::unbind(graph, *id, *role, scope).await?;
            return Ok(unbound.into());
        }
        Write::DeletePlainRole { assignment, .. } => {
            let deleted = directory_role::delete_plain(graph, assignment).await?;
            return Ok(deleted.into());
        }
    }
    Ok(Done::Written)
}

async fn create(tenant: &Tenant, new: &NewGroup) -> Result<Done, Refused> {
    let made = match upsert(tenant, new).await? {
        Upsert::Made(id) => id,
        // The next look finds it by its key.
        Upsert::Stood => return Ok(Done::Written),
        Upsert::NotTaken => group::create(tenant.reader.graph(), new).await?,
    };
    Ok(Done::Created(made))
}

/// Tries an upsert, unless the tenant is known to refuse it for such groups. The first try finds that out for all.
async fn upsert(tenant: &Tenant, new: &NewGroup) -> Result<Upsert, Refused> {
    let graph = tenant.reader.graph();
    if new.assignability == Assignability::Ordinary {
        return group::upsert(graph, new).await;
    }
    let mut known = tenant.upserts.lock().await;
    match *known {
        Some(Upserts::Refused) => Ok(Upsert::NotTaken),
        Some(Upserts::Taken) => {
            drop(known);
            group::upsert(graph, new).await
        }
        None => {
            let outcome = group::upsert(graph, new).await?;
            *known = Some(match outcome {
                Upsert::NotTaken => Upserts::Refused,
                Upsert::Made(_) | Upsert::Stood => Upserts::Taken,
            });
            Ok(outcome)
        }
    }
}
