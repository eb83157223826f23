//! Tests that walk the list of settings, so that they cover a new one at once.

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_setting_has_a_path_of_its_own() {
    let paths: BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.path).collect();
    assert_eq!(paths.len(), SETTINGS.len());
}

#[test]
fn a_setting_that_is_not_declared_writes_nothing() {
    for setting in SETTINGS {
        let mut rules = Rules::defaults();
        let declared = setting.write(&PolicySettings::default(), &Names::default(), &mut rules);
        assert_eq!(declared, Declared::No, "{}", setting.path);
        assert_eq!(rules, Rules::defaults(), "{}", setting.path);
    }
}

#[test]
fn every_path_leads_to_a_field_of_the_manifest() {
    let schema = serde_json::to_value(schemars::schema_for!(PolicySettings)).unwrap();
    for setting in SETTINGS {
        let mut at = &schema;
        for segment in setting.path.split('.') {
            at = &at["properties"][segment];
        }
        assert!(at.is_object(), "{} leads nowhere", setting.path);
        assert!(
            at["description"].is_string(),
            "{} is not documented",
            setting.path
        );
    }
}

#[test]
fn all_known_rules_but_one_can_be_declared() {
    let covered: BTreeSet<RuleKey> = SETTINGS.iter().flat_map(Setting::keys).collect();
    let rest: Vec<RuleKey> = RuleKey::all()
        .filter(|key| !covered.contains(key))
        .collect();
    // The service has no use for what must be given to make somebody eligible; it stays empty.
    assert_eq!(rest, [RuleKey::Enablement(RuleTarget::Eligible)]);
}
