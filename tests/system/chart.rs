//! The installed release: what it renders, that an upgrade changes it, and that the operator has the rights that it needs
//! and no others. Single values of the chart are tried in `tests/chart.rs`.

use std::collections::BTreeSet;
use std::fs;

use k8s_openapi::api::authorization::v1::{
    SelfSubjectRulesReview, SelfSubjectRulesReviewSpec, SubjectRulesReviewStatus,
};
use kube::api::{Api, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use testenv::ControlPlane;
use testenv::control_plane::Options;
use testenv::installation::{NAMESPACE, RELEASE};
use testenv::repository;

use super::world;

/// Runs helm with the chart behind its arguments.
async fn helm(
    control_plane: &ControlPlane,
    command: &[&str],
    more: &[&str],
) -> Result<String, String> {
    let chart = repository::chart();
    let chart = chart.to_string_lossy();
    let arguments: Vec<&str> = command
        .iter()
        .copied()
        .chain([&*chart])
        .chain(more.iter().copied())
        .collect();
    let output = control_plane.helm(&arguments).await.unwrap();
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(output.stderr)
    }
}

/// The objects that the chart renders.
async fn render(control_plane: &ControlPlane, more: &[&str]) -> Vec<Value> {
    let text = helm(control_plane, &["template", RELEASE], more)
        .await
        .unwrap();
    documents(&text)
}

fn documents(text: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    all.into_iter().filter(Value::is_object).collect()
}

fn of_kind<'a>(objects: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| object["kind"] == kind)
}

#[tokio::test]
async fn the_chart_passes_the_strictest_lint() {
    let world = world::shared().await;
    let said = helm(world.control_plane, &["lint", "--strict"], &[]).await;
    assert!(
        said.as_ref()
            .is_ok_and(|text| text.contains("0 chart(s) failed")),
        "{said:?}"
    );
}

#[tokio::test]
async fn the_definitions_in_the_chart_equal_those_beside_it() {
    let world = world::shared().await;
    let rendered = render(world.control_plane, &[]).await;
    let mut inside: Vec<(String, Value)> = of_kind(&rendered, "CustomResourceDefinition")
        .map(|crd| {
            (
                crd["metadata"]["name"].as_str().unwrap().to_owned(),
                crd["spec"].clone(),
            )
        })
        .collect();
    let files = fs::read_dir(repository::root().join("crds")).unwrap();
    let mut beside: Vec<(String, Value)> = files
        .map(|file| {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let crd = documents(&text).remove(0);
            (
                crd["metadata"]["name"].as_str().unwrap().to_owned(),
                crd["spec"].clone(),
            )
        })
        .collect();
    let by_name = |one: &(String, Value), other: &(String, Value)| one.0.cmp(&other.0);
    inside.sort_by(by_name);
    beside.sort_by(by_name);
    assert_eq!(inside.len(), 7);
    assert_eq!(inside, beside);
}

#[tokio::test]
async fn an_upgrade_changes_what_the_values_say() {
    let world = world::shared().await;
    let namespace = ["--namespace", "upgraded", "--create-namespace"];
    let first = [&namespace[..], &["--set", "crds.install=false"]].concat();
    helm(world.control_plane, &["install", "upgraded"], &first)
        .await
        .unwrap();
    let second = [
        &first[..],
        &[
            "--set",
            "concurrency=4",
            "--set",
            "log.level=debug",
            "--set-json",
            r#"auth={"secretNames":["one"]}"#,
        ],
    ]
    .concat();
    helm(world.control_plane, &["upgrade", "upgraded"], &second)
        .await
        .unwrap();
    let arguments = [
        "get",
        "deploy,role",
        "--output=json",
        "--namespace=upgraded",
    ];
    let stands = world::kubectl(world.control_plane, &arguments).await;
    let stands: Value = serde_json::from_str(&stands).unwrap();
    let stands = stands["items"].as_array().unwrap();
    let deployment = of_kind(stands, "Deployment").next().unwrap();
    let arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"].to_string();
    assert!(
        arguments.contains("--concurrency=4") && arguments.contains("--log-level=debug"),
        "{arguments}"
    );
    let role = of_kind(stands, "Role").next().unwrap();
    let mut rules = role["rules"].as_array().unwrap().iter();
    let secrets = rules.find(|rule| rule["resources"] == json!(["secrets"]));
    assert_eq!(secrets.unwrap()["resourceNames"], json!(["one"]));
    let gone = ["uninstall", "upgraded", "--namespace", "upgraded"];
    world
        .control_plane
        .helm(&gone)
        .await
        .unwrap()
        .succeeded()
        .unwrap();
}

/// The ways are those of the chart's page. They need a cluster in which no release stands.
#[tokio::test]
async fn a_release_of_another_name_is_installed_beside_the_definitions_of_one_that_is_gone() {
    let control_plane = ControlPlane::start(&Options::default()).await.unwrap();
    let of = |namespace: &'static str| ["--namespace", namespace, "--create-namespace"];
    helm(&control_plane, &["install", "one"], &of("first"))
        .await
        .unwrap();
    let gone = ["uninstall", "one", "--namespace", "first"];
    let gone = control_plane.helm(&gone).await.unwrap();
    gone.succeeded().unwrap();
    let refused = helm(&control_plane, &["install", "two"], &of("second"))
        .await
        .unwrap_err();
    assert!(refused.contains("invalid ownership metadata"), "{refused}");
    for (name, way) in [
        ("two", &["--set", "crds.install=false"][..]),
        ("three", &["--take-ownership"]),
    ] {
        let more = [&of("second")[..], way].concat();
        helm(&control_plane, &["install", name], &more)
            .await
            .unwrap();
    }
}

/// A pod such as the Deployment makes, for the admission of the namespace to judge.
fn pod(objects: &[Value]) -> String {
    let deployment = of_kind(objects, "Deployment").next().unwrap();
    let template = &deployment["spec"]["template"];
    let mut spec = template["spec"].clone();
    spec["serviceAccountName"] = json!("default");
    json!({
        "apiVersion": "v1", "kind": "Pod", "spec": spec,
        "metadata": {"name": "tried", "namespace": NAMESPACE, "labels": template["metadata"]["labels"]},
    })
    .to_string()
}

#[tokio::test]
async fn the_pod_passes_the_restricted_standard_of_its_namespace() {
    let world = world::shared().await;
    let dry = ["apply", "--dry-run=server", "-f", "-"];
    let usual = pod(&render(world.control_plane, &[]).await);
    let admitted = world
        .control_plane
        .kubectl_with_input(&dry, &usual)
        .await
        .unwrap();
    admitted.succeeded().unwrap();
    let weak = ["--set", "securityContext.allowPrivilegeEscalation=true"];
    let weak = pod(&render(world.control_plane, &weak).await);
    let refused = world
        .control_plane
        .kubectl_with_input(&dry, &weak)
        .await
        .unwrap();
    assert!(
        refused
            .stderr
            .contains(r#"violates PodSecurity "restricted"#),
        "the namespace does judge: {}",
        refused.stderr
    );
}

/// The rights that the operator's service account has in its namespace, as lines.
async fn rights(control_plane: &ControlPlane) -> BTreeSet<String> {
    let path = control_plane
        .service_account_kubeconfig(NAMESPACE, RELEASE)
        .await
        .unwrap();
    let kubeconfig = Kubeconfig::read_from(path).unwrap();
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
    let client = Client::try_from(config.unwrap()).unwrap();
    let review = SelfSubjectRulesReview {
        spec: SelfSubjectRulesReviewSpec {
            namespace: Some(NAMESPACE.to_owned()),
        },
        ..SelfSubjectRulesReview::default()
    };
    let reviews: Api<SelfSubjectRulesReview> = Api::all(client);
    let answer = reviews
        .create(&PostParams::default(), &review)
        .await
        .unwrap();
    lines(&answer.status.unwrap())
}

fn lines(status: &SubjectRulesReviewStatus) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for rule in &status.resource_rules {
        let groups = rule.api_groups.clone().unwrap_or_default();
        // Every account may ask who it is and what it may do.
        if groups
            .iter()
            .any(|group| group.ends_with("k8s.io") && group.starts_with("auth"))
        {
            continue;
        }
        for resource in rule.resources.iter().flatten() {
            let group = groups.join(",");
            let names = rule.resource_names.clone().unwrap_or_default().join(",");
            let mut verbs = rule.verbs.clone();
            verbs.sort();
            lines.insert(format!("{group}/{resource} [{names}] {}", verbs.join(",")));
        }
    }
    lines
}

#[tokio::test]
async fn the_operator_has_the_rights_that_it_needs_and_no_others() {
    let world = world::shared().await;
    let mut expected = BTreeSet::new();
    for kind in ["entratenants", "accessboundaries", "policytemplates"] {
        expected.insert(format!("entra-pim.dev/{kind} [] get,list,watch"));
        expected.insert(format!("entra-pim.dev/{kind}/status [] get,patch"));
    }
    for kind in [
        "privilegedgroups",
        "rolebindings",
        "eligibleassignments",
        "activeassignments",
    ] {
        expected.insert(format!("entra-pim.dev/{kind} [] get,list,patch,watch"));
        expected.insert(format!("entra-pim.dev/{kind}/status [] get,patch"));
    }
    expected.insert("events.k8s.io/events [] create".to_owned());
    for lease in ["[] create", "[entra-pim-operator] get,patch"] {
        expected.insert(format!("coordination.k8s.io/leases {lease}"));
    }
    expected.insert("/secrets [entra-credential] get".to_owned());
    expected.insert("/configmaps [entra-ca] get".to_owned());
    assert_eq!(rights(world.control_plane).await, expected);
}
