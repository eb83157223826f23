//! The demo does what it promises: it shows everything and leaves, or stays, with a file to source that works, until
//! Ctrl-C, and leaves nothing behind.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use procfs::process::all_processes;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use testenv::process::{Environment, Program, Supervised};

/// How long a demo may take on a machine that does other things too, the first build of the control plane included.
const LIMIT: Duration = Duration::from_mins(15);
const POLL: Duration = Duration::from_millis(50);

/// A demo with a directory of its own, beside that of a person.
struct Demo {
    process: Supervised,
    directory: TempDir,
}

impl Demo {
    fn start(arguments: &[&str]) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let process = start(directory.path(), "demo.log", arguments)?;
        Ok(Self { process, directory })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.process.log()).unwrap_or_default()
    }

    async fn ended(&self) -> Result<Option<i32>> {
        let status = self.process.wait_at_most(LIMIT).await?;
        let status = status.with_context(|| format!("it did not end:\n{}", self.said()))?;
        Ok(status.code())
    }

    async fn until_it_says(&self, words: &str) -> Result<()> {
        let begun = Instant::now();
        while !self.said().contains(words) {
            if self.process.exit_status()?.is_some() || begun.elapsed() > LIMIT {
                bail!("it never said {words:?}:\n{}", self.said());
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }
}

/// Starts the demo with the operator that was built with it; if there is none, the demo compiles it.
fn start(directory: &Path, log: &str, arguments: &[&str]) -> Result<Supervised> {
    let demo = Path::new(env!("CARGO_BIN_EXE_demo"));
    let operator = demo.with_file_name("entra-pim-operator");
    let mut program = Program::new(demo, directory.join(log))
        .environment(Environment::Inherited)
        .arg("--directory")
        .arg(directory)
        .args(arguments);
    if operator.is_file() {
        program = program.arg("--binary").arg(operator);
    }
    Ok(Supervised::spawn(&program)?)
}

/// What a shell has in its environment after sourcing a file.
fn sourced(file: &Path) -> Result<BTreeMap<String, String>> {
    let shell = Command::new("sh")
        .args(["-c", r#". "$0" && env -0"#])
        .arg(file)
        .output()?;
    ensure!(
        shell.status.success() && shell.stderr.is_empty(),
        "{shell:?}"
    );
    let variables = String::from_utf8(shell.stdout)?;
    let variables = variables.split('\0').filter_map(|one| one.split_once('='));
    Ok(variables
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

/// A process and all that it started, with the time of their start, because numbers are used again.
fn family(of: u32) -> Result<BTreeSet<(i32, u64)>> {
    let all = || all_processes().map(|all| all.filter_map(|one| one.ok()?.stat().ok()));
    let mut found = BTreeSet::from([i32::try_from(of)?]);
    loop {
        let known = found.len();
        for stat in all()? {
            if found.contains(&stat.ppid) {
                found.insert(stat.pid);
            }
        }
        if found.len() == known {
            break;
        }
    }
    let members = all()?.filter(|stat| found.contains(&stat.pid) && stat.state != 'Z');
    Ok(members.map(|stat| (stat.pid, stat.starttime)).collect())
}

fn running(members: &BTreeSet<(i32, u64)>) -> Result<Vec<String>> {
    let all = all_processes()?.filter_map(|one| one.ok()?.stat().ok());
    let left =
        all.filter(|stat| members.contains(&(stat.pid, stat.starttime)) && stat.state != 'Z');
    Ok(left.map(|stat| stat.comm).collect())
}

#[tokio::test]
async fn it_shows_what_became_of_the_examples_and_leaves() -> Result<()> {
    let demo = Demo::start(&["--exit"])?;
    assert_eq!(demo.ended().await?, Some(0), "{}", demo.said());
    let said = demo.said();
    let (_, table) = said.rsplit_once("==> what stands").context("a table")?;
    for what in [
        "PAG-Exchange-Admins",
        "holds     Exchange Administrator",
        "member    activation up to PT8H",
        "owner     activation up to PT2H",
        "eligible  jose@contoso.com",
        "eligible  amira@contoso.com",
        "eligible  farid@contoso.com",
        "active    breakglass1@contoso.com",
        "active    boss@contoso.com",
    ] {
        assert!(table.contains(what), "{what} is not in\n{said}");
    }
    let (_, activation) = said.rsplit_once("==> activate").context("an activation")?;
    for what in ["jose@contoso.com\tEligible\t20", "ActivationStarted"] {
        assert!(activation.contains(what), "{what} is not in\n{said}");
    }
    assert!(!demo.path("env").exists(), "nothing is left to source");
    Ok(())
}

#[tokio::test]
async fn without_examples_only_the_tenant_is_there() -> Result<()> {
    let demo = Demo::start(&["--empty", "--exit"])?;
    assert_eq!(demo.ended().await?, Some(0), "{}", demo.said());
    let said = demo.said();
    assert!(said.contains("EntraTenant contoso: Ready"), "{said}");
    assert!(said.contains("no group of the operator"), "{said}");
    assert!(!said.contains("PrivilegedGroup"), "{said}");
    Ok(())
}

#[tokio::test]
async fn it_stays_until_ctrl_c_and_can_be_looked_into() -> Result<()> {
    let demo = Demo::start(&[])?;
    demo.until_it_says("Press Ctrl-C to end everything").await?;
    let environment = sourced(&demo.path("env"))?;
    groups_are_shown_by_kubectl(&environment)?;
    the_tenant_answers_to(&environment).await?;

    let second = start(demo.directory.path(), "second.log", &["--exit"])?;
    let refused = second.wait_at_most(LIMIT).await?;
    assert_eq!(refused.and_then(|status| status.code()), Some(1));
    let why = second.log_tail(5);
    assert!(why.contains("another demo runs in this directory"), "{why}");
    assert!(demo.path("env").exists(), "the first one goes on");

    let pid = demo.process.pid();
    let members = family(pid)?;
    assert!(members.len() > 4, "control plane and operator: {members:?}");
    let pid = Pid::from_raw(i32::try_from(pid)?).context("a process id")?;
    kill_process(pid, Signal::INT)?;
    assert_eq!(demo.ended().await?, Some(0), "{}", demo.said());
    let begun = Instant::now();
    while !running(&members)?.is_empty() {
        ensure!(
            begun.elapsed() < Duration::from_secs(30),
            "left behind: {:?}",
            running(&members)?
        );
        tokio::time::sleep(POLL).await;
    }
    assert!(!demo.path("env").exists(), "nothing is left to source");
    assert!(demo.path("operator.log").exists(), "the log stays");
    Ok(())
}

fn groups_are_shown_by_kubectl(environment: &BTreeMap<String, String>) -> Result<()> {
    let kubectl = Command::new("sh")
        .args([
            "-c",
            "kubectl --namespace exchange get pgroup --output name",
        ])
        .env_clear()
        .envs(environment)
        .output()?;
    let shown = String::from_utf8(kubectl.stdout)?;
    assert_eq!(
        shown.trim(),
        "privilegedgroup.entra-pim.dev/exchange-admins"
    );
    Ok(())
}

/// Everybody can sign in and read with what the file says, through the addresses that it says.
async fn the_tenant_answers_to(environment: &BTreeMap<String, String>) -> Result<()> {
    let value = |name: &str| {
        let value = environment.get(name);
        value.with_context(|| format!("{name} is not set"))
    };
    let certificate = std::fs::read(value("ENTRA_SIM_CA_FILE")?)?;
    let client = reqwest::Client::builder()
        .tls_certs_merge([reqwest::Certificate::from_pem(&certificate)?])
        .build()?;
    let (authority, tenant) = (value("ENTRA_SIM_AUTHORITY")?, value("ENTRA_SIM_TENANT_ID")?);
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", value("ENTRA_SIM_CLIENT_ID")?)
        .append_pair("client_secret", value("ENTRA_SIM_CLIENT_SECRET")?)
        .append_pair("scope", "https://graph.microsoft.com/.default")
        .finish();
    let signed_in = client
        .post(format!("{authority}/{tenant}/oauth2/v2.0/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await?;
    let token: Value = serde_json::from_slice(&signed_in.error_for_status()?.bytes().await?)?;
    let token = token["access_token"].as_str().context("a token")?;
    let groups = client
        .get(format!("{}/v1.0/groups", value("ENTRA_SIM_GRAPH")?))
        .bearer_auth(token)
        .send()
        .await?;
    let groups = groups.error_for_status()?.text().await?;
    assert!(groups.contains("PAG-Exchange-Admins"), "{groups}");

    let manager = value("ENTRA_SIM_RESOURCE_MANAGER")?;
    let cloud = client
        .get(format!(
            "{manager}/metadata/endpoints?api-version=2022-09-01"
        ))
        .send();
    cloud.await?.error_for_status()?;
    let state = client
        .get(format!("{}/state", value("ENTRA_SIM_ADMIN")?))
        .send();
    let state = state.await?.error_for_status()?.text().await?;
    assert!(state.contains("PAG-Exchange-Admins"), "{state}");
    let metrics = client.get(value("ENTRA_PIM_DEMO_METRICS")?).send().await?;
    assert!(metrics.text().await?.contains("entra_pim_build_info"));
    Ok(())
}
