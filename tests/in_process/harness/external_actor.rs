//! An external actor in the tenant: another application that works through the Graph API, as the portal does.

use std::sync::Mutex;

use bytes::Bytes;
use entra_sim::Simulator;
use entra_sim::ids::AppId;
use http::{Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{World, WorldClock};

const GRAPH: &str = "https://graph.microsoft.com";

/// Where the Azure Resource Manager answers, and the application that owns everything there.
const AZURE: &str = "https://management.azure.com";
const AZURE_OWNER: &str = "88888888-8888-4888-8888-888888888888";

/// The application that the external actor is in the demo's tenant.
pub const APPLICATION: &str = "77777777-7777-4777-8777-777777777777";

const PERMISSIONS: &[&str] = &[
    "Group.ReadWrite.All",
    "User.ReadWrite.All",
    "Application.Read.All",
    "RoleManagement.ReadWrite.Directory",
    "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
    "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
    "RoleManagementPolicy.ReadWrite.AzureADGroup",
    "AppRoleAssignment.ReadWrite.All",
    "DeviceManagementRBAC.ReadWrite.All",
    "AdministrativeUnit.ReadWrite.All",
    "AuthenticationContext.ReadWrite.All",
    "Policy.ReadWrite.ConditionalAccess",
    "Policy.Read.All",
];

/// A token lasts an hour.
const REFRESH: SignedDuration = SignedDuration::from_mins(50);

const PIM: &str = "/identityGovernance/privilegedAccess/group";
const ROLES: &str = "/roleManagement/directory";

/// Another application, which the operator knows nothing of.
pub struct ExternalActor {
    tenant: Simulator,
    clock: WorldClock,
    application: AppId,
    token: Mutex<Option<(String, Timestamp)>>,
}

/// A text of an answer.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl World {
    /// The external actor, who gets their permissions when they are first asked for.
    pub fn external_actor(&self) -> &ExternalActor {
        self.external_actor
            .get_or_init(|| ExternalActor::new(self.tenant.clone(), self.clock.clone()))
    }

    /// The id of the one living group of an object in the tenant.
    pub async fn group_id(&self, group: &str) -> String {
        self.external_actor().group(&self.key(group)).await
    }

    /// Takes somebody's eligibility as a member of a group away.
    pub async fn take_eligibility(&self, group: &str, who: &str) {
        let group = self.group_id(group).await;
        self.external_actor()
            .remove("eligibility", &group, who, "member")
            .await;
    }

    /// The key that the group of an object bears in the tenant.
    pub fn key(&self, group: &str) -> String {
        let object = self.object("PrivilegedGroup", group).unwrap();
        text(&object["status"]["externalName"])
    }
}

impl ExternalActor {
    fn new(tenant: Simulator, clock: WorldClock) -> Self {
        let application: AppId = APPLICATION.parse().unwrap();
        tenant.set_permissions(application, PERMISSIONS).unwrap();
        Self {
            tenant,
            clock,
            application,
            token: Mutex::default(),
        }
    }

    /// A token that is good for a while yet.
    fn token(&self) -> String {
        let mut kept = self.token.lock().unwrap();
        let now = self.clock.time();
        let young = |(_, made): &&(String, Timestamp)| now.duration_since(*made) < REFRESH;
        if let Some((token, _)) = kept.as_ref().filter(young) {
            return token.clone();
        }
        let token = self.tenant.token(self.application, GRAPH).unwrap();
        *kept = Some((token.clone(), now));
        token
    }

    /// Asks, and insists on success.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        self.ask_with(&[], method, path, body).await
    }

    /// Asks as a person who has proved a second factor.
    pub async fn ask_as(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> Value {
        self.ask_proving("mfa", who, method, path, body).await
    }

    /// Asks as a person who has proved this: a second factor, authentication contexts.
    async fn ask_proving(
        &self,
        proofs: &str,
        who: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Value {
        let signed_in = [
            ("x-entra-sim-user", who),
            ("x-entra-sim-authentication", proofs),
        ];
        self.ask_with(&signed_in, method, path, body).await
    }

    /// Somebody activates their membership of a group for an hour, and the approver agrees.
    pub async fn activate(&self, group: &str, who: &str, approver: &str) {
        let wish = json!({
            "action": "selfActivate", "accessId": "member", "groupId": group,
            "principalId": self.user(who).await, "justification": "mail flow is down",
            "ticketInfo": {"ticketNumber": "INC-1", "ticketSystem": "desk"},
            "scheduleInfo": {"expiration": {"type": "afterDuration", "duration": "PT1H"}},
        });
        let requests = format!("{PIM}/assignmentScheduleRequests");
        self.ask_proving("mfa,c1", who, "POST", &requests, Some(wish))
            .await;
        let path = format!("{requests}/filterByCurrentUser(on='approver')");
        let waiting = self.ask_as(approver, "GET", &path, None).await;
        let path = format!(
            "{PIM}/assignmentApprovals/{}/stages",
            text(&waiting["value"][0]["approvalId"])
        );
        let stages = self.ask_as(approver, "GET", &path, None).await;
        let path = format!("{path}/{}", text(&stages["value"][0]["id"]));
        let answer = json!({"reviewResult": "Approve", "justification": "I know"});
        self.ask_as(approver, "PATCH", &path, Some(answer)).await;
    }

    /// Asks the Azure Resource Manager, as somebody who owns everything there, and insists on success.
    pub async fn ask_azure(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        self.ask_azure_in("2022-04-01", method, path, body).await
    }

    /// The same of PIM for Azure resources.
    pub async fn ask_azure_pim(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        self.ask_azure_in("2020-10-01", method, path, body).await
    }

    async fn ask_azure_in(
        &self,
        version: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Value {
        let owner: AppId = AZURE_OWNER.parse().unwrap();
        let token = self.tenant.token(owner, AZURE).unwrap();
        let joined = if path.contains('?') { '&' } else { '?' };
        let address = format!("{AZURE}{path}{joined}api-version={version}");
        let (status, body) = self.exchange(&token, &[], method, &address, body).await;
        assert!(status.is_success(), "{method} {path}: {body}");
        body
    }

    /// Asks for a change, and says whether it was made.
    pub(super) async fn attempt(&self, method: &str, path: &str, body: Option<Value>) -> bool {
        self.send(&[], method, path, body).await.0.is_success()
    }

    async fn ask_with(
        &self,
        headers: &[(&str, &str)],
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Value {
        let (status, body) = self.send(headers, method, path, body).await;
        assert!(status.is_success(), "{method} {path}: {body}");
        body
    }

    async fn send(
        &self,
        headers: &[(&str, &str)],
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let address = format!("{GRAPH}/v1.0{path}");
        self.exchange(&self.token(), headers, method, &address, body)
            .await
    }

    async fn exchange(
        &self,
        token: &str,
        headers: &[(&str, &str)],
        method: &str,
        address: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string())))
            .unwrap();
        let (parts, body) = self.tenant.call(request).await.unwrap().into_parts();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        (parts.status, body)
    }

    /// The rows of a list.
    pub async fn rows(&self, path: &str) -> Vec<Value> {
        let answer = self.ask("GET", path, None).await;
        answer["value"].as_array().cloned().unwrap_or_default()
    }

    /// The id of a user.
    pub async fn user(&self, name: &str) -> String {
        text(&self.ask("GET", &format!("/users/{name}"), None).await["id"])
    }

    /// The living groups under a key.
    pub async fn groups(&self, key: &str) -> Vec<Value> {
        let path = format!("/groups?$filter=mailNickname%20eq%20'{key}'");
        self.rows(&path).await
    }

    /// The deleted groups under a key.
    pub async fn deleted_groups(&self, key: &str) -> Vec<Value> {
        let path = "/directory/deletedItems/microsoft.graph.group";
        let mut rows = self.rows(path).await;
        rows.retain(|row| row["mailNickname"] == key);
        rows
    }

    /// The id of the one living group under a key.
    pub async fn group(&self, key: &str) -> String {
        let groups = self.groups(key).await;
        assert_eq!(groups.len(), 1, "{groups:?}");
        text(&groups[0]["id"])
    }

    /// The eligibilities of a group.
    pub async fn eligible(&self, group: &str) -> Vec<Value> {
        let path = format!("{PIM}/eligibilitySchedules?$filter=groupId%20eq%20'{group}'");
        self.rows(&path).await
    }

    /// The active assignments of a group.
    pub async fn active(&self, group: &str) -> Vec<Value> {
        let path = format!("{PIM}/assignmentSchedules?$filter=groupId%20eq%20'{group}'");
        self.rows(&path).await
    }

    /// The directory roles of a group.
    pub async fn roles(&self, group: &str) -> Vec<Value> {
        let path = format!("{ROLES}/roleAssignmentSchedules?$filter=principalId%20eq%20'{group}'");
        self.rows(&path).await
    }

    /// The directory roles that a group is eligible for.
    pub async fn eligible_roles(&self, group: &str) -> Vec<Value> {
        let path = format!("{ROLES}/roleEligibilitySchedules?$filter=principalId%20eq%20'{group}'");
        self.rows(&path).await
    }

    /// Asks PIM for a change of a directory role of a group.
    pub async fn request_role(&self, kind: &str, group: &str, role: &str, more: Value) {
        let mut body = json!({
            "principalId": group, "roleDefinitionId": role, "directoryScopeId": "/", "justification": "by hand",
        });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        let path = format!("{ROLES}/role{kind}ScheduleRequests");
        self.ask("POST", &path, Some(body)).await;
    }

    /// Asks PIM for a change of somebody's eligibility or active assignment. `expiration` is left out to remove.
    pub async fn request(&self, kind: &str, group: &str, who: &str, access: &str, more: Value) {
        let path = format!("{PIM}/{kind}ScheduleRequests");
        let body = self.request_body(group, who, access, more).await;
        self.ask("POST", &path, Some(body)).await;
    }

    async fn request_body(&self, group: &str, who: &str, access: &str, more: Value) -> Value {
        let mut body = json!({
            "groupId": group, "principalId": self.user(who).await, "accessId": access, "justification": "by hand",
        });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    }

    /// Tries to take somebody's eligibility as a member away, and says whether it was.
    pub(super) async fn attempt_removal(&self, group: &str, who: &str) -> bool {
        let removal = json!({"action": "adminRemove"});
        let body = self.request_body(group, who, "member", removal).await;
        let path = format!("{PIM}/eligibilityScheduleRequests");
        self.attempt("POST", &path, Some(body)).await
    }

    /// Makes another role-assignable group under the key of a group of the operator, and says its id.
    pub async fn make_twin(&self, key: &str) -> String {
        let body = json!({
            "displayName": "Twin", "mailNickname": key, "mailEnabled": false, "securityEnabled": true,
            "isAssignableToRole": true,
        });
        text(&self.ask("POST", "/groups", Some(body)).await["id"])
    }

    /// Makes somebody eligible as a member for so long.
    pub async fn make_eligible(&self, group: &str, who: &str, duration: &str) {
        let more = json!({
            "action": "adminAssign",
            "scheduleInfo": {"startDateTime": null, "expiration": {"type": "afterDuration", "duration": duration}},
        });
        self.request("eligibility", group, who, "member", more)
            .await;
    }

    /// Puts a principal into the members or owners of a group, without PIM.
    pub async fn join(&self, group: &str, list: &str, principal: &str) {
        let object = format!("https://graph.microsoft.com/v1.0/directoryObjects/{principal}");
        let path = format!("/groups/{group}/{list}/$ref");
        self.ask("POST", &path, Some(json!({"@odata.id": object})))
            .await;
    }

    /// Takes somebody's eligibility or active assignment away.
    pub async fn remove(&self, kind: &str, group: &str, who: &str, access: &str) {
        let more = json!({"action": "adminRemove"});
        self.request(kind, group, who, access, more).await;
    }

    /// An access review takes somebody's eligibility as a member away.
    pub async fn review(&self, group: &str, who: &str) {
        let body = self
            .request_body(group, who, "member", json!({"action": "adminRemove"}))
            .await;
        let path = format!("{PIM}/eligibilityScheduleRequests");
        let as_review = [("x-entra-sim-service", "Access Reviews")];
        self.ask_with(&as_review, "POST", &path, Some(body)).await;
    }

    /// Somebody's row in a list of schedules.
    pub async fn row_of(&self, rows: &[Value], who: &str) -> Option<Value> {
        let id = self.user(who).await;
        rows.iter()
            .find(|row| row["principalId"] == id.as_str())
            .cloned()
    }

    /// Takes a directory role away from a group.
    pub async fn remove_role(&self, group: &str) {
        for row in self.roles(group).await {
            let body = json!({
                "action": "adminRemove", "principalId": group, "roleDefinitionId": row["roleDefinitionId"],
                "directoryScopeId": row["directoryScopeId"], "justification": "by hand",
            });
            let path = format!("{ROLES}/roleAssignmentScheduleRequests");
            self.ask("POST", &path, Some(body)).await;
        }
    }
}
