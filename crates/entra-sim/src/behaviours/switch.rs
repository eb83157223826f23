//! One switch: its name, its source, its value in each profile. Which switches there are is not known here.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::value::{Value, ValueKind};

/// Named sets of defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// As a real tenant behaves: throttling, replication delays, purges.
    #[default]
    Service,
    /// The same rules without throttling and delays.
    Ideal,
}

/// One behaviour with a typed value.
#[derive(Debug)]
pub struct Switch<T: 'static> {
    /// Name for people, files and the admin API.
    pub name: &'static str,
    /// One sentence that says what the behaviour is.
    pub doc: &'static str,
    /// Where the behaviour is published or reported.
    pub source: &'static str,
    /// Value in profile `service`.
    pub service: T,
    /// Value in profile `ideal`.
    pub ideal: T,
}

impl<T: Value> Switch<T> {
    pub(super) fn default_in(&self, profile: Profile) -> T {
        match profile {
            Profile::Service => self.service,
            Profile::Ideal => self.ideal,
        }
    }
}

/// A switch whatever its type.
pub trait Definition: Sync {
    /// As files and the admin API call it.
    fn name(&self) -> &'static str;
    /// One sentence that says what the behaviour is.
    fn doc(&self) -> &'static str;
    /// Where the behaviour is published or reported.
    fn source(&self) -> &'static str;
    /// The kind of value that the switch takes.
    fn kind(&self) -> ValueKind;
    /// The value of a profile, as it is written.
    fn default_text(&self, profile: Profile) -> String;
    /// The text in its normal form, if it is a value of this switch.
    fn normalize(&self, text: &str) -> Option<String>;
}

impl<T: Value> Definition for Switch<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn doc(&self) -> &'static str {
        self.doc
    }

    fn source(&self) -> &'static str {
        self.source
    }

    fn kind(&self) -> ValueKind {
        T::kind()
    }

    fn default_text(&self, profile: Profile) -> String {
        self.default_in(profile).render()
    }

    fn normalize(&self, text: &str) -> Option<String> {
        T::parse(text).map(Value::render)
    }
}

/// Declares switches and the list of them in one go: constant, name, type, value in the profile `service`, value in the
/// profile `ideal` where it is another one, source.
macro_rules! switches {
    ($list:ident; $(
        $(#[doc = $doc:literal])+
        $id:ident $name:literal: $type:ty = $service:expr $(, ideal $ideal:expr)?;
        from $source:literal;
    )+) => {
        $(
            $(#[doc = $doc])+
            pub static $id: $crate::behaviours::Switch<$type> = $crate::behaviours::Switch {
                name: $name,
                doc: concat!($($doc),+).trim_ascii(),
                source: $source,
                service: $service,
                ideal: $crate::behaviours::switches!(@ideal $service $(, $ideal)?),
            };
        )+
        pub(crate) static $list: &[&dyn $crate::behaviours::Definition] = &[$(&$id),+];
    };
    (@ideal $service:expr) => { $service };
    (@ideal $service:expr, $ideal:expr) => { $ideal };
}
pub(crate) use switches;
