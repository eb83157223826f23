//! The control plane of the tests is a real one, ends with its owner, and gives a process no more rights than its
//! service account has.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::Api;
use kube::api::ListParams;
use testenv::ControlPlane;
use testenv::control_plane::Options;
use testenv::operator::{self, Launch, OperatorProcess};

const LIMIT: Duration = Duration::from_mins(1);

async fn shared() -> Result<&'static ControlPlane> {
    Ok(ControlPlane::shared().await?)
}

async fn kubectl(arguments: &[&str]) -> Result<String> {
    Ok(shared().await?.kubectl(arguments).await?.succeeded()?)
}

fn eventually(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < LIMIT, "not reached: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A chart with a Deployment like the operator's: its container writes what it got and then waits.
fn chart(directory: &Path) -> Result<PathBuf> {
    let chart = directory.join("small");
    fs::create_dir_all(chart.join("templates"))?;
    fs::write(
        chart.join("Chart.yaml"),
        "apiVersion: v2\nname: small\nversion: 0.1.0\nkubeVersion: '>=1.33.0-0'\n",
    )?;
    fs::write(
        chart.join("templates/all.yaml"),
        include_str!("control_plane/small-chart.yaml"),
    )?;
    Ok(chart)
}

async fn install(namespace: &str) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let chart = chart(directory.path())?;
    let chart = chart.to_str().context("a path in UTF-8")?;
    let install = [
        "install",
        "tried",
        chart,
        "--namespace",
        namespace,
        "--create-namespace",
    ];
    shared().await?.helm(&install).await?.succeeded()?;
    Ok(())
}

#[tokio::test]
async fn kubectl_and_server_are_the_pinned_versions() -> Result<()> {
    let versions: serde_json::Value =
        serde_json::from_str(&kubectl(&["version", "--output=json"]).await?)?;
    let server = versions["serverVersion"]["gitVersion"]
        .as_str()
        .context("a version")?;
    assert!(
        server.starts_with("v1.") && server != "v0.0.0-master",
        "{server}"
    );
    assert_eq!(
        versions["clientVersion"]["gitVersion"].as_str(),
        Some(server)
    );
    Ok(())
}

#[tokio::test]
async fn a_fresh_cluster_has_its_namespaces() -> Result<()> {
    let namespaces = kubectl(&["get", "namespaces", "--output=name"]).await?;
    assert!(namespaces.contains("namespace/default"), "{namespaces}");
    let through_client = Api::<Namespace>::all(shared().await?.client()?)
        .list(&ListParams::default())
        .await?;
    assert!(through_client.items.len() >= namespaces.lines().count());
    Ok(())
}

#[tokio::test]
async fn a_failing_command_is_an_error_that_shows_what_it_said() -> Result<()> {
    let output = shared()
        .await?
        .kubectl(&["get", "namespace", "no-such-namespace"])
        .await?;
    assert!(!output.status.success());
    let error = output.succeeded().unwrap_err().to_string();
    assert!(
        error.contains("kubectl get namespace") && error.contains("not found"),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn manifests_are_applied_from_standard_input_and_namespaces_go_away() -> Result<()> {
    let manifest = "apiVersion: v1\nkind: Namespace\nmetadata: { name: from-input }\n";
    shared()
        .await?
        .kubectl_with_input(&["apply", "--filename=-"], manifest)
        .await?
        .succeeded()?;
    // The wait ends only when the controller manager has emptied the namespace.
    kubectl(&[
        "delete",
        "namespace",
        "from-input",
        "--wait",
        "--timeout=60s",
    ])
    .await?;
    Ok(())
}

#[tokio::test]
async fn helm_installs_a_chart_that_asks_for_a_supported_version() -> Result<()> {
    install("with-chart").await?;
    let found = kubectl(&[
        "get",
        "deployment",
        "operator",
        "--namespace=with-chart",
        "--output=name",
    ])
    .await?;
    assert_eq!(found.trim(), "deployment.apps/operator");
    let listed = shared()
        .await?
        .helm(&["list", "--namespace=with-chart", "--short"])
        .await?
        .succeeded()?;
    assert_eq!(listed.trim(), "tried");
    Ok(())
}

#[tokio::test]
async fn a_service_account_has_only_its_own_rights() -> Result<()> {
    install("rights").await?;
    let kubeconfig = shared()
        .await?
        .service_account_kubeconfig("rights", "operator")
        .await?;
    let kubeconfig = format!("--kubeconfig={}", kubeconfig.display());

    let who = kubectl(&[
        "auth",
        "whoami",
        "--output=name",
        &kubeconfig,
        "--output=jsonpath={.status.userInfo.username}",
    ])
    .await?;
    assert_eq!(who, "system:serviceaccount:rights:operator");
    for (verb, resource, expected) in [
        ("get", "configmaps", "yes"),
        ("delete", "configmaps", "no"),
        ("get", "secrets", "no"),
    ] {
        // The command fails when the answer is no, so only what it says counts.
        let answer = shared()
            .await?
            .kubectl(&["auth", "can-i", verb, resource, &kubeconfig])
            .await?;
        assert_eq!(
            answer.stdout.trim(),
            expected,
            "{verb} {resource}: {}",
            answer.stderr
        );
    }
    Ok(())
}

fn launch(namespace: &str, release: &str, log: PathBuf) -> Launch {
    Launch {
        binary: PathBuf::from("/bin/sh"),
        namespace: namespace.into(),
        release: release.into(),
        pod: "operator-0".into(),
        arguments: Vec::new(),
        log,
    }
}

#[tokio::test]
async fn the_operator_runs_as_the_deployment_says() -> Result<()> {
    install("running").await?;
    let directory = tempfile::tempdir()?;
    let log = directory.path().join("operator.log");
    let launch = launch("running", "tried", log);
    let mut operator = OperatorProcess::start(shared().await?, &launch).await?;
    let line = "north running/operator-0";
    eventually("the process has told its environment", || {
        operator.process().log_tail(1) == line
    });
    let first = operator.pid();

    operator.restart()?;
    assert_ne!(operator.pid(), first);
    eventually("it was told twice", || {
        operator.process().log_tail(2) == format!("{line}\n{line}")
    });

    operator.terminate()?;
    let status = operator
        .process()
        .wait_at_most(LIMIT)
        .await?
        .context("it ends")?;
    assert_eq!(status.code(), Some(5), "its own handler has run");
    assert!(matches!(
        operator.wait_ready("http://127.0.0.1:9/readyz").await,
        Err(operator::Error::Ended { .. })
    ));
    Ok(())
}

#[tokio::test]
async fn a_release_that_is_not_installed_is_an_error() -> Result<()> {
    let launch = launch("default", "never-installed", PathBuf::from("/dev/null"));
    let error = OperatorProcess::start(shared().await?, &launch)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("install the chart first"),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn two_side_by_side_share_nothing_and_end_when_dropped() -> Result<()> {
    let options = Options::default();
    let (first, second) =
        tokio::try_join!(ControlPlane::start(&options), ControlPlane::start(&options))?;
    assert_ne!(first.url(), second.url());
    first
        .kubectl(&["create", "configmap", "only-in-the-first"])
        .await?
        .succeeded()?;
    let in_second: Api<ConfigMap> = Api::namespaced(second.client()?, "default");
    assert!(in_second.get_opt("only-in-the-first").await?.is_none());

    let directory = first.directory().to_owned();
    assert!(processes_with(&directory)? >= 3);
    drop(first);
    assert_eq!(processes_with(&directory)?, 0);
    assert!(!directory.exists());
    assert!(
        in_second.get_opt("kube-root-ca.crt").await.is_ok(),
        "the second one lives on"
    );
    Ok(())
}

#[test]
fn everything_is_gone_after_the_owner_is_killed() -> Result<()> {
    let mut owner = Command::new(env!("CARGO_BIN_EXE_control-plane"))
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(owner.stdout.take().context("its output")?).lines();
    let kubeconfig = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("export KUBECONFIG=").map(PathBuf::from));
    let kubeconfig = kubeconfig.context("it comes up")?;
    let directory = kubeconfig.parent().context("a directory")?;
    assert!(processes_with(directory)? >= 3);

    owner.kill()?;
    owner.wait()?;

    eventually("no process is left", || {
        processes_with(directory).is_ok_and(|count| count == 0)
    });
    eventually("no file is left", || !directory.exists());
    Ok(())
}

#[tokio::test]
async fn an_existing_cluster_is_used_when_asked_for_and_not_stopped() -> Result<()> {
    let own = shared().await?;
    let mut user = Command::new(env!("CARGO_BIN_EXE_control-plane"))
        .env("ENTRA_PIM_TESTENV_USE_KUBECONFIG", "1")
        .env("KUBECONFIG", own.kubeconfig())
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(user.stdout.take().context("its output")?).lines();
    let serves = lines
        .map_while(Result::ok)
        .find(|line| line.contains("It serves"))
        .context("it comes up")?;
    user.kill()?;
    user.wait()?;
    assert!(serves.contains(&own.url()), "{serves}");
    kubectl(&["get", "--raw=/readyz"]).await?;
    Ok(())
}

/// How many processes name `directory` on their command line.
fn processes_with(directory: &Path) -> Result<usize> {
    let wanted = directory.to_string_lossy().into_owned();
    // A process that ends while it is checked has no command line any more.
    let command_line =
        |entry: fs::DirEntry| fs::read(entry.path().join("cmdline")).unwrap_or_default();
    let names_it = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(&wanted);
    Ok(fs::read_dir("/proc")?
        .filter_map(Result::ok)
        .map(command_line)
        .filter(names_it)
        .count())
}
