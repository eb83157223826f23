//! A minimal client of the simulator for tests: one application, one token, no socket.

use bytes::Bytes;
use entra_sim::ids::AppId;
use entra_sim::seed::{AllPermissions, SeedPermissions};
use entra_sim::{Clock, Config, Dropped, Profile, Seed, Simulator};
use http::{HeaderMap, Method, Request};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub const OPERATOR: &str = "22222222-2222-4222-8222-222222222222";
pub const OPERATOR_OBJECT: &str = "33333333-3333-4333-8333-333333333333";
pub const TENANT: &str = "11111111-1111-4111-8111-111111111111";
pub const SECRET: &str = "contoso-demo-secret";

/// An answer of the simulator.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The answer, which must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// A refusal of this status and code.
    #[track_caller]
    pub fn is(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{self:?}");
    }

    /// `error.code`.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// `error.message`.
    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// `id` of the body.
    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_default().to_owned()
    }

    /// A property of all rows.
    pub fn column(&self, name: &str) -> Vec<String> {
        let rows = self.body["value"].as_array().cloned().unwrap_or_default();
        rows.iter()
            .filter_map(|row| row[name].as_str().map(str::to_owned))
            .collect()
    }

    /// The same, sorted: lists come in no order unless asked.
    pub fn sorted(&self, name: &str) -> Vec<String> {
        let mut column = self.column(name);
        column.sort();
        column
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// A client with a token.
#[derive(Clone, Debug)]
pub struct Client {
    pub simulator: Simulator,
    pub token: String,
    headers: Vec<(String, String)>,
}

/// The built-in seed, whose operator may do everything.
fn unrestricted() -> Seed {
    let mut seed = Seed::default();
    seed.applications[0].permissions = SeedPermissions::Word(AllPermissions::All);
    seed
}

/// A tenant of the built-in seed with some behaviours set, its clock standing still.
pub fn tenant(profile: Profile, overrides: &[(&str, &str)]) -> Client {
    let config = Config {
        profile,
        seed: unrestricted(),
        overrides: overrides
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        clock: Clock::manual("2026-11-21T08:00:00Z".parse().unwrap()),
        random_seed: 7,
        ..Config::default()
    };
    Client::of(Simulator::new(config).unwrap())
}

/// A client of a tenant with the profile `ideal`.
pub fn ideal() -> Client {
    tenant(Profile::Ideal, &[])
}

/// The ideal profile, with a new group and one of the users.
pub async fn group_and_user(group: &str, user: &str) -> (Client, String, String) {
    let client = ideal();
    let (group, user) = (client.group(group).await, client.user(user).await);
    (client, group, user)
}

/// A tenant of a seed of its own.
pub fn seeded(yaml: &str) -> Client {
    let config = Config {
        profile: Profile::Ideal,
        seed: Seed::parse(yaml).unwrap(),
        clock: Clock::manual("2026-11-21T08:00:00Z".parse().unwrap()),
        ..Config::default()
    };
    Client::of(Simulator::new(config).unwrap())
}

impl Client {
    /// A client that signs in as the operator does.
    pub fn of(simulator: Simulator) -> Self {
        let app: AppId = OPERATOR.parse().unwrap();
        let token = simulator.token(app, "https://graph.microsoft.com").unwrap();
        Self {
            simulator,
            token,
            headers: Vec::new(),
        }
    }

    /// The same client with exactly these permissions.
    pub fn permitted(&self, permissions: &[&str]) -> Self {
        let app: AppId = OPERATOR.parse().unwrap();
        self.simulator.set_permissions(app, permissions).unwrap();
        Self::of(self.simulator.clone())
    }

    /// The same client with another token.
    pub fn bearing(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// The same client with a further header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same client in advanced query mode.
    pub fn eventual(&self) -> Self {
        self.with("ConsistencyLevel", "eventual")
    }

    /// Sends a request; `Err` when the connection is dropped.
    pub async fn send(
        &self,
        method: Method,
        target: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Dropped> {
        let url = if target.starts_with("https://") {
            target.to_owned()
        } else {
            format!(
                "https://graph.microsoft.com/v1.0{}",
                target.replace(' ', "%20").replace('"', "%22")
            )
        };
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", format!("Bearer {}", self.token));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let bytes = body
            .map(|body| Bytes::from(body.to_string()))
            .unwrap_or_default();
        let request = request
            .header("content-type", "application/json")
            .body(bytes)
            .unwrap();
        let response = self.simulator.call(request).await?;
        let (parts, body) = response.into_parts();
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        })
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.send(Method::GET, target, None).await.unwrap()
    }

    /// A property of all rows of a list.
    pub async fn column(&self, target: &str, name: &str) -> Vec<String> {
        self.get(target).await.column(name)
    }

    pub async fn post(&self, target: &str, body: Value) -> Answer {
        self.send(Method::POST, target, Some(&body)).await.unwrap()
    }

    pub async fn patch(&self, target: &str, body: Value) -> Answer {
        self.send(Method::PATCH, target, Some(&body)).await.unwrap()
    }

    pub async fn delete(&self, target: &str) -> Answer {
        self.send(Method::DELETE, target, None).await.unwrap()
    }

    /// The object id of a user by the part before the at sign.
    pub async fn user(&self, name: &str) -> String {
        let path = format!("/users/{name}@contoso.com?$select=id");
        self.get(&path).await.expect(200).id()
    }

    /// Creates a security group and says its id.
    pub async fn group(&self, name: &str) -> String {
        self.post("/groups", group(name)).await.expect(201).id()
    }

    /// Creates a role-assignable group and says its id.
    pub async fn role_assignable(&self, name: &str) -> String {
        let mut body = group(name);
        body["isAssignableToRole"] = json!(true);
        self.post("/groups", body).await.expect(201).id()
    }

    pub async fn add(&self, group: &str, access: &str, principal: &str) -> Answer {
        self.post(
            &format!("/groups/{group}/{access}/$ref"),
            reference(principal),
        )
        .await
    }

    pub async fn remove(&self, group: &str, access: &str, principal: &str) -> Answer {
        self.delete(&format!("/groups/{group}/{access}/{principal}/$ref"))
            .await
    }

    pub fn advance(&self, by: SignedDuration) {
        self.simulator.advance(by);
    }

    pub fn seconds(&self, seconds: i64) {
        self.simulator.advance(SignedDuration::from_secs(seconds));
    }

    pub fn now(&self) -> Timestamp {
        self.simulator.clock().now()
    }

    /// The same client with a fresh token: an old one ends with its hour.
    pub fn renewed(&self) -> Self {
        let mut client = Self::of(self.simulator.clone());
        client.headers.clone_from(&self.headers);
        client
    }

    /// Fails the test when an answer departed from the published types.
    pub fn assert_shapes(&self) {
        assert_eq!(self.simulator.violations(), Vec::<String>::new());
    }
}

/// The body of a security group.
pub fn group(name: &str) -> Value {
    json!({
        "displayName": name, "mailEnabled": false, "mailNickname": name.to_lowercase().replace(' ', "-"),
        "securityEnabled": true,
    })
}

/// The body of a reference.
pub fn reference(id: &str) -> Value {
    json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}")})
}
