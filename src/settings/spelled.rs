//! The values of flags as texts.

use clap::ValueEnum;

/// The value as it is written on the command line.
pub(crate) fn spelled(value: &impl ValueEnum) -> String {
    value
        .to_possible_value()
        .map(|value| value.get_name().to_owned())
        .unwrap_or_default()
}
