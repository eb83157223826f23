//! When the service asks to slow down.

use std::time::Duration;

use tokio::task::JoinSet;

use super::*;
use crate::{CallOutcome, Class, Precedence};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn only_the_throttled_item_is_repeated_and_not_before_its_time() {
    let refusals = AtomicUsize::new(0);
    let service = Service::new(move |seen| match seen.path.as_str() {
        "/groups/3" if refusals.fetch_add(1, Ordering::SeqCst) == 0 => Reply::throttle(Some(17)),
        _ => Reply::ok(),
    });
    let results = all(&graph(&service), (0..8).map(read)).await;
    assert!(results.iter().all(Result::is_ok));
    let sent = service.sent();
    assert_eq!(service.sizes(), [8, 1]);
    assert_eq!(sent[1].operations[0].path, "/groups/3");
    let wait = sent[1].at.checked_sub(sent[0].at).unwrap();
    assert!((17 * SECOND..18 * SECOND).contains(&wait), "{wait:?}");
}

#[tokio::test(start_paused = true)]
async fn the_longest_wait_of_a_batch_counts_and_others_of_the_lane_wait_too() {
    let calls = AtomicUsize::new(0);
    let service = Service::new(move |seen| {
        match (calls.fetch_add(1, Ordering::SeqCst), seen.path.as_str()) {
            (0..3, "/groups/1") => Reply::throttle(Some(5)),
            (0..3, "/groups/2") => Reply::throttle(Some(30)),
            _ => Reply::ok(),
        }
    });
    let graph = graph(&service);
    let later = async {
        tokio::time::sleep(SECOND).await;
        graph.session.submit(read(9)).await
    };
    let (first, later) = tokio::join!(all(&graph, (1..4).map(read)), later);
    assert!(first.iter().all(Result::is_ok) && later.is_ok());
    let after = service.sent()[1..]
        .iter()
        .map(|sent| sent.at)
        .min()
        .unwrap();
    assert!(after >= 30 * SECOND, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_lane_does_not_hold_the_others() {
    let service = Service::new(|seen| {
        if seen.path.starts_with("/groups") {
            Reply::throttle(Some(40))
        } else {
            Reply::ok()
        }
    });
    let graph = graph(&service);
    let stuck = tokio::spawn({
        let graph = graph.clone();
        async move { graph.session.submit(read(1)).await }
    });
    tokio::time::sleep(SECOND).await;
    let started = Instant::now();
    all(&graph, (0..5).map(schedule_read)).await;
    assert!(started.elapsed() < SECOND);
    stuck.abort();
}

#[tokio::test(start_paused = true)]
async fn a_throttled_write_waits_until_its_lane_opens() {
    let refusals = AtomicUsize::new(0);
    let service = Service::new(move |_| match refusals.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::throttle(Some(12)),
        _ => Reply::ok(),
    });
    graph(&service).session.submit(write(1)).await.unwrap();
    let sent: Vec<u64> = service
        .sent()
        .iter()
        .map(|sent| sent.at.as_secs())
        .collect();
    assert_eq!(sent, [0, 12]);
}

#[tokio::test(start_paused = true)]
async fn a_write_does_not_wait_in_a_lane_that_stays_shut_for_too_long() {
    let service = Service::new(|_| Reply::throttle(Some(90)));
    let graph = graph(&service);
    graph.session.submit(write(1)).await.unwrap_err();
    let started = Instant::now();
    let error = graph.session.submit(write(2)).await.unwrap_err();
    assert_eq!(error.class, Class::Throttled);
    assert_eq!(error.outcome, CallOutcome::NotExecuted);
    assert!(error.retry_after.unwrap() > 89 * SECOND);
    assert!(started.elapsed() < SECOND);
    assert_eq!(service.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_waits_and_is_not_wanted_any_more_waits_no_longer() {
    let service = Service::new(|seen| match seen.path.as_str() {
        "/groups/1" => Reply::throttle(Some(50)),
        _ => Reply::ok(),
    });
    let graph = graph(&service);
    let first = tokio::spawn({
        let graph = graph.clone();
        async move { graph.session.submit(write(1)).await }
    });
    tokio::time::sleep(SECOND).await;
    let (started, wanted) = (Instant::now(), 5 * SECOND);
    let fence = crate::Fence::new(move || started.elapsed() < wanted);
    let fenced = graph.fenced(Some(&fence));
    let waiting = (2..5).map(|number| fenced.session.submit(write(number)));
    let answers = futures::future::join_all(waiting).await;
    let withdrawn = |answer: &Result<_, crate::Error>| {
        let error = answer.as_ref().unwrap_err();
        error.class == Class::Withdrawn && error.outcome == CallOutcome::NotExecuted
    };
    assert!(answers.iter().all(withdrawn));
    assert!(
        started.elapsed() <= wanted + 2 * SECOND,
        "{:?}",
        started.elapsed()
    );
    first.abort();
}

#[tokio::test(start_paused = true)]
async fn a_narrow_lane_serves_reads_and_writes_in_turns() {
    let service = with_bucket(&Arc::default());
    let graph = graph(&service);
    let writes = futures::future::join_all(
        (0..400).map(|number| graph.session.submit(schedule_write(number))),
    );
    let reads = async {
        tokio::time::sleep(SECOND).await;
        let started = Instant::now();
        let reads = (0..20).map(|number| graph.session.submit(schedule_read(number)));
        let answers = futures::future::join_all(reads).await;
        assert!(answers.iter().all(Result::is_ok));
        started.elapsed()
    };
    let (writes, took) = tokio::join!(writes, reads);
    assert!(writes.iter().all(Result::is_ok));
    assert!(took < 8 * SECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_read_to_take_away_goes_before_what_others_read_and_write() {
    let service = with_bucket(&Arc::default());
    let graph = graph(&service);
    let others = futures::future::join_all((0..300).map(|number| {
        let write = graph.session.submit(schedule_write(number));
        futures::future::join(write, graph.session.submit(schedule_read(number)))
    }));
    let reads = async {
        tokio::time::sleep(10 * SECOND).await;
        let started = Instant::now();
        let read = graph.session.submit(schedule_read(1));
        assert!(Precedence::Reducing.reads_of(read).await.is_ok());
        let reducing = started.elapsed();
        assert!(graph.session.submit(schedule_read(1)).await.is_ok());
        (reducing, started.elapsed())
    };
    let (_, (reducing, usual)) = tokio::join!(others, reads);
    assert!(reducing <= 2 * SECOND, "{reducing:?}");
    assert!(usual >= 5 * reducing, "the lane is narrow: {usual:?}");
}

#[tokio::test(start_paused = true)]
async fn a_read_that_cannot_be_answered_in_time_fails_at_once() {
    let service = Service::new(|_| Reply::throttle(Some(300)));
    let started = Instant::now();
    let error = graph(&service).session.submit(read(1)).await.unwrap_err();
    assert_eq!(error.class, Class::Throttled);
    assert!(error.retry_after.unwrap() > 299 * SECOND);
    assert!(started.elapsed() < SECOND);
    assert_eq!(service.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_the_header_the_wait_doubles_from_one_second() {
    let service = Service::new(|_| Reply::throttle(None));
    graph(&service).session.submit(read(1)).await.unwrap_err();
    let at: Vec<u64> = service
        .sent()
        .iter()
        .map(|sent| sent.at.as_secs())
        .collect();
    assert_eq!(at, [0, 1, 3, 7, 15, 31]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_batch_counts_for_all_its_items() {
    // The envelope itself is refused when it is large.
    struct Envelope(Arc<Service>, AtomicUsize);
    #[async_trait]
    impl Transport for Envelope {
        async fn send(
            &self,
            request: Request<Bytes>,
        ) -> Result<http::Response<Bytes>, TransportError> {
            if self.1.fetch_add(1, Ordering::SeqCst) == 0 {
                return Ok(http::Response::builder()
                    .status(429)
                    .header("Retry-After", "3")
                    .body(Bytes::new())
                    .unwrap());
            }
            self.0.send(request).await
        }
    }
    let service = Service::new(|_| Reply::ok());
    let wiring = Wiring {
        transport: Arc::new(Envelope(Arc::clone(&service), AtomicUsize::new(0))),
        ..wiring(&service, &Arc::default())
    };
    let results = all(&Services::connect(&wiring).graph, (0..20).map(read)).await;
    assert!(results.iter().all(Result::is_ok));
    let sent = service.sent();
    assert!(sent[0].at >= 3 * SECOND);
    assert_eq!(
        sent[0].operations.len(),
        10,
        "half the size that was refused"
    );
}

#[tokio::test(start_paused = true)]
async fn a_reported_load_slows_the_lane_before_it_is_refused() {
    let service = Service::new(|_| {
        Reply::ExchangeAnswer(
            200,
            vec![("x-ms-throttle-limit-percentage", "0.9".into())],
            json!({"value": []}),
        )
    });
    let graph = graph(&service);
    graph.session.submit(read(1)).await.unwrap();
    graph.session.submit(read(2)).await.unwrap();
    let sent = service.sent();
    let pause = sent[1].at.checked_sub(sent[0].at).unwrap();
    assert!(pause > Duration::from_millis(100), "{pause:?}");
}

/// A bucket as services have them.
struct Bucket {
    tokens: f64,
    at: Instant,
}

/// A service with a budget of 10 operations a second and a burst of 30.
fn with_bucket(refused: &Arc<AtomicUsize>) -> Arc<Service> {
    with_budget(10.0, 30.0, refused)
}

/// A service with a budget of so many operations a second and such a burst.
fn with_budget(rate: f64, burst: f64, refused: &Arc<AtomicUsize>) -> Arc<Service> {
    let bucket = Mutex::new(Bucket {
        tokens: burst,
        at: Instant::now(),
    });
    let refused = Arc::clone(refused);
    Service::slow(Duration::from_millis(50), move |_| {
        let mut bucket = bucket.lock().unwrap();
        bucket.tokens = (bucket.tokens + bucket.at.elapsed().as_secs_f64() * rate).min(burst);
        bucket.at = Instant::now();
        if bucket.tokens < 1.0 {
            refused.fetch_add(1, Ordering::SeqCst);
            return Reply::throttle(Some(1));
        }
        bucket.tokens -= 1.0;
        Reply::ok()
    })
}

/// So many who read one thing after the other, until what is returned goes; each answer is counted.
fn busy(count: usize, service: &Arc<Service>, done: &Arc<AtomicUsize>) -> JoinSet<()> {
    let graph = graph(service);
    let one = |number| {
        let (graph, done) = (graph.clone(), Arc::clone(done));
        async move {
            loop {
                if graph.session.submit(schedule_read(number)).await.is_ok() {
                    done.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    };
    (0..count).map(one).collect()
}

#[tokio::test(start_paused = true)]
async fn nine_tenths_of_a_budget_are_used_and_few_requests_refused() {
    let refused = Arc::new(AtomicUsize::new(0));
    let service = with_bucket(&refused);
    let done = Arc::new(AtomicUsize::new(0));
    let _workers = busy(60, &service, &done);
    tokio::time::sleep(30 * SECOND).await;
    let (before, refused_before) = (done.load(Ordering::SeqCst), refused.load(Ordering::SeqCst));
    tokio::time::sleep(300 * SECOND).await;
    let (gained, refused) = (
        done.load(Ordering::SeqCst) - before,
        refused.load(Ordering::SeqCst) - refused_before,
    );
    assert!(gained >= 2700, "{gained} of 3000");
    // Three tries for more, each twice as far away as the one before; none is refused more than two batches.
    assert!(refused <= 60, "{refused} refused");
}

#[tokio::test(start_paused = true)]
async fn a_narrow_budget_is_found_as_well_and_kept_to() {
    for (rate, burst) in [(1.0, 1.0), (1.0, 2.0), (2.0, 6.0), (5.0, 10.0)] {
        let refused = Arc::new(AtomicUsize::new(0));
        let service = with_budget(rate, burst, &refused);
        let done = Arc::new(AtomicUsize::new(0));
        let _workers = busy(20, &service, &done);
        tokio::time::sleep(600 * SECOND).await;
        let (done, refused) = (done.load(Ordering::SeqCst), refused.load(Ordering::SeqCst));
        println!("{rate} a second, burst {burst}: {done} answered, {refused} refused");
        assert!(refused <= 60, "{rate}, {burst}: {refused} of {done}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_ten_minutes_of_refusals_full_speed_returns_within_two() {
    const ANSWER: Duration = Duration::from_millis(50);
    let started = Instant::now();
    let service = Service::slow(ANSWER, move |_| {
        if started.elapsed() < 600 * SECOND {
            Reply::throttle(Some(10))
        } else {
            Reply::ok()
        }
    });
    let graph = graph(&service);
    let reader = tokio::spawn({
        let graph = graph.clone();
        async move {
            loop {
                let results = all(&graph, (0..40).map(read)).await;
                let wait = results
                    .into_iter()
                    .filter_map(|result| result.err()?.retry_after)
                    .max();
                tokio::time::sleep(wait.unwrap_or_default()).await;
            }
        }
    });
    tokio::time::sleep(720 * SECOND).await;
    reader.abort();
    let sent = service.sent();
    let refused: Vec<Duration> = sent
        .iter()
        .map(|sent| sent.at)
        .filter(|at| *at < 600 * SECOND)
        .collect();
    for (before, after) in refused.iter().zip(&refused[1..]) {
        // What left together before a refusal came is refused together.
        let apart = after.checked_sub(*before).unwrap();
        assert!(
            apart < ANSWER || apart >= 10 * SECOND,
            "a request before Retry-After: {apart:?}"
        );
    }
    assert!(
        refused.len() <= 62,
        "{}: more than the first leave together again and again",
        refused.len()
    );
    let full = sent
        .iter()
        .filter(|sent| sent.at > 600 * SECOND && sent.operations.len() == 20);
    assert!(full.count() > 100);
}

#[tokio::test(start_paused = true)]
async fn what_takes_away_does_not_wait_behind_what_gives() {
    use pim_core::action::GrantVerb;
    use pim_core::ids::{GroupId, PrincipalId};
    use pim_core::schedule::{Access, End, Key, Kind, Window};

    let service = Service::new(|_| Reply::json(201, json!({"id": "1", "status": "Provisioned"})));
    let graph = graph(&service);
    let group: GroupId = GROUP.parse().unwrap();
    let key = |number| Key {
        access: Access::Member,
        principal: PrincipalId(uuid::Uuid::from_u128(number)),
        kind: Kind::Eligible,
    };
    let given = crate::graph::Grant {
        verb: GrantVerb::Assign,
        window: Window {
            start: None,
            end: End::Never,
        },
        justification: "",
        ticket: None,
    };
    let granting =
        futures::future::join_all((0..60).map(|number| graph.grant(group, key(number), &given)));
    let (granted, revoked) = tokio::join!(granting, graph.revoke(group, key(99)));
    assert!(granted.iter().all(Result::is_ok) && revoked.is_ok());
    let first = &service.sent()[0].operations;
    let is_removal = |seen: &Seen| seen.body.as_ref().unwrap()["action"] == "adminRemove";
    assert!(first.iter().any(is_removal), "{first:?}");
}
