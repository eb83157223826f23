//! Whether a JSON object satisfies a filter expression.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::capabilities::Case;
use super::expression::{Comparison, Expression, Literal, TextTest};

/// Judges an object. Text is compared as the collection does; ids and enum members never depend on case.
pub(super) fn holds(
    expression: &Expression,
    object: &Value,
    case: &dyn Fn(&[String]) -> Case,
) -> bool {
    match expression {
        Expression::And(left, right) => holds(left, object, case) && holds(right, object, case),
        Expression::Or(left, right) => holds(left, object, case) || holds(right, object, case),
        Expression::Not(inner) => !holds(inner, object, case),
        Expression::Compare {
            path,
            comparison,
            value,
        } => compare(at(object, path), *comparison, value, case(path)),
        Expression::In { path, values } => values
            .iter()
            .any(|value| compare(at(object, path), Comparison::Equal, value, case(path))),
        Expression::Text { path, test, text } => at(object, path)
            .as_str()
            .is_some_and(|found| text_test(found, *test, text, case(path))),
        Expression::Any { path, predicate } => {
            at(object, path)
                .as_array()
                .is_some_and(|elements| match predicate {
                    None => !elements.is_empty(),
                    Some(predicate) => elements
                        .iter()
                        .any(|element| holds(predicate, element, case)),
                })
        }
    }
}

/// The value at a path; null where there is none. Names are matched without regard to case, as the service does.
pub(super) fn at<'a>(object: &'a Value, path: &[String]) -> &'a Value {
    path.iter().fold(object, |value, name| {
        value
            .as_object()
            .and_then(|map| {
                map.get(name).or_else(|| {
                    map.iter()
                        .find(|(key, _)| key.eq_ignore_ascii_case(name))
                        .map(|(_, value)| value)
                })
            })
            .unwrap_or(&Value::Null)
    })
}

fn compare(found: &Value, comparison: Comparison, literal: &Literal, case: Case) -> bool {
    let ordering = order(found, literal, case);
    match comparison {
        Comparison::Equal => ordering == Some(Ordering::Equal),
        Comparison::NotEqual => ordering != Some(Ordering::Equal),
        Comparison::Greater => ordering == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
        Comparison::Less => ordering == Some(Ordering::Less),
        Comparison::LessOrEqual => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
    }
}

/// `None` where the two do not compare, as null with anything else.
fn order(found: &Value, literal: &Literal, case: Case) -> Option<Ordering> {
    match (found, literal) {
        (Value::Null, Literal::Null) => Some(Ordering::Equal),
        (Value::Bool(left), Literal::Bool(right)) => Some(left.cmp(right)),
        (Value::Number(left), Literal::Integer(right)) => left.as_i64().map(|left| left.cmp(right)),
        (Value::String(left), Literal::Text(right)) => Some(match case {
            Case::Ignored => left.to_lowercase().cmp(&right.to_lowercase()),
            Case::Significant => left.as_str().cmp(right),
        }),
        (Value::String(left), Literal::Guid(right)) => Some(
            left.to_ascii_lowercase()
                .cmp(&right.as_hyphenated().to_string()),
        ),
        (Value::String(left), Literal::Time(right)) => {
            left.parse::<Timestamp>().ok().map(|left| left.cmp(right))
        }
        _ => None,
    }
}

fn text_test(found: &str, test: TextTest, sought: &str, case: Case) -> bool {
    let (found, sought) = match case {
        Case::Ignored => (found.to_lowercase(), sought.to_lowercase()),
        Case::Significant => (found.to_owned(), sought.to_owned()),
    };
    match test {
        TextTest::StartsWith => found.starts_with(&sought),
        TextTest::EndsWith => found.ends_with(&sought),
        TextTest::Contains => found.contains(&sought),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn matches(source: &str) -> bool {
        let object = json!({
            "displayName": "Ops Team", "count": 3, "enabled": true, "mail": null, "types": ["Unified"],
            "owner": {"id": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"}, "createdDateTime": "2026-05-01T10:00:00Z",
            "targets": [{"id": "x", "type": "User"}],
        });
        holds(&Expression::parse(source).unwrap(), &object, &|_| {
            Case::Ignored
        })
    }

    #[test]
    fn comparisons_follow_the_types_of_the_values() {
        for source in [
            "displayName eq 'ops team'",
            "DisplayName eq 'Ops Team'",
            "count ge 3 and count lt 4",
            "enabled eq true",
            "mail eq null",
            "displayName ne null",
            "owner/id eq AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee",
            "createdDateTime gt 2026-05-01T09:59:59.999Z",
            "displayName in ('x','ops team')",
            "startswith(displayName,'OPS')",
            "endswith(displayName,'team') eq true",
            "contains(displayName,'s T')",
            "types/any(t:t eq 'unified')",
            "targets/any(t: t/id eq 'x' and t/type eq 'User')",
            "types/any()",
            "not(displayName eq 'x')",
        ] {
            assert!(matches(source), "{source}");
        }
    }

    #[test]
    fn values_of_other_types_do_not_match() {
        for source in [
            "displayName eq 3",
            "count eq '3'",
            "mail eq 'x'",
            "nothing eq 'x'",
            "createdDateTime lt 2026-05-01T10:00:00Z",
        ] {
            assert!(!matches(source), "{source}");
        }
    }
}
