//! The PIM settings of a group as manifests write them, one file for each, and the one list of them all.
//!
//! The list [`SETTINGS`] and the structures of the manifest come out of the same lines, so a setting is added with its
//! file and one line here: schema, documentation, drift texts and the tests that walk the list follow. What belongs in
//! a setting's file: its field with documentation, how it reads and writes its rules, a test. Nothing else.

mod activation_duration;
mod approval;
mod authentication_context;
mod inheritance;
mod maximum_duration;
mod notifications;
mod permanent;
mod require;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use activation_duration::ActivationDuration;
pub use approval::{ApprovalSetting, Demand, Necessity, WHO_MAY_APPROVE};
pub use authentication_context::{AuthenticationContext, ContextId, ContextName, Nothing};
pub use inheritance::{EffectiveSetting, SettingOrigin, effective, origins};
pub use maximum_duration::MaximumDuration;
pub use notifications::{DefaultRecipients, MailAddress, Mails, Notifications};
pub use permanent::Permanent;
pub use require::{
    ActivationRequirement, ActivationRequirements, ActiveRequirement, ActiveRequirements,
};

use crate::context::ContextReference;
use crate::principal::{Names, Principal};
use crate::rule::{RuleKey, RuleTarget, Rules};

/// What each kind of setting can do.
pub trait SettingValue {
    /// The rules that it touches.
    fn keys(target: RuleTarget) -> Vec<RuleKey>;

    /// Writes what was declared into the rules. A name that leads to nobody is left out; whoever calls has made sure
    /// that all names are known.
    fn write(&self, target: RuleTarget, names: &Names, rules: &mut Rules);

    /// What the rules say, for people.
    fn show(target: RuleTarget, rules: &Rules) -> String;

    /// The principals that it names.
    fn principals(&self) -> Vec<Principal> {
        Vec::new()
    }

    /// Its leaves, and whether it sets each. A value without fields of its own is one leaf, and so is a list or a one-of.
    fn leaves(&self) -> Vec<(&'static str, Declared)> {
        vec![("", Declared::Yes)]
    }

    /// Takes over from a template the leaves that it leaves out. What is one leaf leaves nothing out.
    fn inherit(&mut self, _: &Self) {}
}

/// One line of the list: a setting and how to get at it.
pub struct Setting {
    /// Where it stands in a manifest, below `spec.policy.member`.
    pub path: &'static str,
    /// Whether its rules govern eligible, active or activation.
    pub target: RuleTarget,
    keys: fn(RuleTarget) -> Vec<RuleKey>,
    write: fn(&PolicySettings, RuleTarget, &Names, &mut Rules) -> Declared,
    show: fn(RuleTarget, &Rules) -> String,
    principals: fn(&PolicySettings) -> Vec<Principal>,
    leaves: fn(&PolicySettings) -> Vec<(&'static str, Declared)>,
    inherit: fn(&mut PolicySettings, &PolicySettings),
}

/// Whether a manifest says something about a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// The manifest sets it.
    Yes,
    /// It leaves the setting out.
    No,
}

impl Setting {
    /// The rules that the setting touches.
    pub fn keys(&self) -> Vec<RuleKey> {
        (self.keys)(self.target)
    }

    /// Writes what a manifest declares into the rules.
    pub fn write(&self, settings: &PolicySettings, names: &Names, rules: &mut Rules) -> Declared {
        (self.write)(settings, self.target, names, rules)
    }

    /// What the rules say, for people.
    pub fn show(&self, rules: &Rules) -> String {
        (self.show)(self.target, rules)
    }

    /// The principals that a manifest names in this setting.
    pub fn principals(&self, settings: &PolicySettings) -> Vec<Principal> {
        (self.principals)(settings)
    }

    /// The leaves of this setting, and whether a manifest sets each; none if it leaves the setting out.
    fn leaves(&self, settings: &PolicySettings) -> Vec<(&'static str, Declared)> {
        (self.leaves)(settings)
    }

    /// Takes over from a template what a manifest leaves out of this setting.
    fn inherit(&self, settings: &mut PolicySettings, template: &PolicySettings) {
        (self.inherit)(settings, template);
    }
}

macro_rules! settings {
    ($($(#[$section_doc:meta])* $section:ident: $Section:ident {
        $($(#[$doc:meta])* $field:ident ($path:literal): $Value:ty => $target:ident;)*
    })*) => {
        /// The PIM settings of one kind of access. What is left out is the service's default, or left alone, as
        /// `spec.policy.mode` says.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        #[schemars(
            inline,
            extend("x-kubernetes-validations" = [
                {
                    "rule": "!has(self.notifications) || !has(self.notifications.activation) || !has(self.notifications.activation.approver) || !has(self.notifications.activation.approver.recipients) || size(self.notifications.activation.approver.recipients) == 0",
                    "message": "notifications.activation.approver.recipients: the service takes no further addresses for approvers of activations; leave it out, the approvers themselves get the mail"
                },
                {
                    "rule": "!has(self.activation) || !has(self.activation.require) || !has(self.activation.authenticationContext) || has(self.activation.authenticationContext.none) || !self.activation.require.exists(r, r == 'MultiFactorAuthentication')",
                    "message": "activation.require: MultiFactorAuthentication and activation.authenticationContext exclude each other: the context already decides how to sign in"
                }
            ])
        )]
        pub struct PolicySettings {
            $($(#[$section_doc])*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub $section: Option<$Section>,)*
        }

        $($(#[$section_doc])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        #[schemars(inline)]
        pub struct $Section {
            $($(#[$doc])*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub $field: Option<$Value>,)*
        })*

        /// Every setting, in the order of the documentation.
        pub static SETTINGS: &[Setting] = &[$($(Setting {
            path: $path,
            target: RuleTarget::$target,
            keys: <$Value as SettingValue>::keys,
            write: |settings, target, names, rules| {
                let declared = settings.$section.as_ref().and_then(|section| section.$field.as_ref());
                declared.map_or(Declared::No, |value| {
                    value.write(target, names, rules);
                    Declared::Yes
                })
            },
            show: <$Value as SettingValue>::show,
            principals: |settings| {
                let declared = settings.$section.as_ref().and_then(|section| section.$field.as_ref());
                declared.map(SettingValue::principals).unwrap_or_default()
            },
            leaves: |settings| {
                let declared = settings.$section.as_ref().and_then(|section| section.$field.as_ref());
                declared.map(SettingValue::leaves).unwrap_or_default()
            },
            inherit: |settings, template| {
                let inherited = template.$section.as_ref().and_then(|section| section.$field.as_ref());
                let Some(inherited) = inherited else { return };
                let field = &mut settings.$section.get_or_insert_default().$field;
                match field {
                    Some(declared) => declared.inherit(inherited),
                    None => *field = Some(inherited.clone()),
                }
            },
        },)*)*];
    };
}

settings! {
    /// What an eligible person must do to become active, and for how long.
    activation: Activation {
        /// How long an activation lasts at the most: `PT30M` to `PT23H30M` in half hours, or `P1D`.
        maximum_duration("activation.maximumDuration"): ActivationDuration => Activation;
        /// What a person must give to activate: `MultiFactorAuthentication`, `Justification`, `Ticketing`. An empty list
        /// asks for nothing.
        require("activation.require"): ActivationRequirements => Activation;
        /// A Conditional Access authentication context that the activation must satisfy.
        authentication_context("activation.authenticationContext"): AuthenticationContext => Activation;
        /// Whether somebody must approve, and who may.
        approval("activation.approval"): ApprovalSetting => Activation;
    }
    /// How long people may be eligible.
    eligible: Eligible {
        /// Whether an eligibility may last for ever.
        permanent("eligible.permanent"): Permanent => Eligible;
        /// How long an eligibility lasts at the most, for example `P365D`.
        maximum_duration("eligible.maximumDuration"): MaximumDuration => Eligible;
    }
    /// How long people may be active without activating, and what it takes to make them so.
    active: Active {
        /// Whether an active assignment may last for ever.
        permanent("active.permanent"): Permanent => Active;
        /// How long an active assignment lasts at the most, for example `P15D`.
        maximum_duration("active.maximumDuration"): MaximumDuration => Active;
        /// What must be given to make somebody active: `Justification`, `Ticketing`. An empty list asks for nothing.
        require("active.require"): ActiveRequirements => Active;
    }
    /// Which mails go to whom.
    notifications: NotificationSettings {
        /// Mails about activations.
        activation("notifications.activation"): Notifications => Activation;
        /// Mails about eligibilities.
        eligible("notifications.eligible"): Notifications => Eligible;
        /// Mails about active assignments.
        active("notifications.active"): Notifications => Active;
    }
}

/// The authentication context that settings ask for, if they ask for one.
pub fn context(settings: &PolicySettings) -> Option<ContextReference<'_>> {
    let activation = settings.activation.as_ref()?;
    activation.authentication_context.as_ref()?.reference()
}

/// All principals that the settings name.
pub fn principals(settings: &PolicySettings) -> Vec<Principal> {
    SETTINGS
        .iter()
        .flat_map(|setting| setting.principals(settings))
        .collect()
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
