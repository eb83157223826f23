//! The kinds of value a switch may have, and how they are read and written as text.

use std::fmt;

use jiff::SignedDuration;

/// A value of a switch.
pub trait Value: Copy + Send + Sync + fmt::Debug + 'static {
    /// The kind of value, with the words that people may write.
    fn kind() -> ValueKind;
    /// Reads a value as people write it; none if it is not one.
    fn parse(text: &str) -> Option<Self>;
    /// Writes the value in its normal form, which `parse` reads.
    fn render(self) -> String;
}

/// The kind of a value, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// On or off.
    Flag,
    /// A length of time, such as `90s`, `7d` or `P7D`.
    Duration,
    /// A whole number, zero included.
    Number,
    /// One of the given words.
    Choice(&'static [&'static str]),
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("on or off"),
            Self::Duration => f.write_str("a duration such as 90s, 4h or 7d"),
            Self::Number => f.write_str("a whole number"),
            Self::Choice(words) => write!(f, "one of {}", words.join(", ")),
        }
    }
}

impl Value for bool {
    fn kind() -> ValueKind {
        ValueKind::Flag
    }

    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "on" | "true" | "yes" => Some(true),
            "off" | "false" | "no" => Some(false),
            _ => None,
        }
    }

    fn render(self) -> String {
        if self { "on" } else { "off" }.to_owned()
    }
}

impl Value for u32 {
    fn kind() -> ValueKind {
        ValueKind::Number
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn render(self) -> String {
        self.to_string()
    }
}

impl Value for SignedDuration {
    fn kind() -> ValueKind {
        ValueKind::Duration
    }

    fn parse(text: &str) -> Option<Self> {
        parse_duration(text).filter(|duration| !duration.is_negative())
    }

    fn render(self) -> String {
        format!("{self:#}")
    }
}

/// Reads `90s`, `4h`, `7d` and the ISO forms `PT90S`, `P7D`; a day has 24 hours.
pub(crate) fn parse_duration(text: &str) -> Option<SignedDuration> {
    let span: jiff::Span = text.parse().ok()?;
    span.to_duration(jiff::SpanRelativeTo::days_are_24_hours())
        .ok()
}

/// Declares an enum whose members are the words of a choice.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$member_doc])* $member),+
        }

        impl $crate::behaviours::Value for $name {
            fn kind() -> $crate::behaviours::ValueKind {
                $crate::behaviours::ValueKind::Choice(&[$($word),+])
            }

            fn parse(text: &str) -> Option<Self> {
                $(if text.eq_ignore_ascii_case($word) {
                    return Some(Self::$member);
                })+
                None
            }

            fn render(self) -> String {
                match self {
                    $(Self::$member => $word.to_owned()),+
                }
            }
        }
    };
}
pub(crate) use choice;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_both_forms_and_never_negative() {
        for text in ["7d", "P7D", "168h"] {
            assert_eq!(
                SignedDuration::parse(text),
                Some(SignedDuration::from_hours(168)),
                "{text}"
            );
        }
        assert_eq!(SignedDuration::parse("-5s"), None);
        assert_eq!(SignedDuration::parse("soon"), None);
    }
}
