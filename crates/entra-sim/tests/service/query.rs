//! Query options: what does not fit the published types, or does nothing here, is refused.

use crate::client::{Answer, ideal};

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
    assert_eq!(client.get(&target).await.status, 200);
}
