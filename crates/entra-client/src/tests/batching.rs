//! What travels together.

use std::sync::Arc;
use std::time::Duration;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_single_operation_travels_as_itself() {
    let service = Service::new(|_| Reply::ok());
    graph(&service).session.submit(read(1)).await.unwrap();
    let sent = service.sent();
    let seen = &sent[0].operations[0];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("GET", "/groups/1")
    );
    assert_eq!(seen.headers["authorization"], "Bearer token-0");
    assert_eq!(seen.headers["x-ms-throttle-priority"], "Low");
    assert!(seen.headers.contains_key("client-request-id"));
    assert!(
        seen.headers["user-agent"]
            .to_str()
            .unwrap()
            .starts_with("entra-pim-operator/")
    );
}

#[tokio::test(start_paused = true)]
async fn what_arrives_at_once_shares_a_request() {
    let service = Service::new(|_| Reply::ok());
    let results = all(&graph(&service), (0..20).map(read)).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(service.sizes(), [20]);
    let ids: std::collections::BTreeSet<_> = service.sent()[0]
        .operations
        .iter()
        .map(|seen| {
            seen.headers["client-request-id"]
                .clone()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 20, "each operation has a request id of its own");
}

#[tokio::test(start_paused = true)]
async fn each_operation_gets_its_own_answer() {
    let service = Service::new(|seen| Reply::json(200, json!({"path": seen.path})));
    let results = all(&graph(&service), (0..15).map(read)).await;
    for (number, result) in results.into_iter().enumerate() {
        let body: Value = result.unwrap().json().unwrap();
        assert_eq!(body["path"], format!("/groups/{number}"));
    }
}

#[tokio::test(start_paused = true)]
async fn reads_writes_and_lanes_never_mix() {
    let service = Service::new(|_| Reply::ok());
    let operations = (0..4).flat_map(|number| [read(number), write(number), schedule_read(number)]);
    all(&graph(&service), operations).await;
    let mut kinds: Vec<_> = service
        .sent()
        .iter()
        .map(|sent| {
            let seen = &sent.operations[0];
            let kind = (seen.method.clone(), seen.path[..7].to_owned());
            for other in &sent.operations {
                assert_eq!(kind, (other.method.clone(), other.path[..7].to_owned()));
            }
            (sent.operations.len(), kind.0, kind.1)
        })
        .collect();
    kinds.sort();
    assert_eq!(
        kinds,
        [
            (4, "DELETE".into(), "/groups".into()),
            (4, "GET".into(), "/groups".into()),
            (4, "GET".into(), "/schedu".into())
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn gathering_ends_after_a_quiet_moment_and_never_lasts_long() {
    let service = Service::new(|_| Reply::ok());
    let graph = graph(&service);
    let submissions = (0..12_u32).map(|number| {
        let graph = graph.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(10) * number).await;
            graph.session.submit(read(1)).await.unwrap();
        }
    });
    futures::future::join_all(submissions).await;
    let sent = service.sent();
    assert!(sent.len() >= 2, "a steady trickle is not gathered for ever");
    assert!(sent[0].at <= Duration::from_millis(61), "{:?}", sent[0].at);
    assert!(sent[0].operations.len() >= 6);
}

#[tokio::test(start_paused = true)]
async fn the_policy_lane_starts_with_five_and_doubles_while_clean() {
    let service = Service::slow(Duration::from_millis(50), |_| Reply::ok());
    let operations = (0..60).map(|number| {
        Operation::get(
            OperationName::ListGroupPolicies,
            format!("/policies/{number}"),
        )
    });
    let graph = graph(&service);
    all(&graph, operations.clone()).await;
    let sizes = service.sizes();
    assert_eq!(sizes[..2], [5, 10], "{sizes:?}");
    assert!(sizes.contains(&20), "{sizes:?}");
    assert_eq!(sizes.iter().sum::<usize>(), 60);
    all(&graph, operations.take(40)).await;
    assert_eq!(
        service.sizes()[sizes.len()..],
        [20, 20],
        "what was learned is kept"
    );
}

#[tokio::test(start_paused = true)]
async fn many_operations_use_many_requests_at_once_up_to_the_cap() {
    let service = Service::slow(Duration::from_millis(100), |_| Reply::ok());
    let graph = graph(&service);
    all(&graph, (0..500).map(read)).await;
    let started = Instant::now();
    all(&graph, (0..600).map(read)).await;
    assert!(
        started.elapsed() < Duration::from_millis(250),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gave_up_costs_no_request() {
    let service = Service::new(|_| Reply::ok());
    let graph = graph(&service);
    drop(tokio::time::timeout(Duration::from_millis(1), graph.session.submit(read(1))).await);
    graph.session.submit(read(2)).await.unwrap();
    let sent = service.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].operations[0].path, "/groups/2");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_on_a_batch_does_not_disturb_the_others() {
    let service = Service::slow(Duration::from_secs(1), |_| Reply::ok());
    let graph = graph(&service);
    let (gone, stays) = tokio::join!(
        tokio::time::timeout(Duration::from_millis(100), graph.session.submit(read(1))),
        graph.session.submit(read(2))
    );
    assert!(gone.is_err());
    stays.unwrap();
    assert_eq!(service.sizes(), [2]);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_told_to_the_recorder() {
    #[derive(Default)]
    struct Counts {
        requests: AtomicUsize,
        operations: AtomicUsize,
        failures: AtomicUsize,
    }
    impl crate::Recorder for Counts {
        fn request(&self, event: &crate::RequestEvent) {
            self.requests.fetch_add(1, Ordering::SeqCst);
            assert_eq!(event.status, Some(StatusCode::OK));
        }
        fn operation(&self, event: &crate::OperationEvent<'_>) {
            self.operations.fetch_add(1, Ordering::SeqCst);
            if event.failure == Some(&crate::Class::Throttled) {
                assert_eq!(event.status, Some(StatusCode::TOO_MANY_REQUESTS));
                self.failures.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
    let first = AtomicUsize::new(0);
    let service = Service::new(move |seen| match seen.path.as_str() {
        "/groups/1" if first.fetch_add(1, Ordering::SeqCst) == 0 => Reply::throttle(Some(1)),
        _ => Reply::ok(),
    });
    let counts = Arc::new(Counts::default());
    let wiring = Wiring {
        recorder: Arc::clone(&counts) as _,
        ..wiring(&service, &Arc::default())
    };
    all(&Services::connect(&wiring).graph, (0..3).map(read)).await;
    assert_eq!(counts.requests.load(Ordering::SeqCst), 2);
    assert_eq!(counts.operations.load(Ordering::SeqCst), 4);
    assert_eq!(counts.failures.load(Ordering::SeqCst), 1);
}
