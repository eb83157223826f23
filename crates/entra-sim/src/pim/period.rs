//! Lengths of time in the spelling that the PIM service takes.
//!
//! The service reads days, hours, minutes and seconds. Years and months have no fixed length and are refused
//! (hashicorp/terraform-provider-azuread#1464: `P6M` is an invalid request; `P1Y` is observed to be refused as well).

use jiff::{SignedDuration, SpanRelativeTo};

/// A duration with the text it was given in, because the service sends the text back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    text: String,
    length: SignedDuration,
}

impl Period {
    /// Reads `P180D`, `PT8H`, `PT1H45M`; a zero length is a period, a negative one is not.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let plain = text.starts_with('P')
            && text
                .bytes()
                .all(|byte| b"PDTHMS.0123456789".contains(&byte));
        if !plain {
            return None;
        }
        let span = jiff::fmt::temporal::SpanParser::new()
            .parse_span(text)
            .ok()?;
        if span.get_years() != 0 || span.get_months() != 0 || span.get_weeks() != 0 {
            return None;
        }
        let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
        // A zero number of months is still a spelling that the service does not know.
        let date = text.split('T').next().unwrap_or_default();
        (!date.contains('M')).then(|| Self {
            text: text.to_owned(),
            length,
        })
    }

    pub(crate) fn days(days: u16) -> Self {
        Self {
            text: format!("P{days}D"),
            length: SignedDuration::from_hours(24 * i64::from(days)),
        }
    }

    pub(crate) fn hours(hours: u16) -> Self {
        Self {
            text: format!("PT{hours}H"),
            length: SignedDuration::from_hours(i64::from(hours)),
        }
    }

    /// The text it was given in.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn length(&self) -> SignedDuration {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_clock_units_are_read_and_keep_their_text() {
        for (text, minutes) in [
            ("P180D", 180 * 24 * 60),
            ("PT8H", 480),
            ("PT1H45M", 105),
            ("P1DT30M", 1470),
            ("PT0S", 0),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!(
                (period.text(), period.length()),
                (text, SignedDuration::from_mins(minutes))
            );
        }
    }

    #[test]
    fn calendar_units_and_other_spellings_are_no_periods() {
        for text in [
            "P1Y", "P6M", "P0M", "P2W", "P1H", "-P1D", "P", "PT", "", "8h", "p1d", "P-1D",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }
}
