//! The filters that lists of roles take: a few forms, joined by `and` (learn.microsoft.com: "List Azure role assignments using
//! the REST API", "List Azure role definitions").

use crate::error::GraphError;

/// One part of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `name eq 'value'`.
    Equals(String, String),
    /// `name('value')`, or `name()` with nothing in it.
    Function(String, String),
}

/// Reads a filter; the names come out in small letters.
pub(super) fn parse(text: &str) -> Result<Vec<Part>, GraphError> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (part, after) = first(rest).ok_or_else(|| unsupported(text))?;
        parts.push(part);
        let after = after.trim_start();
        rest = match after.get(..4) {
            Some(word) if word.eq_ignore_ascii_case("and ") => after[4..].trim_start(),
            _ if after.is_empty() => after,
            _ => return Err(unsupported(text)),
        };
    }
    Ok(parts)
}

/// The refusal of a filter that no list takes.
pub(super) fn unsupported(text: &str) -> GraphError {
    GraphError::bad_request(
        "UnsupportedQuery",
        format!("The filter '{text}' is not supported."),
    )
}

fn first(text: &str) -> Option<(Part, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric())?;
    let (name, rest) = text.split_at(end);
    let name = name.to_ascii_lowercase();
    if let Some(inside) = rest.strip_prefix('(') {
        let inside = inside.trim_start();
        if let Some(after) = inside.strip_prefix(')') {
            return Some((Part::Function(name, String::new()), after));
        }
        let (value, after) = quoted(inside)?;
        let after = after.trim_start().strip_prefix(')')?;
        return Some((Part::Function(name, value), after));
    }
    let rest = rest.trim_start();
    let rest = rest
        .get(..2)
        .filter(|word| word.eq_ignore_ascii_case("eq"))
        .map(|_| &rest[2..])?;
    let (value, after) = quoted(rest.trim_start())?;
    Some((Part::Equals(name, value), after))
}

/// A text in quotation marks, in which two stand for one.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let end = rest.find('\'')?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                value.push('\'');
                rest = after;
            }
            None => return Some((value, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_by_and_and_quotation_marks_are_doubled() {
        let read = parse("roleName eq 'It''s mine' AND atScopeAndBelow() and assignedTo('x')");
        let equals = |name: &str, value: &str| Part::Equals(name.to_owned(), value.to_owned());
        let function = |name: &str, value: &str| Part::Function(name.to_owned(), value.to_owned());
        assert_eq!(
            read.unwrap(),
            [
                equals("rolename", "It's mine"),
                function("atscopeandbelow", ""),
                function("assignedto", "x"),
            ]
        );
        for wrong in [
            "roleName ne 'x'",
            "roleName eq 'x",
            "atScope() or atScope()",
            "atScope(",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
