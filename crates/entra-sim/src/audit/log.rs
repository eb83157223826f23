//! The audit log as it is kept: who acts, and what was recorded.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::Value;

use crate::call::Call;
use crate::ids::{AppId, ObjectId};

/// The header that makes the log ascribe a change to another service of the tenant, for instance `Access Reviews`: what
/// such services do can be shown without simulating them.
const ASCRIBED_TO: &str = "x-entra-sim-service";

/// Who is acting while an operation runs.
#[derive(Clone, Debug)]
pub(super) struct Actor {
    pub(super) app: AppId,
    pub(super) principal: ObjectId,
    pub(super) user: Option<ObjectId>,
    pub(super) service: Option<String>,
    pub(super) justification: Option<String>,
    /// Whether the operation is one of the PIM service, whose changes of the directory are done by its own application.
    pub(super) pim: bool,
}

/// A record and when it was made.
#[derive(Clone, Debug)]
pub(super) struct Logged {
    pub(super) at: Timestamp,
    pub(super) record: Value,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(super) records: VecDeque<Logged>,
    pub(super) actor: Option<Actor>,
}

impl Log {
    pub(crate) fn acting(&mut self, call: &Call) {
        let header = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok());
        let justification = call
            .body
            .as_ref()
            .and_then(|body| body.get("justification"));
        self.actor = Some(Actor {
            app: call.caller.app_id,
            principal: call.caller.object_id,
            user: call.caller.signed_in_user,
            service: header(ASCRIBED_TO).map(str::to_owned),
            justification: justification.and_then(Value::as_str).map(str::to_owned),
            pim: call.path.contains("/privilegedAccess/") || call.path.contains("Schedule"),
        });
    }

    /// The operation is over; what happens now, time does.
    pub(crate) fn idle(&mut self) {
        self.actor = None;
    }
}
