//! The chart as users install it: with the real helm, against a real API server. Every value does something, the rights
//! are the least that work, and the examples are what the API server takes.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use entra_pim_operator::settings::Settings;
use serde_json::{Value, json};
use testenv::ControlPlane;

const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/entra-pim-operator");

/// Each value of the chart, with another one that must change what is rendered. The path is that of the comment in
/// `values.yaml`.
const CHANGES: &[(&str, &str)] = &[
    ("image.repository", r#""registry.example.com/operator""#),
    ("image.tag", r#""9.9.9""#),
    (
        "image.digest",
        r#""sha256:0123456789012345678901234567890123456789012345678901234567890123""#,
    ),
    ("image.pullPolicy", r#""Always""#),
    ("imagePullSecrets", r#"[{"name":"registry"}]"#),
    ("nameOverride", r#""other""#),
    ("fullnameOverride", r#""other""#),
    ("replicas", "3"),
    ("leaseDurationSeconds", "30"),
    ("crds.install", "false"),
    ("crds.keep", "false"),
    ("auth.secretNames", r#"["contoso-credential"]"#),
    ("auth.configMapNames", r#"["contoso-ca"]"#),
    ("auth.federatedTokenAudience", r#""""#),
    ("concurrency", "3"),
    ("rbac.create", "false"),
    ("rbac.aggregateToView", "false"),
    ("rbac.aggregateToEdit", "false"),
    ("rbac.readerGroups", r#"["teams"]"#),
    ("serviceAccount.create", "false"),
    ("serviceAccount.name", r#""other""#),
    ("serviceAccount.annotations", r#"{"a":"b"}"#),
    ("log.format", r#""text""#),
    ("log.level", r#""info,entra_client=debug""#),
    ("metrics.perObject", "false"),
    ("ports.metrics", "9090"),
    ("ports.probes", "9091"),
    ("service.create", "false"),
    ("service.annotations", r#"{"a":"b"}"#),
    ("resources", r#"{"limits":{"memory":"1Gi"}}"#),
    ("probes.liveness.periodSeconds", "7"),
    ("probes.liveness.timeoutSeconds", "7"),
    ("probes.liveness.failureThreshold", "7"),
    ("probes.readiness.periodSeconds", "7"),
    ("probes.readiness.timeoutSeconds", "7"),
    ("probes.readiness.failureThreshold", "7"),
    (
        "topologySpreadConstraints",
        r#"[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"ScheduleAnyway"}]"#,
    ),
    ("affinity", r#"{"nodeAffinity":{}}"#),
    ("nodeSelector", r#"{"a":"b"}"#),
    ("tolerations", r#"[{"key":"a","operator":"Exists"}]"#),
    ("priorityClassName", r#""system-cluster-critical""#),
    ("podSecurityContext", r#"{"runAsUser":1000}"#),
    ("securityContext", r#"{"runAsUser":1000}"#),
    ("podLabels", r#"{"a":"b"}"#),
    ("podAnnotations", r#"{"a":"b"}"#),
    ("extraArgs", r#"["--log-level=debug"]"#),
    ("extraEnv", r#"[{"name":"A","value":"b"}]"#),
    ("extraVolumes", r#"[{"name":"a","emptyDir":{}}]"#),
    ("extraVolumeMounts", r#"[{"name":"a","mountPath":"/a"}]"#),
    ("commonLabels", r#"{"a":"b"}"#),
];

/// How long a right may take to be in force.
const PATIENCE: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(200);

async fn helm(arguments: &[&str]) -> Result<String> {
    Ok(ControlPlane::shared()
        .await?
        .helm(arguments)
        .await?
        .succeeded()?)
}

async fn kubectl(arguments: &[&str]) -> Result<String> {
    Ok(ControlPlane::shared()
        .await?
        .kubectl(arguments)
        .await?
        .succeeded()?)
}

/// What the chart renders with some values, as text.
async fn template(values: &[(&str, &str)]) -> Result<String> {
    let set: Vec<String> = values
        .iter()
        .map(|(path, value)| format!("{path}={value}"))
        .collect();
    let mut arguments = vec!["template", "pim", CHART, "--namespace", "pim-system"];
    for set in &set {
        arguments.extend(["--set-json", set]);
    }
    helm(&arguments).await
}

async fn objects(values: &[(&str, &str)]) -> Result<Vec<Value>> {
    let text = template(values).await?;
    let documents = text
        .split("\n---\n")
        .filter(|document| document.contains("kind:"));
    documents
        .map(|document| Ok(serde_saphyr::from_str(document)?))
        .collect()
}

fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    objects
        .iter()
        .filter(|object| object["kind"] == kind)
        .collect()
}

fn texts(list: &Value) -> BTreeSet<&str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// helm takes a comma for the end of a value, and a shell takes the backslash away that says otherwise.
#[tokio::test]
async fn the_command_for_a_finer_log_does_what_it_says() -> Result<()> {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/troubleshooting.md");
    let document = std::fs::read_to_string(document)?;
    let set = document
        .split("`--set '")
        .nth(1)
        .and_then(|rest| rest.split("'`").next());
    let set = set.context("docs/troubleshooting.md sets a value in single quotes")?;
    let rendered = helm(&["template", "pim", CHART, "--set", set]).await?;
    ensure!(
        rendered.contains(r#""--log-level=info,entra_client=debug""#),
        "{rendered}"
    );
    Ok(())
}

#[test]
fn every_value_with_a_comment_is_tried() -> Result<()> {
    let text = std::fs::read_to_string(Path::new(CHART).join("values.yaml"))?;
    let (mut stack, mut commented, mut found) = (Vec::new(), false, BTreeSet::new());
    for line in text.lines() {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let line = line.trim_start();
        if line.starts_with("# -- ") {
            commented = true;
        } else if let Some((key, _)) = line.split_once(':').filter(|_| !line.starts_with('#')) {
            stack.truncate(depth);
            stack.push(key);
            if std::mem::take(&mut commented) {
                found.insert(stack.join("."));
            }
        }
    }
    let tried: BTreeSet<String> = CHANGES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(tried, found);
    Ok(())
}

#[tokio::test]
async fn every_value_does_something() -> Result<()> {
    let default = template(&[]).await?;
    for change in CHANGES {
        ensure!(
            template(&[*change]).await? != default,
            "{} changes nothing",
            change.0
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_the_chart_does_not_know_is_refused() -> Result<()> {
    for (path, value) in [
        ("replicas", "0"),
        ("leaseDurationSeconds", "8"),
        ("replicas", r#""two""#),
        ("replica", "1"),
        ("image.name", r#""x""#),
        ("image.digest", r#""latest""#),
        ("log.format", r#""xml""#),
        ("log.level", r#""verbose""#),
        ("log.level", r#""warning""#),
        ("log.level", r#""entra_client=debug""#),
        ("log.level", r#""info,entra_client=loud""#),
        ("log.level", r#""""#),
        ("concurrency", "0"),
        ("ports.metrics", "0"),
        ("ports.metrics", "8081"),
        ("nameOverride", r#""Not_Valid""#),
        ("commonLabels", r#"{"team":"with blanks"}"#),
        ("rbac.readerGroups", r#""teams""#),
        ("auth.secretNames", r#""one""#),
        ("auth.secretNames", r#"["Upper"]"#),
        ("rbac.create", r#""yes""#),
    ] {
        ensure!(
            template(&[(path, value)]).await.is_err(),
            "{path}={value} is taken"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_arguments_of_the_deployment_are_flags_of_the_operator() -> Result<()> {
    let values = [
        ("ports.metrics", "9090"),
        ("ports.probes", "9091"),
        ("log.level", r#""info,entra_client=debug""#),
        ("concurrency", "3"),
        ("extraArgs", r#"["--log-format=text"]"#),
    ];
    let objects = objects(&values).await?;
    let [deployment] = of_kind(&objects, "Deployment")[..] else {
        anyhow::bail!("not one Deployment")
    };
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    let arguments = container["args"].as_array().context("no arguments")?;
    let arguments = arguments
        .iter()
        .filter_map(Value::as_str)
        .map(OsString::from);
    let all = [
        OsString::from("operator"),
        OsString::from("--namespace=pim-system"),
    ]
    .into_iter()
    .chain(arguments);
    let settings = Settings::read(all).map_err(|stop| anyhow::anyhow!("{stop:?}"))?;
    assert_eq!(settings.metrics_address.port(), 9090);
    assert_eq!(settings.probes_address.port(), 9091);
    assert_eq!(settings.log_level.to_string(), "info,entra_client=debug");
    assert_eq!(settings.log_format.to_string(), "text");
    assert_eq!(settings.concurrency, 3);
    let fields: BTreeMap<&str, &str> = container["env"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry["name"].as_str()?,
                entry["valueFrom"]["fieldRef"]["fieldPath"].as_str()?,
            ))
        })
        .collect();
    let expected = [
        ("ENTRA_PIM_NAMESPACE", "metadata.namespace"),
        ("ENTRA_PIM_POD_NAME", "metadata.name"),
    ];
    assert_eq!(fields, BTreeMap::from(expected));
    Ok(())
}

#[tokio::test]
async fn two_replicas_share_one_lease_and_survive_a_node() -> Result<()> {
    let objects = objects(&[]).await?;
    let [deployment] = of_kind(&objects, "Deployment")[..] else {
        anyhow::bail!("not one Deployment")
    };
    assert_eq!(deployment["spec"]["replicas"], 2);
    let rolling = json!({"maxSurge": 1, "maxUnavailable": 0});
    assert_eq!(
        deployment["spec"]["strategy"],
        json!({"type": "RollingUpdate", "rollingUpdate": rolling})
    );
    let pod = &deployment["spec"]["template"];
    let lease = "--lease-name=pim-entra-pim-operator";
    assert!(texts(&pod["spec"]["containers"][0]["args"]).contains(lease));
    let labels = &deployment["spec"]["selector"];
    for spread in pod["spec"]["topologySpreadConstraints"]
        .as_array()
        .context("no constraints")?
    {
        assert_eq!(&spread["labelSelector"], labels);
    }
    let [budget] = of_kind(&objects, "PodDisruptionBudget")[..] else {
        anyhow::bail!("not one PodDisruptionBudget")
    };
    assert_eq!(budget["spec"]["maxUnavailable"], 1);
    assert_eq!(&budget["spec"]["selector"], labels);
    Ok(())
}

/// A budget for a single pod would only stand in the way of whoever drains its node.
#[tokio::test]
async fn one_replica_has_no_disruption_budget() -> Result<()> {
    let objects = objects(&[("replicas", "1")]).await?;
    assert!(of_kind(&objects, "PodDisruptionBudget").is_empty());
    Ok(())
}

#[tokio::test]
async fn leases_are_the_business_of_the_release_namespace() -> Result<()> {
    for object in objects(&[]).await? {
        for rule in object["rules"].as_array().into_iter().flatten() {
            if texts(&rule["resources"]).contains("leases") {
                assert_eq!(object["kind"], "Role", "{rule}");
                assert_eq!(object["metadata"]["namespace"], "pim-system");
                let names = texts(&rule["resourceNames"]);
                let verbs = texts(&rule["verbs"]);
                assert!(
                    verbs == BTreeSet::from(["create"])
                        || names == BTreeSet::from(["pim-entra-pim-operator"]),
                    "{rule}"
                );
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn secrets_are_read_by_name_only() -> Result<()> {
    let names = [
        ("auth.secretNames", r#"["contoso-credential"]"#),
        ("auth.configMapNames", r#"["contoso-ca"]"#),
    ];
    for object in objects(&names).await? {
        for rule in object["rules"].as_array().into_iter().flatten() {
            let (resources, verbs) = (texts(&rule["resources"]), texts(&rule["verbs"]));
            ensure!(
                !resources.contains("*") && !verbs.contains("*"),
                "a wildcard: {rule}"
            );
            if resources.contains("secrets") || resources.contains("configmaps") {
                assert_eq!(object["kind"], "Role", "{rule}");
                assert_eq!(verbs, BTreeSet::from(["get"]), "{rule}");
                assert_eq!(texts(&rule["resourceNames"]).len(), 1, "{rule}");
            }
        }
    }
    for role in of_kind(&objects(&[]).await?, "Role") {
        for rule in role["rules"].as_array().context("no rules")? {
            assert_eq!(texts(&rule["resources"]), BTreeSet::from(["leases"]));
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_chart_holds_the_definitions_and_keeps_them() -> Result<()> {
    let kept = |objects: &[Value]| {
        let definitions = of_kind(objects, "CustomResourceDefinition");
        let keep = |object: &&&Value| {
            object["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
        };
        (definitions.len(), definitions.iter().filter(keep).count())
    };
    let all = pim_api::all_crds().len();
    assert_eq!(kept(&objects(&[]).await?), (all, all));
    assert_eq!(kept(&objects(&[("crds.keep", "false")]).await?), (all, 0));
    assert_eq!(kept(&objects(&[("crds.install", "false")]).await?), (0, 0));
    Ok(())
}

/// Installs the chart into a namespace that enforces the strictest pod security standard, then asks the API server.
#[tokio::test]
async fn an_installed_chart_gives_each_what_they_need_and_no_more() -> Result<()> {
    kubectl(&["create", "namespace", "chart-test"]).await?;
    kubectl(&[
        "label",
        "namespace",
        "chart-test",
        "pod-security.kubernetes.io/enforce=restricted",
    ])
    .await?;
    let (secrets, maps) = ("auth.secretNames={mine}", "auth.configMapNames={mine}");
    helm(&[
        "install",
        "chart",
        CHART,
        "--namespace",
        "chart-test",
        "--set",
        secrets,
        "--set",
        maps,
        "--set",
        "rbac.readerGroups={teams}",
    ])
    .await?;
    the_pod_is_admitted().await?;
    the_operator_has_its_rights().await?;
    users_of_a_namespace_have_theirs().await?;
    the_api_server_takes_the_examples().await
}

async fn the_pod_is_admitted() -> Result<()> {
    let get = [
        "--namespace",
        "chart-test",
        "get",
        "deployment",
        "chart-entra-pim-operator",
        "--output",
        "json",
    ];
    let deployment: Value = serde_json::from_str(&kubectl(&get).await?)?;
    let spec = &deployment["spec"]["template"]["spec"];
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one", "namespace": "chart-test"}, "spec": spec});
    let create = ["create", "--dry-run=server", "--filename", "-"];
    let said = ControlPlane::shared()
        .await?
        .kubectl_with_input(&create, &pod.to_string())
        .await?;
    ensure!(!said.stderr.contains("would violate"), "{}", said.stderr);
    said.succeeded()?;
    Ok(())
}

/// What somebody may do, in the words of `kubectl auth can-i`: a user, perhaps with the flag of a group. Rights reach
/// the API server's cache, and aggregated roles their parts, a moment after they are written.
async fn expect(who: &str, questions: &[(&str, &str)]) -> Result<()> {
    for (question, expected) in questions {
        let mut arguments = vec!["auth", "can-i", "--as"];
        arguments.extend(who.split(' ').chain(question.split(' ')));
        let begun = Instant::now();
        loop {
            let answer = ControlPlane::shared().await?.kubectl(&arguments).await?;
            if answer.stdout.trim() == *expected {
                break;
            }
            let late = begun.elapsed() > PATIENCE;
            ensure!(
                !late,
                "{who}: {question}: {} {}",
                answer.stdout,
                answer.stderr
            );
            tokio::time::sleep(POLL).await;
        }
    }
    Ok(())
}

async fn the_operator_has_its_rights() -> Result<()> {
    let questions = [
        ("get secret/mine --namespace chart-test", "yes"),
        ("get secret/other --namespace chart-test", "no"),
        ("list secrets --namespace chart-test", "no"),
        ("get secret/mine --namespace default", "no"),
        ("get configmap/mine --namespace chart-test", "yes"),
        ("watch entratenants.entra-pim.dev", "yes"),
        ("patch entratenants.entra-pim.dev", "no"),
        (
            "patch entratenants.entra-pim.dev --subresource=status",
            "yes",
        ),
        ("patch accessboundaries.entra-pim.dev", "no"),
        ("watch policytemplates.entra-pim.dev", "yes"),
        ("patch policytemplates.entra-pim.dev", "no"),
        (
            "patch privilegedgroups.entra-pim.dev --namespace default",
            "yes",
        ),
        (
            "patch rolebindings.entra-pim.dev --subresource=status --namespace default",
            "yes",
        ),
        (
            "create eligibleassignments.entra-pim.dev --namespace default",
            "no",
        ),
        (
            "delete activeassignments.entra-pim.dev --namespace default",
            "no",
        ),
        (
            "patch rolebindings.rbac.authorization.k8s.io --namespace default",
            "no",
        ),
        ("create events.events.k8s.io --namespace default", "yes"),
        ("patch events.events.k8s.io --namespace default", "no"),
        ("get namespaces", "no"),
        ("create pods --namespace chart-test", "no"),
    ];
    expect(
        "system:serviceaccount:chart-test:chart-entra-pim-operator",
        &questions,
    )
    .await
}

async fn users_of_a_namespace_have_theirs() -> Result<()> {
    for role in ["view", "edit"] {
        let (role_flag, user_flag) = (format!("--clusterrole={role}"), format!("--user={role}er"));
        kubectl(&[
            "--namespace",
            "chart-test",
            "create",
            "rolebinding",
            role,
            &role_flag,
            &user_flag,
        ])
        .await?;
    }
    let in_namespace = |question: &str| format!("{question} --namespace chart-test");
    let create = in_namespace("create privilegedgroups.entra-pim.dev");
    let status = in_namespace("patch privilegedgroups.entra-pim.dev --subresource=status");
    let read = in_namespace("list eligibleassignments.entra-pim.dev");
    let boundary = in_namespace("create accessboundaries.entra-pim.dev");
    expect(
        "viewer",
        &[
            (&read, "yes"),
            (&create, "no"),
            (&status, "no"),
            (&boundary, "no"),
        ],
    )
    .await?;
    expect(
        "editer",
        &[
            (&read, "yes"),
            (&create, "yes"),
            (&status, "no"),
            (&boundary, "no"),
        ],
    )
    .await?;
    what_is_cluster_wide_is_read_by_whom_the_cluster_lets().await
}

/// A role that is bound in a namespace does not reach tenants and boundaries; one that is bound for the cluster does, and
/// so do the groups that the values name.
async fn what_is_cluster_wide_is_read_by_whom_the_cluster_lets() -> Result<()> {
    for role in ["view", "edit"] {
        let (role_flag, user_flag) = (
            format!("--clusterrole={role}"),
            format!("--user={role}er-everywhere"),
        );
        kubectl(&[
            "create",
            "clusterrolebinding",
            &format!("chart-test-{role}"),
            &role_flag,
            &user_flag,
        ])
        .await?;
    }
    let questions = |read| {
        [
            ("list accessboundaries.entra-pim.dev", read),
            ("get entratenants.entra-pim.dev", read),
            ("list policytemplates.entra-pim.dev", read),
            ("create accessboundaries.entra-pim.dev", "no"),
            ("create policytemplates.entra-pim.dev", "no"),
            ("patch entratenants.entra-pim.dev", "no"),
        ]
    };
    for (who, read) in [
        ("viewer", "no"),
        ("viewer --as-group=teams", "yes"),
        ("viewer-everywhere", "yes"),
        ("editer-everywhere", "yes"),
    ] {
        expect(who, &questions(read)).await?;
    }
    Ok(())
}

async fn the_api_server_takes_the_examples() -> Result<()> {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    kubectl(&[
        "apply",
        "--filename",
        &format!("{examples}/exchange-admins"),
    ])
    .await?;
    kubectl(&[
        "apply",
        "--dry-run=server",
        "--filename",
        &format!("{examples}/tenants/contoso-public.yaml"),
    ])
    .await?;
    let template = std::fs::read_to_string(format!("{examples}/tenants/simulated.template.yaml"))?;
    let tenant = template
        .replace("${AUTHORITY}", "https://127.0.0.1:1")
        .replace("${GRAPH}", "https://127.0.0.1:2")
        .replace("${RESOURCE_MANAGER}", "https://127.0.0.1:3");
    let apply = ["apply", "--dry-run=server", "--filename", "-"];
    ControlPlane::shared()
        .await?
        .kubectl_with_input(&apply, &tenant)
        .await?
        .succeeded()?;
    Ok(())
}
