//! Label and field selectors of list and watch requests.

use std::collections::{BTreeMap, BTreeSet};

use kube::core::{Expression, Selector as LabelSelector, SelectorExt};
use serde_json::Value;

use super::metadata;
use super::refusal::Refusal;
use super::resources::Resource;

/// What a list or watch is narrowed to.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector {
    labels: LabelSelector,
    fields: Vec<FieldTerm>,
}

#[derive(Clone, Debug)]
struct FieldTerm {
    path: Vec<String>,
    value: String,
    wanted: Wanted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Equal,
    Different,
}

impl Selector {
    /// Reads the two query parameters. A field that the kind does not offer is a bad request.
    pub(super) fn parse(
        resource: &Resource,
        labels: Option<&str>,
        fields: Option<&str>,
    ) -> Result<Selector, Refusal> {
        let fields = fields
            .unwrap_or_default()
            .split(',')
            .filter(|term| !term.is_empty());
        Ok(Selector {
            labels: parse_labels(labels.unwrap_or_default())?,
            fields: fields
                .map(|term| parse_field(resource, term))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Whether everything is selected.
    pub(super) fn selects_all(&self) -> bool {
        self.labels.selects_all() && self.fields.is_empty()
    }

    /// Whether an object is selected.
    pub(super) fn matches(&self, object: &Value) -> bool {
        let labels: BTreeMap<String, String> = metadata::get(object, "labels")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect();
        self.labels.matches(&labels) && self.fields.iter().all(|term| term.matches(object))
    }
}

impl FieldTerm {
    fn matches(&self, object: &Value) -> bool {
        let found = self
            .path
            .iter()
            .try_fold(object, |value, name| value.get(name));
        let text = match found {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        (text == self.value) == (self.wanted == Wanted::Equal)
    }
}

fn parse_field(resource: &Resource, term: &str) -> Result<FieldTerm, Refusal> {
    let (name, value, wanted) = if let Some((name, value)) = term.split_once("!=") {
        (name, value, Wanted::Different)
    } else if let Some((name, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        (name, value, Wanted::Equal)
    } else {
        return Err(Refusal::bad_request(format!(
            "invalid selector: '{term}'; can't understand '{term}'"
        )));
    };
    if !resource.selects_field(name) {
        return Err(Refusal::bad_request(format!(
            "field label not supported: {name}"
        )));
    }
    Ok(FieldTerm {
        path: name.split('.').map(str::to_owned).collect(),
        value: value.to_owned(),
        wanted,
    })
}

fn parse_labels(text: &str) -> Result<LabelSelector, Refusal> {
    let mut selector = LabelSelector::default();
    for term in split_terms(text) {
        selector.extend([parse_label(term.trim())?]);
    }
    Ok(selector)
}

/// Splits at commas that are not inside a set.
fn split_terms(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let separator = |character: char| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    };
    text.split(separator)
        .filter(|term| !term.trim().is_empty())
        .collect()
}

fn parse_label(term: &str) -> Result<Expression, Refusal> {
    let pair = |name: &str, value: &str| (name.trim().to_owned(), value.trim().to_owned());
    if let Some((name, values)) = term.split_once(" notin ") {
        return Ok(Expression::NotIn(name.trim().to_owned(), set_of(values)));
    }
    if let Some((name, values)) = term.split_once(" in ") {
        return Ok(Expression::In(name.trim().to_owned(), set_of(values)));
    }
    if let Some((name, value)) = term.split_once("!=") {
        let (name, value) = pair(name, value);
        return Ok(Expression::NotEqual(name, value));
    }
    if let Some((name, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        let (name, value) = pair(name, value);
        return Ok(Expression::Equal(name, value));
    }
    let (name, absent) = term
        .strip_prefix('!')
        .map_or((term, false), |name| (name, true));
    if name.is_empty()
        || name.contains(|character: char| character.is_whitespace() || "()<>".contains(character))
    {
        return Err(Refusal::bad_request(format!(
            "unable to parse requirement: {term}"
        )));
    }
    Ok(if absent {
        Expression::DoesNotExist(name.to_owned())
    } else {
        Expression::Exists(name.to_owned())
    })
}

fn set_of(values: &str) -> BTreeSet<String> {
    let inner = values.trim().trim_start_matches('(').trim_end_matches(')');
    inner
        .split(',')
        .map(|value| value.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn selects(selector: &str, labels: &Value) -> bool {
        let selector = Selector {
            labels: parse_labels(selector).unwrap(),
            fields: Vec::new(),
        };
        selector.matches(&json!({"metadata": {"labels": labels}}))
    }

    #[test]
    fn label_terms_are_joined_by_and() {
        let labels = json!({"tier": "one", "team": "red"});
        assert!(selects("tier in (one,two),team=red,!other", &labels));
        assert!(!selects("tier notin (one,two)", &labels));
        assert!(!selects("tier=one,team!=red", &labels));
        assert!(selects("tier", &labels));
    }
}
