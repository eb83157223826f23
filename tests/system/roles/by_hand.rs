//! What somebody does in the portals.

use entra_sim::ids::{AppId, ObjectId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cells::{MANAGEMENT_GROUP, SUBSCRIPTION};
use crate::place::Place;

/// The application that owns everything in Azure, for what is done by hand.
const OWNER: AppId = AppId::new(uuid::uuid!("88888888-8888-4888-8888-888888888888"));

const AZURE: &str = "https://management.azure.com";
const GRAPH: &str = "https://graph.microsoft.com";

/// Asks as somebody who may do everything.
async fn ask(place: &Place, service: &str, method: &str, path: &str, body: &Value) -> Value {
    let token = place.tenant.simulator.token(OWNER, service).unwrap();
    let request = http::Request::builder()
        .method(method)
        .uri(format!("{service}{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(match body {
            Value::Null => bytes::Bytes::new(),
            body => body.to_string().into(),
        })
        .unwrap();
    let answer = place.tenant.simulator.call(request).await.unwrap();
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    assert!(answer.status().is_success(), "{method} {path}: {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

pub async fn graph(place: &Place, method: &str, path: &str, body: &Value) -> Value {
    ask(place, GRAPH, method, &format!("/v1.0{path}"), body).await
}

async fn azure(place: &Place, method: &str, path: &str, version: &str, body: &Value) -> Value {
    let path = format!("{path}?api-version={version}");
    ask(place, AZURE, method, &path, body).await
}

/// Somebody takes all roles away from the group, in the portals.
pub async fn taken_by_hand(place: &Place, group: ObjectId) {
    let roles = "/roleManagement/directory";
    for kind in ["Eligibility", "Assignment"] {
        let path = format!("{roles}/role{kind}Schedules?$filter=principalId%20eq%20'{group}'");
        for row in rows(&graph(place, "GET", &path, &Value::Null).await) {
            let body = json!({
                "action": "adminRemove", "principalId": group, "roleDefinitionId": row["roleDefinitionId"],
                "directoryScopeId": row["directoryScopeId"], "justification": "by hand",
            });
            let path = format!("{roles}/role{kind}ScheduleRequests");
            graph(place, "POST", &path, &body).await;
        }
    }
    for kind in ["Eligibility", "Assignment"] {
        for place_of in [MANAGEMENT_GROUP, SUBSCRIPTION] {
            let authorization = "providers/Microsoft.Authorization";
            let path = format!("{place_of}/{authorization}/role{kind}Schedules");
            let listed = azure(place, "GET", &path, "2020-10-01", &Value::Null).await;
            for row in rows(&listed) {
                let row = &row["properties"];
                if row["principalId"] != json!(group) || row["memberType"] == "Inherited" {
                    continue;
                }
                let scope = row["scope"].as_str().unwrap();
                let path = format!(
                    "{scope}/{authorization}/role{kind}ScheduleRequests/{}",
                    Uuid::new_v4()
                );
                let body = json!({"properties": {
                    "principalId": group, "roleDefinitionId": row["roleDefinitionId"], "requestType": "AdminRemove",
                    "justification": "by hand",
                }});
                azure(place, "PUT", &path, "2020-10-01", &body).await;
            }
        }
    }
    for place_of in [MANAGEMENT_GROUP, SUBSCRIPTION] {
        let path = format!("{place_of}/providers/Microsoft.Authorization/roleAssignments");
        let listed = azure(place, "GET", &path, "2022-04-01", &Value::Null).await;
        let ours = rows(&listed).into_iter();
        for row in ours.filter(|row| row["properties"]["principalId"] == json!(group)) {
            let id = row["id"].as_str().unwrap();
            azure(place, "DELETE", id, "2022-04-01", &Value::Null).await;
        }
    }
    for path in [
        format!("/groups/{group}/appRoleAssignments"),
        "/deviceManagement/roleAssignments".to_owned(),
    ] {
        for row in rows(&graph(place, "GET", &path, &Value::Null).await) {
            let one = format!("{path}/{}", row["id"].as_str().unwrap());
            graph(place, "DELETE", &one, &Value::Null).await;
        }
    }
}

fn rows(listed: &Value) -> Vec<Value> {
    listed["value"].as_array().cloned().unwrap_or_default()
}
