//! What PIM for groups and PIM for directory roles have in common: windows, actions, and the status of a request.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::open_enum::open_enum;

open_enum! {
    /// Whether an active schedule was assigned or is somebody's activation.
    AssignmentType {
        /// Given by an administrator or an application, or a plain member.
        Assigned = "assigned",
        /// A running activation; it is not a declaration of anybody.
        Activated = "activated",
    }
}

open_enum! {
    /// How the principal comes by it.
    MemberType {
        /// By itself.
        Direct = "direct",
        /// Through a nested group.
        Group = "group",
        /// From above.
        Inherited = "inherited",
    }
}

open_enum! {
    /// The status of a request or schedule.
    RequestStatus {
        /// In force.
        Provisioned = "Provisioned",
        /// Accepted; the start lies ahead or provisioning goes on.
        Granted = "Granted",
        /// A schedule for the future stands.
        ScheduleCreated = "ScheduleCreated",
        /// Removed; the good answer to a removal.
        Revoked = "Revoked",
        /// Taken in.
        Accepted = "Accepted",
        /// An approver must decide.
        PendingApproval = "PendingApproval",
        /// An administrator must decide.
        PendingAdminDecision = "PendingAdminDecision",
        /// Being decided.
        PendingEvaluation = "PendingEvaluation",
        /// Being provisioned.
        PendingProvisioning = "PendingProvisioning",
        /// Being provisioned after an approval.
        PendingApprovalProvisioning = "PendingApprovalProvisioning",
        /// Being provisioned elsewhere.
        PendingExternalProvisioning = "PendingExternalProvisioning",
        /// The schedule is being made.
        PendingScheduleCreation = "PendingScheduleCreation",
        /// Being removed.
        PendingRevocation = "PendingRevocation",
        /// Being provisioned.
        ProvisioningStarted = "ProvisioningStarted",
        /// An administrator said yes.
        AdminApproved = "AdminApproved",
        /// An administrator said no.
        AdminDenied = "AdminDenied",
        /// Refused.
        Denied = "Denied",
        /// Withdrawn.
        Canceled = "Canceled",
        /// Nothing was granted: among others, the answer of PIM for a group it has just learned of.
        Failed = "Failed",
        /// Locked.
        FailedAsResourceIsLocked = "FailedAsResourceIsLocked",
        /// Not valid.
        Invalid = "Invalid",
        /// Nobody decided in time.
        TimedOut = "TimedOut",
    }
}

open_enum! {
    /// The form in which the service keeps an end.
    ExpirationType {
        /// Not said.
        NotSpecified = "notSpecified",
        /// Never.
        NoExpiration = "noExpiration",
        /// At a time.
        AfterDateTime = "afterDateTime",
        /// After a while.
        AfterDuration = "afterDuration",
    }
}

/// How far a request has come. HTTP 201 says nothing about that; the status in the body does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Progress {
    /// Done; the schedules show it, or will in a moment.
    Done,
    /// The service is at it: look at the schedules.
    Underway,
    /// A human must decide.
    WaitsForHuman,
    /// Nothing came of it.
    Failed,
}

impl RequestStatus {
    /// What the status means.
    pub fn progress(&self) -> Progress {
        match self {
            Self::Provisioned | Self::ScheduleCreated | Self::Revoked => Progress::Done,
            Self::PendingApproval | Self::PendingAdminDecision => Progress::WaitsForHuman,
            Self::AdminDenied
            | Self::Denied
            | Self::Canceled
            | Self::Failed
            | Self::FailedAsResourceIsLocked
            | Self::Invalid
            | Self::TimedOut => Progress::Failed,
            Self::Other(text) if text.to_ascii_lowercase().starts_with("failed") => {
                Progress::Failed
            }
            Self::Granted
            | Self::Accepted
            | Self::PendingEvaluation
            | Self::PendingProvisioning
            | Self::PendingApprovalProvisioning
            | Self::PendingExternalProvisioning
            | Self::PendingScheduleCreation
            | Self::PendingRevocation
            | Self::ProvisioningStarted
            | Self::AdminApproved
            | Self::Other(_) => Progress::Underway,
        }
    }
}

/// When a schedule holds, as absolute times whatever form the service stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "WireWindow")]
pub struct Window {
    /// From; nothing for a plain member, who was never scheduled.
    pub start: Option<Timestamp>,
    /// To; nothing if it never ends.
    pub end: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireWindow {
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    start_date_time: Option<Timestamp>,
    expiration: Option<WireExpiration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireExpiration {
    #[serde(rename = "type")]
    kind: Option<ExpirationType>,
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    end_date_time: Option<Timestamp>,
    duration: Option<String>,
}

/// A window whose end cannot be told. It must not be read as "never ends".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the duration {0:?} of a schedule cannot be added to its start")]
pub struct UnreadableWindow(String);

impl TryFrom<WireWindow> for Window {
    type Error = UnreadableWindow;
    fn try_from(wire: WireWindow) -> Result<Self, UnreadableWindow> {
        let start = wire.start_date_time;
        let Some(expiration) = wire.expiration else {
            return Ok(Self { start, end: None });
        };
        let permanent = expiration.kind == Some(ExpirationType::NoExpiration);
        let end = match (expiration.end_date_time, expiration.duration) {
            (Some(end), _) => Some(end),
            (None, Some(duration)) if !permanent => {
                let end = start.and_then(|start| add(start, &duration));
                Some(end.ok_or(UnreadableWindow(duration))?)
            }
            (None, _) => None,
        };
        Ok(Self { start, end })
    }
}

fn add(start: Timestamp, duration: &str) -> Option<Timestamp> {
    let span: jiff::Span = duration.parse().ok()?;
    if span.is_negative() {
        return None;
    }
    // Beyond the end of time is the end of time, never for ever.
    let end = start.to_zoned(TimeZone::UTC).checked_add(span);
    Some(end.map_or(Timestamp::MAX, |end| end.timestamp()))
}

/// For lists where the window itself may be null.
pub(super) fn window_or_none<'de, D>(deserializer: D) -> Result<Window, D::Error>
where
    D: serde::Deserializer<'de>,
{
    Ok(Option::<Window>::deserialize(deserializer)?.unwrap_or_default())
}

/// The window that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WantedWindow {
    /// From; nothing means from the moment of processing.
    pub start: Option<Timestamp>,
    /// To.
    pub end: WantedEnd,
}

/// The end that is asked for. Always absolute: the service stores other forms as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WantedEnd {
    /// Never.
    Never,
    /// At this time.
    At(Timestamp),
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// A new schedule.
    Assign(WantedWindow),
    /// Another window for the schedule that stands, without a gap.
    Update(WantedWindow),
    /// The end of the schedule, now.
    Remove,
}

/// A ticket, for the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// Its number.
    #[serde(rename = "ticketNumber", skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Where it is kept.
    #[serde(rename = "ticketSystem", skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
}

/// What the service made of a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The id of the request. Not an identity: requests are purged.
    pub id: String,
    /// Its status.
    pub status: RequestStatus,
}

impl Receipt {
    /// How far it has come.
    pub fn progress(&self) -> Progress {
        self.status.progress()
    }
}

/// The part of a request's body that both kinds of PIM share.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireChange<'a> {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_info: Option<WireSchedule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_info: Option<&'a Ticket>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireSchedule {
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date_time: Option<Timestamp>,
    expiration: WireEnd,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum WireEnd {
    NoExpiration,
    AfterDateTime {
        #[serde(rename = "endDateTime")]
        end: Timestamp,
    },
}

impl<'a> WireChange<'a> {
    pub(super) fn new(
        change: Change,
        justification: Option<&'a str>,
        ticket: Option<&'a Ticket>,
    ) -> Self {
        let (action, window) = match change {
            Change::Assign(window) => ("adminAssign", Some(window)),
            Change::Update(window) => ("adminUpdate", Some(window)),
            Change::Remove => ("adminRemove", None),
        };
        Self {
            action,
            schedule_info: window.map(|window| WireSchedule {
                start_date_time: window.start,
                expiration: match window.end {
                    WantedEnd::Never => WireEnd::NoExpiration,
                    WantedEnd::At(end) => WireEnd::AfterDateTime { end },
                },
            }),
            justification,
            ticket_info: ticket,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(json: &str) -> Result<Window, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn every_form_of_a_window_becomes_absolute() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for (expiration, end) in [
            (
                r#"{"type":"noExpiration","endDateTime":null,"duration":null}"#,
                None,
            ),
            (
                r#"{"type":"afterDateTime","endDateTime":"2026-02-01T00:00:00.1234567Z"}"#,
                Some("2026-02-01T00:00:00.1234567Z"),
            ),
            (
                r#"{"type":"AfterDuration","duration":"P180D"}"#,
                Some("2026-06-30T00:00:00Z"),
            ),
            (
                r#"{"type":"afterDuration","duration":"PT8H"}"#,
                Some("2026-01-01T08:00:00Z"),
            ),
        ] {
            let read = window(&format!(
                r#"{{"startDateTime":"2026-01-01T00:00:00Z","recurrence":null,"expiration":{expiration}}}"#
            ))
            .unwrap();
            assert_eq!(read.start, Some(start));
            assert_eq!(
                read.end,
                end.map(|end| end.parse().unwrap()),
                "{expiration}"
            );
        }
    }

    #[test]
    fn an_end_that_cannot_be_told_is_not_forever() {
        assert!(window(r#"{"startDateTime":null,"expiration":{"duration":"P1D"}}"#).is_err());
        assert!(
            window(r#"{"startDateTime":"2026-01-01T00:00:00Z","expiration":{"duration":"soon"}}"#)
                .is_err()
        );
    }

    #[test]
    fn a_created_request_is_done_only_by_its_status() {
        for (status, progress) in [
            ("provisioned", Progress::Done),
            ("Revoked", Progress::Done),
            ("Granted", Progress::Underway),
            ("PendingApproval", Progress::WaitsForHuman),
            ("Failed", Progress::Failed),
            ("FailedSomehow", Progress::Failed),
            ("SomethingNew", Progress::Underway),
        ] {
            assert_eq!(RequestStatus::from(status).progress(), progress, "{status}");
        }
    }

    #[test]
    fn requests_say_only_what_they_mean() {
        let window = WantedWindow {
            start: None,
            end: WantedEnd::At("2027-01-01T00:00:00Z".parse().unwrap()),
        };
        assert_eq!(
            serde_json::to_value(WireChange::new(Change::Assign(window), Some("git"), None))
                .unwrap(),
            serde_json::json!({"action": "adminAssign", "justification": "git",
                "scheduleInfo": {"expiration": {"type": "afterDateTime", "endDateTime": "2027-01-01T00:00:00Z"}}})
        );
        assert_eq!(
            serde_json::to_value(WireChange::new(Change::Remove, None, None)).unwrap(),
            serde_json::json!({"action": "adminRemove"})
        );
    }
}
