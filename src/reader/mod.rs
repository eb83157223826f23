//! Reads a tenant for many groups at once: what several groups ask for travels in one operation. Never writes. What cannot
//! be read of one object fails nobody else's pass.

pub mod coalesce;
mod contexts;
mod deeds;
mod directory;
mod find;
mod groups;
mod licence;
pub mod lookup;
mod names;
mod notes;
pub mod observe;
mod principals;
mod read;
mod seldom;
mod tenant;

pub use entra_client::graph::{
    ApplicationSecret, AuditRecord, ChangeDetails, ChangeStream, GROUPS_IN_STREAM, GroupChange,
    LinkChange, LoggedBy, MOST_ROLE_ASSIGNABLE_GROUPS, ServicePlan, StreamStart, progress,
};
pub use entra_client::token::{CredentialEnd, SecretHint};
pub use entra_client::{CallOutcome, Class, Error, OperationName, Precedence};
pub use find::{FoundGroup, GroupTarget, PlainPeople, UnitLook};
pub use licence::Licences;
pub use names::{Ask, Depth};
pub use observe::Refresh;
pub use seldom::MaximumAge;
pub use tenant::Reader;
