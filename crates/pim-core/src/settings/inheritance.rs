//! What a group inherits from a template, leaf by leaf: what the group states stands, then what the template states, then
//! what the service has by default or, where nothing undeclared is touched, what stands in the tenant.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Declared, PolicySettings, SETTINGS, Setting};
use crate::desired::Mode;
use crate::rule::Rules;

/// Where the value of a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum SettingOrigin {
    /// The group states it.
    Group,
    /// The template states it, and the group leaves it out.
    Template,
    /// Nobody states it: the default of the service.
    Default,
    /// Nobody states it, and what stands in the tenant stays: under `Merge`, and of an extension that the boundary admits.
    Tenant,
}

/// A setting as it is to be, and where that comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveSetting {
    /// Its path below `spec.policy.member`; `customExtensions` for what only the tenant states.
    pub path: &'static str,
    /// Its value in words.
    pub value: String,
    /// Where each of its leaves comes from; one without a name is the whole setting.
    pub origins: Vec<(&'static str, SettingOrigin)>,
}

/// The settings of a group on top of those of its template.
pub fn effective(declared: &PolicySettings, template: &PolicySettings) -> PolicySettings {
    let mut settings = declared.clone();
    for setting in SETTINGS {
        setting.inherit(&mut settings, template);
    }
    settings
}

/// Every setting with its origin; `rules` are what both policies come to.
pub fn origins(
    declared: &PolicySettings,
    template: &PolicySettings,
    mode: Mode,
    rules: &Rules,
) -> Vec<EffectiveSetting> {
    SETTINGS
        .iter()
        .map(|setting| EffectiveSetting {
            path: setting.path,
            value: setting.show(rules),
            origins: of_setting(setting, declared, template, mode),
        })
        .collect()
}

fn of_setting(
    setting: &Setting,
    declared: &PolicySettings,
    template: &PolicySettings,
    mode: Mode,
) -> Vec<(&'static str, SettingOrigin)> {
    let undeclared = match mode {
        Mode::Exclusive => SettingOrigin::Default,
        Mode::Merge => SettingOrigin::Tenant,
    };
    let (own, inherited) = (setting.leaves(declared), setting.leaves(template));
    let states = |leaves: &[(&str, Declared)], leaf: &str| {
        let mut leaves = leaves.iter();
        leaves.any(|(name, declared)| *name == leaf && *declared == Declared::Yes)
    };
    let known = if own.is_empty() { &inherited } else { &own };
    let origins: Vec<(&'static str, SettingOrigin)> = known
        .iter()
        .map(|(leaf, _)| match *leaf {
            leaf if states(&own, leaf) => (leaf, SettingOrigin::Group),
            leaf if states(&inherited, leaf) => (leaf, SettingOrigin::Template),
            leaf => (leaf, undeclared),
        })
        .collect();
    let whole = origins.first().map_or(undeclared, |(_, origin)| *origin);
    if origins.iter().all(|(_, origin)| *origin == whole) {
        vec![("", whole)]
    } else {
        origins
    }
}

/// A leaf, and whether it is set.
pub(super) fn leaf<T>(name: &'static str, value: Option<&T>) -> (&'static str, Declared) {
    (name, value.map_or(Declared::No, |_| Declared::Yes))
}

/// Takes over a leaf that is left out.
pub(super) fn fill<T: Clone>(leaf: &mut Option<T>, template: Option<&T>) {
    if leaf.is_none() {
        *leaf = template.cloned();
    }
}

#[cfg(test)]
pub(super) mod tests;
