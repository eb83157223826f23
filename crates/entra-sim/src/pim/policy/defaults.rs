//! The rules of a policy that nobody has changed yet.
//!
//! Groups: learn.microsoft.com, policyroot-list-rolemanagementpolicyassignments (the policy of an untouched group).
//! Directory roles: same page, and what live tenants are observed to hold: permanent assignments allowed, activation
//! asks for multi-factor authentication as well. Azure roles: permanent assignments forbidden, a justification wanted
//! (hashicorp/terraform-provider-azurerm#22766).

use super::rule::{
    Approval, ApprovalMode, Asking, Level, NotificationLevel, PolicyRule, Reason, Requirement,
    RuleId, Setting, Subject,
};
use crate::pim::period::Period;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Group,
    DirectoryRole,
    AzureRole,
}

/// The seventeen rules in their order.
pub(crate) fn rules(family: Family) -> Vec<PolicyRule> {
    RuleId::STANDING
        .into_iter()
        .map(|id| PolicyRule {
            id,
            setting: setting(family, id),
        })
        .collect()
}

pub(crate) fn setting(family: Family, id: RuleId) -> Setting {
    match id.subject {
        Subject::Expiration => expiration(family, id.asking, id.level),
        Subject::Enablement => Setting::Enablement(enablement(family, id.asking, id.level)),
        Subject::Notification(_) => Setting::Notification {
            level: NotificationLevel::All,
            default_recipients: true,
            recipients: Vec::new(),
        },
        Subject::Approval => Setting::Approval(approval()),
        Subject::AuthenticationContext => Setting::AuthenticationContext {
            enabled: false,
            claim: None,
        },
        // What saving in the portal writes (audit record of a tenant): both rules, empty.
        Subject::CustomExtension(_) => Setting::CustomExtension {
            enabled: false,
            extension: None,
            display_name: None,
            attributes: Vec::new(),
        },
    }
}

fn expiration(family: Family, asking: Asking, level: Level) -> Setting {
    let maximum = match (asking, level) {
        (Asking::EndUser, _) => Period::hours(8),
        (Asking::Admin, Level::Eligibility) => Period::days(365),
        (Asking::Admin, Level::Assignment) => Period::days(180),
    };
    let required = family != Family::DirectoryRole || asking == Asking::EndUser;
    Setting::Expiration {
        required,
        maximum: Some(maximum),
    }
}

fn enablement(family: Family, asking: Asking, level: Level) -> Vec<Requirement> {
    match (asking, level, family) {
        (Asking::Admin, Level::Eligibility, _) => Vec::new(),
        (Asking::EndUser, _, Family::DirectoryRole | Family::AzureRole) => {
            vec![
                Requirement::MultiFactorAuthentication,
                Requirement::Justification,
            ]
        }
        _ => vec![Requirement::Justification],
    }
}

fn approval() -> Approval {
    Approval {
        required: false,
        required_for_extension: false,
        requestor: Reason::Demanded,
        mode: ApprovalMode::SingleStage,
        approver: Reason::Demanded,
        timeout_days: 1,
        approvers: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expiration_of(family: Family, id: RuleId) -> (bool, String) {
        match setting(family, id) {
            Setting::Expiration { required, maximum } => {
                (required, maximum.unwrap().text().to_owned())
            }
            other => panic!("not an expiration: {other:?}"),
        }
    }

    #[test]
    fn an_untouched_group_demands_an_end_of_everything() {
        let of = |id| expiration_of(Family::Group, id);
        assert_eq!(of(RuleId::ELIGIBLE_EXPIRATION), (true, "P365D".to_owned()));
        assert_eq!(of(RuleId::ACTIVE_EXPIRATION), (true, "P180D".to_owned()));
        assert_eq!(of(RuleId::ACTIVATION_EXPIRATION), (true, "PT8H".to_owned()));
        assert_eq!(
            setting(Family::Group, RuleId::ACTIVATION_ENABLEMENT),
            Setting::Enablement(vec![Requirement::Justification])
        );
    }

    #[test]
    fn an_untouched_directory_role_allows_permanent_grants_and_asks_for_mfa_at_activation() {
        let of = |id| expiration_of(Family::DirectoryRole, id);
        assert_eq!(of(RuleId::ELIGIBLE_EXPIRATION), (false, "P365D".to_owned()));
        assert_eq!(of(RuleId::ACTIVE_EXPIRATION), (false, "P180D".to_owned()));
        assert_eq!(of(RuleId::ACTIVATION_EXPIRATION), (true, "PT8H".to_owned()));
        assert_eq!(
            setting(Family::DirectoryRole, RuleId::ACTIVATION_ENABLEMENT),
            Setting::Enablement(vec![
                Requirement::MultiFactorAuthentication,
                Requirement::Justification
            ])
        );
    }

    #[test]
    fn every_policy_starts_with_seventeen_rules() {
        assert_eq!(rules(Family::Group).len(), 17);
        assert_eq!(rules(Family::DirectoryRole).len(), 17);
    }
}
