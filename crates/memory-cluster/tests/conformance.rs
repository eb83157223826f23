//! The in-memory API server behaves as the real one.
//!
//! Each scenario talks HTTP to a server and asserts what matters. It runs in memory as a test of its own, and
//! once more against both servers, where everything that was answered must be equal but for names that the
//! server chooses: uids, versions, times, and the wording of messages.

use anyhow::{Context as _, Result};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};
use http::Request;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Client;
use kube::api::{Patch, PatchParams};
use kube::runtime::wait::{await_condition, conditions};
use memory_cluster::MemoryCluster;
use serde_json::{Value, json};
use testenv::ControlPlane;

use crate::wire::Wire;

#[path = "conformance/apply.rs"]
mod apply;
#[path = "conformance/built_in.rs"]
mod built_in;
#[path = "conformance/create.rs"]
mod create;
#[path = "conformance/delete.rs"]
mod delete;
#[path = "conformance/list.rs"]
mod list;
#[path = "conformance/patch.rs"]
mod patch;
#[path = "conformance/runtime.rs"]
mod runtime;
#[path = "conformance/status.rs"]
mod status;
#[path = "conformance/update.rs"]
mod update;
#[path = "conformance/watch.rs"]
mod watch;
#[path = "conformance/wire.rs"]
mod wire;

type Scenario = for<'w> fn(&'w mut Wire) -> BoxFuture<'w, Result<()>>;

fn definitions() -> Result<Vec<CustomResourceDefinition>> {
    Ok(serde_saphyr::from_multiple(include_str!(
        "conformance/crds.yaml"
    ))?)
}

/// Runs a scenario in a namespace of its own and returns what was answered.
async fn play(client: Client, name: &str, scenario: Scenario) -> Result<Vec<Value>> {
    let mut wire = Wire::open(client, name).await?;
    let outcome = scenario(&mut wire).await;
    let transcript = wire.close().await;
    outcome.with_context(|| format!("scenario {name}"))?;
    Ok(transcript)
}

async fn play_in_memory(name: &str, scenario: Scenario) -> Result<Vec<Value>> {
    let cluster = MemoryCluster::new(definitions()?)?;
    play(cluster.client(), name, scenario).await
}

async fn install(client: &Client) -> Result<()> {
    let api: kube::Api<CustomResourceDefinition> = kube::Api::all(client.clone());
    for definition in definitions()? {
        let name = definition.metadata.name.clone().context("a name")?;
        api.patch(
            &name,
            &PatchParams::apply("conformance").force(),
            &Patch::Apply(&definition),
        )
        .await?;
        await_condition(api.clone(), &name, conditions::is_crd_established()).await?;
    }
    Ok(())
}

macro_rules! scenarios {
    ($($module:ident :: { $($name:ident),* $(,)? }),* $(,)?) => {
        static SCENARIOS: &[(&str, Scenario)] = &[$($((stringify!($name), |wire| Box::pin($module::$name(wire)))),*),*];

        mod in_memory {
            $($(
                #[tokio::test(start_paused = true)]
                async fn $name() -> anyhow::Result<()> {
                    super::play_in_memory(stringify!($name), |wire| Box::pin(super::$module::$name(wire))).await.map(|_| ())
                }
            )*)*
        }
    };
}

scenarios! {
    create::{
        a_new_object_has_defaults_and_system_fields,
        undeclared_fields_are_pruned,
        invalid_objects_are_refused_field_by_field,
        a_create_is_refused_for_what_it_names,
        nulls_count_as_absent_unless_nullable,
    },
    update::{
        only_changes_of_content_count_as_generations,
        rules_compare_with_what_stood,
        a_kind_without_status_endpoint_takes_status_as_content,
    },
    patch::{
        json_patches_test_before_they_change,
        json_patches_fail_on_what_is_missing,
        merge_patches_remove_by_null,
        a_patch_with_a_stale_version_conflicts,
        a_patch_that_changes_nothing_writes_nothing,
        invalid_patches_are_refused,
    },
    apply::{
        an_apply_creates_and_then_removes_what_it_leaves_out,
        an_apply_that_changes_nothing_writes_nothing,
        fields_of_others_are_taken_by_force_only,
        lists_merge_by_their_type,
        an_apply_checks_version_and_uid,
        a_malformed_apply_is_refused,
        an_apply_after_an_update_shares_ownership,
        atomic_and_free_maps_are_owned_differently,
    },
    status::{
        status_is_written_at_its_endpoint_only,
        an_applied_status_field_that_is_left_out_goes,
        an_applied_status_ignores_uid_and_checks_version,
        an_equal_status_writes_nothing,
        two_managers_share_conditions,
        a_patched_status_leaves_the_rest,
        an_invalid_status_is_refused,
    },
    delete::{
        an_object_without_finalizers_goes_at_once,
        a_finalizer_keeps_an_object_until_it_is_removed,
        a_dying_object_takes_no_new_finalizers,
    },
    list::{
        lists_are_ordered,
        metadata_can_be_read_alone,
    },
    watch::{
        changes_are_told_in_order,
    },
    built_in::{
        config_maps_and_secrets_are_typed,
        events_are_checked,
        a_namespace_is_active,
        owners_of_built_in_fields_are_known,
    },
    runtime::{
        a_watcher_lists_and_follows,
        a_controller_finalizes_and_reports,
    },
}

#[tokio::test]
async fn both_servers_tell_the_same_story() -> Result<()> {
    let control_plane = ControlPlane::shared().await?;
    let client = control_plane.client()?;
    install(&client).await?;
    let stories = stream::iter(SCENARIOS)
        .map(|(name, scenario)| {
            let client = client.clone();
            async move {
                (
                    *name,
                    play_in_memory(name, *scenario).await,
                    play(client, name, *scenario).await,
                )
            }
        })
        .buffer_unordered(8);
    let differences: Vec<String> = stories
        .filter_map(|(name, memory, real)| async move { difference(name, memory, real) })
        .collect()
        .await;
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    Ok(())
}

/// The first step that the two servers answered differently.
fn difference(name: &str, memory: Result<Vec<Value>>, real: Result<Vec<Value>>) -> Option<String> {
    let (memory, real) = match (memory, real) {
        (Ok(memory), Ok(real)) => (memory, real),
        (memory, real) => {
            let failures: Vec<String> = [("memory", memory.err()), ("real", real.err())]
                .into_iter()
                .filter_map(|(side, error)| Some(format!("{side}: {:?}", error?)))
                .collect();
            return Some(format!("{name} failed: {}", failures.join("; ")));
        }
    };
    let step = memory
        .iter()
        .zip(&real)
        .position(|(mine, theirs)| mine != theirs);
    match step {
        Some(step) => Some(format!(
            "{name}, step {step}:\n  memory {}\n  real   {}",
            memory[step], real[step]
        )),
        None if memory.len() != real.len() => Some(format!(
            "{name}: {} steps in memory, {} for real",
            memory.len(),
            real.len()
        )),
        None => None,
    }
}

#[tokio::test(start_paused = true)]
async fn the_kinds_of_the_product_are_served() -> Result<()> {
    let client = MemoryCluster::new(pim_api::all_crds())?.client();
    for definition in pim_api::all_crds() {
        let (spec, version) = (&definition.spec, &definition.spec.versions[0].name);
        let path = format!("/apis/{}/{version}/{}", spec.group, spec.names.plural);
        let list: Value = client.request(Request::get(path).body(vec![])?).await?;
        anyhow::ensure!(list["items"] == json!([]), "{list}");
    }
    Ok(())
}
