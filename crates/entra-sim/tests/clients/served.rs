//! The tenant that the programs meet: the built-in seed over TLS, without delays.

use std::path::PathBuf;

use entra_sim::{Config, Profile, ServeOptions, Server, Simulator};
use http::{Method, Request};
use serde_json::Value;
use tempfile::TempDir;

pub const TENANT: &str = "11111111-1111-4111-8111-111111111111";
/// The application that has all permissions, and its secret.
pub const ADMINISTRATION: &str = "88888888-8888-4888-8888-888888888888";
pub const SECRET: &str = "contoso-admin-secret";
/// The operator, which has its permissions and no others.
pub const OPERATOR: &str = "22222222-2222-4222-8222-222222222222";
pub const OPERATOR_SECRET: &str = "contoso-demo-secret";

pub const MANAGEMENT_GROUP: &str = "/providers/Microsoft.Management/managementGroups/payments";
pub const SUBSCRIPTION: &str = "5ab51111-1111-4111-8111-111111111111";

/// A scope of each level, the widest first.
pub fn scopes() -> [String; 4] {
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let group = format!("{subscription}/resourceGroups/payments-app");
    let vault = format!("{group}/providers/Microsoft.KeyVault/vaults/kv-payments");
    [MANAGEMENT_GROUP.to_owned(), subscription, group, vault]
}

/// A tenant, its server, and a folder for what a program leaves.
pub struct Served {
    pub simulator: Simulator,
    pub server: Server,
    folder: TempDir,
}

impl Served {
    pub async fn new() -> Self {
        let simulator = Simulator::new(Config {
            profile: Profile::Ideal,
            ..Config::default()
        });
        let simulator = simulator.unwrap();
        let server = simulator.serve(ServeOptions::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.crt"), &server.ca_pem).unwrap();
        Self {
            simulator,
            server,
            folder,
        }
    }

    /// `https://localhost:port`, which is all endpoints of the cloud.
    pub fn origin(&self) -> &str {
        &self.server.graph_url
    }

    /// A path in the folder of the test.
    pub fn path(&self, name: &str) -> String {
        self.folder_of(name).to_string_lossy().into_owned()
    }

    fn folder_of(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A group of the tenant as it stands, by its name.
    pub fn group(&self, name: &str) -> Option<Value> {
        let state = self.simulator.dump();
        let groups = state["groups"].as_array().unwrap();
        groups
            .iter()
            .find(|group| group["displayName"] == name)
            .cloned()
    }

    /// Where a principal holds an Azure role, and which.
    pub fn azure_roles(&self, principal: &str) -> Vec<(String, String)> {
        let holdings = self.simulator.holdings();
        let all = holdings.azure_roles().iter();
        let own = all.filter(|(_, holder, _)| holder.to_string() == principal);
        own.map(|(role, _, scope)| (scope.clone(), role.clone()))
            .collect()
    }

    /// Fails when something was asked for that is not simulated, or an answer departed from the published types.
    pub fn assert_served(&self) {
        let journal = self.simulator.journal();
        let refused = journal.iter().filter(|entry| entry.status >= 500);
        let refused: Vec<String> = refused
            .map(|entry| format!("{} {}: {}", entry.method, entry.path, entry.status))
            .collect();
        assert_eq!(refused, Vec::<String>::new());
        assert_eq!(self.simulator.violations(), Vec::<String>::new());
    }

    /// Creates a security group and says its id.
    pub async fn new_group(&self, name: &str) -> String {
        let app = ADMINISTRATION.parse().unwrap();
        let token = self.simulator.token(app, "https://graph.microsoft.com");
        let body = serde_json::json!({
            "displayName": name, "mailNickname": name, "mailEnabled": false, "securityEnabled": true,
        });
        let request = Request::builder()
            .method(Method::POST)
            .uri("https://graph.microsoft.com/v1.0/groups")
            .header("authorization", format!("Bearer {}", token.unwrap()))
            .header("content-type", "application/json")
            .body(body.to_string().into());
        let answer = self.simulator.call(request.unwrap()).await.unwrap();
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        body["id"].as_str().unwrap().to_owned()
    }
}
