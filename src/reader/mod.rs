//! Reads a tenant for many groups at once: what several groups ask for travels in one operation. Never writes. What cannot
//! be read of one object fails nobody else's pass.

pub mod coalesce;
mod deeds;
mod find;
mod groups;
pub mod lookup;
mod names;
mod notes;
pub mod observe;
mod principals;
mod read;
mod tenant;

pub use entra_client::graph::{
    AuditRecord, ChangeDetails, ChangeStream, GROUPS_IN_STREAM, GroupChange, LinkChange, LoggedBy,
    StreamStart, progress,
};
pub use entra_client::{CallOutcome, Class, Error, OperationName};
pub use find::{GroupTarget, PlainPeople};
pub use names::{Ask, Depth};
pub use observe::Refresh;
pub use tenant::Reader;
