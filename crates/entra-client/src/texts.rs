//! Texts of the service that stand for one of a few values.
//!
//! Documented samples and live answers differ in case (`Direct`, `direct`), and new members appear without notice, so
//! reading is without regard to case, and a text that is not known is the caller's to judge. Writing uses the documented
//! spelling, which is the one in the table.

/// The values that a text can stand for, each under its documented spelling.
pub(crate) type Table<T> = [(&'static str, T)];

/// The documented spelling of a text and what it stands for; nothing for a text that this version does not know.
pub(crate) fn known<T: Copy>(table: &Table<T>, text: &str) -> Option<(&'static str, T)> {
    let row = table
        .iter()
        .find(|(spelling, _)| spelling.eq_ignore_ascii_case(text));
    row.copied()
}

/// What a text stands for; nothing for a text that this version does not know.
pub(crate) fn meaning<T: Copy>(table: &Table<T>, text: &str) -> Option<T> {
    known(table, text).map(|(_, meaning)| meaning)
}

/// The documented spelling of a value. Every value has one in its table.
pub(crate) fn spelling<T: Copy + PartialEq>(table: &Table<T>, value: T) -> Option<&'static str> {
    let row = table.iter().find(|(_, known)| *known == value);
    row.map(|(spelling, _)| *spelling)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_and_the_unknown_is_kept() {
        let table = [("direct", 1), ("group", 2)];
        let read = ["Direct", "GROUP", "inherited"].map(|text| known(&table, text));
        assert_eq!(read, [Some(("direct", 1)), Some(("group", 2)), None]);
        assert_eq!(spelling(&table, 2), Some("group"));
    }
}
