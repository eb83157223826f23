//! What goes with tools that apply manifests for people: health checks for Argo CD, references for kustomize.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use mlua::{Lua, LuaSerdeExt as _, Table};
use serde_json::{Value, json};
use testenv::binaries::{Binaries, Binary};
use testenv::progress::ToStderr;

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn read(relative: &str) -> Result<String> {
    std::fs::read_to_string(path(relative)).with_context(|| relative.to_owned())
}

/// Health and message, as Argo CD gets them. It runs scripts in Lua 5.1 with the object as `obj`.
fn health(object: &Value) -> Result<(String, String)> {
    let lua = Lua::new();
    let script = read("docs/argocd/health.lua")?;
    let verdict = || -> mlua::Result<(String, String)> {
        lua.globals().set("obj", lua.to_value(object)?)?;
        let verdict: Table = lua.load(&script).eval()?;
        Ok((verdict.get("status")?, verdict.get("message")?))
    };
    verdict().map_err(|error| anyhow::anyhow!("{error}"))
}

/// An object with a status of its generation and three conditions, as `Type=Status:Reason`.
fn object(conditions: &[&str]) -> Value {
    let conditions: Vec<Value> = conditions
        .iter()
        .filter_map(|text| {
            let (kind, rest) = text.split_once('=')?;
            let (status, reason) = rest.split_once(':')?;
            Some(json!({"type": kind, "status": status, "reason": reason, "message": format!("because of {reason}")}))
        })
        .collect();
    json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": "PrivilegedGroup",
        "metadata": {"name": "admins", "generation": 2},
        "status": {"observedGeneration": 2, "conditions": conditions},
    })
}

/// An object with the status of `Ready`, `Reconciling` and `Stalled`, all for one reason.
fn settled(statuses: [&str; 3], reason: &str) -> Value {
    let [ready, reconciling, stalled] = statuses;
    object(&[
        &format!("Ready={ready}:{reason}"),
        &format!("Reconciling={reconciling}:{reason}"),
        &format!("Stalled={stalled}:{reason}"),
    ])
}

fn expect(object: &Value, status: &str, says: &str) -> Result<()> {
    let (found, message) = health(object)?;
    ensure!(
        found == status && message.contains(says),
        "{found} ({message}) instead of {status} ({says}) for {object}"
    );
    Ok(())
}

#[test]
fn an_object_that_matches_is_healthy() -> Result<()> {
    let ready = settled(["True", "False", "False"], "Succeeded");
    expect(&ready, "Healthy", "Succeeded")?;
    let expired = settled(["True", "False", "False"], "Expired");
    expect(&expired, "Healthy", "Expired")
}

#[test]
fn an_object_that_is_being_worked_on_is_not_judged_yet() -> Result<()> {
    let waiting = settled(["Unknown", "True", "False"], "TooYoung");
    expect(&waiting, "Progressing", "because of TooYoung")?;
    let believed = object(&[
        "Ready=True:Succeeded",
        "Reconciling=True:TenantUnreachable",
        "Stalled=False:TenantUnreachable",
    ]);
    expect(&believed, "Progressing", "TenantUnreachable")
}

#[test]
fn an_object_that_waits_for_somebody_is_degraded() -> Result<()> {
    let stuck = settled(["False", "False", "True"], "BoundaryDenied");
    expect(&stuck, "Degraded", "because of BoundaryDenied")?;
    expect(
        &object(&["Ready=False:InvalidSpec"]),
        "Degraded",
        "InvalidSpec",
    )
}

#[test]
fn a_paused_object_is_suspended() -> Result<()> {
    let paused = settled(["Unknown", "False", "False"], "Paused");
    expect(&paused, "Suspended", "Paused")
}

#[test]
fn a_status_of_an_earlier_generation_says_nothing() -> Result<()> {
    let mut old = settled(["True", "False", "False"], "Succeeded");
    old["metadata"]["generation"] = 3.into();
    expect(&old, "Progressing", "generation 3")?;
    let fresh = json!({"metadata": {"name": "admins", "generation": 1}});
    expect(&fresh, "Progressing", "waits for the operator")?;
    let bare = json!({"metadata": {"generation": 1}, "status": {"observedGeneration": 1, "conditions": []}});
    expect(&bare, "Progressing", "waits for the operator")
}

#[test]
fn an_object_that_is_being_deleted_is_in_progress_whatever_it_said() -> Result<()> {
    let mut leaving = settled(["True", "False", "False"], "Succeeded");
    leaving["metadata"]["deletionTimestamp"] = "2027-01-01T00:00:00Z".into();
    expect(&leaving, "Progressing", "being deleted")?;
    let mut held = object(&[
        "Stalled=True:DeletionBlocked",
        "Deleting=True:DeletionBlocked",
    ]);
    held["metadata"]["deletionTimestamp"] = "2027-01-01T00:00:00Z".into();
    expect(&held, "Progressing", "because of DeletionBlocked")
}

#[test]
fn the_configuration_of_argo_cd_has_the_script_for_every_kind() -> Result<()> {
    let script = read("docs/argocd/health.lua")?;
    let map: Value = serde_saphyr::from_str(&read("docs/argocd/argocd-cm.yaml")?)?;
    let data: BTreeMap<String, String> = serde_json::from_value(map["data"].clone())?;
    let expected: BTreeMap<String, String> = pim_api::all_crds()
        .into_iter()
        .map(|definition| {
            let (group, kind) = (definition.spec.group, definition.spec.names.kind);
            (
                format!("resource.customizations.health.{group}_{kind}"),
                script.clone(),
            )
        })
        .collect();
    assert_eq!(data, expected);
    Ok(())
}

/// Every field that holds the name of an object, as `Kind.path`.
const REFERENCES: &[(&str, &str, &str)] = &[
    ("PrivilegedGroup", "/spec/tenantRef/name", "prod-contoso"),
    ("PrivilegedGroup", "/spec/boundaryRef/name", "prod-exchange"),
    (
        "PrivilegedGroup",
        "/spec/policy/templateRef/name",
        "prod-tier-0",
    ),
    ("RoleBinding", "/spec/groupRef/name", "prod-exchange-admins"),
    (
        "EligibleAssignment",
        "/spec/groupRef/name",
        "prod-exchange-admins",
    ),
    (
        "ActiveAssignment",
        "/spec/groupRef/name",
        "prod-exchange-admins",
    ),
    ("AccessBoundary", "/spec/tenants/0", "prod-contoso"),
    (
        "EntraTenant",
        "/spec/credential/clientSecret/secretRef/name",
        "prod-entra-credential",
    ),
    (
        "EntraTenant",
        "/spec/credential/clientCertificate/secretRef/name",
        "prod-entra-credential",
    ),
    (
        "EntraTenant",
        "/spec/resourceManagerCredential/clientSecret/secretRef/name",
        "prod-entra-credential",
    ),
    (
        "EntraTenant",
        "/spec/resourceManagerCredential/clientCertificate/secretRef/name",
        "prod-entra-credential",
    ),
    (
        "EntraTenant",
        "/spec/endpoints/caBundle/configMapRef/name",
        "prod-entra-ca",
    ),
];

/// The example, the simulated tenant with its Secret and ConfigMap, and the kustomization of the document.
fn kustomization(directory: &Path) -> Result<()> {
    // A tenant has one credential; renaming does not ask which of them make sense together.
    let reference = "{secretRef: {name: entra-credential, key: key}}";
    let others = format!(
        "    clientCertificate: {reference}\n  resourceManagerCredential:\n    clientSecret: {reference}\n    clientCertificate: {reference}\n  resyncInterval"
    );
    let mut manifests =
        read("examples/tenants/simulated.template.yaml")?.replace("  resyncInterval", &others);
    manifests.push_str(
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: entra-credential, namespace: entra-pim}\n\
         ---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: entra-ca, namespace: entra-pim}\n",
    );
    for entry in std::fs::read_dir(path("examples/exchange-admins"))? {
        manifests.push_str("---\n");
        manifests.push_str(&std::fs::read_to_string(entry?.path())?);
    }
    // The group of the example states all of its settings itself.
    let mut manifests = manifests.replace(
        "  policy:\n",
        "  policy:\n    templateRef: {name: tier-0}\n",
    );
    manifests.push_str(
        "---\napiVersion: entra-pim.dev/v1alpha1\nkind: PolicyTemplate\nmetadata: {name: tier-0}\nspec: {}\n",
    );
    let document = read("docs/kustomize.md")?;
    let shown = document
        .split("```yaml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    std::fs::write(directory.join("manifests.yaml"), manifests)?;
    std::fs::write(
        directory.join("kustomization.yaml"),
        shown.context("a kustomization in the document")?,
    )?;
    for file in ["name-references.yaml", "scopes.json"] {
        std::fs::copy(path("docs/kustomize").join(file), directory.join(file))?;
    }
    Ok(())
}

#[tokio::test]
async fn kustomize_renames_what_refers_along_with_what_is_referred_to() -> Result<()> {
    let directory = tempfile::tempdir()?;
    kustomization(directory.path())?;
    let binaries = Binaries::locate(&[Binary::Kubectl], Arc::new(ToStderr)).await?;
    let output = Command::new(binaries.path(Binary::Kubectl)?)
        .arg("kustomize")
        .arg(directory.path())
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    let objects: Vec<Value> = text
        .split("\n---\n")
        .map(serde_saphyr::from_str)
        .collect::<Result<_, _>>()?;
    for (kind, pointer, expected) in REFERENCES {
        let mut of_kind = objects
            .iter()
            .filter(|object| object["kind"] == *kind)
            .peekable();
        ensure!(of_kind.peek().is_some(), "no {kind}");
        for object in of_kind {
            let found = object.pointer(pointer).and_then(Value::as_str);
            ensure!(
                found == Some(*expected),
                "{kind}{pointer} is {found:?} instead of {expected}"
            );
        }
    }
    Ok(())
}

/// A reference that the file does not know would be left behind by every rename.
#[test]
fn every_reference_of_our_kinds_is_tried() -> Result<()> {
    let tried: Vec<(&str, String)> = REFERENCES
        .iter()
        .map(|(kind, pointer, _)| (*kind, (*pointer).to_owned()))
        .collect();
    for definition in pim_api::all_crds() {
        let kind = definition.spec.names.kind.clone();
        let schema = serde_json::to_value(&definition.spec.versions[0].schema)?;
        let mut found = Vec::new();
        references(
            "/spec",
            &schema["openAPIV3Schema"]["properties"]["spec"],
            &mut found,
        );
        for pointer in found {
            ensure!(
                tried
                    .iter()
                    .any(|(known, path)| *known == kind && *path == pointer),
                "{kind}{pointer} is in no file of kustomize"
            );
        }
    }
    Ok(())
}

/// Paths of fields that end in `Ref` and have a name.
fn references(at: &str, schema: &Value, found: &mut Vec<String>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let below = format!("{at}/{name}");
        if name.ends_with("Ref") && field["properties"]["name"].is_object() {
            found.push(format!("{below}/name"));
        }
        references(&below, field, found);
    }
}
