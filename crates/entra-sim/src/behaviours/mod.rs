//! The switches of the simulator: one for every behaviour of the service that is optional, unpublished or a matter of
//! profile.
//!
//! A switch is one entry in the list of its area. It carries its name, a sentence for people, the public source of the
//! behaviour and its value in each profile. `entra-sim behaviours` prints the lists, `--set name=value` and the admin
//! API change a value. Code reads a switch by its constant:
//! `tenant.behaviours.get(&directory::SOFT_DELETE)`.

pub mod audit;
pub mod azure;
pub mod directory;
pub mod intune;
pub mod pim;
pub mod protocol;
pub mod roles;
mod switch;
mod value;

use std::collections::BTreeMap;

pub(crate) use switch::switches;
pub use switch::{Definition, Profile, Switch};
pub(crate) use value::choice;
pub use value::{Value, ValueKind};

/// Every switch there is, by area.
pub fn all() -> impl Iterator<Item = &'static dyn Definition> {
    [
        protocol::SWITCHES,
        directory::SWITCHES,
        pim::SWITCHES,
        roles::SWITCHES,
        azure::SWITCHES,
        intune::SWITCHES,
        audit::SWITCHES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Why a value was not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such switch.
    #[error("there is no behaviour '{0}'; `entra-sim behaviours` lists them")]
    Unknown(String),
    /// The value is of another kind.
    #[error("behaviour '{name}' takes {expected}, not '{given}'")]
    Value {
        /// Name of the behaviour.
        name: &'static str,
        /// The values that it takes.
        expected: String,
        /// The value that was given.
        given: String,
    },
}

/// The values in force: the defaults of a profile and what was set over them.
#[derive(Clone, Debug, Default)]
pub struct Behaviours {
    profile: Profile,
    overrides: BTreeMap<&'static str, String>,
}

impl Behaviours {
    /// The defaults of a profile.
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            overrides: BTreeMap::new(),
        }
    }

    /// The profile that gives the default values.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// The value of a switch.
    pub fn get<T: Value>(&self, switch: &Switch<T>) -> T {
        self.overrides
            .get(switch.name)
            .and_then(|text| T::parse(text))
            .unwrap_or_else(|| switch.default_in(self.profile))
    }

    /// Sets a switch by name.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let switch = all()
            .find(|one| one.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| Error::Unknown(name.to_owned()))?;
        let normal = switch.normalize(value).ok_or_else(|| Error::Value {
            name: switch.name(),
            expected: switch.kind().to_string(),
            given: value.to_owned(),
        })?;
        self.overrides.insert(switch.name(), normal);
        Ok(())
    }

    /// The value of a switch as text.
    pub fn text(&self, switch: &dyn Definition) -> String {
        self.overrides
            .get(switch.name())
            .cloned()
            .unwrap_or_else(|| switch.default_text(self.profile))
    }

    /// All values in force as text.
    pub fn values(&self) -> BTreeMap<&'static str, String> {
        all()
            .map(|switch| (switch.name(), self.text(switch)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_switch_has_one_name_a_sentence_and_a_source() {
        let mut names = BTreeSet::new();
        for switch in all() {
            let name = switch.name();
            assert!(
                names.insert(name.to_ascii_lowercase()),
                "{name} stands twice"
            );
            assert!(switch.doc().ends_with('.'), "{name}: the doc is a sentence");
            assert!(switch.source().len() > 8, "{name} has no source");
            for profile in [Profile::Service, Profile::Ideal] {
                let text = switch.default_text(profile);
                assert_eq!(
                    switch.normalize(&text),
                    Some(text),
                    "{name}: its default reads back"
                );
            }
        }
        assert!(names.len() > 20);
    }

    #[test]
    fn a_set_value_wins_over_the_profile() {
        let mut behaviours = Behaviours::new(Profile::Service);
        assert!(behaviours.get(&protocol::THROTTLING));
        behaviours.set("throttling", "off").unwrap();
        assert!(!behaviours.get(&protocol::THROTTLING));
    }

    #[test]
    fn a_wrong_name_or_value_says_what_is_right() {
        let mut behaviours = Behaviours::default();
        let error = behaviours.set("throtling", "off").unwrap_err();
        assert!(error.to_string().contains("entra-sim behaviours"));
        let error = behaviours.set("throttling", "maybe").unwrap_err();
        assert_eq!(
            error.to_string(),
            "behaviour 'throttling' takes on or off, not 'maybe'"
        );
    }
}
