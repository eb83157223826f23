//! Sets of field paths, the currency of server-side apply.
//!
//! A set is a tree. Each step of a path is kept in its wire form (`f:name`, `k:{"type":"Ready"}`, `v:"x"`),
//! so that reading and writing `fieldsV1` (`kubernetes.io: server-side apply`, field management) is a walk.
//! Owning a path says nothing about the paths below it. No schema and no values here.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// One step of a path, in wire form.
pub(super) type Step = String;

/// The step to a field of an object.
pub(super) fn field(name: &str) -> Step {
    format!("f:{name}")
}

/// The step to the item of a map list that has these keys.
pub(super) fn key(keys: &BTreeMap<String, Value>) -> Step {
    format!("k:{}", serde_json::to_string(keys).unwrap_or_default())
}

/// The step to a value of a set list.
pub(super) fn value(value: &Value) -> Step {
    format!("v:{value}")
}

/// A set of field paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldSet {
    owned: bool,
    children: BTreeMap<Step, FieldSet>,
}

impl FieldSet {
    /// Whether no path is in the set.
    pub(super) fn is_empty(&self) -> bool {
        !self.owned && self.children.values().all(FieldSet::is_empty)
    }

    /// Adds one path. The empty path is no path.
    pub(super) fn insert(&mut self, path: &[Step]) {
        let mut node = self;
        for step in path {
            node = node.children.entry(step.clone()).or_default();
        }
        node.owned = !path.is_empty() || node.owned;
    }

    /// The set below one step: its own membership is asked with [`Self::owns`].
    pub(super) fn below(&self, step: &str) -> Option<&FieldSet> {
        self.children.get(step)
    }

    /// Whether the path of this single step is in the set.
    pub(super) fn owns(&self, step: &str) -> bool {
        self.children.get(step).is_some_and(|child| child.owned)
    }

    /// Whether a path longer than one step starts with this step.
    pub(super) fn reaches_below(&self, step: &str) -> bool {
        self.children.get(step).is_some_and(|child| {
            child
                .children
                .values()
                .any(|grandchild| !grandchild.is_empty())
        })
    }

    /// The steps at this level with their subsets.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&str, &FieldSet)> {
        self.children
            .iter()
            .map(|(step, child)| (step.as_str(), child))
    }

    /// Marks the path of one step as a member.
    pub(super) fn own(&mut self, step: &str) {
        self.children.entry(step.to_owned()).or_default().owned = true;
    }

    /// Replaces what lies below one step, keeping whether the step itself is a member.
    pub(super) fn replace_below(&mut self, step: &str, mut subset: FieldSet) {
        let node = self.children.entry(step.to_owned()).or_default();
        subset.owned = node.owned;
        *node = subset;
    }

    pub(super) fn union(&self, other: &FieldSet) -> FieldSet {
        let mut result = self.clone();
        result.owned |= other.owned;
        for (step, child) in &other.children {
            let merged = result
                .children
                .get(step)
                .map_or_else(|| child.clone(), |mine| mine.union(child));
            result.children.insert(step.clone(), merged);
        }
        result
    }

    /// Paths of this set that the other does not hold; paths below a held path stay.
    pub(super) fn difference(&self, other: &FieldSet) -> FieldSet {
        self.combine(other, |mine, theirs| mine && !theirs)
    }

    pub(super) fn intersection(&self, other: &FieldSet) -> FieldSet {
        self.combine(other, |mine, theirs| mine && theirs)
    }

    /// Paths of this set that lie neither on nor below a path of the other.
    pub(super) fn without_trees(&self, roots: &FieldSet) -> FieldSet {
        let mut result = FieldSet {
            owned: self.owned,
            children: BTreeMap::new(),
        };
        for (step, child) in &self.children {
            match roots.children.get(step) {
                Some(root) if root.owned => {}
                Some(root) => result.keep(step, child.without_trees(root)),
                None => result.keep(step, child.clone()),
            }
        }
        result
    }

    /// All member paths, for messages.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.collect("", &mut found);
        found
    }

    /// The wire form `fieldsV1`.
    pub(super) fn encode(&self) -> Value {
        let mut object = Map::new();
        if self.owned && !self.children.is_empty() {
            object.insert(".".to_owned(), Value::Object(Map::new()));
        }
        for (step, child) in &self.children {
            object.insert(step.clone(), child.encode());
        }
        Value::Object(object)
    }

    /// Reads the wire form; what is no object is an empty set.
    pub(super) fn decode(wire: &Value) -> FieldSet {
        let mut set = FieldSet::default();
        for (step, below) in wire.as_object().into_iter().flatten() {
            if step != "." {
                set.children
                    .insert(step.clone(), FieldSet::decode_node(below));
            }
        }
        set
    }

    fn decode_node(wire: &Value) -> FieldSet {
        let mut node = FieldSet::decode(wire);
        let explicit = wire.get(".").is_some();
        node.owned = explicit || node.children.is_empty();
        node
    }

    fn combine(&self, other: &FieldSet, rule: fn(bool, bool) -> bool) -> FieldSet {
        let nothing = FieldSet::default();
        let mut result = FieldSet {
            owned: rule(self.owned, other.owned),
            children: BTreeMap::new(),
        };
        for (step, child) in &self.children {
            let theirs = other.children.get(step).unwrap_or(&nothing);
            result.keep(step, child.combine(theirs, rule));
        }
        result
    }

    fn keep(&mut self, step: &str, subset: FieldSet) {
        if !subset.is_empty() {
            self.children.insert(step.to_owned(), subset);
        }
    }

    fn collect(&self, prefix: &str, found: &mut Vec<String>) {
        for (step, child) in &self.children {
            let path = format!("{prefix}{}", readable(step));
            if child.owned {
                found.push(path.clone());
            }
            child.collect(&path, found);
        }
    }
}

/// A step as messages of the API server write it.
fn readable(step: &str) -> String {
    match step.split_once(':') {
        Some(("f", name)) => format!(".{name}"),
        Some(("k", keys)) => {
            let keys: BTreeMap<String, Value> = serde_json::from_str(keys).unwrap_or_default();
            let pairs: Vec<String> = keys
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!("[{}]", pairs.join(","))
        }
        Some((_, rest)) => format!("[={rest}]"),
        None => step.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(paths: &[&[&str]]) -> FieldSet {
        let mut set = FieldSet::default();
        for path in paths {
            let steps: Vec<Step> = path.iter().map(|step| (*step).to_owned()).collect();
            set.insert(&steps);
        }
        set
    }

    #[test]
    fn the_wire_form_survives_a_round_trip() {
        let wire = json!({"f:spec": {".": {}, "f:size": {}}, "f:status": {"f:conditions": {"k:{\"type\":\"Ready\"}": {".": {}, "f:type": {}}}}});
        assert_eq!(FieldSet::decode(&wire).encode(), wire);
    }

    #[test]
    fn a_difference_keeps_what_lies_below_a_removed_path() {
        let mine = set(&[&["f:a"], &["f:a", "f:b"]]);
        assert_eq!(mine.difference(&set(&[&["f:a"]])), set(&[&["f:a", "f:b"]]));
    }

    #[test]
    fn removing_trees_takes_what_lies_below() {
        let mine = set(&[&["f:status", "f:x"], &["f:spec"]]);
        assert_eq!(
            mine.without_trees(&set(&[&["f:status"]])),
            set(&[&["f:spec"]])
        );
    }

    #[test]
    fn paths_read_as_the_api_server_writes_them() {
        let mine = set(&[&[
            "f:status",
            "f:conditions",
            "k:{\"type\":\"Ready\"}",
            "f:status",
        ]]);
        assert_eq!(
            mine.paths(),
            vec![r#".status.conditions[type="Ready"].status"#]
        );
    }
}
