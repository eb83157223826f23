//! How strict the PIM settings of a group must be at the least. What stands may be stricter, never weaker.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::admission::clean_texts;
use crate::duration::ActivationLength;
use crate::ids::PrincipalId;
use crate::principal::Principal;
use crate::rule::{Approver, Requirement, Rules};
use crate::settings::{ActivationRequirement, ContextId, Demand, Nothing, WHO_MAY_APPROVE};

/// The approvers that a boundary admits, by id; none when it does not limit them.
pub type ApproverNames<'a> = dyn Fn(&Principal) -> Option<PrincipalId> + 'a;

/// How strict PIM settings must be at the least.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct PolicyFloor {
    /// What an activation must demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<ActivationFloor>,
    /// Who must approve an activation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalFloor>,
    /// Extensions of the tenant that an activation may call, by the ids of the extensions or of the rules that call them, for
    /// example `CustomExtension_PreApproval_EndUser_Assignment`. What such an extension answers can approve an activation
    /// although `approval` asks for people. Beside one that is switched on and not listed nothing is granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 256)), extend("x-kubernetes-list-type" = "set"), transform = clean_texts)]
    pub custom_extensions: Vec<String>,
}

/// What an activation must demand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ActivationFloor {
    /// The longest activation that is admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_duration: Option<ActivationLength>,
    /// What must be given.
    #[serde(default)]
    #[schemars(length(max = 3), extend("x-kubernetes-list-type" = "set"))]
    pub require: Vec<ActivationRequirement>,
    /// Ways of strong authentication; one of them is enough. An empty list demands none.
    #[serde(default)]
    #[schemars(length(max = 20), extend("x-kubernetes-list-type" = "atomic"))]
    pub strong_authentication: Vec<StrongAuthentication>,
}

/// A way of strong authentication: exactly one of the members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(
    inline,
    extend("x-kubernetes-validations" = [{
        "rule": "has(self.multiFactor) != has(self.authenticationContext)",
        "message": "name exactly one of multiFactor and authenticationContext"
    }])
)]
pub struct StrongAuthentication {
    /// A multi-factor sign-in: `{}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_factor: Option<MultiFactorFloor>,
    /// An authentication context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication_context: Option<ContextFloor>,
}

/// A multi-factor sign-in, written `{}`.
pub type MultiFactorFloor = Nothing;

/// An authentication context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ContextFloor {
    /// Its id, `c1` to `c99`.
    pub id: ContextId,
}

/// Who must approve an activation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ApprovalFloor {
    /// Whether approval is demanded.
    pub required: Demand,
    /// The only approvers that are admitted; any when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 50),
        extend(
            "x-kubernetes-list-type" = "map",
            "x-kubernetes-list-map-keys" = ["kind", "name"],
            "x-kubernetes-validations" = [{
                "rule": "self.all(a, a.kind in ['User', 'Group'])",
                "message": WHO_MAY_APPROVE
            }]
        )
    )]
    pub approvers: Option<Vec<Principal>>,
}

/// How a policy falls short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloorViolation {
    /// The rule of the boundary: a field path.
    pub rule: &'static str,
    /// What is wrong and what to do; the policy is the subject of the sentence.
    pub what: String,
}

fn short(rule: &'static str, what: String) -> FloorViolation {
    FloorViolation { rule, what }
}

impl PolicyFloor {
    /// Judges rules by what will stand.
    pub fn judge(
        &self,
        rules: &Rules,
        approvers: &ApproverNames<'_>,
    ) -> Result<(), FloorViolation> {
        if let Some(floor) = &self.activation {
            floor.judge(rules)?;
        }
        match &self.approval {
            Some(floor) => floor.judge(rules, approvers),
            None => Ok(()),
        }
    }
}

impl ActivationFloor {
    fn judge(&self, rules: &Rules) -> Result<(), FloorViolation> {
        let stands = rules.expiration.activation;
        if let Some(longest) = self.maximum_duration {
            let within = stands.required
                && stands
                    .maximum
                    .is_some_and(|maximum| maximum <= longest.length());
            if !within {
                let lasts = match stands.maximum {
                    Some(maximum) if stands.required => maximum.to_string(),
                    _ => "without a limit".to_owned(),
                };
                let what = format!(
                    "lets an activation last {lasts}; at most {longest}: lower activation.maximumDuration"
                );
                return Err(short("spec.policyFloor.activation.maximumDuration", what));
            }
        }
        let given = &rules.enablement.activation;
        let missing = self
            .require
            .iter()
            .copied()
            .map(Requirement::from)
            .find(|requirement| !given.contains(requirement));
        if let Some(missing) = missing {
            let what = format!("does not ask for {missing}; add it to activation.require");
            return Err(short("spec.policyFloor.activation.require", what));
        }
        if self.strong_authentication.is_empty()
            || self
                .strong_authentication
                .iter()
                .any(|way| way.is_demanded(rules))
        {
            return Ok(());
        }
        let what = "asks for none of the admitted ways of strong authentication; set activation.require or activation.authenticationContext";
        Err(short(
            "spec.policyFloor.activation.strongAuthentication",
            what.to_owned(),
        ))
    }
}

impl StrongAuthentication {
    fn is_demanded(&self, rules: &Rules) -> bool {
        if self.multi_factor.is_some()
            && rules
                .enablement
                .activation
                .contains(&Requirement::MultiFactorAuthentication)
        {
            return true;
        }
        match (&self.authentication_context, &rules.authentication_context) {
            (Some(floor), Some(stands)) => floor.id.0 == stands.as_str(),
            _ => false,
        }
    }
}

impl ApprovalFloor {
    fn judge(&self, rules: &Rules, approvers: &ApproverNames<'_>) -> Result<(), FloorViolation> {
        if self.required == Demand::Always && !rules.approval.required {
            let what =
                "does not ask for approval; set activation.approval.required to Always".to_owned();
            return Err(short("spec.policyFloor.approval.required", what));
        }
        let Some(admitted) = self.approvers.as_ref().filter(|_| rules.approval.required) else {
            return Ok(());
        };
        let admitted: BTreeSet<PrincipalId> = admitted.iter().filter_map(approvers).collect();
        let outside = rules
            .approval
            .approvers
            .iter()
            .find(|approver| match approver {
                Approver::User(id) | Approver::Group(id) => !admitted.contains(id),
                Approver::Other(_) => true,
            });
        outside.map_or(Ok(()), |approver| {
            let what =
                format!("names {approver} as approver, which is not among those that are admitted");
            Err(short("spec.policyFloor.approval.approvers", what))
        })
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
