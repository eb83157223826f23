//! Lengths of time as people write them in manifests, and as the service stores them. No points in time here.
//!
//! Only days, hours and minutes exist: Entra refuses years and months for group eligibility, and their length would
//! depend on a calendar.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::admission::add_rule;

/// Long enough that a text of another form meets the rule with its message instead of the limit.
const LONGEST_TEXT: u32 = 32;

const MINUTES_PER_HOUR: i64 = 60;
const MINUTES_PER_DAY: i64 = 24 * MINUTES_PER_HOUR;

/// A text that is no duration of the wanted form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not understood; write {expected}")]
pub struct InvalidDuration {
    expected: &'static str,
    value: String,
}

/// A length of whole minutes, the unit in which rules are compared: `P1D`, `PT24H` and `PT1440M` are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length {
    minutes: i64,
}

impl Length {
    /// A length in whole days of 24 hours.
    pub const fn days(days: i64) -> Self {
        Self {
            minutes: days * MINUTES_PER_DAY,
        }
    }

    /// A length in whole hours.
    pub const fn hours(hours: i64) -> Self {
        Self {
            minutes: hours * MINUTES_PER_HOUR,
        }
    }

    /// A length in whole minutes.
    pub const fn minutes(minutes: i64) -> Self {
        Self { minutes }
    }

    /// The length for arithmetic with timestamps.
    pub fn to_signed(self) -> SignedDuration {
        SignedDuration::from_mins(self.minutes)
    }
}

impl fmt::Display for Length {
    /// The shortest ISO 8601 form that the service takes: `P365D`, `PT8H`, `PT8H30M`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.minutes > 0 && self.minutes % MINUTES_PER_DAY == 0 {
            return write!(f, "P{}D", self.minutes / MINUTES_PER_DAY);
        }
        match (
            self.minutes / MINUTES_PER_HOUR,
            self.minutes % MINUTES_PER_HOUR,
        ) {
            (0, minutes) => write!(f, "PT{minutes}M"),
            (hours, 0) => write!(f, "PT{hours}H"),
            (hours, minutes) => write!(f, "PT{hours}H{minutes}M"),
        }
    }
}

impl FromStr for Length {
    type Err = InvalidDuration;

    /// Reads any ISO 8601 duration of days, hours, minutes and seconds; parts of a minute are cut off.
    fn from_str(text: &str) -> Result<Self, InvalidDuration> {
        let refused = || InvalidDuration {
            expected: "a duration of days, hours and minutes, for example PT8H30M",
            value: text.chars().take(40).collect(),
        };
        // The parser knows forms for people too, such as `8 hours`; the service and the manifests know one form.
        if !text.starts_with('P') {
            return Err(refused());
        }
        let span: jiff::Span = text.parse().map_err(|_| refused())?;
        if span.get_years() != 0 || span.get_months() != 0 || span.is_negative() {
            return Err(refused());
        }
        let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
        let minutes = days * MINUTES_PER_DAY
            + i64::from(span.get_hours()) * MINUTES_PER_HOUR
            + span.get_minutes()
            + span.get_seconds() / 60;
        Ok(Self { minutes })
    }
}

macro_rules! written_duration {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $pattern:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Length);

        impl $name {
            /// The value as a length that can be compared.
            pub fn length(self) -> Length {
                self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidDuration;
            fn try_from(text: String) -> Result<Self, InvalidDuration> {
                let valid: fn(&str, Length) -> bool = $valid;
                match text.parse::<Length>() {
                    Ok(length) if valid(&text, length) => Ok(Self(length)),
                    _ => Err(InvalidDuration { expected: $expected, value: text.chars().take(40).collect() }),
                }
            }
        }

        impl From<$name> for String {
            fn from(duration: $name) -> Self {
                duration.0.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                // The rule has a message for people, a pattern would be shown as it is.
                let mut schema = json_schema!({"type": "string", "maxLength": LONGEST_TEXT});
                add_rule(&mut schema, concat!("self.matches('", $pattern, "')"), concat!("write ", $expected));
                schema
            }
        }
    };
}

written_duration!(
    /// A window of whole days, written `P180D`: how long an assignment may last.
    Days,
    "whole days from P1D to P9999D, for example P180D",
    "^P[1-9][0-9]{0,3}D$",
    |text, length| text.ends_with('D') && length >= Length::days(1) && length <= Length::days(9999)
);

written_duration!(
    /// How long an activation may last: half hours from `PT30M` to `PT23H30M`, or `P1D`. The portal offers the same
    /// steps (learn.microsoft.com: groups-role-settings).
    ActivationLength,
    "half hours from PT30M to PT23H30M or P1D, for example PT4H",
    "^(PT30M|PT([1-9]|1[0-9]|2[0-3])H(30M)?|P1D)$",
    |_, length| length >= Length::minutes(30) && length <= Length::days(1) && length.minutes % 30 == 0
);

written_duration!(
    /// How often a tenant is reconciled: whole minutes or hours from `PT1M` to `PT24H`.
    Interval,
    "whole minutes from PT1M to PT1440M or whole hours from PT1H to PT24H, for example PT10M",
    "^PT(([1-9]|[1-9][0-9]|[1-9][0-9]{2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)M|([1-9]|1[0-9]|2[0-4])H)$",
    |_, length| length >= Length::minutes(1) && length <= Length::days(1)
);

impl Days {
    /// A year: the longest window where something must end and nobody says when. The service's own default for
    /// eligibilities (learn.microsoft.com: groups-role-settings).
    pub const YEAR: Self = Self(Length::days(365));
}

impl Interval {
    /// The interval where the tenant names none: ten minutes.
    pub const DEFAULT: Self = Self(Length::minutes(10));
}

impl Default for Interval {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_lengths_are_equal_however_they_are_written() {
        for text in ["P1D", "PT24H", "PT1440M", "PT23H60M"] {
            assert_eq!(text.parse::<Length>().unwrap(), Length::days(1), "{text}");
        }
    }

    #[test]
    fn lengths_that_depend_on_a_calendar_are_refused() {
        for text in ["P1Y", "P6M", "-P1D"] {
            assert!(text.parse::<Length>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_the_standard_form_is_read() {
        for text in ["8 hours", "8h", "", "P", "eight"] {
            assert!(text.parse::<Length>().is_err(), "{text}");
        }
    }

    #[test]
    fn activation_lengths_are_half_hours_up_to_a_day() {
        for text in ["PT30M", "PT8H", "PT23H30M", "P1D"] {
            assert!(
                ActivationLength::try_from(text.to_owned()).is_ok(),
                "{text}"
            );
        }
        for text in ["PT15M", "PT25H", "P2D", "PT8H15M", "eight"] {
            assert!(
                ActivationLength::try_from(text.to_owned()).is_err(),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_length_survives_writing_and_reading(minutes in 0i64..20_000_000) {
            let length = Length::minutes(minutes);
            prop_assert_eq!(length.to_string().parse::<Length>().unwrap(), length);
        }

        #[test]
        fn a_length_is_the_sum_of_its_parts_whatever_units_they_are_written_in(
            days in 0i64..500, hours in 0i64..100, minutes in 0i64..500, seconds in 0i64..60,
        ) {
            let text = format!("P{days}DT{hours}H{minutes}M{seconds}S");
            let sum = Length::minutes(days * MINUTES_PER_DAY + hours * MINUTES_PER_HOUR + minutes);
            prop_assert_eq!(text.parse::<Length>().unwrap(), sum);
        }

        #[test]
        fn days_are_read_back_as_they_were_written_and_nothing_else_is_days(days in -10i64..12_000, other in "[-P0-9DHMTWY]{0,6}") {
            let read = Days::try_from(format!("P{days}D"));
            prop_assert_eq!(read.is_ok(), (1..=9999).contains(&days));
            if let Ok(read) = read {
                prop_assert_eq!(read.to_string(), format!("P{days}D"));
            }
            if let Ok(other) = Days::try_from(other) {
                prop_assert_eq!(other.length().minutes % MINUTES_PER_DAY, 0);
                prop_assert!(Length::days(1) <= other.length() && other.length() <= Length::days(9999));
            }
        }

        #[test]
        fn an_activation_lasts_whole_half_hours_up_to_a_day(minutes in 0i64..2000) {
            let read = ActivationLength::try_from(format!("PT{minutes}M"));
            prop_assert_eq!(read.is_ok(), minutes % 30 == 0 && (30..=1440).contains(&minutes));
            if let Ok(read) = read {
                prop_assert_eq!(ActivationLength::try_from(read.to_string()).unwrap(), read);
            }
        }

        #[test]
        fn lengths_are_ordered_as_the_time_they_take(one in 0i64..20_000, other in 0i64..20_000) {
            let (first, second) = (Length::minutes(one), Length::minutes(other));
            prop_assert_eq!(first < second, first.to_signed() < second.to_signed());
        }
    }
}
