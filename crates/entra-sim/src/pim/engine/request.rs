//! What a request asks for, read from its body.

use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};
use strum::EnumString;

use super::schedule::Holding;
use crate::ids::ObjectId;
use crate::pim::refusal::Refusal;
use crate::pim::window::ScheduleInfo;

/// `action` of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, EnumString)]
#[serde(rename_all = "camelCase")]
#[strum(ascii_case_insensitive)]
pub(crate) enum Action {
    AdminAssign,
    AdminUpdate,
    AdminExtend,
    AdminRenew,
    AdminRemove,
    SelfActivate,
    SelfDeactivate,
    SelfExtend,
    SelfRenew,
}

impl Action {
    /// Whether the principal asks for themselves.
    pub(crate) const fn is_own(self) -> bool {
        matches!(
            self,
            Self::SelfActivate | Self::SelfDeactivate | Self::SelfExtend | Self::SelfRenew
        )
    }

    pub(crate) const fn ends(self) -> bool {
        matches!(self, Self::AdminRemove | Self::SelfDeactivate)
    }
}

/// Whether a request is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Real,
    ValidationOnly,
}

/// `ticketInfo`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) number: Option<String>,
    pub(crate) system: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Creator {
    pub(crate) id: ObjectId,
    pub(crate) session: Session,
}

/// How the caller is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Session {
    Application,
    User {
        multi_factor: bool,
        contexts: Vec<String>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request<P> {
    pub(crate) holding: Holding<P>,
    pub(crate) action: Action,
    pub(crate) requested: ScheduleInfo,
    pub(crate) justification: Option<String>,
    pub(crate) ticket: Ticket,
    pub(crate) custom_data: Option<String>,
    pub(crate) mode: Mode,
    pub(crate) creator: Creator,
}

/// A text property; empty counts as none.
fn text(body: &Map<String, Value>, name: &str) -> Option<String> {
    body.get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
}

/// A property without which there is no request.
pub(crate) fn needed<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    body.get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Refusal::request(format!("'{name}' is missing.")))
}

/// An id without which there is no request.
pub(crate) fn needed_id<T: FromStr>(body: &Map<String, Value>, name: &str) -> Result<T, Refusal> {
    needed(body, name)?
        .parse()
        .map_err(|_| Refusal::request(format!("'{name}' is not an id.")))
}

impl<P> Request<P> {
    /// Reads what all areas have in common. Names and enumerations are in their canonical spelling already.
    pub(crate) fn parse(
        body: &Map<String, Value>,
        holding: Holding<P>,
        creator: Creator,
    ) -> Result<Self, Refusal> {
        let action: Action = needed(body, "action")?
            .parse()
            .map_err(|_| Refusal::request("'action' is unknown."))?;
        let requested = if action.ends() {
            ScheduleInfo::default()
        } else {
            ScheduleInfo::parse(body.get("scheduleInfo"))?
        };
        let ticket = body
            .get("ticketInfo")
            .and_then(Value::as_object)
            .map_or_else(Ticket::default, |ticket| Ticket {
                number: text(ticket, "ticketNumber"),
                system: text(ticket, "ticketSystem"),
            });
        let mode = match body.get("isValidationOnly").and_then(Value::as_bool) {
            Some(true) => Mode::ValidationOnly,
            _ => Mode::Real,
        };
        Ok(Self {
            holding,
            action,
            requested,
            justification: text(body, "justification"),
            ticket,
            custom_data: text(body, "customData"),
            mode,
            creator,
        })
    }
}
