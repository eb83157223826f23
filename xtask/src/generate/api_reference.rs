//! The field reference, `docs/reference/api.md`: every field of every kind, from the schemas that the API
//! server enforces.

use serde_json::Value;

use super::artefact::{Artefact, NOTICE};
use super::crds::Definition;
use super::markdown::{cell, code, table};

const PATH: &str = "docs/reference/api.md";

/// The page for all kinds.
pub fn artefact(definitions: &[Definition]) -> Artefact {
    let head = format!(
        "<!-- {NOTICE} -->\n\n# Field reference\n\n\
         Every field of every kind, from the schemas that the API server enforces.\n\
         `[]` stands for each item of a list, `{{}}` for each value of a map.\n\
         A condition is the [condition of Kubernetes](https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.33/#condition-v1-meta).\n\n"
    );
    let entry = |definition: &Definition| {
        let anchor = definition.kind.to_lowercase();
        format!("- [{}](#{anchor})\n", definition.kind)
    };
    let contents: Vec<String> = definitions.iter().map(entry).collect();
    let kinds: Vec<String> = definitions.iter().map(kind).collect();
    Artefact {
        path: PATH.to_owned(),
        text: [head, contents.concat(), kinds.concat()].concat(),
    }
}

fn kind(definition: &Definition) -> String {
    let versions = definition.at("/spec/versions").and_then(Value::as_array);
    let mut parts = vec![format!("\n## {}\n", definition.kind)];
    for version in versions.into_iter().flatten() {
        let Some(schema) = version.pointer("/schema/openAPIV3Schema") else {
            continue;
        };
        parts.push(head(definition, version, schema));
        for part in ["spec", "status"] {
            let Some(fields) = schema.pointer(&format!("/properties/{part}")) else {
                continue;
            };
            let mut page = Fields::default();
            page.visit(part, fields, Presence::of(schema, part));
            parts.push(format!("\n### {} {part}\n\n", definition.kind));
            parts.push(page.text());
        }
    }
    parts.concat()
}

/// Names, scope and columns, before the fields.
fn head(definition: &Definition, version: &Value, schema: &Value) -> String {
    let name = |pointer: &str| definition.at(pointer).and_then(Value::as_str).unwrap_or("");
    let list = |pointer: &str| {
        let items = definition.at(pointer).and_then(Value::as_array);
        let names = items.into_iter().flatten().filter_map(Value::as_str);
        names.map(code).collect::<Vec<_>>().join(", ")
    };
    let mut facts = vec![
        (
            "API version",
            code(&format!(
                "{}/{}",
                name("/spec/group"),
                version.get("name").and_then(Value::as_str).unwrap_or("")
            )),
        ),
        ("Scope", name("/spec/scope").to_owned()),
        ("Resource", code(name("/spec/names/plural"))),
        ("Short names", list("/spec/names/shortNames")),
        ("Categories", list("/spec/names/categories")),
    ];
    let columns: Vec<String> = version
        .get("additionalPrinterColumns")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|column| Some(code(column.get("name")?.as_str()?)))
        .collect();
    facts.push(("Columns", columns.join(", ")));
    let rows: Vec<Vec<String>> = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(fact, value)| vec![fact.to_owned(), value])
        .collect();
    let description = schema
        .get("description")
        .and_then(Value::as_str)
        .map(|description| format!("{}\n\n", description.trim()))
        .unwrap_or_default();
    let rules = rules(&definition.kind, schema);
    let facts = table(&["", ""], &rows);
    ["\n".to_owned(), description, facts, rule_table(&rules)].concat()
}

/// The rows of one part of a kind, gathered depth first.
#[derive(Default)]
struct Fields {
    rows: Vec<Vec<String>>,
    rules: Vec<Vec<String>>,
}

impl Fields {
    fn visit(&mut self, path: &str, schema: &Value, presence: Presence) {
        self.rows.push(vec![
            code(path),
            cell(&type_name(schema)),
            presence.text().to_owned(),
            schema
                .get("default")
                .map(|default| code(&default.to_string()))
                .unwrap_or_default(),
            describe(schema),
        ]);
        self.rules.extend(rules(path, schema));
        self.below(path, schema);
    }

    fn below(&mut self, path: &str, schema: &Value) {
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, inner) in properties.into_iter().flatten() {
            let presence = Presence::of(schema, name);
            self.visit(&format!("{path}.{name}"), inner, presence);
        }
        if let Some(items) = schema.get("items").filter(|items| !is_condition(items)) {
            self.inside(&format!("{path}[]"), items);
        }
        if let Some(values) = schema
            .get("additionalProperties")
            .filter(|it| it.is_object())
        {
            self.inside(&format!("{path}{{}}"), values);
        }
    }

    /// What is inside a list or a map has no row of its own unless it says something.
    fn inside(&mut self, path: &str, schema: &Value) {
        self.rules.extend(rules(path, schema));
        let limits = limits(schema);
        if !limits.is_empty() {
            let description = cell(&sentence(&limits.join(", ")));
            let row = [
                code(path),
                cell(&type_name(schema)),
                String::new(),
                String::new(),
                description,
            ];
            self.rows.push(row.into());
        }
        self.below(path, schema);
    }

    fn text(&self) -> String {
        let head = ["Field", "Type", "Required", "Default", "Description"];
        table(&head, &self.rows) + &rule_table(&self.rules)
    }
}

/// Whether a field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
}

impl Presence {
    /// What the schema of the object says about one of its fields.
    fn of(schema: &Value, name: &str) -> Self {
        let names = schema.get("required").and_then(Value::as_array);
        if names.is_some_and(|names| names.iter().any(|one| one.as_str() == Some(name))) {
            Self::Required
        } else {
            Self::Optional
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Required => "yes",
            Self::Optional => "",
        }
    }
}

/// Whether this is the condition type of Kubernetes, which has a page of its own there.
fn is_condition(schema: &Value) -> bool {
    const FIELDS: [&str; 6] = [
        "lastTransitionTime",
        "message",
        "observedGeneration",
        "reason",
        "status",
        "type",
    ];
    schema
        .get("properties")
        .and_then(Value::as_object)
        .is_some_and(|fields| fields.keys().eq(FIELDS))
}

fn type_name(schema: &Value) -> String {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    if let Some(members) = schema.get("enum").and_then(Value::as_array) {
        let members: Vec<String> = members.iter().filter_map(Value::as_str).map(code).collect();
        return format!("one of {}", members.join(", "));
    }
    if schema.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) {
        return "integer or string".to_owned();
    }
    match (text("type"), text("format")) {
        (Some("array"), _) => match schema.get("items") {
            Some(items) if is_condition(items) => "list of conditions".to_owned(),
            Some(items) if items.get("enum").is_some() => format!("list of {}", type_name(items)),
            Some(items) => format!("list of {}s", type_name(items)),
            None => "list".to_owned(),
        },
        (Some("object"), _) => match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => format!("map of {}s", type_name(values)),
            _ => "object".to_owned(),
        },
        (Some(name), Some(format)) => format!("{name} ({format})"),
        (Some(name), None) => name.to_owned(),
        (None, _) => "any".to_owned(),
    }
}

fn describe(schema: &Value) -> String {
    let description = schema
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let limits = limits(schema);
    let mut text = cell(description);
    if !limits.is_empty() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&cell(&sentence(&limits.join(", "))));
    }
    text
}

/// What the schema demands of a value beside its type.
fn limits(schema: &Value) -> Vec<String> {
    const WORDS: &[(&str, &str, &str)] = &[
        ("minLength", "at least", " character"),
        ("maxLength", "at most", " character"),
        ("minItems", "at least", " item"),
        ("maxItems", "at most", " item"),
        ("minimum", "at least", ""),
        ("maximum", "at most", ""),
    ];
    let mut limits: Vec<String> = WORDS
        .iter()
        .filter_map(|(key, bound, unit)| {
            let limit = schema.get(key).filter(|limit| !limit.is_null())?;
            let plural = if unit.is_empty() || *limit == 1 {
                ""
            } else {
                "s"
            };
            Some(format!("{bound} {limit}{unit}{plural}"))
        })
        .collect();
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        limits.push(format!("matches {}", code(pattern)));
    }
    if let Some(keys) = schema
        .get("x-kubernetes-list-map-keys")
        .and_then(Value::as_array)
    {
        let keys: Vec<&str> = keys.iter().filter_map(Value::as_str).collect();
        limits.push(format!("one item for each {}", keys.join(" and ")));
    }
    if schema.get("x-kubernetes-list-type").and_then(Value::as_str) == Some("set") {
        limits.push("no item twice".to_owned());
    }
    limits
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str()),
        None => String::new(),
    }
}

fn rules(path: &str, schema: &Value) -> Vec<Vec<String>> {
    let rules = schema
        .get("x-kubernetes-validations")
        .and_then(Value::as_array);
    let text = |rule: &Value, key: &str| {
        rule.get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    rules
        .into_iter()
        .flatten()
        .map(|rule| {
            vec![
                code(path),
                code(&text(rule, "rule")),
                cell(&text(rule, "message")),
            ]
        })
        .collect()
}

/// The rules as a table below another one; nothing when there are none.
fn rule_table(rules: &[Vec<String>]) -> String {
    if rules.is_empty() {
        return String::new();
    }
    format!("\n{}", table(&["Where", "Rule", "Message"], rules))
}

#[cfg(test)]
mod tests {
    use super::super::crds::tests::sample;
    use super::*;

    #[test]
    fn every_field_has_its_row() {
        let text = artefact(&[sample()]).text;
        let rows = [
            "| `spec.size` | one of `S`, `L` | yes |  | First line. Second {{ line }} \\| with a bar: and `code`. |",
            "| `spec.mode` | string |  | `\"yes\"` | At most 8 characters, matches `^[a-z]+$`. |",
            "| `spec.parts` | list of objects |  |  | At most 3 items. |",
            "| `spec.parts[].id` | string (uuid) | yes |  |  |",
            "| `spec.parts[].weight` | integer |  | `5` | At least 1, at most 9. |",
            "| `spec.labels` | map of strings |  |  |  |",
            "| `status.ready` | boolean |  |  |  |",
        ];
        for row in rows {
            assert!(text.contains(row), "no row {row} in\n{text}");
        }
    }

    #[test]
    fn conditions_are_one_row() {
        let text = artefact(&[sample()]).text;
        assert!(
            text.contains("| `status.conditions` | list of conditions |  |  |  |"),
            "{text}"
        );
        assert!(!text.contains("status.conditions[]"), "{text}");
    }

    #[test]
    fn rules_stand_with_their_message() {
        let text = artefact(&[sample()]).text;
        assert!(
            text.contains("| `spec` | `self.size == oldSelf.size` | size is immutable |"),
            "{text}"
        );
    }

    #[test]
    fn head_names_scope_short_names_and_columns() {
        let text = artefact(&[sample()]).text;
        for line in [
            "# Field reference",
            "- [Thing](#thing)",
            "## Thing",
            "| API version | `example.com/v1` |",
            "| Short names | `th` |",
            "| Columns | `Ready` |",
        ] {
            assert!(text.contains(line), "no {line} in\n{text}");
        }
    }
}
