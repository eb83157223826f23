//! Settings that somebody changes by hand.

use serde_json::json;

use super::deeds::Deed::{Approver, Group, Rule};
use super::outcome::{assert_seen, put_right};

#[tokio::test(start_paused = true)]
async fn changed_settings_of_activation_are_put_right() {
    assert_seen([
        put_right(
            "longer activations",
            0,
            Rule(
                "member",
                "Expiration_EndUser_Assignment",
                json!({"maximumDuration": "PT24H"}),
            ),
            "spec.policy.member.activation.maximumDuration",
        ),
        put_right(
            "no ticket",
            0,
            Rule(
                "member",
                "Enablement_EndUser_Assignment",
                json!({"enabledRules": ["Justification"]}),
            ),
            "spec.policy.member.activation.require",
        ),
        put_right(
            "no justification",
            1,
            Rule(
                "owner",
                "Enablement_EndUser_Assignment",
                json!({"enabledRules": ["Ticketing"]}),
            ),
            "spec.policy.owner.activation.require",
        ),
        put_right(
            "no approval",
            0,
            Rule(
                "member",
                "Approval_EndUser_Assignment",
                json!({"setting": {"isApprovalRequired": false}}),
            ),
            "spec.policy.member.activation.approval",
        ),
        put_right(
            "another approver",
            1,
            Approver("owner", "chidi@contoso.com"),
            "spec.policy.owner.activation.approval",
        ),
        put_right(
            "no authentication context",
            2,
            Rule(
                "member",
                "AuthenticationContext_EndUser_Assignment",
                json!({"isEnabled": false}),
            ),
            "spec.policy.member.activation.authenticationContext",
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn changed_settings_of_assignments_and_mails_are_put_right() {
    assert_seen([
        put_right(
            "longer eligibility",
            0,
            Rule(
                "member",
                "Expiration_Admin_Eligibility",
                json!({"maximumDuration": "P180D"}),
            ),
            "spec.policy.member.eligible.maximumDuration",
        ),
        put_right(
            "permanent eligibility",
            0,
            Rule(
                "owner",
                "Expiration_Admin_Eligibility",
                json!({"isExpirationRequired": false}),
            ),
            "spec.policy.owner.eligible.permanent",
        ),
        put_right(
            "no permanent members",
            1,
            Rule(
                "member",
                "Expiration_Admin_Assignment",
                json!({"isExpirationRequired": true}),
            ),
            "spec.policy.member.active.permanent",
        ),
        put_right(
            "a reason for active members",
            1,
            Rule(
                "member",
                "Enablement_Admin_Assignment",
                json!({"enabledRules": ["Justification"]}),
            ),
            "spec.policy.member.active.require",
        ),
        put_right(
            "no recipients of mail",
            2,
            Rule(
                "owner",
                "Notification_Admin_EndUser_Assignment",
                json!({"notificationRecipients": []}),
            ),
            "spec.policy.owner.notifications.activation",
        ),
        put_right(
            "all mail",
            2,
            Rule(
                "member",
                "Notification_Requestor_Admin_Eligibility",
                json!({"notificationLevel": "All"}),
            ),
            "spec.policy.member.notifications.eligible",
        ),
        put_right(
            "mail to the usual recipients",
            2,
            Rule(
                "member",
                "Notification_Approver_Admin_Assignment",
                json!({"isDefaultRecipientsEnabled": true}),
            ),
            "spec.policy.member.notifications.active",
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn changed_names_and_descriptions_are_put_right() {
    assert_seen([
        put_right(
            "another name",
            0,
            Group(json!({"displayName": "Mine now"})),
            "spec.displayName",
        ),
        put_right(
            "another description",
            1,
            Group(json!({"description": "Somebody's own"})),
            "spec.description",
        ),
        put_right(
            "no description",
            2,
            Group(json!({"description": null})),
            "spec.description",
        ),
    ])
    .await;
}
