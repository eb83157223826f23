//! Requests of scenarios and the transcript of what was answered.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use http::{Method, Request};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

pub const JSON: &str = "application/json";
pub const JSON_PATCH: &str = "application/json-patch+json";
pub const MERGE: &str = "application/merge-patch+json";
pub const APPLY: &str = "application/apply-patch+yaml";

/// One scenario's connection to a server.
pub struct Wire {
    pub client: Client,
    pub namespace: String,
    steps: Vec<Value>,
}

/// The status and body of one answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub code: u16,
    pub body: Value,
}

impl Answer {
    /// Fails unless the answer has this code.
    pub fn expect(self, code: u16) -> Result<Value> {
        ensure!(
            self.code == code,
            "expected {code}, got {}: {}",
            self.code,
            self.body
        );
        Ok(self.body)
    }

    /// Fails unless the answer refuses with this code and reason; returns the named fields.
    pub fn refused(self, code: u16, reason: &str) -> Result<Vec<String>> {
        let body = self.expect(code)?;
        let actual = body["reason"].as_str().unwrap_or_default();
        ensure!(
            actual == reason,
            "expected reason {reason}, got {actual}: {body}"
        );
        let causes = body["details"]["causes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        Ok(causes
            .iter()
            .map(|cause| cause["field"].as_str().unwrap_or_default().to_owned())
            .collect())
    }
}

impl Wire {
    /// A connection with a fresh namespace.
    pub async fn open(client: Client, scenario: &str) -> Result<Wire> {
        let unique = uuid::Uuid::new_v4().simple().to_string();
        let short: String = scenario.replace('_', "-").chars().take(40).collect();
        let namespace = format!("{}-{}", short.trim_end_matches('-'), &unique[..8]);
        let mut wire = Wire {
            client,
            namespace: namespace.clone(),
            steps: Vec::new(),
        };
        let body =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        wire.unrecorded(Method::POST, "/api/v1/namespaces", JSON, Some(body))
            .await?
            .expect(201)?;
        Ok(wire)
    }

    /// The transcript, without what servers choose. The namespace is given back.
    pub async fn close(mut self) -> Vec<Value> {
        let path = format!("/api/v1/namespaces/{}", self.namespace);
        self.unrecorded(Method::DELETE, &path, JSON, None)
            .await
            .ok();
        let mut labels = Labels::default();
        let namespace = self.namespace.clone();
        self.steps
            .iter()
            .map(|step| labels.clean(step, &namespace))
            .collect()
    }

    /// Adds something to the transcript that did not come by [`send`](Self::send).
    pub fn record(&mut self, step: Value) {
        self.steps.push(step);
    }

    pub fn widgets(&self) -> String {
        format!("/apis/memory.test/v1/namespaces/{}/widgets", self.namespace)
    }

    pub fn widget(&self, name: &str) -> String {
        format!("{}/{name}", self.widgets())
    }

    pub fn status(&self, name: &str) -> String {
        format!("{}/{name}/status", self.widgets())
    }

    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, JSON, None).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Result<Answer> {
        self.send(Method::POST, &managed(path), JSON, Some(body))
            .await
    }

    pub async fn delete(&mut self, path: &str) -> Result<Answer> {
        self.send(Method::DELETE, path, JSON, None).await
    }

    pub async fn patch(&mut self, path: &str, media_type: &str, body: Value) -> Result<Answer> {
        self.send(Method::PATCH, &managed(path), media_type, Some(body))
            .await
    }

    /// Changes as somebody else does: by a merge patch.
    pub async fn merge(&mut self, path: &str, body: Value) -> Result<Answer> {
        self.patch(path, MERGE, body).await
    }

    /// Applies as a manager without force.
    pub async fn apply(&mut self, path: &str, manager: &str, body: Value) -> Result<Answer> {
        let path = format!("{path}?fieldManager={manager}");
        self.send(Method::PATCH, &path, APPLY, Some(body)).await
    }

    /// Applies the spec of the widget `one`.
    pub async fn apply_spec(&mut self, manager: &str, spec: Value) -> Result<Answer> {
        self.apply(&self.widget("one"), manager, widget("one", spec))
            .await
    }

    /// Applies the status of the widget `one`.
    pub async fn apply_status(&mut self, manager: &str, status: Value) -> Result<Answer> {
        self.apply(&self.status("one"), manager, widget_status("one", status))
            .await
    }

    /// Creates a widget that must be admitted.
    pub async fn create(&mut self, name: &str, spec: Value) -> Result<Value> {
        self.post_widget(widget(name, spec)).await?.expect(201)
    }

    /// The widget `one`, red and with these finalizers.
    pub async fn create_held(&mut self, finalizers: &[&str]) -> Result<Value> {
        let mut object = widget("one", json!({"color": "Red"}));
        object["metadata"]["finalizers"] = json!(finalizers);
        self.post_widget(object).await?.expect(201)
    }

    pub async fn post_widget(&mut self, object: Value) -> Result<Answer> {
        self.post(&self.widgets(), object).await
    }

    /// Sends a request and records it with its answer.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        media_type: &str,
        body: Option<Value>,
    ) -> Result<Answer> {
        let request = format!("{method} {path}");
        let answer = self.unrecorded(method, path, media_type, body).await?;
        self.steps
            .push(json!({"request": request, "code": answer.code, "body": answer.body}));
        Ok(answer)
    }

    pub async fn unrecorded(
        &mut self,
        method: Method,
        path: &str,
        media_type: &str,
        body: Option<Value>,
    ) -> Result<Answer> {
        let body = body
            .map(|body| serde_json::to_vec(&body))
            .transpose()?
            .unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", media_type)
            .body(Body::from(body))?;
        self.exchange(request).await
    }

    /// Sends any request, unrecorded.
    pub async fn exchange(&mut self, request: Request<Body>) -> Result<Answer> {
        let response = self.client.send(request).await?;
        let code = response.status().as_u16();
        let bytes = response.into_body().collect_bytes().await?;
        let body = serde_json::from_slice(&bytes)
            .with_context(|| String::from_utf8_lossy(&bytes).into_owned())?;
        Ok(Answer { code, body })
    }
}

fn managed(path: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}fieldManager=tester")
}

pub fn widget(name: &str, spec: Value) -> Value {
    with_part(name, "spec", spec)
}

pub fn widget_status(name: &str, status: Value) -> Value {
    with_part(name, "status", status)
}

fn with_part(name: &str, part: &str, value: Value) -> Value {
    let mut object =
        json!({"apiVersion": "memory.test/v1", "kind": "Widget", "metadata": {"name": name}});
    object[part] = value;
    object
}

/// Stable names for what servers choose freely, in the order of appearance.
#[derive(Default)]
struct Labels(BTreeMap<String, String>);

impl Labels {
    fn clean(&mut self, step: &Value, namespace: &str) -> Value {
        let text = step.to_string().replace(namespace, "NAMESPACE");
        let mut step: Value = serde_json::from_str(&text).unwrap_or_default();
        self.walk(&mut step);
        step
    }

    fn walk(&mut self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                if fields.contains_key("items") {
                    fields
                        .get_mut("metadata")
                        .and_then(Value::as_object_mut)
                        .map(|metadata| metadata.remove("resourceVersion"));
                }
                if fields.get("kind") == Some(&json!("Status")) || fields.contains_key("field") {
                    fields.remove("message");
                }
                if let Some(managers) = fields
                    .get_mut("managedFields")
                    .and_then(Value::as_array_mut)
                {
                    managers.sort_by_key(|entry| {
                        format!(
                            "{} {} {}",
                            entry["manager"], entry["operation"], entry["subresource"]
                        )
                    });
                }
                if let Some(causes) = fields.get_mut("causes").and_then(Value::as_array_mut) {
                    causes.sort_by_key(|cause| format!("{} {}", cause["field"], cause["reason"]));
                }
                for (name, value) in fields.iter_mut() {
                    self.replace(name, value);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item)),
            _ => {}
        }
    }

    fn replace(&mut self, name: &str, value: &mut Value) {
        match (name, value.as_str()) {
            ("uid" | "resourceVersion", Some(text)) if !text.is_empty() => {
                *value = json!(self.label(name, text));
            }
            ("creationTimestamp" | "deletionTimestamp" | "time", Some(_)) => *value = json!("TIME"),
            ("continue", Some(_)) => *value = json!("CONTINUE"),
            _ => self.walk(value),
        }
    }

    fn label(&mut self, name: &str, text: &str) -> String {
        let fresh = format!("{name} {}", self.0.len());
        self.0.entry(text.to_owned()).or_insert(fresh).clone()
    }
}
