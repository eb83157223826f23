//! What the API server admits of our kinds, what it refuses and in which words, and that whatever it admits can be read.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed unwrap is a failed test; clippy.toml reaches test functions, and not what they call"
)]

mod adoption;
mod generate;
mod readable;
mod refusals;
mod schema;
mod texts;
