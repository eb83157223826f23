//! The schema of a kind, judged node by node as the API server does it: structure first, then the rules in CEL.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use kube::core::cel::{CompiledSchema, ValidationErrors, Validator, compile_schema};
use regex::Regex;
use serde_json::{Map, Value};

const RULES: &str = "x-kubernetes-validations";

thread_local! {
    static VALIDATOR: Validator = Validator::new();
}

static TIME_OF_DAY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$").unwrap()
});

/// One node of a schema with what its own rules say; what stands below it has nodes of its own.
pub struct Node {
    /// The schema as the API server has it.
    pub schema: Value,
    rules: Option<CompiledSchema>,
    pattern: Option<Regex>,
    /// Expressions are compiled anew at each match, so what was judged once is remembered.
    judged: RefCell<BTreeMap<String, Vec<String>>>,
    /// The members of an object.
    pub fields: BTreeMap<String, Node>,
    /// The items of a list.
    pub items: Option<Box<Node>>,
}

impl Node {
    /// Compiles the rules of a schema.
    pub fn new(schema: &Value) -> Self {
        let fields = schema["properties"].as_object().into_iter().flatten();
        let items = schema.get("items").filter(|items| items.is_object());
        let pattern = schema["pattern"].as_str();
        Self {
            rules: schema.get(RULES).map(|_| compiled(schema)),
            pattern: pattern.map(|pattern| Regex::new(pattern).unwrap()),
            judged: RefCell::default(),
            fields: fields
                .map(|(name, field)| (name.clone(), Self::new(field)))
                .collect(),
            items: items.map(|items| Box::new(Self::new(items))),
            schema: schema.clone(),
        }
    }

    /// The spec of a kind.
    pub fn of_spec(kind: &str) -> Self {
        let definitions = pim_api::all_crds();
        let definition = definitions
            .iter()
            .find(|definition| definition.spec.names.kind == kind)
            .unwrap();
        let schema = definition.spec.versions[0].schema.as_ref().unwrap();
        let schema = serde_json::to_value(schema.open_api_v3_schema.as_ref().unwrap()).unwrap();
        Self::new(&schema["properties"]["spec"])
    }

    /// What the structure of this node and its rules have against a value, with what stands below it.
    pub fn refusals(&self, value: &Value) -> Vec<String> {
        let below: Vec<String> = match value {
            Value::Object(members) => {
                let known = members
                    .iter()
                    .filter_map(|(name, member)| Some((self.fields.get(name)?, member)));
                known
                    .flat_map(|(node, member)| node.refusals(member))
                    .collect()
            }
            Value::Array(items) => {
                let node = self.items.iter();
                node.flat_map(|node| items.iter().flat_map(|item| node.refusals(item)))
                    .collect()
            }
            _ => Vec::new(),
        };
        below.into_iter().chain(self.own_refusals(value)).collect()
    }

    /// What this node alone has against a value.
    pub fn own_refusals(&self, value: &Value) -> Vec<String> {
        if value.is_null() {
            let nullable = self.schema["nullable"] == true;
            return if nullable {
                Vec::new()
            } else {
                vec!["must not be null".to_owned()]
            };
        }
        let structural = self.structural(value);
        if structural.is_some() {
            return structural.into_iter().collect();
        }
        let Some(rules) = &self.rules else {
            return Vec::new();
        };
        let key = value.to_string();
        if let Some(known) = self.judged.borrow().get(&key) {
            return known.clone();
        }
        let refusals = messages(rules, &without_nulls(value));
        self.judged.borrow_mut().insert(key, refusals.clone());
        refusals
    }

    fn structural(&self, value: &Value) -> Option<String> {
        let schema = &self.schema;
        let limit = |name: &str| {
            schema[name]
                .as_u64()
                .and_then(|limit| usize::try_from(limit).ok())
        };
        let beyond = |size: usize, least: &str, most: &str| {
            limit(least).is_some_and(|least| size < least)
                || limit(most).is_some_and(|most| size > most)
        };
        let (kind, refused) = match value {
            Value::Object(members) => ("object", self.lacks(members)),
            Value::Array(items) => (
                "array",
                beyond(items.len(), "minItems", "maxItems") || self.holds_twice(items),
            ),
            Value::String(text) => {
                let size = text.chars().count();
                let unmatched = self
                    .pattern
                    .as_ref()
                    .is_some_and(|pattern| !pattern.is_match(text));
                let foreign = schema["enum"]
                    .as_array()
                    .is_some_and(|members| !members.contains(value));
                let format = schema["format"] == "date-time" && !is_date_time(text);
                (
                    "string",
                    beyond(size, "minLength", "maxLength") || unmatched || foreign || format,
                )
            }
            Value::Bool(_) => ("boolean", false),
            Value::Number(_) => ("integer", false),
            Value::Null => return None,
        };
        let wrong_kind = schema["type"].as_str().is_some_and(|wanted| wanted != kind);
        (wrong_kind || refused).then(|| format!("{value} does not fit the structure"))
    }

    fn lacks(&self, members: &Map<String, Value>) -> bool {
        let required = self.schema["required"].as_array().into_iter().flatten();
        required
            .filter_map(Value::as_str)
            .any(|name| !members.contains_key(name))
    }

    fn holds_twice(&self, items: &[Value]) -> bool {
        let keys: Vec<&str> = match self.schema["x-kubernetes-list-type"].as_str() {
            Some("map") => {
                let keys = self.schema["x-kubernetes-list-map-keys"]
                    .as_array()
                    .unwrap();
                keys.iter().filter_map(Value::as_str).collect()
            }
            Some("set") => Vec::new(),
            _ => return false,
        };
        let identity = |item: &Value| -> Vec<Value> {
            if keys.is_empty() {
                return vec![item.clone()];
            }
            keys.iter().map(|key| item[key].clone()).collect()
        };
        let all: Vec<_> = items.iter().map(identity).collect();
        (1..all.len()).any(|index| all[..index].contains(&all[index]))
    }
}

/// What the API server takes for a time before any rule is asked: `IsDateTime` of go-openapi/strfmt, which lets more
/// through than can be read.
fn is_date_time(text: &str) -> bool {
    let lower = text.to_lowercase();
    let Some((date, rest)) = lower.split_once('t') else {
        return false;
    };
    let time = rest.split('t').next().unwrap_or_default();
    let fits = TIME_OF_DAY
        .captures(time)
        .is_some_and(|parts| &parts[1] <= "23" && &parts[2] <= "59" && &parts[3] <= "59");
    fits && date.parse::<Date>().is_ok()
}

/// The rules of a node without those of the nodes below it.
fn compiled(schema: &Value) -> CompiledSchema {
    let mut alone = schema.clone();
    for part in ["properties", "items"] {
        if let Some(part) = alone.get_mut(part) {
            strip(part);
        }
    }
    compile_schema(&alone)
}

fn strip(schema: &mut Value) {
    if let Some(members) = schema.as_object_mut() {
        members.remove(RULES);
        members.values_mut().for_each(strip);
    }
}

fn messages(rules: &CompiledSchema, value: &Value) -> Vec<String> {
    let verdict = VALIDATOR.with(|validator| validator.validate_compiled(rules, value, None));
    let errors = verdict.err().map(ValidationErrors::into_vec);
    errors
        .into_iter()
        .flatten()
        .map(|error| error.message)
        .collect()
}

/// The API server takes a member that is null for one that is not there.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let there = members.iter().filter(|(_, member)| !member.is_null());
            there
                .map(|(name, member)| (name.clone(), without_nulls(member)))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
