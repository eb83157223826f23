//! The reference of PIM settings, `docs/reference/settings.md`: what a manifest may say about a policy, what
//! stands when it says nothing, and which rules of the service it becomes.

use pim_core::rule::{RuleTarget, Rules};
use pim_core::settings::{SETTINGS, Setting};
use serde_json::Value;

use super::artefact::{Artefact, NOTICE};
use super::crds::Definition;
use super::markdown::{cell, code, table};

const PATH: &str = "docs/reference/settings.md";
/// The kind that holds settings.
const KIND: &str = "PrivilegedGroup";
/// Where they stand in its schema.
const MEMBER: &str =
    "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/policy/properties/member";

/// The page for all settings.
pub fn artefact(definitions: &[Definition]) -> Artefact {
    let schema = definitions
        .iter()
        .find(|definition| definition.kind == KIND)
        .and_then(|definition| definition.at(MEMBER));
    let defaults = Rules::defaults();
    let head = format!(
        "<!-- {NOTICE} -->\n\n# PIM settings\n\n\
         Each setting stands below `spec.policy.member` or `spec.policy.owner` of a `{KIND}`, or below\n\
         `spec.member` or `spec.owner` of a `PolicyTemplate`, from which groups [inherit](../policies.md). The\n\
         default is what the service gives a new group.\n"
    );
    let section = |target: RuleTarget| {
        let rows: Vec<Vec<String>> = SETTINGS
            .iter()
            .filter(|setting| setting.target == target)
            .map(|setting| row(setting, &defaults, schema))
            .collect();
        let columns = ["Setting", "Default", "Rules", "Meaning"];
        format!("\n## {}\n\n{}", title(target), table(&columns, &rows))
    };
    let sections: Vec<String> = RuleTarget::ALL.into_iter().map(section).collect();
    Artefact {
        path: PATH.to_owned(),
        text: head + &sections.concat(),
    }
}

fn row(setting: &Setting, defaults: &Rules, schema: Option<&Value>) -> Vec<String> {
    let rules: Vec<String> = setting
        .keys()
        .into_iter()
        .map(|key| code(key.id().as_str()))
        .collect();
    let meaning = schema.and_then(|schema| description(schema, setting.path));
    vec![
        code(setting.path),
        cell(&setting.show(defaults)),
        rules.join(", "),
        meaning.map(cell).unwrap_or_default(),
    ]
}

const fn title(target: RuleTarget) -> &'static str {
    match target {
        RuleTarget::Eligible => "When somebody is made eligible",
        RuleTarget::Active => "When somebody is made active",
        RuleTarget::Activation => "When an eligible person activates",
    }
}

/// The documentation of the field at a path such as `activation.require`.
fn description<'a>(schema: &'a Value, path: &str) -> Option<&'a str> {
    path.split('.')
        .try_fold(schema, |schema, name| schema.get("properties")?.get(name))?
        .get("description")?
        .as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_setting_has_one_row_with_its_default_and_its_rules() {
        let text = artefact(&[]).text;
        for setting in SETTINGS {
            let start = format!("| {} | ", code(setting.path));
            let rows: Vec<&str> = text
                .lines()
                .filter(|line| line.starts_with(&start))
                .collect();
            assert_eq!(rows.len(), 1, "{}", setting.path);
            for key in setting.keys() {
                assert!(rows[0].contains(key.id().as_str()), "{}", rows[0]);
            }
        }
    }

    #[test]
    fn meaning_comes_from_the_schema() {
        let schema = json!({"properties": {"activation": {"properties": {"require": {"description": "What it takes."}}}}});
        assert_eq!(
            description(&schema, "activation.require"),
            Some("What it takes.")
        );
        assert_eq!(description(&schema, "activation.nothing"), None);
    }
}
