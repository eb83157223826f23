//! Inheritance holds for whatever two manifests say: each leaf by itself.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::principal::Names;

/// Every leaf with two values that differ.
fn table() -> Vec<(String, [Value; 2])> {
    let approvers = |id: &str| json!([{"kind": "Group", "name": id}]);
    let mut leaves = vec![
        ("activation.maximumDuration", json!(["PT1H", "PT8H"])),
        ("activation.require", json!([["Justification"], []])),
        (
            "activation.authenticationContext",
            json!([{"id": "c1"}, {"none": {}}]),
        ),
        ("activation.approval.required", json!(["Always", "Never"])),
        (
            "activation.approval.approvers",
            json!([
                approvers("11111111-1111-4111-8111-111111111111"),
                approvers("22222222-2222-4222-8222-222222222222")
            ]),
        ),
        (
            "activation.approval.approverJustification",
            json!(["Required", "Optional"]),
        ),
        ("eligible.permanent", json!(["Allowed", "Forbidden"])),
        ("eligible.maximumDuration", json!(["P30D", "P180D"])),
        ("active.permanent", json!(["Allowed", "Forbidden"])),
        ("active.maximumDuration", json!(["P15D", "P90D"])),
        ("active.require", json!([["Ticketing"], ["Justification"]])),
    ]
    .into_iter()
    .map(|(path, values)| (path.to_owned(), values))
    .collect::<Vec<_>>();
    for occasion in ["activation", "eligible", "active"] {
        for recipient in ["admin", "requestor", "approver"] {
            let mails = format!("notifications.{occasion}.{recipient}");
            leaves.extend([
                (
                    format!("{mails}.defaultRecipients"),
                    json!(["Enabled", "Disabled"]),
                ),
                (
                    format!("{mails}.recipients"),
                    json!([["a@contoso.com"], []]),
                ),
                (format!("{mails}.level"), json!(["All", "Critical"])),
            ]);
        }
    }
    leaves
        .into_iter()
        .map(|(path, values)| (path, [values[0].clone(), values[1].clone()]))
        .collect()
}

/// Values of some leaves, by path.
pub type Leaves = BTreeMap<String, Value>;

pub fn some_leaves() -> impl Strategy<Value = Leaves> {
    let table = table();
    proptest::collection::vec(0..3_usize, table.len()).prop_map(move |dice| {
        let drawn = table.iter().zip(dice);
        drawn
            .filter_map(|((path, values), die)| Some((path.clone(), values.get(die)?.clone())))
            .collect()
    })
}

pub fn settings(leaves: &Leaves) -> PolicySettings {
    let mut manifest = json!({});
    for (path, value) in leaves {
        let place = path
            .split('.')
            .fold(&mut manifest, |place, part| &mut place[part]);
        *place = value.clone();
    }
    serde_json::from_value(manifest).unwrap()
}

/// The leaves that settings have.
fn leaves_of(settings: &PolicySettings) -> Leaves {
    let manifest = serde_json::to_value(settings).unwrap();
    let at = |path: &str| {
        manifest
            .pointer(&format!("/{}", path.replace('.', "/")))
            .cloned()
    };
    table()
        .into_iter()
        .filter_map(|(path, _)| Some((path.clone(), at(&path)?)))
        .collect()
}

fn written(settings: &PolicySettings) -> Rules {
    let mut rules = Rules::defaults();
    for setting in SETTINGS {
        setting.write(settings, &Names::default(), &mut rules);
    }
    rules
}

/// Paths of what has no fields of its own, or is a one-of, whose members are no leaves.
fn paths(at: &str, schema: &Value, found: &mut Vec<String>) {
    let properties = schema["properties"].as_object();
    let is_one_of = at == "activation.authenticationContext";
    match properties.filter(|fields| !fields.is_empty() && !is_one_of) {
        Some(fields) => {
            for (name, field) in fields {
                let below = if at.is_empty() {
                    name.clone()
                } else {
                    format!("{at}.{name}")
                };
                paths(&below, field, found);
            }
        }
        None => found.push(at.to_owned()),
    }
}

#[test]
fn the_table_has_every_leaf_of_the_manifest() {
    let schema = serde_json::to_value(schemars::schema_for!(PolicySettings)).unwrap();
    let mut found = Vec::new();
    paths("", &schema, &mut found);
    let mut known: Vec<String> = table().into_iter().map(|(path, _)| path).collect();
    found.sort();
    known.sort();
    assert_eq!(found, known);
}

#[test]
fn a_setting_names_the_leaves_that_its_manifest_has() {
    let all = table().into_iter().map(|(path, [value, _])| (path, value));
    let settings = settings(&all.collect());
    let named = SETTINGS.iter().flat_map(|setting| {
        let leaves = setting.leaves(&settings).into_iter();
        leaves.map(|(leaf, declared)| {
            assert_eq!(declared, Declared::Yes, "{} {leaf}", setting.path);
            let separator = if leaf.is_empty() { "" } else { "." };
            format!("{}{separator}{leaf}", setting.path)
        })
    });
    let mut named: Vec<String> = named.collect();
    let mut known: Vec<String> = table().into_iter().map(|(path, _)| path).collect();
    named.sort();
    known.sort();
    assert_eq!(named, known);
}

/// The origin of a leaf among those that are told.
fn origin(told: &[EffectiveSetting], path: &str) -> SettingOrigin {
    let setting = told
        .iter()
        .find(|one| path == one.path || path.starts_with(&format!("{}.", one.path)))
        .unwrap();
    let leaf = path[setting.path.len()..].trim_start_matches('.');
    let mut origins = setting.origins.iter();
    let found = origins.find(|(name, _)| name.is_empty() || *name == leaf);
    found.unwrap().1
}

proptest! {
    #[test]
    fn what_the_group_states_overrides_the_template_leaf_by_leaf(own in some_leaves(), template in some_leaves()) {
        let effective = effective(&settings(&own), &settings(&template));
        let mut expected = template.clone();
        expected.extend(own);
        prop_assert_eq!(leaves_of(&effective), expected);
    }

    #[test]
    fn a_group_that_states_nothing_has_the_settings_of_its_template(template in some_leaves()) {
        let template = settings(&template);
        let effective = effective(&PolicySettings::default(), &template);
        prop_assert_eq!(written(&effective), written(&template));
    }

    #[test]
    fn a_template_that_states_nothing_changes_nothing(own in some_leaves()) {
        let own = settings(&own);
        prop_assert_eq!(&effective(&own, &PolicySettings::default()), &own);
    }

    #[test]
    fn what_nobody_states_is_the_default_of_the_service(own in some_leaves(), template in some_leaves()) {
        let effective = effective(&settings(&own), &settings(&template));
        let (rules, defaults) = (written(&effective), Rules::defaults());
        for setting in SETTINGS.iter().filter(|setting| setting.leaves(&effective).is_empty()) {
            // Two settings share a rule: how long, and whether for ever.
            let shared = |other: &&Setting| other.keys() == setting.keys() && !other.leaves(&effective).is_empty();
            if !SETTINGS.iter().any(|other| shared(&other)) {
                prop_assert_eq!(setting.show(&rules), setting.show(&defaults), "{}", setting.path);
            }
        }
    }

    #[test]
    fn every_leaf_says_where_it_comes_from(own in some_leaves(), template in some_leaves(), merge in any::<bool>()) {
        let (mode, undeclared) = if merge {
            (Mode::Merge, SettingOrigin::Tenant)
        } else {
            (Mode::Exclusive, SettingOrigin::Default)
        };
        let told = origins(&settings(&own), &settings(&template), mode, &Rules::defaults());
        prop_assert_eq!(told.len(), SETTINGS.len());
        for (path, _) in table() {
            let expected = if own.contains_key(&path) {
                SettingOrigin::Group
            } else if template.contains_key(&path) {
                SettingOrigin::Template
            } else {
                undeclared
            };
            prop_assert_eq!(origin(&told, &path), expected, "{}", path);
        }
    }
}
