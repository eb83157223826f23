//! Properties of a group as they are written: forms, lengths, what can not be set.

use serde_json::Value;

use crate::error::GraphError;

use super::super::model::Group;

/// Properties that only a signed-in user can set, one at a time (learn.microsoft.com: group-update).
const OUTLOOK_ONLY: &[&str] = &[
    "allowExternalSenders",
    "autoSubscribeNewMembers",
    "hideFromAddressLists",
    "hideFromOutlookClients",
    "isSubscribedByMail",
    "unseenCount",
];

const NICKNAME_BANNED: &[char] = &[
    '@', '(', ')', '\\', '[', ']', '"', ';', ':', '<', '>', ',', ' ',
];

/// Writes one property into the record.
pub(super) fn write(group: &mut Group, name: &str, value: &Value) -> Result<(), GraphError> {
    match name {
        "displayName" => group.display_name = required_text(name, value, 256)?,
        "description" => group.description = optional_text(name, value, 1024)?,
        "mailNickname" => group.mail_nickname = nickname(value)?,
        "mailEnabled" => group.mail_enabled = flag(name, value)?,
        "securityEnabled" => group.security_enabled = flag(name, value)?,
        "groupTypes" => group.group_types = group_types(value)?,
        "isAssignableToRole" => group.assignable_to_role = value.as_bool(),
        "visibility" => group.visibility = visibility(value)?,
        "classification" => group.classification = optional_text(name, value, 256)?,
        "preferredLanguage" => group.preferred_language = optional_text(name, value, 64)?,
        "theme" => group.theme = optional_text(name, value, 64)?,
        "resourceBehaviorOptions" => group.behaviors = texts(name, value)?,
        "resourceProvisioningOptions" => group.provisioned = texts(name, value)?,
        "membershipRule" => group.membership_rule = optional_text(name, value, 3072)?,
        "membershipRuleProcessingState" => group.membership_rule_processing = processing(value)?,
        "uniqueName" => group.unique_name = unique_name(value)?,
        _ if OUTLOOK_ONLY.contains(&name) => return Err(GraphError::denied()),
        _ => {
            return Err(GraphError::invalid(format!(
                "Property '{name}' is read-only and cannot be set."
            )));
        }
    }
    Ok(())
}

/// The 400 for a value that a property does not take.
pub(super) fn refused(name: &str) -> GraphError {
    GraphError::invalid(format!(
        "Invalid value specified for property '{name}' of resource 'Group'."
    ))
    .detail("InvalidValue", name, "The value does not fit the property.")
}

/// The 400 for a property that must be there.
pub(super) fn missing(name: &str) -> GraphError {
    GraphError::invalid(format!(
        "A value is required for property '{name}' of resource 'Group'."
    ))
}

fn required_text(name: &str, value: &Value, longest: usize) -> Result<String, GraphError> {
    optional_text(name, value, longest)?.ok_or_else(|| missing(name))
}

/// Text is cleared with null; an empty text is refused.
fn optional_text(name: &str, value: &Value, longest: usize) -> Result<Option<String>, GraphError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if !text.trim().is_empty() && text.chars().count() <= longest => {
            Ok(Some(text.clone()))
        }
        _ => Err(refused(name)),
    }
}

fn flag(name: &str, value: &Value) -> Result<bool, GraphError> {
    value.as_bool().ok_or_else(|| missing(name))
}

fn nickname(value: &Value) -> Result<String, GraphError> {
    let text = required_text("mailNickname", value, 64)?;
    if text.is_ascii() && !text.contains(NICKNAME_BANNED) && !text.contains(char::is_control) {
        Ok(text)
    } else {
        Err(refused("mailNickname"))
    }
}

fn group_types(value: &Value) -> Result<Vec<String>, GraphError> {
    let names = value.as_array().ok_or_else(|| refused("groupTypes"))?;
    names
        .iter()
        .map(|name| match name.as_str() {
            Some(name @ ("Unified" | "DynamicMembership")) => Ok(name.to_owned()),
            _ => Err(refused("groupTypes")),
        })
        .collect()
}

fn texts(name: &str, value: &Value) -> Result<Vec<String>, GraphError> {
    let items = value.as_array().ok_or_else(|| refused(name))?;
    let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
    texts.collect::<Option<_>>().ok_or_else(|| refused(name))
}

fn visibility(value: &Value) -> Result<Option<String>, GraphError> {
    let known = |text: &str| {
        ["Public", "Private", "HiddenMembership"]
            .into_iter()
            .find(|one| one.eq_ignore_ascii_case(text))
    };
    match value {
        Value::Null => Ok(None),
        Value::String(text) => known(text)
            .map(|one| Some(one.to_owned()))
            .ok_or_else(|| refused("visibility")),
        _ => Err(refused("visibility")),
    }
}

fn processing(value: &Value) -> Result<Option<String>, GraphError> {
    match value.as_str() {
        None => Ok(None),
        Some(text @ ("On" | "Paused")) => Ok(Some(text.to_owned())),
        Some(_) => Err(refused("membershipRuleProcessingState")),
    }
}

/// Letters, digits and hyphens up to 128: what is known to work; the published pages name no limit.
pub(super) fn unique_name(value: &Value) -> Result<Option<String>, GraphError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text)
            if (1..=128).contains(&text.len())
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) =>
        {
            Ok(Some(text.clone()))
        }
        _ => Err(refused("uniqueName")),
    }
}
