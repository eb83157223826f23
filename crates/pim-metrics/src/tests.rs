//! What a scraper sees.

use std::panic::{AssertUnwindSafe, catch_unwind};

use http::{Method, StatusCode};
use pim_core::ids::ObjectName;

use super::*;

fn page(metrics: &Metrics) -> Vec<String> {
    metrics
        .encode()
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn group(name: &str) -> Object {
    Object::new(
        ObjectKind::PrivilegedGroup,
        ObjectName::new("exchange", name),
    )
}

#[track_caller]
fn shows(metrics: &Metrics, line: &str) {
    let page = page(metrics);
    assert!(
        page.iter().any(|shown| shown == line),
        "{line} is not in\n{}",
        page.join("\n")
    );
}

#[test]
fn passes_count_from_zero_and_by_result() {
    let metrics = Metrics::new(ObjectSeries::Enabled);
    shows(
        &metrics,
        r#"controller_runtime_reconcile_total{controller="group",result="success"} 0"#,
    );
    metrics.max_concurrent_reconciles(Controller::Group, 16);
    let running = metrics.reconcile(Controller::Group);
    metrics
        .reconcile(Controller::Group)
        .finish(ReconcileResult::RequeueAfter);
    metrics
        .reconcile(Controller::Group)
        .finish(ReconcileResult::Error);
    for line in [
        r#"controller_runtime_reconcile_total{controller="group",result="requeue_after"} 1"#,
        r#"controller_runtime_reconcile_total{controller="group",result="error"} 1"#,
        r#"controller_runtime_reconcile_errors_total{controller="group"} 1"#,
        r#"controller_runtime_active_workers{controller="group"} 1"#,
        r#"controller_runtime_max_concurrent_reconciles{controller="group"} 16"#,
        r#"controller_runtime_reconcile_time_seconds_count{controller="group"} 2"#,
    ] {
        shows(&metrics, line);
    }
    drop(running);
    shows(
        &metrics,
        r#"controller_runtime_active_workers{controller="group"} 0"#,
    );
    shows(
        &metrics,
        r#"controller_runtime_reconcile_time_seconds_count{controller="group"} 2"#,
    );
}

#[test]
fn a_panic_is_counted_whether_it_is_caught_inside_or_outside() {
    let metrics = Metrics::new(ObjectSeries::Enabled);
    metrics.reconcile(Controller::Tenant).panicked();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let _timer = metrics.reconcile(Controller::Tenant);
        panic!("as a fault would");
    }));
    assert!(caught.is_err());
    shows(
        &metrics,
        r#"controller_runtime_reconcile_panics_total{controller="tenant"} 2"#,
    );
    shows(
        &metrics,
        r#"controller_runtime_active_workers{controller="tenant"} 0"#,
    );
}

#[test]
fn calls_carry_their_tenant() {
    let metrics = Metrics::new(ObjectSeries::Enabled);
    let tenant = metrics.tenant("contoso");
    let call = Call {
        api: "graph",
        operation: "list_groups",
    };
    let duration = Duration::from_millis(30);
    tenant.call(
        call,
        &CallAnswer {
            method: &Method::GET,
            status: Some(StatusCode::OK),
            duration,
        },
    );
    tenant.call(
        call,
        &CallAnswer {
            method: &Method::GET,
            status: None,
            duration,
        },
    );
    tenant.throttled(call);
    tenant.token_refresh(TokenOutcome::Failure);
    for line in [
        r#"entra_pim_api_requests_total{tenant="contoso",api="graph",operation="list_groups",method="GET",code="200"} 1"#,
        r#"entra_pim_api_requests_total{tenant="contoso",api="graph",operation="list_groups",method="GET",code="none"} 1"#,
        r#"entra_pim_api_request_duration_seconds_count{tenant="contoso",api="graph",operation="list_groups"} 2"#,
        r#"entra_pim_api_throttled_total{tenant="contoso",api="graph",operation="list_groups"} 1"#,
        r#"entra_pim_token_refresh_total{tenant="contoso",outcome="failure"} 1"#,
    ] {
        shows(&metrics, line);
    }
}

#[test]
fn a_lane_that_may_send_again_waits_no_more() {
    let metrics = Metrics::new(ObjectSeries::Enabled);
    let tenant = metrics.tenant("contoso");
    tenant.lane(
        "policies",
        LaneBudget {
            retry_after: Some(Duration::from_secs(10)),
            remaining: Some(0.25),
        },
    );
    shows(
        &metrics,
        r#"entra_pim_api_retry_after_seconds{tenant="contoso",lane="policies"} 10.0"#,
    );
    tenant.lane(
        "policies",
        LaneBudget {
            retry_after: None,
            remaining: None,
        },
    );
    shows(
        &metrics,
        r#"entra_pim_api_retry_after_seconds{tenant="contoso",lane="policies"} 0.0"#,
    );
    shows(
        &metrics,
        r#"entra_pim_api_budget_remaining_ratio{tenant="contoso",lane="policies"} 0.25"#,
    );
}

#[test]
fn objects_are_counted_by_how_they_stand_and_forgotten_with_them() {
    let metrics = Metrics::new(ObjectSeries::Enabled);
    for name in ["one", "two"] {
        metrics.resource(&group(name), Ready::Unknown, Reason::Progressing);
    }
    metrics.resource(&group("two"), Ready::True, Reason::Succeeded);
    metrics.schedule_expiry(
        &group("two"),
        Some(Timestamp::from_second(1_800_000_000).unwrap()),
    );
    for line in [
        r#"entra_pim_resources{kind="PrivilegedGroup",ready="true",reason="Succeeded"} 1"#,
        r#"entra_pim_resources{kind="PrivilegedGroup",ready="unknown",reason="Progressing"} 1"#,
        r#"entra_pim_resource_ready{kind="PrivilegedGroup",namespace="exchange",name="one"} -1"#,
        r#"entra_pim_resource_ready{kind="PrivilegedGroup",namespace="exchange",name="two"} 1"#,
        r#"entra_pim_schedule_expiry_timestamp_seconds{kind="PrivilegedGroup",namespace="exchange",name="two"} 1800000000"#,
    ] {
        shows(&metrics, line);
    }
    metrics.forget(&group("one"));
    metrics.forget(&group("two"));
    assert!(
        !page(&metrics)
            .iter()
            .any(|line| line.contains("exchange") || line.contains("entra_pim_resources"))
    );
}

#[test]
fn series_for_single_objects_can_be_switched_off() {
    let metrics = Metrics::new(ObjectSeries::Disabled);
    metrics.resource(&group("one"), Ready::True, Reason::Succeeded);
    metrics.schedule_expiry(&group("one"), Some(Timestamp::UNIX_EPOCH));
    shows(
        &metrics,
        r#"entra_pim_resources{kind="PrivilegedGroup",ready="true",reason="Succeeded"} 1"#,
    );
    assert!(!page(&metrics).iter().any(|line| line.contains("\"one\"")));
}

#[test]
fn what_happens_to_objects_is_counted_by_kind() {
    let metrics = Metrics::new(ObjectSeries::Enabled);
    let kind = ObjectKind::EligibleAssignment;
    metrics.external_write(kind, WriteAction::Create, WriteOutcome::Success);
    metrics.drift_detected(kind, "spec.subjects[User jose@contoso.com]");
    metrics.drift_corrected(kind, "spec.subjects[User maria@contoso.com]");
    metrics.boundary_denied(kind, "spec.subjects.kinds");
    metrics.time_to_ready(kind, Duration::from_secs(3));
    metrics.deletion_duration(kind, Duration::from_secs(400));
    metrics.synced(kind, Timestamp::from_second(1_800_000_000).unwrap());
    for line in [
        r#"entra_pim_external_writes_total{kind="EligibleAssignment",action="create",outcome="success"} 1"#,
        r#"entra_pim_drift_detected_total{kind="EligibleAssignment",field="spec.subjects"} 1"#,
        r#"entra_pim_drift_corrected_total{kind="EligibleAssignment",field="spec.subjects"} 1"#,
        r#"entra_pim_boundary_denied_total{kind="EligibleAssignment",rule="spec.subjects.kinds"} 1"#,
        r#"entra_pim_time_to_ready_seconds_bucket{le="5.0",kind="EligibleAssignment"} 1"#,
        r#"entra_pim_deletion_duration_seconds_bucket{le="60.0",kind="EligibleAssignment"} 0"#,
        r#"entra_pim_deletion_duration_seconds_count{kind="EligibleAssignment"} 1"#,
        r#"entra_pim_last_sync_timestamp_seconds{kind="EligibleAssignment"} 1800000000.0"#,
    ] {
        shows(&metrics, line);
    }
}

#[test]
fn the_build_and_the_process_show_themselves() {
    let metrics = Metrics::new(ObjectSeries::Enabled);
    let page = page(&metrics);
    let value = |name: &str| -> f64 {
        let line = page
            .iter()
            .find(|line| line.starts_with(&format!("{name} ")))
            .unwrap_or_else(|| panic!("{name}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(
        page.iter()
            .any(|line| line.starts_with("entra_pim_build_info{version=\"0.")
                && line.ends_with(" 1"))
    );
    assert!(value("process_resident_memory_bytes") > 1e6);
    assert!(value("process_cpu_seconds_total") >= 0.0);
    assert!(
        value("process_open_fds") > 0.0 && value("process_open_fds") < value("process_max_fds")
    );
    let age = Timestamp::now().as_duration().as_secs_f64() - value("process_start_time_seconds");
    assert!((-2.0..86_400.0).contains(&age), "{age}");
}

#[test]
fn every_family_has_help_and_no_name_stands_twice() {
    let metrics = Metrics::new(ObjectSeries::Enabled);
    let page = page(&metrics);
    let of = |word: &str| -> Vec<String> {
        let lines = page.iter().filter_map(|line| line.strip_prefix(word));
        lines
            .map(|rest| rest.trim().split(' ').next().unwrap_or_default().to_owned())
            .collect()
    };
    let helped = of("# HELP");
    assert_eq!(helped, of("# TYPE"));
    let mut unique = helped.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), helped.len());
}
