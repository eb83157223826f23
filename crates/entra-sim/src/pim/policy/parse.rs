//! How the rules of a PATCH are read and judged one by one.
//!
//! The published types say which names and JSON types may stand in a rule; here is what the service demands beyond them
//! (learn.microsoft.com: how-to-pim-update-rules; hashicorp/terraform-provider-azuread#1537 for the empty duration).

use serde_json::{Map, Value};

use super::approval::{approval, keeping};
use super::fields::{flag, text, texts};
use super::json;
use super::model::Policy;
use super::refusal::PolicyRefusal;
use super::rule::{PolicyRule, RuleId, Setting, Subject};
use super::switches::{NullDuration, Strictness};
use crate::ids::ObjectId;
use crate::pim::period::Period;
use crate::schema::{self, Problem};

/// Reads one rule of a PATCH against the policy it is for.
pub(super) fn rule(
    body: &Value,
    policy: &Policy,
    strictness: Strictness,
) -> Result<PolicyRule, PolicyRefusal> {
    let Value::Object(object) = body else {
        return Err(PolicyRefusal::body("rules", "a rule is an object"));
    };
    let id = identity(object)?;
    if policy.has_lost(id) {
        return Err(PolicyRefusal::Lost(id));
    }
    check_shape(body)?;
    check_target(object, id, strictness)?;
    let current = policy.rule(id).map(|rule| &rule.setting);
    let object = &completed(object, id, current);
    let setting = match id.subject {
        Subject::Expiration => expiration(object, id, current, strictness)?,
        Subject::Enablement => enablement(object, id)?,
        Subject::Notification(recipient) => {
            notification(object, id, &recipient.to_string(), strictness)?
        }
        Subject::Approval => Setting::Approval(keeping(approval(object, id, strictness)?, current)),
        Subject::AuthenticationContext => authentication_context(object, id)?,
        Subject::CustomExtension(_) => custom_extension(object, id, current)?,
    };
    Ok(PolicyRule { id, setting })
}

/// A body with what it leaves out: that stays as it stands, as clients of the service rely on
/// (hashicorp/terraform-provider-azuread, example of `group_role_management_policy`).
fn completed(
    object: &Map<String, Value>,
    id: RuleId,
    current: Option<&Setting>,
) -> Map<String, Value> {
    let standing = current.map(|setting| json::setting(id, setting, &|_| None));
    let mut whole = standing.unwrap_or_default();
    whole.extend(object.clone());
    whole
}

/// Names, JSON types and the derived type.
fn check_shape(body: &Value) -> Result<(), PolicyRefusal> {
    let Err(violations) = schema::check_request("unifiedRoleManagementPolicyRule", body) else {
        return Ok(());
    };
    let Some(first) = violations.first() else {
        return Ok(());
    };
    if first.problem == Problem::Format && first.path.ends_with("maximumDuration") {
        return Err(PolicyRefusal::invalid("rules", first.to_string()));
    }
    Err(PolicyRefusal::body("rules", first.to_string()))
}

/// Id and derived type, which must belong together.
fn identity(object: &Map<String, Value>) -> Result<RuleId, PolicyRefusal> {
    let Some(Value::String(name)) = object.get("id") else {
        return Err(PolicyRefusal::body("rules", "a rule needs its id"));
    };
    let Some(id) = RuleId::parse(name) else {
        return Err(PolicyRefusal::UnknownRule(name.clone()));
    };
    let Some(Value::String(kind)) = object.get("@odata.type") else {
        return Err(PolicyRefusal::body(name, "a rule needs its @odata.type"));
    };
    let local = kind
        .trim_start_matches('#')
        .trim_start_matches("microsoft.graph.");
    if local == id.type_name() {
        Ok(id)
    } else if RuleId::is_type_name(local) {
        Err(PolicyRefusal::OtherType)
    } else {
        Err(PolicyRefusal::body(
            name,
            format!("this rule is of type {}", id.type_name()),
        ))
    }
}

/// Whether a body says nothing of what its rule judges although it has a target.
fn target_is_bare(object: &Map<String, Value>) -> bool {
    object
        .get("target")
        .and_then(Value::as_object)
        .is_some_and(|target| !target.contains_key("caller") && !target.contains_key("level"))
}

/// Whether a body is of a notification rule and its target is bare, with which the service loses other rules.
pub(super) fn loses_rules(body: &Value, id: RuleId) -> bool {
    matches!(id.subject, Subject::Notification(_)) && body.as_object().is_some_and(target_is_bare)
}

/// A target may be left out; one that is sent must be the rule's own.
fn check_target(
    object: &Map<String, Value>,
    id: RuleId,
    strictness: Strictness,
) -> Result<(), PolicyRefusal> {
    let Some(Value::Object(target)) = object.get("target") else {
        return Ok(());
    };
    let notifies = matches!(id.subject, Subject::Notification(_));
    if notifies && target_is_bare(object) && !strictness.bare_target {
        return Err(PolicyRefusal::invalid(
            id,
            "the target has no caller and no level",
        ));
    }
    let is = |name: &str, own: String| {
        target.get(name).is_none_or(|value| {
            value
                .as_str()
                .is_some_and(|text| text.eq_ignore_ascii_case(&own))
        })
    };
    if is("caller", id.asking.to_string()) && is("level", id.level.to_string()) {
        Ok(())
    } else {
        Err(PolicyRefusal::invalid(id, "the target is another rule's"))
    }
}

/// A duration is demanded where an end is; null elsewhere, the one that stands is kept.
fn expiration(
    object: &Map<String, Value>,
    id: RuleId,
    current: Option<&Setting>,
    strictness: Strictness,
) -> Result<Setting, PolicyRefusal> {
    let required = flag(object, id, "isExpirationRequired")?;
    let maximum = match text(object, "maximumDuration") {
        Some(given) => Some(Period::parse(given).ok_or_else(|| {
            PolicyRefusal::invalid(id, format!("maximumDuration can not be '{given}'"))
        })?),
        None if required && strictness.null_duration == NullDuration::Refused => {
            return Err(PolicyRefusal::invalid(id, "maximumDuration is missing"));
        }
        None => match current {
            Some(Setting::Expiration { maximum, .. }) => maximum.clone(),
            _ => None,
        },
    };
    Ok(Setting::Expiration { required, maximum })
}

fn enablement(object: &Map<String, Value>, id: RuleId) -> Result<Setting, PolicyRefusal> {
    let mut requirements = Vec::new();
    for name in texts(object, id, "enabledRules")? {
        let requirement = name
            .parse()
            .map_err(|_| PolicyRefusal::invalid(id, format!("'{name}' is no rule to enable")))?;
        if !requirements.contains(&requirement) {
            requirements.push(requirement);
        }
    }
    Ok(Setting::Enablement(requirements))
}

fn notification(
    object: &Map<String, Value>,
    id: RuleId,
    own_recipient: &str,
    strictness: Strictness,
) -> Result<Setting, PolicyRefusal> {
    let word = |name: &str| {
        text(object, name).ok_or_else(|| PolicyRefusal::invalid(id, format!("{name} is missing")))
    };
    if !word("notificationType")?.eq_ignore_ascii_case("Email") {
        return Err(PolicyRefusal::invalid(id, "notificationType is Email"));
    }
    if !word("recipientType")?.eq_ignore_ascii_case(own_recipient) {
        return Err(PolicyRefusal::invalid(
            id,
            format!("recipientType of this rule is {own_recipient}"),
        ));
    }
    let level = word("notificationLevel")?
        .parse()
        .map_err(|_| PolicyRefusal::invalid(id, "notificationLevel is None, Critical or All"))?;
    let default_recipients = flag(object, id, "isDefaultRecipientsEnabled")?;
    let recipients = texts(object, id, "notificationRecipients")?;
    if let Some(wrong) = recipients.iter().find(|address| !is_address(address)) {
        return Err(PolicyRefusal::invalid(
            id,
            format!("'{wrong}' is no mail address"),
        ));
    }
    if !recipients.is_empty() && !strictness.takes_recipients(id) {
        return Err(PolicyRefusal::invalid(
            id,
            "this rule takes no additional recipients",
        ));
    }
    Ok(Setting::Notification {
        level,
        default_recipients,
        recipients,
    })
}

fn is_address(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.contains(char::is_whitespace)
}

/// The claim is not checked against the contexts of the tenant, as measured in a live one.
fn authentication_context(
    object: &Map<String, Value>,
    id: RuleId,
) -> Result<Setting, PolicyRefusal> {
    let enabled = flag(object, id, "isEnabled")?;
    let claim = text(object, "claimValue").filter(|claim| !claim.is_empty());
    if enabled && !claim.is_some_and(is_claim) {
        return Err(PolicyRefusal::invalid(id, "claimValue is c1 to c99"));
    }
    Ok(Setting::AuthenticationContext {
        enabled,
        claim: claim.map(str::to_owned),
    })
}

fn is_claim(claim: &str) -> bool {
    claim
        .strip_prefix('c')
        .and_then(|digits| {
            digits
                .parse::<u8>()
                .ok()
                .filter(|_| !digits.starts_with(['0', '+']))
        })
        .is_some_and(|number| number <= 99)
}

/// The display name is read-only (learn.microsoft.com: `unifiedRoleManagementPolicyCustomExtensionRule`): it stays with its
/// extension, whatever is sent.
fn custom_extension(
    object: &Map<String, Value>,
    id: RuleId,
    current: Option<&Setting>,
) -> Result<Setting, PolicyRefusal> {
    let enabled = flag(object, id, "isEnabled")?;
    let extension = text(object, "customExtensionId").filter(|extension| !extension.is_empty());
    if enabled && extension.is_none_or(|extension| extension.parse::<ObjectId>().is_err()) {
        return Err(PolicyRefusal::invalid(
            id,
            "customExtensionId is missing or no id",
        ));
    }
    let attributes = match object.get("customAttributes") {
        None | Some(Value::Null) => Vec::new(),
        Some(_) => texts(object, id, "customAttributes")?,
    };
    let display_name = match current {
        Some(Setting::CustomExtension {
            extension: stands,
            display_name,
            ..
        }) if stands.as_deref() == extension => display_name.clone(),
        _ => None,
    };
    Ok(Setting::CustomExtension {
        enabled,
        extension: extension.map(str::to_owned),
        display_name,
        attributes,
    })
}
