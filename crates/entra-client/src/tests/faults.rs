//! Lost answers and refused tokens.

use std::time::Duration;

use super::*;
use crate::{CallOutcome, Class};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_write_without_an_answer_is_sent_once_and_its_outcome_is_unknown() {
    for reply in [
        || Reply::Hang,
        || Reply::Drop,
        || Reply::json(503, json!(null)),
        || Reply::json(500, json!({})),
    ] {
        let service = Service::new(move |_| reply());
        let started = Instant::now();
        let error = graph(&service).session.submit(write(1)).await.unwrap_err();
        assert_eq!(error.class, Class::Unreachable);
        assert_eq!(error.outcome, CallOutcome::Unknown);
        // It is given up eight seconds after it has left.
        assert!(started.elapsed() < 9 * SECOND, "{:?}", started.elapsed());
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(service.sent().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_found_no_connection_had_no_effect() {
    let service = Service::new(|_| Reply::Refuse);
    let error = graph(&service).session.submit(write(1)).await.unwrap_err();
    assert_eq!(
        (&error.class, error.outcome),
        (&Class::Unreachable, CallOutcome::NotExecuted)
    );
    assert_eq!(service.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn writes_of_one_batch_have_outcomes_of_their_own() {
    let service = Service::new(|seen| match seen.path.as_str() {
        "/groups/0" => Reply::json(204, json!(null)),
        "/groups/1" => Reply::json(404, json!({"error": {"code": "Request_ResourceNotFound"}})),
        "/groups/2" => Reply::throttle(Some(90)),
        _ => Reply::Omit,
    });
    let results = all(&graph(&service), (0..4).map(write)).await;
    let seen: Vec<_> = results
        .iter()
        .map(|result| {
            result
                .as_ref()
                .map_err(|error| (error.class.clone(), error.outcome))
        })
        .collect();
    assert_eq!(
        seen[0].as_ref().map(|answer| answer.status().as_u16()),
        Ok(204)
    );
    assert_eq!(
        seen[1].as_ref().unwrap_err(),
        &(Class::NotFound, CallOutcome::NotExecuted)
    );
    assert_eq!(
        seen[2].as_ref().unwrap_err(),
        &(Class::Throttled, CallOutcome::NotExecuted)
    );
    assert_eq!(
        seen[3].as_ref().unwrap_err(),
        &(Class::Unreachable, CallOutcome::Unknown)
    );
    assert_eq!(service.sizes(), [4]);
}

#[tokio::test(start_paused = true)]
async fn a_read_without_an_answer_is_repeated() {
    let calls = AtomicUsize::new(0);
    let service = Service::new(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::Drop,
        1 => Reply::json(504, json!("<html>")),
        2 => Reply::Refuse,
        _ => Reply::ok(),
    });
    graph(&service).session.submit(read(1)).await.unwrap();
    assert_eq!(service.sent().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_read_is_given_up_after_some_attempts() {
    let service = Service::new(|_| Reply::json(503, json!({})));
    let error = graph(&service).session.submit(read(1)).await.unwrap_err();
    assert_eq!(error.class, Class::Unreachable);
    assert_eq!(service.sent().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_read_never_takes_longer_than_its_deadline() {
    let service = Service::new(|_| Reply::Hang);
    let started = Instant::now();
    let error = graph(&service).session.submit(read(1)).await.unwrap_err();
    assert_eq!(error.class, Class::Unreachable);
    assert_eq!(started.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once() {
    let service = Service::new(|seen| match seen.headers.get("authorization") {
        Some(token) if token == "Bearer token-0" => Reply::json(
            401,
            json!({"error": {"code": "InvalidAuthenticationToken"}}),
        ),
        _ => Reply::ok(),
    });
    let tokens = Arc::default();
    let graph = Services::connect(&wiring(&service, &tokens)).graph;
    graph.session.submit(read(1)).await.unwrap();
    assert_eq!(tokens.forgotten(), 1);
    assert_eq!(service.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_every_token_is_not_asked_for_ever() {
    let service = Service::new(|_| {
        Reply::json(
            401,
            json!({"error": {"code": "InvalidAuthenticationToken"}}),
        )
    });
    let tokens = Arc::default();
    let graph = Services::connect(&wiring(&service, &tokens)).graph;
    for number in 0..5 {
        let error = graph.session.submit(read(number)).await.unwrap_err();
        assert_eq!(error.class, Class::CredentialInvalid);
    }
    assert_eq!(
        tokens.forgotten(),
        1,
        "a new token is asked for at most every half minute"
    );
}

#[tokio::test(start_paused = true)]
async fn the_services_clock_is_known_after_the_first_answer() {
    let service = Service::new(|_| Reply::ok());
    let graph = graph(&service);
    assert_eq!(graph.service_time(), None);
    graph.session.submit(read(1)).await.unwrap();
    tokio::time::sleep(5 * SECOND).await;
    assert_eq!(
        graph.service_time(),
        Some("2026-01-09T02:02:17Z".parse().unwrap())
    );
}
