//! Holds what people read against what it speaks of: values of the chart, versions, examples in documents, links. What is
//! generated needs no test here. No server is started.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed unwrap is a failed test; clippy.toml reaches test functions, and not what they call"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn read(relative: &str) -> String {
    fs::read_to_string(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// The rows of all tables of a document, cell by cell, without heads and rules.
fn rows(document: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|')
            .split(" | ")
            .map(|cell| cell.trim().trim_matches('|').trim().to_owned())
            .collect()
    };
    let lines: Vec<&str> = document.lines().collect();
    let is_head = |index: usize| {
        lines
            .get(index + 1)
            .is_some_and(|next| next.starts_with("| ---"))
    };
    let is_row = |(index, line): &(usize, &&str)| {
        line.starts_with('|') && !line.starts_with("| ---") && !is_head(*index)
    };
    lines
        .iter()
        .enumerate()
        .filter(is_row)
        .map(|(_, line)| cells(line))
        .collect()
}

/// The text inside the first pair of backticks.
fn code(cell: &str) -> Option<&str> {
    cell.split('`').nth(1)
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// The values of the chart that bear a comment, with the comment: path, default, words.
fn commented_values() -> Vec<(String, Value, String)> {
    let text = read("charts/entra-pim-operator/values.yaml");
    let values = yaml(&text);
    let (mut stack, mut comment, mut found) = (Vec::<String>::new(), None, Vec::new());
    for line in text.lines() {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let line = line.trim_start();
        if let Some(words) = line.strip_prefix("# -- ") {
            comment = Some(words.to_owned());
        } else if let Some((key, _)) = line.split_once(':') {
            stack.truncate(depth);
            stack.push(key.to_owned());
            if let Some(words) = comment.take() {
                let value = stack.iter().fold(&values, |value, key| &value[key]).clone();
                found.push((stack.join("."), value, words));
            }
        }
    }
    found
}

#[test]
fn the_table_of_the_chart_shows_its_values() {
    let document = read("charts/entra-pim-operator/README.md");
    let table = rows(document.split("## Values").nth(1).unwrap());
    let shown: Vec<(String, Value, String)> = table
        .iter()
        .map(|row| {
            let value = code(&row[1]).unwrap();
            let value =
                serde_json::from_str(value).unwrap_or_else(|error| panic!("{value}: {error}"));
            (code(&row[0]).unwrap().to_owned(), value, row[2].clone())
        })
        .collect();
    assert_eq!(shown, commented_values());
}

#[test]
fn the_schema_of_the_chart_knows_every_value_and_no_other() {
    let schema: Value =
        serde_json::from_str(&read("charts/entra-pim-operator/values.schema.json")).unwrap();
    let values = yaml(&read("charts/entra-pim-operator/values.yaml"));
    compare("", &schema, &values);
    let top = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|key| *key != "global");
    let known: BTreeSet<&String> = values.as_object().unwrap().keys().collect();
    assert_eq!(top.collect::<BTreeSet<_>>(), known);
}

/// Every closed object of the schema holds the keys of the values, and every value stands in a schema.
fn compare(at: &str, schema: &Value, values: &Value) {
    let (Some(properties), Some(values)) = (schema["properties"].as_object(), values.as_object())
    else {
        return;
    };
    assert_eq!(
        schema["additionalProperties"],
        Value::Bool(false),
        "{at} is open"
    );
    for (key, value) in values {
        let inner = properties
            .get(key)
            .unwrap_or_else(|| panic!("{at}.{key} is not in the schema"));
        compare(&format!("{at}.{key}"), inner, value);
    }
}

#[test]
fn the_manifest_of_the_readme_is_an_example_that_tests_apply() {
    let readme = read("README.md");
    let shown = readme
        .split("```yaml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    assert_eq!(
        yaml(shown),
        yaml(&read("examples/exchange-admins/50-eligible.yaml"))
    );
}

#[test]
fn the_chart_says_the_version_of_the_operator() {
    let chart = yaml(&read("charts/entra-pim-operator/Chart.yaml"));
    assert_eq!(chart["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_version_of_kubernetes_that_the_chart_asks_for_is_told() {
    let chart = yaml(&read("charts/entra-pim-operator/Chart.yaml"));
    let wanted = chart["kubeVersion"].as_str().unwrap();
    let version: Vec<&str> = wanted.trim_start_matches(">=").split('.').take(2).collect();
    let told = format!("Kubernetes {} or newer", version.join("."));
    for document in ["README.md", "charts/entra-pim-operator/README.md"] {
        assert!(read(document).contains(&told), "{document}: {told}");
    }
}

#[test]
fn the_manifests_of_the_page_on_adoption_are_an_example_that_tests_apply() {
    let page = read("docs/adoption.md");
    let shown = page.split("```yaml\n").skip(1);
    let shown = shown.filter_map(|rest| rest.split("```").next());
    let files = ["10-boundary.yaml", "20-group.yaml"];
    let applied = files.map(|file| yaml(&read(&format!("examples/adoption/{file}"))));
    assert_eq!(shown.map(yaml).collect::<Vec<Value>>(), applied);
}

/// Values of the chart that a document shows are values that the chart has, and values of the right kind.
#[test]
fn the_values_of_the_page_on_proxies_are_values_of_the_chart() {
    let page = read("docs/proxies.md");
    let shown = page
        .split("```yaml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let shown = yaml(shown.unwrap());
    let schema: Value =
        serde_json::from_str(&read("charts/entra-pim-operator/values.schema.json")).unwrap();
    for (name, list) in shown.as_object().unwrap() {
        let entries = &schema["properties"][name]["items"]["required"];
        for (entry, key) in list.as_array().unwrap().iter().flat_map(|entry| {
            entries
                .as_array()
                .unwrap()
                .iter()
                .map(move |key| (entry, key))
        }) {
            assert!(entry[key.as_str().unwrap()].is_string(), "{name}: {entry}");
        }
    }
}

/// Documents by hand and generated ones, without what cargo and git keep.
fn documents(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap().path();
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if entry.is_dir() && !name.starts_with('.') && !name.starts_with("target") {
            documents(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "md") {
            found.push(entry);
        }
    }
}

/// What stands between backticks is no link.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut all = Vec::new();
    documents(&path(""), &mut all);
    assert!(all.len() > 8, "{all:?}");
    let mut broken = Vec::new();
    for document in all {
        let text = without_code(&fs::read_to_string(&document).unwrap());
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next());
        for target in targets.filter(|target| !target.is_empty() && !target.contains("://")) {
            if !document.parent().unwrap().join(target).exists() {
                broken.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
