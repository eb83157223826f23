//! A tenant on a bench, for the tests of PIM and of directory roles: every call goes through the dispatcher, and every
//! answer is held against the published types.

use http::{HeaderMap, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::areas;
use crate::behaviours::{Behaviours, Profile};
use crate::clock::Clock;
use crate::directory::{ServicePrincipal, User, UserType};
use crate::ids::{Access, AppId, ObjectId, TenantId};
use crate::journal::{Effect, Target};
use crate::protocol::{Incoming, execute, prepare};
use crate::seed::{self, Seed};
use crate::state::Tenant;

pub(crate) const PIM: &str = "/identityGovernance/privilegedAccess/group";
pub(crate) const ROLES: &str = "/roleManagement/directory";
pub(crate) const ACTIVE_REQUESTS: &str =
    "/identityGovernance/privilegedAccess/group/assignmentScheduleRequests";
pub(crate) const ELIGIBLE_REQUESTS: &str =
    "/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests";
pub(crate) const ROLE_REQUESTS: &str = "/roleManagement/directory/roleAssignmentScheduleRequests";
pub(crate) const START: &str = "2026-11-21T08:00:00Z";

const OPERATOR: AppId = AppId::new(Uuid::from_u128(0xa99));

const SEED: &str = "
tenant: {id: 00000000-0000-0000-0000-00000000007e, displayName: Contoso, domains: [contoso.com]}
applications: [{clientId: 00000000-0000-0000-0000-000000000a99, displayName: operator}]
";

const PERMISSIONS: [&str; 11] = [
    "Application.Read.All",
    "Group.ReadWrite.All",
    "RoleManagement.ReadWrite.Directory",
    "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
    "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
    "RoleManagementPolicy.ReadWrite.AzureADGroup",
    "RoleManagementPolicy.ReadWrite.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory",
    "RoleAssignmentSchedule.ReadWrite.Directory",
    "User.ReadWrite.All",
    "AdministrativeUnit.ReadWrite.All",
];

/// Whether roles can be assigned to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Roles {
    Assignable,
    Not,
}

#[derive(Clone, Debug)]
pub(crate) struct BenchAnswer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl BenchAnswer {
    /// The code of a refusal, or the status when there is none.
    pub(crate) fn code(&self) -> String {
        match self.body["error"]["code"].as_str() {
            Some(code) => code.to_owned(),
            None => self.status.to_string(),
        }
    }

    #[track_caller]
    pub(crate) fn message(&self) -> &str {
        let message = self.body["error"]["message"].as_str();
        message.unwrap_or_else(|| panic!("no message: {}", self.body))
    }

    /// The code that it must be refused with.
    #[track_caller]
    pub(crate) fn refused(&self, code: &str) {
        assert_eq!(self.code(), code, "{}", self.body);
    }

    /// A refusal of this status and code.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code().as_str()), (status, code));
    }

    pub(crate) fn rows(&self) -> &[Value] {
        self.body["value"]
            .as_array()
            .unwrap_or_else(|| panic!("no rows: {}", self.body))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.body[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}: {}", self.body))
            .to_owned()
    }

    /// The answer, which must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

pub(crate) struct Bench {
    pub(crate) tenant: Tenant,
    permissions: Vec<String>,
    users: u128,
}

impl Bench {
    /// An ideal tenant with one application that may do everything PIM needs.
    pub(crate) fn new() -> Self {
        let clock = Clock::manual(START.parse().unwrap());
        let id = TenantId::new(Uuid::from_u128(0x7e));
        let mut bench = Self {
            tenant: areas::tenant(id, clock, Behaviours::new(Profile::Ideal), 7),
            permissions: PERMISSIONS.map(str::to_owned).to_vec(),
            users: 0,
        };
        seed::load(&mut bench.tenant, &Seed::parse(SEED).unwrap()).unwrap();
        bench.grant_permissions();
        bench
    }

    /// A tenant where these switches are set.
    pub(crate) fn with(switches: &[(&str, &str)]) -> Self {
        let mut bench = Self::new();
        for (name, value) in switches {
            bench.switch(name, value);
        }
        bench
    }

    /// A new tenant with one group.
    pub(crate) fn and_group(roles: Roles) -> (Self, ObjectId) {
        let mut bench = Self::new();
        let group = bench.group(roles);
        (bench, group)
    }

    /// A new tenant with one group and one user, who is not in it.
    pub(crate) fn group_and_user(roles: Roles) -> (Self, ObjectId, ObjectId) {
        let (mut bench, group) = Self::and_group(roles);
        let user = bench.user();
        (bench, group, user)
    }

    pub(crate) fn switch(&mut self, name: &str, value: &str) {
        self.tenant.behaviours.set(name, value).unwrap();
    }

    /// Leaves the application these permissions and no others.
    pub(crate) fn permit(&mut self, permissions: &[&str]) {
        self.permissions = permissions.iter().map(|one| (*one).to_owned()).collect();
        self.grant_permissions();
    }

    fn grant_permissions(&mut self) {
        let names: Vec<&str> = self.permissions.iter().map(String::as_str).collect();
        seed::grant(&mut self.tenant, OPERATOR, &names).unwrap();
    }

    /// The service principal of the calling application.
    pub(crate) fn operator(&self) -> ObjectId {
        self.tenant
            .directory
            .service_principal_of(OPERATOR)
            .unwrap()
            .id
    }

    pub(crate) fn service_principal(&mut self, name: &str, app_id: AppId) -> ObjectId {
        let id = self.tenant.new_object_id();
        let principal = ServicePrincipal {
            id,
            app_id,
            display_name: name.to_owned(),
            account_enabled: true,
            kind: "Application".to_owned(),
            app_roles: Vec::new(),
            created_at: Timestamp::UNIX_EPOCH,
        };
        self.tenant
            .directory
            .service_principals
            .insert(id, principal);
        id
    }

    pub(crate) fn user(&mut self) -> ObjectId {
        let created_at = Timestamp::UNIX_EPOCH;
        self.user_created(created_at)
    }

    pub(crate) fn user_created(&mut self, created_at: Timestamp) -> ObjectId {
        self.users += 1;
        let id = self.tenant.new_object_id();
        let user = User {
            id,
            display_name: format!("User {}", self.users),
            user_principal_name: format!("user{}@contoso.com", self.users),
            mail: None,
            given_name: None,
            surname: None,
            job_title: None,
            user_type: UserType::Member,
            account_enabled: true,
            created_at,
        };
        self.tenant.directory.users.insert(id, user);
        id
    }

    /// A new group without members and owners.
    pub(crate) fn group(&mut self, roles: Roles) -> ObjectId {
        let mut body = json!({
            "displayName": "PAG", "mailEnabled": false, "mailNickname": "pag", "securityEnabled": true,
        });
        if roles == Roles::Assignable {
            body["isAssignableToRole"] = json!(true);
        }
        self.post("/groups", body)
            .expect(201)
            .text("id")
            .parse()
            .unwrap()
    }

    /// Makes a principal a plain member or owner.
    pub(crate) fn add(&mut self, group: ObjectId, access: Access, principal: ObjectId) {
        let link = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{principal}")});
        self.post(
            &format!("/groups/{group}/{}/$ref", access.navigation()),
            link,
        )
        .expect(204);
    }

    pub(crate) fn get(&mut self, path: &str) -> BenchAnswer {
        self.call(None, "GET", path, None)
    }

    pub(crate) fn post(&mut self, path: &str, body: Value) -> BenchAnswer {
        self.call(None, "POST", path, Some(body))
    }

    pub(crate) fn patch(&mut self, path: &str, body: Value) -> BenchAnswer {
        self.call(None, "PATCH", path, Some(body))
    }

    pub(crate) fn delete(&mut self, path: &str) -> BenchAnswer {
        self.call(None, "DELETE", path, None)
    }

    /// A delegated call: who is signed in and what their session has proved.
    pub(crate) fn as_user(
        &mut self,
        user: (ObjectId, &str),
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> BenchAnswer {
        self.call(Some(user), method, path, body)
    }

    fn call(
        &mut self,
        user: Option<(ObjectId, &str)>,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> BenchAnswer {
        let token =
            crate::token::issue(&mut self.tenant, OPERATOR, "https://graph.microsoft.com").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            "authorization",
            HeaderValue::from_str(&format!("Bearer {token}")).unwrap(),
        );
        if let Some((user, proved)) = user {
            headers.insert(
                "x-entra-sim-user",
                HeaderValue::from_str(&user.to_string()).unwrap(),
            );
            headers.insert(
                super::session::AUTHENTICATION,
                HeaderValue::from_str(proved).unwrap(),
            );
        }
        let incoming = Incoming {
            version: crate::version::Version::V1,
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            target: path.to_owned(),
            headers,
            body: Ok(body),
            base_url: "https://graph.microsoft.com/v1.0".to_owned(),
            host: "graph.microsoft.com".to_owned(),
            batch: None,
        };
        let prepared = prepare(&mut self.tenant, &areas::ROUTER, incoming);
        let outgoing = execute(&mut self.tenant, prepared);
        assert_eq!(
            self.tenant.violations,
            Vec::<String>::new(),
            "{method} {path}"
        );
        BenchAnswer {
            status: outgoing.status.as_u16(),
            body: outgoing.body.unwrap_or(Value::Null),
        }
    }

    pub(crate) fn pass(&mut self, by: SignedDuration) {
        self.tenant.clock.advance(by);
        self.tenant.catch_up();
    }

    pub(crate) fn pass_minutes(&mut self, minutes: i64) {
        self.pass(SignedDuration::from_mins(minutes));
    }

    /// When an effect of the journal took place.
    pub(crate) fn when(&self, wanted: impl Fn(&Effect) -> bool) -> Vec<String> {
        let recorded = self
            .tenant
            .journal
            .entries()
            .iter()
            .flat_map(|entry| &entry.effects);
        recorded
            .filter(|one| wanted(&one.effect))
            .map(|one| one.at.to_string())
            .collect()
    }

    /// Whether a principal is a member or owner, as the effects of the journal say.
    pub(crate) fn is_in(&self, group: ObjectId, access: Access, principal: ObjectId) -> bool {
        let told = self
            .tenant
            .journal
            .holdings()
            .is_direct(group, access, principal);
        let stands = crate::directory::membership::holds(&self.tenant, group, access, principal);
        assert_eq!(told, stands, "journal and directory agree");
        told
    }

    /// Whether a principal is eligible now, as the effects of the journal say.
    pub(crate) fn is_eligible(&self, group: ObjectId, access: Access, principal: ObjectId) -> bool {
        let key = (Target::Group { group, access }, principal);
        let now = self.tenant.now();
        self.tenant
            .journal
            .holdings()
            .eligible()
            .get(&key)
            .is_some_and(|window| window.contains(now))
    }
}
