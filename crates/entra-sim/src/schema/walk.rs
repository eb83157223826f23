//! Walks a body beside its declared type and notes every departure.

use serde_json::{Map, Value};

use super::table::Table;
use super::types::{Member, Multiplicity, Nullability, Role, describe};
use super::violation::{Problem, Violation, excerpt};

/// Which properties an answer was asked to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection<'a> {
    /// Any subset of the properties: the service leaves out what is not returned by default.
    Partial,
    /// Exactly these properties and navigations, as `$select` and `$expand` name them.
    Only(&'a [&'a str]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Response,
}

/// The name in an `@odata.type`: `#microsoft.graph.group` and `microsoft.graph.group` mean `group`.
pub(super) fn local_name(odata_type: &str) -> &str {
    let bare = odata_type.trim_start_matches('#');
    bare.strip_prefix("microsoft.graph.").unwrap_or(bare)
}

pub(super) struct Walk<'t> {
    pub(super) table: &'t Table,
    pub(super) direction: Direction,
    violations: Vec<Violation>,
}

impl<'t> Walk<'t> {
    pub(super) fn new(table: &'t Table, direction: Direction) -> Self {
        Self {
            table,
            direction,
            violations: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Result<(), Vec<Violation>> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(self.violations)
        }
    }

    pub(super) fn note(&mut self, path: &str, problem: Problem, found: String, expected: String) {
        self.violations.push(Violation {
            path: path.to_owned(),
            problem,
            found,
            expected,
        });
    }

    /// A `$ref` body.
    pub(super) fn reference(&mut self, body: &Value) {
        let expected = || "an object with @odata.id and nothing else".to_owned();
        let Some(object) = body.as_object() else {
            return self.note("", Problem::WrongType, excerpt(body), expected());
        };
        match object.get("@odata.id") {
            Some(Value::String(link)) if link.starts_with("https://") => {}
            Some(other) => self.note(
                "@odata.id",
                Problem::Format,
                excerpt(other),
                "an https address".to_owned(),
            ),
            None => self.note("", Problem::Missing, excerpt(body), expected()),
        }
        for key in object.keys().filter(|key| *key != "@odata.id") {
            self.note(
                key,
                Problem::UnknownProperty,
                format!("`{key}`"),
                expected(),
            );
        }
    }

    pub(super) fn page(&mut self, item_type: &str, body: &Value, selection: Selection<'_>) {
        let Some(object) = body.as_object() else {
            return self.note("", Problem::WrongType, excerpt(body), "a page".to_owned());
        };
        match object.get("value") {
            Some(Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.selected(&format!("value[{index}]"), item_type, item, selection);
                }
            }
            Some(other) => self.note(
                "value",
                Problem::WrongType,
                excerpt(other),
                "an array".to_owned(),
            ),
            None => self.note(
                "value",
                Problem::Missing,
                "nothing".to_owned(),
                "an array".to_owned(),
            ),
        }
        for (key, value) in object.iter().filter(|(key, _)| *key != "value") {
            if key.starts_with("@odata.") {
                self.annotation_value(key, key, value);
            } else {
                self.note(
                    key,
                    Problem::UnknownProperty,
                    format!("`{key}`"),
                    "value and annotations only".to_owned(),
                );
            }
        }
    }

    /// An object of an answer, with the properties that were asked for.
    pub(super) fn selected(
        &mut self,
        path: &str,
        declared: &str,
        value: &Value,
        selection: Selection<'_>,
    ) {
        self.object(path, declared, value);
        let (Selection::Only(names), Some(object)) = (selection, value.as_object()) else {
            return;
        };
        // A removed object of a delta round is its id and the reason, whatever was selected.
        if object.contains_key("@removed") {
            return;
        }
        for name in names.iter().filter(|name| !object.contains_key(**name)) {
            self.note(
                &join(path, name),
                Problem::Missing,
                "nothing".to_owned(),
                "a value or null, because it was selected".to_owned(),
            );
        }
        for key in object.keys() {
            let name = key.split('@').next().unwrap_or_default();
            if !name.is_empty() && !names.contains(&name) {
                self.note(
                    &join(path, key),
                    Problem::NotSelected,
                    format!("`{key}`"),
                    format!("only {}", names.join(", ")),
                );
            }
        }
    }

    /// An object that must be of the declared type or of one that derives from it.
    pub(super) fn object(&mut self, path: &str, declared: &str, value: &Value) {
        let Some(object) = value.as_object() else {
            let expected = format!("an object of type {declared}");
            return self.note(path, Problem::WrongType, excerpt(value), expected);
        };
        let Some(actual) = self.actual_type(path, declared, object) else {
            return;
        };
        for (key, inner) in object {
            if key.contains('@') {
                self.annotation(path, actual, key, inner);
            } else if let Some(member) = self.table.member(actual, key).copied() {
                self.member(&join(path, key), member, inner);
            } else if !(self.table.is_open(actual) && is_extension(key)) {
                let expected = match self.table.spelled(actual, key) {
                    Some(exact) => format!("`{exact}`"),
                    None => format!("a property of {actual}"),
                };
                let found = format!("`{key}`");
                self.note(&join(path, key), Problem::UnknownProperty, found, expected);
            }
        }
    }

    /// The type an object says it is, else the declared one; nothing when neither can be used.
    fn actual_type<'a>(
        &mut self,
        path: &str,
        declared: &'a str,
        object: &'a Map<String, Value>,
    ) -> Option<&'a str> {
        let Some(structured) = self.table.structured(declared) else {
            let expected = "a type of schema/graph-v1.0.tsv or schema/additions.tsv".to_owned();
            self.note(
                path,
                Problem::UnknownType,
                format!("`{declared}`"),
                expected,
            );
            return None;
        };
        let place = join(path, "@odata.type");
        match object.get("@odata.type") {
            None if structured.is_abstract && self.direction == Direction::Request => {
                self.note(
                    path,
                    Problem::Abstract,
                    "no @odata.type".to_owned(),
                    self.one_of(declared),
                );
                None
            }
            None => Some(declared),
            Some(Value::String(text)) => {
                let name = local_name(text);
                match self.table.structured(name) {
                    None => self.note(
                        &place,
                        Problem::UnknownType,
                        format!("`{text}`"),
                        self.one_of(declared),
                    ),
                    Some(_) if !self.table.derives_from(name, declared) => self.note(
                        &place,
                        Problem::NotDerived,
                        format!("`{text}`"),
                        self.one_of(declared),
                    ),
                    Some(own) if own.is_abstract => self.note(
                        &place,
                        Problem::Abstract,
                        format!("`{text}`"),
                        self.one_of(declared),
                    ),
                    Some(_) => return Some(name),
                }
                None
            }
            Some(other) => {
                let expected = "a type name".to_owned();
                self.note(&place, Problem::WrongType, excerpt(other), expected);
                None
            }
        }
    }

    fn one_of(&self, declared: &str) -> String {
        let names: Vec<String> = self
            .table
            .concrete(declared)
            .map(|name| format!("#microsoft.graph.{name}"))
            .collect();
        format!("one of {}", names.join(", "))
    }

    pub(super) fn member(&mut self, path: &str, member: Member, value: &Value) {
        if self.direction == Direction::Request && member.role == Role::Related && !value.is_null()
        {
            let expected = "`@odata.bind` with addresses".to_owned();
            return self.note(path, Problem::Inline, excerpt(value), expected);
        }
        match (member.multiplicity, value) {
            (Multiplicity::Many, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(&format!("{path}[{index}]"), member.value, item);
                }
            }
            // OData JSON 4.01: a collection is never null, an empty one is [].
            (Multiplicity::Many, Value::Null) => self.note(
                path,
                Problem::Null,
                "null".to_owned(),
                "an array".to_owned(),
            ),
            (Multiplicity::Many, other) => self.note(
                path,
                Problem::WrongType,
                excerpt(other),
                "an array".to_owned(),
            ),
            (Multiplicity::One, Value::Null) if member.nullability == Nullability::Nullable => {}
            (Multiplicity::One, Value::Null) => self.note(
                path,
                Problem::Null,
                "null".to_owned(),
                describe(member.value).to_owned(),
            ),
            (Multiplicity::One, other) => self.value(path, member.value, other),
        }
    }
}

pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// A directory or schema extension: `extension_<application id without hyphens>_name`, or `ext` and
/// eight characters (learn.microsoft.com: extensibility-overview). Only open types carry them.
fn is_extension(name: &str) -> bool {
    let parts: Vec<&str> = name.splitn(3, '_').collect();
    match parts.as_slice() {
        ["extension", application, own] => {
            application.len() == 32
                && application.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !own.is_empty()
        }
        [prefix, own] => prefix.len() == 11 && prefix.starts_with("ext") && !own.is_empty(),
        _ => false,
    }
}
