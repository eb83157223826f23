//! What somebody has to change where the settings that the tenant keeps for a role refuse a binding. The operator never
//! changes those: they hold for everybody who has the role.

/// The rules that a refusal names, and what each of them asks for (learn.microsoft.com: unifiedRoleManagementPolicyRule).
const RULES: &[(&str, &str)] = &[
    (
        "ExpirationRule",
        "they allow no assignment that lasts so long; shorten spec.schedule.expiration",
    ),
    ("TicketingRule", "they ask for a ticket; add spec.ticket"),
    (
        "JustificationRule",
        "they ask for a justification; add spec.justification",
    ),
    (
        "MfaRule",
        "they ask for multi-factor authentication, which no application has",
    ),
];

/// What to do about a refusal, by the rules that its text names.
pub fn advice(refusal: &str) -> String {
    let lower = refusal.to_lowercase();
    let named = RULES
        .iter()
        .filter(|(rule, _)| lower.contains(&rule.to_lowercase()));
    let named: Vec<String> = named
        .map(|(rule, what)| format!("{what} ({rule})"))
        .collect();
    let why = if named.is_empty() {
        format!(": {refusal}")
    } else {
        format!(": {}", named.join("; "))
    };
    format!(
        "the settings that the tenant keeps for the role refuse it{why}; or have them changed under Privileged Identity \
         Management, where the role has its own"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_and_what_to_change_are_named_in_both_wordings_of_the_service() {
        for refusal in [
            "The following policy rules failed: [\"ExpirationRule\"]",
            "The following policy rules failed: ExpirationRule - Expiration is required",
        ] {
            let advice = advice(refusal);
            assert!(advice.contains("ExpirationRule"), "{advice}");
            assert!(advice.contains("spec.schedule.expiration"), "{advice}");
        }
        let two = advice("failed: [\"TicketingRule\",\"MfaRule\"]");
        assert!(
            two.contains("spec.ticket") && two.contains("MfaRule"),
            "{two}"
        );
        let other = advice("failed: [\"NewRule\"]");
        assert!(other.contains("NewRule"), "{other}");
    }
}
