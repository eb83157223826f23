//! Query options: what does not fit the published types, or does nothing here, is refused.

use serde_json::json;

use crate::client::{Answer, OPERATOR, ideal};

fn refused(answer: &Answer, code: &str, fragment: &str) {
    assert_eq!((answer.status, answer.code()), (400, code), "{answer:?}");
    assert!(answer.message().contains(fragment), "{answer:?}");
}

#[tokio::test]
async fn a_filter_compares_properties_with_literals_of_their_type() {
    let client = ideal();
    let group = client.group("Ops").await;
    let pim = "/identityGovernance/privilegedAccess/group/assignmentSchedules";
    for target in [
        format!("/groups?$filter=id eq {group}"),
        "/groups?$filter=securityEnabled eq 'true'".to_owned(),
        format!("{pim}?$filter=groupId eq {group}"),
        "/auditLogs/directoryAudits?$filter=activityDateTime ge '2026-01-01'".to_owned(),
        "/roleManagement/directory/roleDefinitions?$filter=isBuiltIn eq 'true'".to_owned(),
    ] {
        refused(
            &client.get(&target).await,
            "BadRequest",
            "incompatible types",
        );
    }
    for target in [
        format!("/groups?$filter=id eq '{group}'"),
        format!("{pim}?$filter=groupId eq '{group}' and accessId eq 'member'"),
    ] {
        assert_eq!(client.get(&target).await.status, 200, "{target}");
    }
    refused(
        &client.get("/groups?$filter=colour eq 'x'").await,
        "BadRequest",
        "Could not find a property named 'colour' on type 'microsoft.graph.group'.",
    );
}

#[tokio::test]
async fn what_is_selected_is_published_and_simulated() {
    let client = ideal();
    let group = client.group("Ops").await;
    for target in [
        "/groups?$select=id,nonsense".to_owned(),
        format!("/groups/{group}?$select=nonsense"),
        "/groups/delta?$select=nonsense".to_owned(),
    ] {
        refused(
            &client.get(&target).await,
            "BadRequest",
            "Could not find a property named 'nonsense' on type 'microsoft.graph.group'.",
        );
    }
    let target = format!("/groups/{group}/members?$select=nonsense");
    refused(
        &client.get(&target).await,
        "BadRequest",
        "'microsoft.graph.directoryObject'",
    );
    for target in [
        "/users?$select=id,aboutMe",
        "/users/jose@contoso.com?$select=aboutMe",
    ] {
        assert_eq!(client.get(target).await.status, 501, "{target}");
    }
    let target = format!("/groups/{group}?$select=id,assignedLabels,isManagementRestricted");
    client.get(&target).await.expect(200);
}

#[tokio::test]
async fn options_that_would_do_nothing_are_refused() {
    let client = ideal();
    let group = client.group("Ops").await;
    let policies = format!(
        "/policies/roleManagementPolicyAssignments?$filter=scopeId eq '{group}' and scopeType eq 'Group'"
    );
    for (target, status) in [
        (format!("/groups/{group}?$filter=displayName eq 'Ops'"), 400),
        (format!("/groups/{group}?$orderby=displayName"), 400),
        (format!("/groups/{group}?$top=5"), 400),
        ("/groups?$select=id&$select=mail".to_owned(), 400),
        ("/groups?$expand=members($select=nonsense)".to_owned(), 400),
        ("/groups?$expand=members($filter=id eq 'x')".to_owned(), 501),
        (format!("{policies}&$expand=policy($expand=nonsense)"), 400),
        (
            format!("{policies}&$expand=policy($expand=rules($expand=x))"),
            400,
        ),
        ("/groups?$expand=members($expand=memberOf)".to_owned(), 501),
        ("/groups?$expand=owners($top=1)".to_owned(), 400),
    ] {
        assert_eq!(client.get(&target).await.status, status, "{target}");
    }
}

#[tokio::test]
async fn a_selection_inside_an_expansion_narrows_it() {
    let client = ideal();
    let group = client.group("Ops").await;
    let filter = format!("$filter=scopeId eq '{group}' and scopeType eq 'Group'");
    let at = format!("/policies/roleManagementPolicyAssignments?{filter}");
    let answer = client
        .get(&format!(
            "{at}&$expand=policy($select=id;$expand=rules($select=id))"
        ))
        .await;
    let policy = &answer.body["value"][0]["policy"];
    assert!(
        policy["id"].is_string() && policy["scopeId"].is_null(),
        "{answer:?}"
    );
    assert!(policy["rules"][0]["id"].is_string() && policy["rules"][0]["target"].is_null());
    let role = json!({
        "roleDefinitionId": "e8611ab8-c189-46e8-94e1-60213ab1f814", "directoryScopeId": "/",
        "principalId": crate::client::OPERATOR_OBJECT,
    });
    let roles = "/roleManagement/directory/roleAssignments";
    client.post(roles, role).await.expect(201);
    let answer = client
        .get(&format!(
            "{roles}?$expand=roleDefinition($select=displayName)"
        ))
        .await;
    let expanded = &answer.body["value"][0]["roleDefinition"];
    assert!(
        expanded["displayName"].is_string() && expanded["isBuiltIn"].is_null(),
        "{answer:?}"
    );
}

#[tokio::test]
async fn what_clients_that_keep_a_desired_state_ask_is_answered() {
    let client = ideal();
    let group = client.group("Ops").await;
    let properties = "id,displayName,description,mailNickname,isAssignableToRole,isManagementRestricted,\
        deletedDateTime";
    let pim = "/identityGovernance/privilegedAccess/group";
    let policies = "/policies/roleManagementPolicyAssignments";
    let roles = "/roleManagement/directory";
    for target in [
        format!("/groups?$filter=id in ('{group}')&$select={properties}"),
        format!("/groups?$filter=mailNickname in ('ops')&$select={properties}"),
        format!("/directory/deletedItems/microsoft.graph.group?$filter=mailNickname in ('ops')&$select={properties}"),
        "/users?$filter=userPrincipalName in ('jose@contoso.com')&$select=id,userPrincipalName,accountEnabled"
            .to_owned(),
        format!("/servicePrincipals?$filter=appId in ('{OPERATOR}')&$select=id,appId,accountEnabled"),
        format!("{pim}/eligibilitySchedules?$filter=groupId eq '{group}'"),
        format!("{pim}/assignmentScheduleInstances?$filter=groupId eq '{group}'"),
        format!("{policies}?$filter=scopeId eq '{group}' and scopeType eq 'Group'&$expand=policy($expand=rules)"),
        format!("{roles}/roleDefinitions?$select=id,displayName,templateId"),
        format!("{roles}/roleAssignmentSchedules?$filter=principalId eq '{group}'"),
        format!("{roles}/roleAssignments?$filter=principalId eq '{group}'"),
    ] {
        let answer = client.get(&target).await;
        assert_eq!(answer.status, 200, "{target}: {answer:?}");
    }
    client.assert_shapes();
}

#[tokio::test]
async fn a_choice_of_more_than_fifteen_needs_the_advanced_mode() {
    let client = ideal();
    let ids: Vec<String> = (0..16)
        .map(|n| format!("'99999999-9999-4999-8999-0000000000{n:02}'"))
        .collect();
    let list = |many: usize| format!("id in ({})", ids[..many].join(","));
    let chain = |many: usize| {
        let sides: Vec<String> = ids[..many].iter().map(|id| format!("id eq {id}")).collect();
        sides.join(" or ")
    };
    let mixed = format!("({} or {}) and accountEnabled eq true", list(8), chain(8));
    for filter in [list(16), chain(16), mixed] {
        refused(
            &client.get(&format!("/users?$filter={filter}")).await,
            "Request_UnsupportedQuery",
            "Too many child clauses specified in search filter expression containing 'OR' operators: 16. Max allowed: \
             15",
        );
        let advanced = format!("/users?$count=true&$filter={filter}");
        client.eventual().get(&advanced).await.expect(200);
        client.get(&advanced).await.expect(400);
    }
    for filter in [
        list(15),
        chain(15),
        format!("({}) and ({})", chain(15), chain(15)),
    ] {
        let target = format!("/users?$filter={filter}");
        assert_eq!(client.get(&target).await.status, 200, "{filter}");
    }
}
