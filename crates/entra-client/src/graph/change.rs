//! What is asked of PIM, for groups and for directory roles alike: the part of a request's body that both share.

use jiff::Timestamp;
use pim_core::action::GrantVerb;
use pim_core::desired::Ticket;
use pim_core::schedule::{End, Window};
use serde::Serialize;

/// A schedule to be made or changed, and what its record shall say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant<'a> {
    /// Whether it is new, or another window for the one that stands, without a gap.
    pub verb: GrantVerb,
    /// When it holds. Without a start it begins when the service carries it out.
    pub window: Window,
    /// Why. Policies may demand it.
    pub justification: &'a str,
    /// The ticket, for the record. Policies may demand it.
    pub ticket: Option<&'a Ticket>,
}

/// How PIM is asked for a change. An end is always sent as a point in time: the service stores other forms as it likes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireChange<'a> {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_info: Option<WireSchedule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_info: Option<WireTicket<'a>>,
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireTicket<'a> {
    ticket_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_system: Option<&'a str>,
}

impl<'a> WireChange<'a> {
    /// Whether it only takes away.
    pub(super) fn is_removal(&self) -> bool {
        self.schedule_info.is_none()
    }

    /// A new schedule, or another window for one.
    pub(super) fn grant(grant: &Grant<'a>) -> Self {
        Self {
            action: match grant.verb {
                GrantVerb::Assign => "adminAssign",
                GrantVerb::Update => "adminUpdate",
            },
            schedule_info: Some(WireSchedule {
                start_date_time: grant.window.start,
                expiration: match grant.window.end {
                    End::Never => WireEnd::NoExpiration,
                    End::At(end) => WireEnd::AfterDateTime { end },
                },
            }),
            justification: Some(grant.justification),
            ticket_info: grant.ticket.map(|ticket| WireTicket {
                ticket_number: &ticket.number,
                ticket_system: ticket.system.as_deref(),
            }),
        }
    }

    /// The end of a schedule, now.
    pub(super) fn removal() -> Self {
        Self {
            action: "adminRemove",
            schedule_info: None,
            justification: None,
            ticket_info: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_say_only_what_they_mean() {
        let grant = Grant {
            verb: GrantVerb::Assign,
            window: Window {
                start: None,
                end: End::At("2027-01-01T00:00:00Z".parse().unwrap()),
            },
            justification: "git",
            ticket: None,
        };
        assert_eq!(
            serde_json::to_value(WireChange::grant(&grant)).unwrap(),
            serde_json::json!({"action": "adminAssign", "justification": "git",
                "scheduleInfo": {"expiration": {"type": "afterDateTime", "endDateTime": "2027-01-01T00:00:00Z"}}})
        );
        assert_eq!(
            serde_json::to_value(WireChange::removal()).unwrap(),
            serde_json::json!({"action": "adminRemove"})
        );
    }

    #[test]
    fn a_ticket_is_sent_with_its_system_only_where_one_is_named() {
        let mut ticket = Ticket {
            number: "42".to_owned(),
            system: None,
        };
        let sent = |ticket: &Ticket| {
            let grant = Grant {
                verb: GrantVerb::Update,
                window: Window::ALWAYS,
                justification: "git",
                ticket: Some(ticket),
            };
            serde_json::to_value(WireChange::grant(&grant)).unwrap()["ticketInfo"].clone()
        };
        assert_eq!(sent(&ticket), serde_json::json!({"ticketNumber": "42"}));
        ticket.system = Some("desk".to_owned());
        assert_eq!(
            sent(&ticket),
            serde_json::json!({"ticketNumber": "42", "ticketSystem": "desk"})
        );
    }
}
