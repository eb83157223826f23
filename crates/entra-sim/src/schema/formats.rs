//! The textual forms of `OData`'s primitive types.
//!
//! Only form is judged: `P1Y` is a well-formed duration that the service refuses for a reason of its own.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// `Edm.Guid`: 32 hexadecimal digits in the hyphenated form, no braces.
pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// `Edm.DateTimeOffset`: date, `T`, time and an offset; up to seven fractional digits are usual.
pub(super) fn is_date_time_offset(text: &str) -> bool {
    text.as_bytes().get(10) == Some(&b'T')
        && !text.contains(['[', ' ', ','])
        && text.parse::<jiff::Timestamp>().is_ok()
}

/// `Edm.Date`.
pub(super) fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// `Edm.TimeOfDay`.
pub(super) fn is_time_of_day(text: &str) -> bool {
    text.as_bytes().get(2) == Some(&b':') && text.parse::<jiff::civil::Time>().is_ok()
}

/// `Edm.Duration`. `OData` knows days and smaller units only; the service also parses years, months and
/// weeks and then answers with an error of its own (hashicorp/terraform-provider-azuread#1464), so any
/// ISO 8601 duration counts as well formed.
pub(super) fn is_duration(text: &str) -> bool {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-.".contains(&byte));
    plain
        && text.trim_start_matches('-').starts_with('P')
        && jiff::fmt::temporal::SpanParser::new()
            .parse_span(text)
            .is_ok()
}

/// `Edm.Binary`: base64 in either alphabet.
pub(super) fn is_binary(text: &str) -> bool {
    STANDARD.decode(text).is_ok() || URL_SAFE_NO_PAD.decode(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_hyphenated_and_bare() {
        assert!(is_guid("62e90394-69f5-4237-9190-012177145e10"));
        assert!(!is_guid("62e9039469f542379190012177145e10"));
        assert!(!is_guid("{62e90394-69f5-4237-9190-012177145e1}"));
        assert!(!is_guid("jose@contoso.com"));
    }

    #[test]
    fn times_carry_an_offset() {
        assert!(is_date_time_offset("2026-02-07T06:57:54.1633903Z"));
        assert!(is_date_time_offset("2026-02-07T06:57:54+01:00"));
        assert!(is_date_time_offset("0001-01-01T00:00:00Z"));
        assert!(!is_date_time_offset("2026-02-07T06:57:54"));
        assert!(!is_date_time_offset("2026-02-07 06:57:54Z"));
        assert!(!is_date_time_offset("2026-02-07T06:57:54Z[UTC]"));
        assert!(!is_date_time_offset("2026-13-07T06:57:54Z"));
    }

    #[test]
    fn durations_are_iso_8601() {
        for good in ["PT8H", "P365D", "PT23H30M", "P1Y", "PT0S", "-P1D", "PT1.5S"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["8h", "P1H", "P", "PT", "pt8h", "", "P-", "1 day"] {
            assert!(!is_duration(bad), "{bad}");
        }
    }

    #[test]
    fn dates_and_times_of_day_are_told_apart() {
        assert!(is_date("2026-02-07"));
        assert!(!is_date("2026-02-30"));
        assert!(!is_date("2026-02-07T00:00:00Z"));
        assert!(is_time_of_day("08:30:00.0000000"));
        assert!(!is_time_of_day("25:00:00"));
    }

    #[test]
    fn binary_is_base64() {
        assert!(is_binary("AQID"));
        assert!(is_binary("_-8"));
        assert!(!is_binary("a b"));
    }
}
