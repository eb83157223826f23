//! How people explore the demo while it stays up: a file to source, and commands to try.

use super::directory::Directory;
use super::stage::Stage;
use testenv::binaries::Binary;

/// The program that lets somebody activate.
pub(super) const ACTIVATE: &str = "activate";

/// Writes what a shell needs: kubectl and helm of this demo, and how any client reaches the tenant.
pub(super) fn write(directory: &Directory, stage: &Stage) -> anyhow::Result<()> {
    for binary in Binary::CLIENTS {
        directory.link(binary.file_name(), &stage.program(binary)?)?;
    }
    directory.script(ACTIVATE, include_str!("activate.sh"))?;
    let tenant = stage.tenant();
    let certificate = directory.write("tenant-ca.crt", &tenant.server.ca_pem)?;
    let installation = stage.installation()?;
    let variables = [
        (
            "KUBECONFIG",
            stage.control_plane().kubeconfig().display().to_string(),
        ),
        ("ENTRA_SIM_AUTHORITY", tenant.server.authority_url.clone()),
        ("ENTRA_SIM_GRAPH", tenant.server.graph_url.clone()),
        (
            "ENTRA_SIM_RESOURCE_MANAGER",
            tenant.server.resource_manager_url.clone(),
        ),
        ("ENTRA_SIM_ADMIN", tenant.server.admin_url.clone()),
        ("ENTRA_SIM_CA_FILE", certificate.display().to_string()),
        ("ENTRA_SIM_TENANT_ID", tenant.tenant_id().to_string()),
        ("ENTRA_SIM_CLIENT_ID", tenant.client_id().to_string()),
        ("ENTRA_SIM_CLIENT_SECRET", tenant.client_secret().to_owned()),
        ("ENTRA_PIM_DEMO_METRICS", installation.metrics_url()),
        ("ENTRA_PIM_DEMO_PROBES", installation.probe_url("readyz")),
        ("ENTRA_PIM_DEMO_PID", std::process::id().to_string()),
    ];
    let exports = variables.iter();
    let exports = exports.map(|(name, value)| format!("export {name}={}\n", quoted(value)));
    let programs = quoted(&directory.programs().display().to_string());
    let text = format!(
        r#"# Written by the demo while it runs: source this file.
{}case ":$PATH:" in *:{programs}:*) ;; *) export PATH={programs}:"$PATH" ;; esac
kill -0 "$ENTRA_PIM_DEMO_PID" 2>/dev/null || echo 'this demo has ended: start another one' >&2
"#,
        exports.collect::<String>()
    );
    directory.write_environment(&text)
}

/// A word of a shell (POSIX shell command language, section 2.2.2).
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether the examples stand in the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Story {
    Applied,
    /// They were not asked for.
    LeftOut,
}

/// Says which commands to try while the demo stays up.
pub(super) fn look_around(directory: &Directory, story: Story) -> String {
    let (environment, log) = (directory.environment(), directory.shown_operator_log());
    let first = match story {
        Story::Applied => "",
        Story::LeftOut => "\n  kubectl apply -f examples/exchange-admins/",
    };
    format!(
        r#"
Look around in another terminal:

  source {environment}{first}
  kubectl get entra-pim --all-namespaces
  kubectl -n exchange describe pea exchange-admins
  kubectl -n exchange events
  curl -s "$ENTRA_PIM_DEMO_METRICS"

Be José, who activates with a second factor, while Emi approves; the operator sees it at its next look, within a minute:

  activate jose                                           # or amira, farid
  kubectl -n exchange get pea exchange-admins --watch     # the column ACTIVATED; then see the events again

Go on as one of the people, step by step: docs/simulated-tenant.md

Look into the tenant, past the operator:

  curl -s "$ENTRA_SIM_ADMIN/state"       # people, groups, who holds what
  curl -s "$ENTRA_SIM_ADMIN/journal"     # every request, and what it changed
  curl -s "$ENTRA_SIM_ADMIN/clock/advance" -H 'Content-Type: application/json' -d '{{"by":"6m"}}'

Change something, and watch what follows:

  kubectl -n exchange patch pgroup exchange-admins --type=merge \
    -p '{{"spec":{{"policy":{{"member":{{"activation":{{"maximumDuration":"PT2H"}}}}}}}}}}'
  kubectl -n exchange delete pea exchange-admins
  kubectl -n exchange delete paa break-glass --wait=false   # active access stays for five minutes: see why, advance the clock

The operator logs to {log}. Press Ctrl-C to end everything."#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_word_stays_one_word() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
