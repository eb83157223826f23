//! The requests as they go over the wire, and answers as the service documents them.

use pim_core::action::{GrantVerb, NewGroup};
use pim_core::desired::Assignability;
use pim_core::ids::{AuthenticationContextId, GroupId, GroupKey, PolicyId, UserPrincipalName};
use pim_core::knowledge::Progress;
use pim_core::observed::{Management, Nature, Onboarding};
use pim_core::role::{BoundRole, RoleId, RoleScope, RoleSystem, RoleTarget};
use pim_core::schedule::{Access, End, Key, Kind, Window};

use super::*;
use crate::graph::{Grant, Receipt, Upserted};

fn group_id() -> GroupId {
    GROUP.parse().unwrap()
}

fn new_group() -> NewGroup {
    NewGroup {
        display_name: "PAG-payments".into(),
        description: None,
        key: GroupKey::new("epim-abc"),
        assignability: Assignability::RoleAssignable,
    }
}

fn group_body() -> Value {
    json!({"id": GROUP, "displayName": "PAG-payments", "description": null, "isAssignableToRole": true,
           "createdDateTime": "2026-01-09T02:02:12Z", "groupTypes": [], "proxyAddresses": []})
}

#[tokio::test(start_paused = true)]
async fn a_hundred_groups_are_seven_operations_in_one_request() {
    let service = Service::new(|_| Reply::ok());
    let ids: Vec<GroupId> = (0..100)
        .map(|n| GroupId(uuid::Uuid::from_u128(n)))
        .collect();
    graph(&service).groups(&ids).await.unwrap();
    assert_eq!(service.sizes(), [7]);
    let path = &service.sent()[0].operations[0].path;
    assert!(
        path.starts_with(
            "/groups?$filter=id%20in%20%28%2700000000-0000-0000-0000-000000000000%27%2C"
        )
    );
    assert!(path.contains("&$select=id%2CdisplayName"));
}

#[tokio::test(start_paused = true)]
async fn a_group_is_created_with_its_key() {
    let service = Service::new(|_| Reply::json(201, group_body()));
    let group = graph(&service).create_group(&new_group()).await.unwrap();
    assert_eq!(group.assignability, Assignability::RoleAssignable);
    assert_eq!(group.group.management, Management::Open);
    let sent = service.sent();
    assert_eq!(sent[0].operations[0].path, "/groups");
    assert_eq!(
        sent[0].operations[0].headers["content-type"],
        "application/json"
    );
    assert_eq!(
        sent[0].operations[0].body,
        Some(
            json!({"displayName": "PAG-payments", "mailEnabled": false, "mailNickname": "epim-abc",
            "securityEnabled": true, "groupTypes": [], "isAssignableToRole": true})
        )
    );
}

#[tokio::test(start_paused = true)]
async fn an_upsert_tells_creation_from_update() {
    let calls = AtomicUsize::new(0);
    let service = Service::new(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::json(201, group_body()),
        _ => Reply::json(204, json!(null)),
    });
    let graph = graph(&service);
    assert_eq!(
        graph.upsert_group(&new_group()).await.unwrap(),
        Upserted::Created(group_id())
    );
    assert_eq!(
        graph.upsert_group(&new_group()).await.unwrap(),
        Upserted::Updated
    );
    let seen = service.sent()[0].operations[0].clone();
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("PATCH", "/groups(uniqueName=%27epim-abc%27)")
    );
    assert_eq!(seen.headers["prefer"], "create-if-missing");
}

#[tokio::test(start_paused = true)]
async fn a_description_is_cleared_with_null() {
    let service = Service::new(|_| Reply::json(204, json!(null)));
    graph(&service)
        .update_group(group_id(), "PAG-payments", None)
        .await
        .unwrap();
    assert_eq!(
        service.sent()[0].operations[0].body,
        Some(json!({"displayName": "PAG-payments", "description": null}))
    );
}

#[tokio::test(start_paused = true)]
async fn a_guests_principal_name_survives_the_query() {
    let service = Service::new(|_| Reply::ok());
    let name = UserPrincipalName::new("o'x_contoso.com#EXT#@fabrikam.com");
    graph(&service).users_by_name(&[name]).await.unwrap();
    assert!(
        service.sent()[0].operations[0]
            .path
            .contains("%28%27o%27%27x_contoso.com%23EXT%23%40fabrikam.com%27%29")
    );
}

#[tokio::test(start_paused = true)]
async fn schedules_are_read_with_activations_and_plain_members() {
    let service = Service::new(|_| {
        Reply::json(
            200,
            json!({"value": [
            {"id": "x", "groupId": GROUP, "principalId": GROUP, "accessId": "member", "memberType": "Direct",
             "assignmentType": "Assigned", "status": "Provisioned", "createdUsing": null,
             "scheduleInfo": {"startDateTime": null, "expiration": {"type": "noExpiration"}}},
            {"id": "y", "groupId": GROUP, "principalId": GROUP, "accessId": "Owner", "memberType": "Direct",
             "assignmentType": "Activated", "status": "Provisioned", "modifiedDateTime": "0001-01-01T08:00:00Z",
             "scheduleInfo": {"startDateTime": "2026-01-01T00:00:00.1633903Z",
                              "expiration": {"type": "afterDuration", "duration": "PT8H"}}},
            {"id": "z", "groupId": GROUP, "principalId": GROUP, "accessId": "member", "memberType": "Group",
             "assignmentType": "Assigned", "scheduleInfo": null},
            {"id": "w", "groupId": GROUP, "principalId": GROUP, "accessId": "guest", "memberType": "Direct",
             "assignmentType": "Assigned", "scheduleInfo": null}]}),
        )
    });
    let schedules = graph(&service).group_assignments(group_id()).await.unwrap();
    assert_eq!(schedules.rows[0].window.start, None);
    assert_eq!(schedules.rows[1].access, Access::Owner);
    assert_eq!(schedules.rows[1].nature, Nature::Activated);
    assert_ne!(schedules.rows[1].window.end, End::Never);
    assert_eq!(
        (schedules.rows.len(), schedules.unreadable.len()),
        (2, 0),
        "what comes through a nested group or is of an unknown kind is left out"
    );
    assert_eq!(
        service.sent()[0].operations[0].path,
        format!(
            "/identityGovernance/privilegedAccess/group/assignmentSchedules?$filter=groupId%20eq%20%27{GROUP}%27"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_created_request_may_still_have_failed() {
    let service = Service::new(|_| {
        Reply::json(
            201,
            json!({"id": "r", "status": "Failed", "targetScheduleId": null}),
        )
    });
    let key = Key {
        access: Access::Member,
        principal: GROUP.parse().unwrap(),
        kind: Kind::Eligible,
    };
    let grant = Grant {
        verb: GrantVerb::Assign,
        window: Window::ALWAYS,
        justification: "declared in git",
        ticket: None,
    };
    let receipt = graph(&service)
        .grant(group_id(), key, &grant)
        .await
        .unwrap();
    assert!(matches!(receipt, Receipt::Failed(request) if request.id.as_str() == "r"));
    let seen = service.sent()[0].operations[0].clone();
    assert_eq!(
        seen.path,
        "/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests"
    );
    assert_eq!(
        seen.body,
        Some(
            json!({"accessId": "member", "groupId": GROUP, "principalId": GROUP, "action": "adminAssign",
            "scheduleInfo": {"expiration": {"type": "noExpiration"}}, "justification": "declared in git"})
        )
    );
}

fn policy_row(role: &str, scope: &str) -> Value {
    json!({"id": format!("Group_{scope}_p_{role}"), "policyId": "p", "scopeId": scope, "scopeType": "Group",
        "roleDefinitionId": role, "policy": {"id": format!("Group_{scope}_{role}"), "lastModifiedDateTime": null,
        "rules": [
          {"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule", "id": "Expiration_Admin_Eligibility",
           "isExpirationRequired": true, "maximumDuration": "P365D",
           "target": {"caller": "Admin", "operations": ["All"], "level": "Eligibility"}},
          {"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyCustomExtensionRule",
           "id": "CustomExtension_PreApproval_EndUser_Assignment"}]}})
}

#[tokio::test(start_paused = true)]
async fn both_policies_come_in_one_call_and_never_change_places() {
    let service = Service::new(|_| {
        Reply::json(
            200,
            json!({"value": [policy_row("owner", GROUP), policy_row("member", &GROUP.to_uppercase())]}),
        )
    });
    let policies = graph(&service).group_policies(group_id()).await.unwrap();
    assert_eq!(policies.onboarding, Onboarding::Ahead);
    let owner = policies.policies.owner.unwrap();
    assert_eq!(owner.id, PolicyId::new(format!("Group_{GROUP}_owner")));
    assert_eq!((owner.rules.len(), owner.unknown.len()), (1, 1));
    assert!(policies.policies.member.is_some());
    assert_eq!(service.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_not_listed_is_not_taken_from_another() {
    let service =
        Service::new(|_| Reply::json(200, json!({"value": [policy_row("owner", GROUP)]})));
    assert_eq!(
        graph(&service)
            .group_policies(group_id())
            .await
            .unwrap()
            .policies
            .member,
        None
    );
    for rows in [
        json!([policy_row("owner", "cccccccc-1111-4111-8111-111111111111")]),
        json!([policy_row("owner", GROUP), policy_row("owner", GROUP)]),
    ] {
        let service = Service::new(move |_| Reply::json(200, json!({ "value": rows })));
        assert!(graph(&service).group_policies(group_id()).await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_given_rules_are_written() {
    let service = Service::new(|seen| match seen.method.as_str() {
        "GET" => Reply::json(200, json!({"value": [policy_row("member", GROUP)]})),
        _ => Reply::json(200, json!({})),
    });
    let graph = graph(&service);
    let policy = graph
        .group_policies(group_id())
        .await
        .unwrap()
        .policies
        .member
        .unwrap();
    let rules: Vec<_> = policy.rules.into_iter().collect();
    graph.update_policy(&policy.id, &rules).await.unwrap();
    let seen = service.sent()[1].operations[0].clone();
    assert_eq!(
        seen.path,
        format!("/policies/roleManagementPolicies/Group_{GROUP}_member")
    );
    let rules = seen.body.unwrap()["rules"].clone();
    assert_eq!(rules.as_array().unwrap().len(), 1);
    assert_eq!(
        rules[0]["@odata.type"],
        "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule"
    );
    assert_eq!(rules[0]["target"]["level"], "Eligibility");
}

#[tokio::test(start_paused = true)]
async fn roles_are_read_and_requested_by_principal_role_and_scope() {
    let service = Service::new(|seen| match seen.method.as_str() {
        "POST" => Reply::json(
            201,
            json!({"id": "r", "status": "Revoked", "scheduleInfo": null}),
        ),
        _ => Reply::json(
            200,
            json!({"value": [{"id": "s", "principalId": GROUP, "roleDefinitionId": GROUP,
            "directoryScopeId": "/", "appScopeId": null, "assignmentType": "Assigned", "memberType": "Direct",
            "status": "Provisioned", "scheduleInfo": {"startDateTime": "2026-11-21T08:00:05Z",
            "expiration": {"type": "noExpiration", "endDateTime": null, "duration": null}}}]}),
        ),
    });
    let graph = graph(&service);
    let schedules = graph
        .role_schedules(Kind::Active, GROUP.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(schedules.rows[0].target.scope, RoleScope::new("/"));
    let target = RoleTarget {
        system: RoleSystem::DIRECTORY,
        role: RoleId::new(GROUP),
        scope: RoleScope::new("/"),
    };
    let role = BoundRole {
        target,
        kind: Kind::Active,
    };
    let receipt = graph
        .revoke_role(GROUP.parse().unwrap(), &role)
        .await
        .unwrap();
    assert!(matches!(receipt, Receipt::Taken(request) if request.progress == Progress::Finished));
    assert_eq!(
        service.sent()[1].operations[0].body,
        Some(
            json!({"principalId": GROUP, "roleDefinitionId": GROUP, "directoryScopeId": "/", "action": "adminRemove"})
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_plan_counts_where_its_subscription_and_itself_can_be_used() {
    const P2: &str = "eec0eb4f-6444-4f95-aba0-50c24d67f998";
    for (capability, provisioning, counts) in [
        ("Enabled", "Success", true),
        ("Warning", "Success", true),
        ("Suspended", "Success", false),
        ("Enabled", "Disabled", false),
        ("Enabled", "PendingProvisioning", false),
    ] {
        let service = Service::new(move |_| {
            let plan = json!({"servicePlanId": P2, "provisioningStatus": provisioning});
            Reply::json(
                200,
                json!({"value": [{"capabilityStatus": capability, "servicePlans": [plan]}]}),
            )
        });
        let plans = graph(&service).service_plans().await.unwrap();
        assert_eq!(
            plans.iter().any(|plan| plan.has_pim()),
            counts,
            "{capability} {provisioning}"
        );
    }
    let odd = Service::new(|_| {
        Reply::json(
            200,
            json!({"value": [{"servicePlans": [{"servicePlanId": 7}]}]}),
        )
    });
    let unreadable = graph(&odd).service_plans().await;
    assert!(unreadable.is_err(), "what cannot be read is not missing");
}

#[tokio::test(start_paused = true)]
async fn only_policies_that_are_switched_on_enforce_a_context() {
    let service = Service::new(|_| {
        let policy = |state: &str, contexts: &[&str]| {
            json!({"state": state, "conditions": {"applications": {
                "includeAuthenticationContextClassReferences": contexts,
            }}})
        };
        let bare = json!({"state": "enabled", "conditions": {"applications": null}});
        Reply::json(
            200,
            json!({"value": [
                policy("enabled", &["c1", "c2"]),
                policy("disabled", &["c3"]),
                policy("enabledForReportingButNotEnforced", &["c4"]),
                bare,
            ]}),
        )
    });
    let enforced = graph(&service).enforced_contexts().await.unwrap();
    let ids: Vec<&str> = enforced
        .iter()
        .map(AuthenticationContextId::as_str)
        .collect();
    assert_eq!(ids, ["c1", "c2"]);
}
