//! Schedules as PIM lists them, for groups and for directory roles alike: how somebody comes by what they hold, and when
//! they hold it. Nothing of one of the two alone.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pim_core::observed::Nature;
use pim_core::schedule::{Access, End, Window};
use serde::Deserialize;

/// The access that a text of the service names, in whatever case; nothing for one that is neither.
pub(super) fn access(text: &str) -> Option<Access> {
    Access::ALL
        .into_iter()
        .find(|access| access.to_string().eq_ignore_ascii_case(text))
}

/// Whether somebody holds something directly, by the `memberType` of a row. What comes through another group (`group`) or
/// from above (`inherited`) is that group's business.
pub(super) fn is_direct(member_type: Option<&str>) -> bool {
    !member_type.is_some_and(|text| {
        text.eq_ignore_ascii_case("group") || text.eq_ignore_ascii_case("inherited")
    })
}

/// How somebody came to be active, by the `assignmentType` of a row. A list of eligibilities does not say, and holds none
/// that was activated.
pub(super) fn nature(assignment_type: Option<&str>) -> Nature {
    match assignment_type {
        Some(text) if text.eq_ignore_ascii_case("activated") => Nature::Activated,
        _ => Nature::Assigned,
    }
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
    kind: Option<String>,
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    end_date_time: Option<Timestamp>,
    duration: Option<String>,
}

/// A window whose end cannot be told. It must not be read as "never ends".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the duration {0:?} of a schedule cannot be added to its start")]
struct UnreadableWindow(String);

/// When a schedule holds, as points in time whatever form the service stored. A plain member, whom nobody scheduled, has no
/// start.
fn absolute(wire: WireWindow) -> Result<Window, UnreadableWindow> {
    let start = wire.start_date_time;
    let Some(expiration) = wire.expiration else {
        let end = End::Never;
        return Ok(Window { start, end });
    };
    let permanent = expiration
        .kind
        .is_some_and(|kind| kind.eq_ignore_ascii_case("noExpiration"));
    let end = match (expiration.end_date_time, expiration.duration) {
        (Some(end), _) => End::At(end),
        (None, Some(duration)) if !permanent => {
            let end = start.and_then(|start| add(start, &duration));
            End::At(end.ok_or(UnreadableWindow(duration))?)
        }
        (None, _) => End::Never,
    };
    Ok(Window { start, end })
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

/// Reads the window of a row; null means that nobody scheduled it.
pub(super) fn window<'de, D>(deserializer: D) -> Result<Window, D::Error>
where
    D: serde::Deserializer<'de>,
{
    match Option::<WireWindow>::deserialize(deserializer)? {
        Some(wire) => absolute(wire).map_err(serde::de::Error::custom),
        None => Ok(always()),
    }
}

/// The window of a row that has none.
pub(super) fn always() -> Window {
    Window::ALWAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Window, serde_json::Error> {
        window(&mut serde_json::Deserializer::from_str(json))
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
            let window = read(&format!(
                r#"{{"startDateTime":"2026-01-01T00:00:00Z","recurrence":null,"expiration":{expiration}}}"#
            ))
            .unwrap();
            assert_eq!(window.start, Some(start));
            assert_eq!(
                window.end,
                end.map_or(End::Never, |end| End::At(end.parse().unwrap())),
                "{expiration}"
            );
        }
    }

    #[test]
    fn an_end_that_cannot_be_told_is_not_forever() {
        assert!(read(r#"{"startDateTime":null,"expiration":{"duration":"P1D"}}"#).is_err());
        assert!(
            read(r#"{"startDateTime":"2026-01-01T00:00:00Z","expiration":{"duration":"soon"}}"#)
                .is_err()
        );
    }
}
