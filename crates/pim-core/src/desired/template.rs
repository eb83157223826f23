//! What a group inherits from a template. A template that is missing is no empty one: without it nobody knows what the
//! policies must be.

use super::Group;
use crate::rollout::RolloutTurn;
use crate::schedule::{Access, ByAccess};
use crate::settings::{self, PolicySettings};

/// The template that a group names.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The name of the object.
    pub name: String,
    /// Its settings, or in words why they are not known.
    pub settings: Result<Box<ByAccess<PolicySettings>>, String>,
    /// Whether the policies may be brought in line with it now.
    pub turn: RolloutTurn,
}

impl Group {
    /// The settings of one access, with what is inherited; without the template that is named, why it has none.
    pub fn settings(&self, access: Access) -> Result<PolicySettings, String> {
        let own = self.policy.get(access);
        match &self.template {
            None => Ok(own.clone()),
            Some(Template {
                settings: Ok(inherited),
                ..
            }) => Ok(settings::effective(own, inherited.get(access))),
            Some(Template {
                name,
                settings: Err(why),
                ..
            }) => Err(format!(
                "PolicyTemplate {name}, which spec.policy.templateRef names, {why}; without it no policy is written and nothing granted"
            )),
        }
    }

    /// What the template states for one access.
    pub fn inherited(&self, access: Access) -> PolicySettings {
        let template = self.template.as_ref();
        let settings = template.and_then(|template| template.settings.as_ref().ok());
        settings.map_or_else(PolicySettings::default, |settings| {
            settings.get(access).clone()
        })
    }

    /// Whether its policies may be brought in line now.
    pub fn turn(&self) -> RolloutTurn {
        let template = self.template.as_ref();
        template.map_or(RolloutTurn::Now, |template| template.turn)
    }
}
