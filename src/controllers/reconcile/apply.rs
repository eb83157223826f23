//! Carries out one stage: all its writes at once, each with its own outcome. Decides nothing. A write leaves only while
//! what asked for it still does.

use pim_core::action::{NewGroup, Write};
use pim_core::desired::{Assignability, Unit};
use pim_core::plan::Stage;

use super::applied::Applied;
use crate::controllers::audit::InFlightWrite;
use crate::controllers::connections::{Tenant, Upserts};
use crate::controllers::failure::Failure;
use crate::providers::group::{Grant, Upsert};
use crate::providers::{Bind, Effect, Fence, Graph, Refused, group};
use crate::telemetry::metrics::Metrics;

/// What a stage is carried out with.
pub struct StageContext<'a> {
    /// Counts the writes.
    pub metrics: &'a Metrics,
    /// The connection to the tenant that is written to.
    pub tenant: &'a Tenant,
    /// The declared group, which logs name.
    pub unit: &'a Unit,
    /// Whether what asked for the stage still does.
    pub fence: Fence,
}

/// Carries out a stage. Each write is taken down with its answer: a pass may be cut off while others have none yet.
pub async fn apply(context: &StageContext<'_>, stage: &Stage) -> Vec<Applied> {
    let graph = context.tenant.reader.graph();
    let graph = graph.fenced(Some(&context.fence));
    let writes = stage.actions.iter().map(|action| {
        let graph = &graph;
        async move {
            let sent = InFlightWrite::new(context.metrics, context.unit, action);
            let written = write(context, graph, &action.write).await;
            let result = written.map_err(Failure::from);
            sent.answered(&result);
            Applied {
                action: action.clone(),
                result,
            }
        }
    });
    futures::future::join_all(writes).await
}

async fn write(
    context: &StageContext<'_>,
    graph: &Graph,
    write: &Write,
) -> Result<Effect, Refused> {
    let (roles, fence) = (context.tenant.reader.roles(), Some(&context.fence));
    match write {
        Write::CreateGroup(new) => return create(graph, context.tenant, new).await,
        Write::RestoreGroup(id) => group::restore(graph, *id).await?,
        Write::UpdateGroup {
            group: id,
            display_name,
            description,
        } => {
            group::update(graph, *id, display_name, description.as_deref()).await?;
        }
        Write::JoinUnit { group: id, unit } => return group::join_unit(graph, *id, *unit).await,
        Write::UpdatePolicy { policy, rules, .. } => {
            group::update_policy(graph, policy, rules).await?;
        }
        Write::DeleteGroup(id) => return group::delete(graph, *id).await,
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
            return group::grant(graph, *id, *key, &grant).await;
        }
        Write::Revoke { group: id, key } => return group::revoke(graph, *id, *key).await,
        Write::RemoveDirect {
            group: id,
            access,
            principal,
        } => return group::remove_direct(graph, *id, *access, *principal).await,
        Write::BindRole {
            group: id,
            role,
            by,
            verb,
            window,
            condition,
            justification,
            ticket,
        } => {
            let bind = Bind {
                key: role,
                by: *by,
                verb: *verb,
                window: *window,
                condition: condition.as_deref(),
                justification,
                ticket: ticket.as_ref(),
            };
            return roles.of(role.target.system)?.bind(fence, *id, bind).await;
        }
        Write::UnbindRole {
            group: id,
            role,
            by,
        } => {
            let provider = roles.of(role.target.system)?;
            return provider.unbind(fence, *id, role, *by).await;
        }
        Write::DeletePlainRole {
            group: id,
            role,
            assignment,
        } => {
            let provider = roles.of(role.system)?;
            return provider.delete_plain(fence, *id, assignment).await;
        }
    }
    Ok(Effect::Done(None))
}

async fn create(graph: &Graph, tenant: &Tenant, new: &NewGroup) -> Result<Effect, Refused> {
    let made = match upsert(graph, tenant, new).await? {
        Upsert::Made(id) => id,
        // The next read finds it by its key.
        Upsert::Stood => return Ok(Effect::Existed),
        Upsert::NotTaken => group::create(graph, new).await?,
    };
    Ok(Effect::Created(made))
}

/// Tries an upsert, unless the tenant is known to refuse it for such groups. The first try finds that out for all.
async fn upsert(graph: &Graph, tenant: &Tenant, new: &NewGroup) -> Result<Upsert, Refused> {
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
