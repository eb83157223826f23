//! `scheduleInfo`: when an assignment starts and ends, as asked for, as kept and as sent back.
//!
//! learn.microsoft.com: requestSchedule, expirationPattern; the five minutes are from the Entra documentation of group
//! assignments.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::period::Period;
use super::refusal::Refusal;

pub(crate) const SHORTEST: SignedDuration = SignedDuration::from_mins(5);

/// From when until when; without an end for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScheduleWindow {
    pub(crate) start: Timestamp,
    pub(crate) end: Option<Timestamp>,
}

/// How the end was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Expiration {
    /// Nothing was said; it acts as no end and fails where the policy demands one.
    #[default]
    NotSpecified,
    Never,
    At(Timestamp),
    After(Period),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ScheduleInfo {
    pub(crate) start: Option<Timestamp>,
    pub(crate) expiration: Expiration,
}

/// A time as Graph writes it: at most seven digits after the second.
pub(crate) fn stamp(at: Timestamp) -> Value {
    let nanos = at.subsec_nanosecond();
    let cut = at
        .checked_sub(SignedDuration::from_nanos(i64::from(nanos % 100)))
        .unwrap_or(at);
    Value::String(cut.to_string())
}

fn time(object: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Refusal> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => text
            .parse()
            .map(Some)
            .map_err(|_| Refusal::request(format!("'{name}' is not a time."))),
        Some(_) => Err(Refusal::request(format!("'{name}' is not a time."))),
    }
}

impl ScheduleInfo {
    /// Reads `scheduleInfo`; absent and null ask for no start and no end.
    pub(crate) fn parse(value: Option<&Value>) -> Result<Self, Refusal> {
        let object = match value {
            None | Some(Value::Null) => return Ok(Self::default()),
            Some(Value::Object(object)) => object,
            Some(_) => return Err(Refusal::request("'scheduleInfo' is not an object.")),
        };
        if object
            .get("recurrence")
            .is_some_and(|recurrence| !recurrence.is_null())
        {
            return Err(Refusal::request("Recurrence is not supported."));
        }
        let expiration = match object.get("expiration") {
            None | Some(Value::Null) => Expiration::NotSpecified,
            Some(Value::Object(pattern)) => Self::expiration(pattern)?,
            Some(_) => return Err(Refusal::request("'expiration' is not an object.")),
        };
        Ok(Self {
            start: time(object, "startDateTime")?,
            expiration,
        })
    }

    fn expiration(pattern: &Map<String, Value>) -> Result<Expiration, Refusal> {
        let kind = pattern
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("notSpecified");
        match kind.to_ascii_lowercase().as_str() {
            "notspecified" => Ok(Expiration::NotSpecified),
            "noexpiration" => Ok(Expiration::Never),
            "afterdatetime" => time(pattern, "endDateTime")?
                .map(Expiration::At)
                .ok_or_else(|| Refusal::schedule("'endDateTime' is missing.")),
            "afterduration" => pattern
                .get("duration")
                .and_then(Value::as_str)
                .and_then(Period::parse)
                .map(Expiration::After)
                .ok_or_else(|| Refusal::request("'duration' is missing or not a duration.")),
            other => Err(Refusal::request(format!(
                "'{other}' is no type of expiration."
            ))),
        }
    }

    /// The window that is meant now. A start in the past, or none, is the time of processing.
    pub(crate) fn window(&self, now: Timestamp) -> Result<ScheduleWindow, Refusal> {
        let start = self.start.map_or(now, |start| start.max(now));
        let end = match &self.expiration {
            Expiration::NotSpecified | Expiration::Never => None,
            Expiration::At(end) => Some(*end),
            Expiration::After(period) => Some(
                start
                    .checked_add(period.length())
                    .map_err(|_| Refusal::schedule("The end is out of range."))?,
            ),
        };
        if end.is_some_and(|end| end.duration_since(start) < SHORTEST) {
            return Err(Refusal::schedule("The window is shorter than 5 minutes."));
        }
        Ok(ScheduleWindow { start, end })
    }

    /// What was asked for as a request shows it, with the start that the service took.
    pub(crate) fn to_json(&self, start: Timestamp) -> Value {
        let (kind, end, duration) = match &self.expiration {
            Expiration::NotSpecified => ("notSpecified", Value::Null, Value::Null),
            Expiration::Never => ("noExpiration", Value::Null, Value::Null),
            Expiration::At(end) => ("afterDateTime", stamp(*end), Value::Null),
            Expiration::After(period) => ("afterDuration", Value::Null, json!(period.text())),
        };
        json!({
            "startDateTime": stamp(start),
            "recurrence": null,
            "expiration": { "type": kind, "endDateTime": end, "duration": duration },
        })
    }
}

impl ScheduleWindow {
    /// How long it lasts; none for ever.
    pub(crate) fn length(&self) -> Option<SignedDuration> {
        self.end.map(|end| end.duration_since(self.start))
    }

    /// Whether it holds at this instant.
    pub(crate) fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && self.end.is_none_or(|end| at < end)
    }

    /// The window with its end written as a time, whatever was asked for.
    pub(crate) fn to_json(self) -> Value {
        let expiration = self.end.map_or(Expiration::Never, Expiration::At);
        ScheduleInfo {
            start: None,
            expiration,
        }
        .to_json(self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn info(value: &Value) -> Result<ScheduleInfo, Refusal> {
        ScheduleInfo::parse(Some(value))
    }

    #[test]
    fn a_start_in_the_past_or_none_is_the_time_of_processing() {
        let now = at("2026-11-21T08:00:00Z");
        let past = json!({"startDateTime": "2020-01-01T00:00:00Z", "expiration": {"type": "noExpiration"}});
        assert_eq!(
            info(&past).unwrap().window(now),
            Ok(ScheduleWindow {
                start: now,
                end: None
            })
        );
        assert_eq!(
            ScheduleInfo::parse(None).unwrap().window(now),
            Ok(ScheduleWindow {
                start: now,
                end: None
            })
        );
        let future = json!({
            "startDateTime": "2027-01-01T00:00:00Z", "expiration": {"type": "afterDuration", "duration": "P2D"},
        });
        let window = info(&future).unwrap().window(now).unwrap();
        assert_eq!(
            (window.start, window.end),
            (at("2027-01-01T00:00:00Z"), Some(at("2027-01-03T00:00:00Z")))
        );
    }

    #[test]
    fn durations_without_a_fixed_length_and_windows_under_five_minutes_are_refused() {
        let now = at("2026-11-21T08:00:00Z");
        for duration in ["P1Y", "P6M"] {
            let refusal =
                info(&json!({"expiration": {"type": "AfterDuration", "duration": duration}}))
                    .unwrap_err();
            assert_eq!(refusal.code(), "InvalidRoleAssignmentRequest", "{duration}");
        }
        let brief =
            info(&json!({"expiration": {"type": "afterDuration", "duration": "PT4M59S"}})).unwrap();
        assert_eq!(
            brief.window(now).unwrap_err().code(),
            "InvalidRoleAssignmentRequestSchedule"
        );
        let past = json!({"type": "afterDateTime", "endDateTime": "2026-11-20T08:00:00Z"});
        let over = info(&json!({"expiration": past})).unwrap();
        assert_eq!(
            over.window(now).unwrap_err().code(),
            "InvalidRoleAssignmentRequestSchedule"
        );
    }

    #[test]
    fn a_recurrence_or_an_unknown_type_is_an_invalid_request() {
        for value in [
            json!({"recurrence": {"pattern": {}}}),
            json!({"expiration": {"type": "sometimes"}}),
            json!({"startDateTime": "tomorrow"}),
            json!("now"),
        ] {
            assert_eq!(
                info(&value).unwrap_err().code(),
                "InvalidRoleAssignmentRequest",
                "{value}"
            );
        }
    }

    #[test]
    fn times_are_written_with_seven_digits_at_most() {
        assert_eq!(
            stamp(at("2026-02-07T06:57:54.163390399Z")),
            json!("2026-02-07T06:57:54.1633903Z")
        );
        assert_eq!(
            stamp(at("2026-08-07T00:00:00Z")),
            json!("2026-08-07T00:00:00Z")
        );
    }
}
