//! The only place where query strings and path segments are built.
//!
//! A text in a filter is a literal of `OData`: its quotes are doubled, then everything is percent-encoded. Field names
//! are constants of the program, so nothing that a user wrote can become syntax.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 3986 leaves unreserved stays readable; everything else is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// How many values one `in` takes.
pub const IN_LIMIT: usize = 15;

/// How long the values of one filter may be, encoded: an address of some thousand characters is refused by gateways.
const LONGEST: usize = 2000;

/// Cuts values for `in` filters, by their number and by their encoded length.
pub fn chunks<T: ToString>(values: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = values;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut length = 0_usize;
        let fits = |value: &&T| {
            length += segment(&quoted(&value.to_string())).len() + 3;
            length <= LONGEST
        };
        let count = rest.iter().take(IN_LIMIT).take_while(fits).count().max(1);
        let (chunk, left) = rest.split_at(count);
        rest = left;
        Some(chunk)
    })
}

/// Encodes one segment of a path.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// The key of an alternate-key segment, for example `groups(uniqueName='..')`: quotes doubled, then encoded.
pub fn key_literal(text: &str) -> String {
    segment(&quoted(text))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A condition of `$filter`, not encoded yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(String);

impl Filter {
    /// `field eq 'value'`.
    pub fn eq(field: &'static str, value: &impl ToString) -> Self {
        Self(format!("{field} eq {}", quoted(&value.to_string())))
    }

    /// `field eq 'a' or field eq 'b'`: where a service takes no other alternatives.
    pub fn any_of<T: ToString>(field: &'static str, values: impl IntoIterator<Item = T>) -> Self {
        let values = values.into_iter();
        let each = values.map(|value| Self::eq(field, &value).0);
        Self(each.collect::<Vec<_>>().join(" or "))
    }

    /// `field in ('a','b')`. At most [`IN_LIMIT`] values are accepted by the service.
    pub fn is_in<T: ToString>(field: &'static str, values: &[T]) -> Self {
        let mut text = format!("{field} in (");
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&quoted(&value.to_string()));
        }
        text.push(')');
        Self(text)
    }

    /// What stands at the scope that is asked for, or above it (learn.microsoft.com: role-assignments-list-rest).
    pub fn at_scope() -> Self {
        Self("atScope()".to_owned())
    }

    /// What a user or service principal holds, themselves or through groups (learn.microsoft.com: role-assignments-list-rest).
    pub fn assigned_to(holder: &impl ToString) -> Self {
        Self(format!("assignedTo({})", quoted(&holder.to_string())))
    }

    /// What stands at the scope that is asked for, or below it (learn.microsoft.com: role-definitions-list).
    pub fn at_scope_and_below() -> Self {
        Self("atScopeAndBelow()".to_owned())
    }

    /// `field eq true`.
    pub fn is(field: &'static str) -> Self {
        Self(format!("{field} eq true"))
    }

    /// `field ge moment`, in whole seconds.
    pub fn since(field: &'static str, moment: jiff::Timestamp) -> Self {
        let second = jiff::Timestamp::from_second(moment.as_second()).unwrap_or(moment);
        Self(format!("{field} ge {second}"))
    }

    /// Records of the audit log that are about an object (learn.microsoft.com: directoryaudit-list).
    pub fn about_target(object: &impl ToString) -> Self {
        let object = quoted(&object.to_string());
        Self(format!("targetResources/any(t: t/id eq {object})"))
    }

    /// Joins two filters with `and`, so that both must hold.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.push_str(" and ");
        self.0.push_str(&other.0);
        self
    }
}

/// The query of one request, in the order its parts were given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(Vec<(&'static str, String)>);

impl Query {
    /// An empty query.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `api-version`, which every request to the Azure Resource Manager names.
    #[must_use]
    pub fn api_version(self, version: &'static str) -> Self {
        self.option("api-version", version.to_owned())
    }

    /// Adds `$deltatoken=latest`: what happens from now on (learn.microsoft.com: delta-query-overview).
    #[must_use]
    pub fn delta_from_now(self) -> Self {
        self.option("$deltatoken", "latest".to_owned())
    }

    /// Adds `$filter`.
    #[must_use]
    pub fn filter(self, filter: Filter) -> Self {
        self.option("$filter", filter.0)
    }

    /// Adds `$select`.
    #[must_use]
    pub fn select(self, properties: &[&'static str]) -> Self {
        self.option("$select", properties.join(","))
    }

    /// Adds `$expand`; the text may nest (`policy($expand=rules)`).
    #[must_use]
    pub fn expand(self, navigation: &'static str) -> Self {
        self.option("$expand", navigation.to_owned())
    }

    /// Adds `$top`: how many rows a page holds at most.
    #[must_use]
    pub fn top(self, rows: u32) -> Self {
        self.option("$top", rows.to_string())
    }

    /// Asks how many there are, and for no more than one of them: `$count=true&$top=1`.
    #[must_use]
    pub fn counted(self) -> Self {
        self.option("$count", "true".to_owned())
            .option("$top", "1".to_owned())
    }

    fn option(mut self, name: &'static str, value: String) -> Self {
        self.0.push((name, value));
        self
    }

    /// The path with this query behind it.
    pub(crate) fn attach_to(&self, path: &str) -> String {
        let mut text = path.to_owned();
        for (index, (name, value)) in self.0.iter().enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "{separator}{name}={}",
                utf8_percent_encode(value, ENCODED)
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let query = Query::new().filter(
            Filter::eq("displayName", &"O'Neil' or 1 eq 1").and(&Filter::eq("scopeType", &"Group")),
        );
        assert_eq!(
            query.attach_to("/groups"),
            "/groups?$filter=displayName%20eq%20%27O%27%27Neil%27%27%20or%201%20eq%201%27%20and%20scopeType%20eq%20%27Group%27"
        );
    }

    #[test]
    fn values_of_in_are_single_literals() {
        let query = Query::new()
            .filter(Filter::is_in("mailNickname", &["a", "b#&?"]))
            .select(&["id", "mailNickname"]);
        assert_eq!(
            query.attach_to("/groups"),
            "/groups?$filter=mailNickname%20in%20%28%27a%27%2C%27b%23%26%3F%27%29&$select=id%2CmailNickname"
        );
    }

    #[test]
    fn a_filter_never_grows_too_long_to_be_sent() {
        let names: Vec<String> = (0..40)
            .map(|place| format!("{}{place}", "漢".repeat(110)))
            .collect();
        let cut: Vec<&[String]> = chunks(&names).collect();
        assert!(
            cut.iter()
                .all(|chunk| !chunk.is_empty() && chunk.len() <= 2)
        );
        assert_eq!(
            cut.iter().map(|chunk| chunk.len()).sum::<usize>(),
            names.len()
        );
        let short: Vec<u8> = (0..31).collect();
        assert_eq!(
            chunks(&short).map(<[u8]>::len).collect::<Vec<_>>(),
            [15, 15, 1]
        );
    }

    #[test]
    fn a_segment_cannot_become_two() {
        assert_eq!(segment("a/../b?c"), "a%2F..%2Fb%3Fc");
        assert_eq!(key_literal("it's"), "%27it%27%27s%27");
    }
}
