//! Two services behind one dispatcher: Microsoft Graph, and a made-up one that has another address, another audience,
//! no batches, and lanes of its own.

use std::time::Duration;

use super::*;
use crate::dispatch::Dispatcher;
use crate::operation::{Address, Place};
use crate::service::{GRAPH, Lane, LaneProfile, ServiceDescription};
use crate::{CallOutcome, Class, paging};

const SECOND: Duration = Duration::from_secs(1);

static OTHER: ServiceDescription = ServiceDescription {
    name: "other",
    base: |_| "https://other.test/api".to_owned(),
    scope: |_| "https://audience.test/.default".to_owned(),
    // The same kind as one of Graph's, but its own budget.
    lanes: &[LaneProfile {
        lane: Lane::Directory,
        start: 2,
        maximum: 4,
    }],
    part: |place| match place.strip_prefix("/parts/") {
        Some(part) => part.to_owned(),
        None => String::new(),
    },
    batch: 1,
    headers: &[],
};

/// A read of the made-up service.
fn other_read(number: usize) -> Operation {
    let address = Address {
        service: &OTHER,
        place: Place::Relative(format!("/things/{number}")),
    };
    Operation::get(OperationName::ListRoleAssignments, address)
}

/// Each service answers on its own host, and nothing else answers.
struct Hosts {
    graph: Arc<Service>,
    other: Arc<Service>,
}

#[async_trait]
impl Transport for Hosts {
    async fn send(&self, request: Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let service = match request.uri().host() {
            Some("graph.test") => &self.graph,
            Some("other.test") => &self.other,
            host => panic!("nothing is at {host:?}"),
        };
        service.send(request).await
    }
}

/// Gives tokens that name their scope, and count up each time one of it is forgotten.
#[derive(Default)]
struct Scopes(Mutex<Vec<String>>);

#[async_trait]
impl TokenSource for Scopes {
    async fn token(&self, scope: &str) -> Result<AccessToken, Error> {
        let forgotten = self.0.lock().unwrap();
        let count = forgotten.iter().filter(|known| *known == scope).count();
        Ok(AccessToken::new(format!("{scope}#{count}"), Timestamp::MAX))
    }

    fn forget(&self, scope: &str) {
        self.0.lock().unwrap().push(scope.to_owned());
    }
}

fn dispatcher(
    graph: &Arc<Service>,
    other: &Arc<Service>,
    services: &[&'static ServiceDescription],
) -> Dispatcher {
    let hosts = Hosts {
        graph: Arc::clone(graph),
        other: Arc::clone(other),
    };
    let wiring = Wiring {
        transport: Arc::new(hosts),
        tokens: Arc::new(Scopes::default()),
        ..wiring(graph, &Arc::default())
    };
    Dispatcher::new(&wiring, services)
}

fn both(graph: &Arc<Service>, other: &Arc<Service>) -> Dispatcher {
    dispatcher(graph, other, &[&GRAPH, &OTHER])
}

fn answers() -> Arc<Service> {
    Service::new(|_| Reply::ok())
}

fn throttles() -> Arc<Service> {
    Service::new(|_| Reply::throttle(Some(40)))
}

async fn submit(
    dispatcher: &Dispatcher,
    operations: impl IntoIterator<Item = Operation>,
) -> Vec<Result<Response, Error>> {
    let submitted = operations.into_iter().map(|one| dispatcher.submit(one));
    futures::future::join_all(submitted).await
}

/// Path and bearer of each operation that came alone.
fn seen(service: &Service) -> Vec<(String, String)> {
    let sent = service.sent();
    let operations = sent.iter().flat_map(|sent| &sent.operations);
    operations
        .map(|seen| {
            let bearer = seen.headers["authorization"].to_str().unwrap();
            (seen.path.clone(), bearer.to_owned())
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_operation_goes_to_the_address_of_its_service_with_a_token_for_it() {
    let (graph, other) = (answers(), answers());
    submit(&both(&graph, &other), [read(1), other_read(1)]).await;
    assert_eq!(
        seen(&graph),
        [(
            "/groups/1".to_owned(),
            "Bearer https://graph.test/.default#0".to_owned()
        )]
    );
    assert_eq!(
        seen(&other),
        [(
            "/api/things/1".to_owned(),
            "Bearer https://audience.test/.default#0".to_owned()
        )]
    );
    let headers = &other.sent()[0].operations[0].headers;
    assert!(!headers.contains_key("x-ms-throttle-priority"));
}

#[tokio::test(start_paused = true)]
async fn what_goes_to_a_service_without_batches_never_travels_in_one() {
    let (graph, other) = (answers(), answers());
    let operations = (0..10).flat_map(|number| [read(number), other_read(number)]);
    let results = submit(&both(&graph, &other), operations).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(graph.sizes(), [10]);
    assert_eq!(other.sizes(), [1; 10]);
}

#[tokio::test(start_paused = true)]
async fn a_service_starts_with_what_its_own_lane_allows() {
    let (graph, other) = (answers(), Service::slow(SECOND, |_| Reply::ok()));
    submit(&both(&graph, &other), (0..10).map(other_read)).await;
    let mut starts: Vec<u64> = other.sent().iter().map(|sent| sent.at.as_secs()).collect();
    starts.sort_unstable();
    assert_eq!(starts[..6], [0, 0, 1, 1, 1, 1], "{starts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_service_does_not_slow_the_other() {
    let throttled = [
        (
            answers(),
            throttles(),
            other_read as fn(usize) -> Operation,
            read as fn(usize) -> Operation,
        ),
        (throttles(), answers(), read, other_read),
    ];
    for (graph, other, held, free) in throttled {
        let dispatcher = both(&graph, &other);
        let held = tokio::spawn({
            let dispatcher = dispatcher.clone();
            async move { dispatcher.submit(held(1)).await }
        });
        tokio::time::sleep(SECOND).await;
        let started = Instant::now();
        let results = submit(&dispatcher, (0..5).map(free)).await;
        assert!(results.iter().all(Result::is_ok));
        assert!(started.elapsed() < SECOND, "{:?}", started.elapsed());
        assert!(!held.is_finished(), "it waits as it was asked to");
        held.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_part_of_a_service_does_not_slow_its_other_parts() {
    let throttles_one = Service::new(|seen| match seen.path.as_str() {
        "/api/parts/1" => Reply::throttle(Some(40)),
        _ => Reply::ok(),
    });
    let dispatcher = both(&answers(), &throttles_one);
    let part = |part: usize| {
        let address = Address {
            service: &OTHER,
            place: Place::Relative(format!("/parts/{part}")),
        };
        Operation::get(OperationName::ListRoleAssignments, address)
    };
    let held = tokio::spawn({
        let dispatcher = dispatcher.clone();
        async move { dispatcher.submit(part(1)).await }
    });
    tokio::time::sleep(SECOND).await;
    let started = Instant::now();
    let results = submit(&dispatcher, (2..5).map(part)).await;
    assert!(results.iter().all(Result::is_ok));
    assert!(started.elapsed() < SECOND, "{:?}", started.elapsed());
    assert!(!held.is_finished(), "it waits as it was asked to");
    held.abort();
}

#[tokio::test(start_paused = true)]
async fn a_token_that_one_service_refused_is_dropped_for_it_alone() {
    let refused = AtomicUsize::new(0);
    let other = Service::new(move |_| match refused.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::json(
            401,
            json!({"error": {"code": "ExpiredAuthenticationToken"}}),
        ),
        _ => Reply::ok(),
    });
    let graph = answers();
    let dispatcher = both(&graph, &other);
    let results = submit(&dispatcher, [other_read(1)]).await;
    assert!(results[0].is_ok());
    dispatcher.submit(read(1)).await.unwrap();
    assert_eq!(seen(&other)[1].1, "Bearer https://audience.test/.default#1");
    assert_eq!(seen(&graph)[0].1, "Bearer https://graph.test/.default#0");
}

#[tokio::test(start_paused = true)]
async fn a_next_page_on_the_host_of_another_service_is_not_followed() {
    let next = json!({"value": [], "@odata.nextLink": "https://graph.test/v1.0/groups?x"});
    let (graph, other) = (
        answers(),
        Service::new(move |_| Reply::json(200, next.clone())),
    );
    let listed = paging::list::<Value>(&both(&graph, &other), other_read(1)).await;
    assert!(listed.unwrap_err().to_string().contains("another host"));
    assert!(graph.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_operation_of_a_service_that_is_not_served_is_refused_at_once() {
    let (graph, other) = (answers(), answers());
    let dispatcher = dispatcher(&graph, &other, &[&GRAPH]);
    let error = dispatcher.submit(other_read(1)).await.unwrap_err();
    assert_eq!(error.class, Class::Bug);
    assert_eq!(error.outcome, CallOutcome::NotExecuted);
    assert!(other.sent().is_empty());
}
