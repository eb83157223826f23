//! Single values: primitive types and members of enumerations.

use serde_json::Value;

use super::formats;
use super::types::{Primitive, ValueType, describe};
use super::violation::{Problem, excerpt};
use super::walk::{Direction, Walk};

/// Member that the service uses towards old clients and never takes (learn.microsoft.com:
/// graph best practices, evolvable enumerations).
const SENTINEL: &str = "unknownFutureValue";

impl Walk<'_> {
    /// A value that is not null and not a collection.
    pub(super) fn value(&mut self, path: &str, value_type: ValueType, value: &Value) {
        match value_type {
            ValueType::Primitive(primitive) => self.primitive(path, primitive, value),
            ValueType::Named(name) if self.table.enumeration(name).is_some() => {
                self.enumeration(path, name, value);
            }
            ValueType::Named(name) => self.object(path, name, value),
        }
    }

    fn primitive(&mut self, path: &str, primitive: Primitive, value: &Value) {
        let form: fn(&str) -> bool = match primitive {
            Primitive::Boolean | Primitive::Int32 | Primitive::Stream => {
                let fits = match primitive {
                    Primitive::Boolean => value.is_boolean(),
                    Primitive::Int32 => value
                        .as_i64()
                        .is_some_and(|number| i32::try_from(number).is_ok()),
                    _ => false,
                };
                if !fits {
                    let expected = describe(ValueType::Primitive(primitive)).to_owned();
                    self.note(path, Problem::WrongType, excerpt(value), expected);
                }
                return;
            }
            Primitive::String => |_| true,
            Primitive::Binary => formats::is_binary,
            Primitive::Date => formats::is_date,
            Primitive::DateTimeOffset => formats::is_date_time_offset,
            Primitive::Duration => formats::is_duration,
            Primitive::Guid => formats::is_guid,
            Primitive::TimeOfDay => formats::is_time_of_day,
        };
        let problem = match value.as_str() {
            Some(text) if form(text) => return,
            Some(_) => Problem::Format,
            None => Problem::WrongType,
        };
        let expected = describe(ValueType::Primitive(primitive)).to_owned();
        self.note(path, problem, excerpt(value), expected);
    }

    fn enumeration(&mut self, path: &str, name: &str, value: &Value) {
        let Some(enumeration) = self.table.enumeration(name) else {
            return;
        };
        let allowed: Vec<&str> = enumeration
            .members
            .iter()
            .copied()
            .filter(|member| self.direction == Direction::Response || *member != SENTINEL)
            .collect();
        let expected = format!("one of {}", allowed.join(", "));
        let Some(text) = value.as_str() else {
            return self.note(path, Problem::WrongType, excerpt(value), expected);
        };
        let is_member = |part: &str| {
            allowed
                .iter()
                .any(|member| member.eq_ignore_ascii_case(part))
        };
        let fits = if enumeration.is_flags {
            text.split(',').all(|part| is_member(part.trim()))
        } else {
            is_member(text)
        };
        if !fits {
            self.note(path, Problem::NotAMember, excerpt(value), expected);
        }
    }
}
