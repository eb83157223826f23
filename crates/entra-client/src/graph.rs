//! Typed requests of Microsoft Graph v1.0, one file per noun.
//!
//! What goes in and comes out are values of `pim-core`, and a few of our own for what the core has no value for. The form
//! that the service gives them stays inside these files: each converts where it decodes and encodes. Unknown properties
//! are ignored; unknown members of enumerations fail nothing. Many requests at once are the normal case: await them
//! together and they share a `$batch`.

mod administrative_units;
mod app_roles;
mod applications;
mod audit_log;
mod authentication_contexts;
mod change;
mod directory_roles;
mod group_changes;
mod group_pim;
mod groups;
mod intune_roles;
mod licences;
mod policies;
mod principals;
mod quotas;
mod rules;
mod schedule;

use jiff::Timestamp;
use pim_core::knowledge::Pending;

use crate::error::{Class, Error};
use crate::operation::{Fence, Operation};
use crate::receipt::WireRequest;
use crate::service::GRAPH;
use crate::session::Session;
use crate::token::TokenClaims;

pub use crate::listed::{Listed, Unreadable};
pub use crate::receipt::{Receipt, of_a_later_start, progress};
pub use app_roles::{AppRoleAssignment, DeclaredRole, EnterpriseApplication};
pub use applications::ApplicationSecret;
pub use audit_log::{AuditRecord, LoggedBy};
pub use change::Grant;
pub use directory_roles::RoleDefinition;
pub use group_changes::{
    ChangeDetails, ChangeStream, GROUPS_IN_STREAM, GroupChange, LinkChange, StreamStart,
};
pub use groups::{ListedGroup, Upserted};
pub use intune_roles::{
    Agreement, IntuneAssignment, IntuneChange, IntuneRoleDefinition, NewIntuneAssignment,
};
pub use licences::ServicePlan;
pub use policies::GroupPolicies;
pub use principals::DirectoryObject;
pub use quotas::MOST_ROLE_ASSIGNABLE_GROUPS;

/// The client of Microsoft Graph in one tenant. Cheap to clone; all clones share lanes and limits.
#[derive(Debug, Clone)]
pub struct Graph {
    pub(crate) session: Session,
}

impl Graph {
    /// The same client, whose writes leave only while a fence holds, if there is one.
    #[must_use]
    pub fn fenced(&self, fence: Option<&Fence>) -> Self {
        Self {
            session: self.session.fenced(fence),
        }
    }

    /// The time at the service, as its last answer told it. Nothing before the first answer.
    pub fn service_time(&self) -> Option<Timestamp> {
        self.session.dispatcher.time(&GRAPH)
    }

    /// What the operator's own token says: its permissions, tenant and identity.
    pub async fn claims(&self) -> Result<TokenClaims, Error> {
        self.session.claims(&GRAPH).await
    }

    /// Sends a request to PIM, and says what the service made of it.
    async fn request(&self, operation: Operation) -> Result<Receipt, Error> {
        let answer: WireRequest = self.session.submit(operation).await?.json()?;
        Ok(answer.into())
    }

    /// How far a request of PIM has come.
    async fn pending(&self, operation: Operation) -> Result<Pending, Error> {
        match self.session.submit(operation).await {
            Ok(response) => Ok(response.json::<WireRequest>()?.pending()),
            Err(error) if error.class == Class::NotFound => Ok(Pending::Purged),
            Err(error) => Err(error),
        }
    }
}
