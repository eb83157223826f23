//! Values that a schema admits, drawn from its own words: types, enums, limits, patterns and rules.

use std::rc::Rc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value};

use super::schema::Node;
use super::texts;

/// How many texts are made from each pattern.
const FROM_PATTERN: usize = 20;

/// Values of a node. What its own rules refuse is never drawn, so what comes out is admitted as a whole.
pub fn values(node: &Rc<Node>, runner: &mut TestRunner) -> BoxedStrategy<Value> {
    let pool = texts::pool(runner);
    of_node(&Shared(Rc::clone(node), Vec::new()), &pool, runner)
}

/// A node inside the tree that owns it: strategies outlive the borrow of their parent.
#[derive(Clone)]
struct Shared(Rc<Node>, Vec<Step>);

#[derive(Clone)]
enum Step {
    Field(String),
    Items,
}

impl Shared {
    fn node(&self) -> &Node {
        self.1.iter().fold(&*self.0, |node, step| match step {
            Step::Field(name) => &node.fields[name],
            Step::Items => node.items.as_deref().unwrap(),
        })
    }

    fn below(&self, step: Step) -> Self {
        let mut path = self.1.clone();
        path.push(step);
        Self(Rc::clone(&self.0), path)
    }
}

fn of_node(at: &Shared, pool: &[String], runner: &mut TestRunner) -> BoxedStrategy<Value> {
    let schema = &at.node().schema;
    let drawn = match schema["type"].as_str() {
        Some("object") if is_record(at.node()) => record(at.node(), pool, runner),
        Some("object") => object(at, pool, runner),
        Some("array") => list(at, pool, runner),
        Some("string") => text(at.node(), pool, runner),
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        other => panic!("no values of type {other:?}"),
    };
    let judge = at.clone();
    let admitted = drawn.prop_filter("its own rules refuse it", move |value| {
        judge.node().own_refusals(value).is_empty()
    });
    if schema["nullable"] == true {
        return prop_oneof![9 => admitted, 1 => Just(Value::Null)].boxed();
    }
    admitted.boxed()
}

fn object(at: &Shared, pool: &[String], runner: &mut TestRunner) -> BoxedStrategy<Value> {
    let required: Vec<&str> = at.node().schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut fields: BoxedStrategy<Map<String, Value>> = Just(Map::new()).boxed();
    for name in at.node().fields.keys() {
        let values = of_node(&at.below(Step::Field(name.clone())), pool, runner);
        let member = if required.contains(&name.as_str()) {
            values.prop_map(Some).boxed()
        } else {
            option::of(values).boxed()
        };
        let name = name.clone();
        fields = (fields, member)
            .prop_map(move |(mut fields, member)| {
                if let Some(member) = member {
                    fields.insert(name.clone(), member);
                }
                fields
            })
            .boxed();
    }
    fields.prop_map(Value::Object).boxed()
}

/// Whether an object is made of texts that must all be there, such as a principal. The rules of such a one hold its
/// texts against each other, so most pairs do not fit.
fn is_record(node: &Node) -> bool {
    let required = node.schema["required"].as_array();
    let text = |field: &Node| field.schema["type"] == "string";
    node.schema["x-kubernetes-validations"].is_array()
        && required.is_some_and(|required| required.len() == node.fields.len())
        && node.fields.values().all(text)
}

/// All combinations of texts that the rules of a record admit.
fn record(node: &Node, pool: &[String], runner: &mut TestRunner) -> BoxedStrategy<Value> {
    let mut all = vec![Map::new()];
    for (name, field) in &node.fields {
        let texts = admitted_texts(field, pool, runner);
        let with = |made: &Map<String, Value>, text: &Value| {
            let mut made = made.clone();
            made.insert(name.clone(), text.clone());
            made
        };
        all = all
            .iter()
            .flat_map(|made| texts.iter().map(move |text| with(made, text)))
            .collect();
    }
    let mut all: Vec<Value> = all.into_iter().map(Value::Object).collect();
    all.retain(|record| node.own_refusals(record).is_empty());
    select(all).boxed()
}

fn list(at: &Shared, pool: &[String], runner: &mut TestRunner) -> BoxedStrategy<Value> {
    let items = of_node(&at.below(Step::Items), pool, runner);
    let least = usize::try_from(at.node().schema["minItems"].as_u64().unwrap_or(0)).unwrap();
    let most = usize::try_from(at.node().schema["maxItems"].as_u64().unwrap()).unwrap();
    vec(items, least..=most.min(least + 3))
        .prop_map(Value::from)
        .boxed()
}

fn text(node: &Node, pool: &[String], runner: &mut TestRunner) -> BoxedStrategy<Value> {
    select(admitted_texts(node, pool, runner)).boxed()
}

fn admitted_texts(node: &Node, pool: &[String], runner: &mut TestRunner) -> Vec<Value> {
    let members = node.schema["enum"].as_array().cloned();
    let mut texts = members.unwrap_or_else(|| pool.iter().cloned().map(Value::from).collect());
    for pattern in patterns(node) {
        let made = texts::matching(runner, pattern, FROM_PATTERN);
        texts.extend(made.into_iter().map(Value::from));
    }
    texts.retain(|text| node.own_refusals(text).is_empty());
    assert!(!texts.is_empty(), "no text fits {}", node.schema);
    texts
}

/// The patterns that a text must match: that of the schema, and those of rules that ask for nothing else.
fn patterns(node: &Node) -> Vec<&str> {
    let rules = node.schema["x-kubernetes-validations"].as_array();
    let rules = rules.into_iter().flatten();
    let of_rules = rules.filter_map(|rule| {
        let pattern = rule["rule"].as_str()?.strip_prefix("self.matches('")?;
        pattern
            .strip_suffix("')")
            .filter(|text| !text.contains('\''))
    });
    node.schema["pattern"]
        .as_str()
        .into_iter()
        .chain(of_rules)
        .collect()
}
