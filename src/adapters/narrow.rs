//! A client of the cluster that has only so many requests under way at once. Each of them takes a connection of its own, with a
//! handshake of TLS and buffers on both sides: without a bound, groups that are worked on at the same time open hundreds.

use std::time::Duration;

use http::Request;
use kube::Client;
use kube::client::Body;
use tower::{ServiceBuilder, service_fn};

/// How many requests are under way at once. At 10 ms each they are 1,600 a second, more than an API server gives to one client.
const AT_ONCE: usize = 16;
/// How long a request may take before it is given up, so that one without an answer does not keep others from beginning. What
/// may take less, such as a write in a term, says so itself.
const LONGEST: Duration = Duration::from_mins(1);

/// The client whose requests wait for their turn, first come, first served. A request is under way until the head of its answer
/// comes. Not for what must never wait: watches, which do not end, and the renewal of a Lease.
pub fn narrow(client: Client) -> Client {
    let namespace = client.default_namespace().to_owned();
    let sent = service_fn(move |request: Request<Body>| {
        let client = client.clone();
        async move { client.send(request).await }
    });
    let service = ServiceBuilder::new()
        .concurrency_limit(AT_ONCE)
        .timeout(LONGEST)
        .service(sent);
    Client::new(service, namespace)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::{join_all, pending};
    use http::Response;
    use k8s_openapi::api::core::v1::Secret;
    use kube::Api;

    use super::*;

    /// What a cluster sees of its client.
    #[derive(Default)]
    struct Seen {
        under_way: AtomicUsize,
        most: AtomicUsize,
        all: AtomicUsize,
    }

    /// A cluster that takes a second for each request, and what it sees.
    fn slow() -> (Client, Arc<Seen>) {
        let seen = Arc::new(Seen::default());
        let counts = Arc::clone(&seen);
        let service = service_fn(move |_: Request<Body>| {
            let seen = Arc::clone(&counts);
            async move {
                let now = seen.under_way.fetch_add(1, Ordering::SeqCst) + 1;
                seen.most.fetch_max(now, Ordering::SeqCst);
                seen.all.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_secs(1)).await;
                seen.under_way.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, Infallible>(Response::new(Body::from(b"{}".to_vec())))
            }
        });
        (Client::new(service, "default"), seen)
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_requests_at_once_are_sent_a_few_at_a_time_and_all_are_answered() {
        let (client, seen) = slow();
        let secrets: Api<Secret> = Api::default_namespaced(narrow(client));
        let asked = (0..100).map(|_| secrets.get("credential"));
        let answers = join_all(asked).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert_eq!(seen.all.load(Ordering::SeqCst), 100);
        assert_eq!(seen.most.load(Ordering::SeqCst), AT_ONCE);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_without_an_answer_are_given_up_so_that_others_can_begin() {
        let silent = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
        let secrets: Api<Secret> = Api::default_namespaced(narrow(Client::new(silent, "default")));
        let began = tokio::time::Instant::now();
        let answers = join_all((0..2 * AT_ONCE).map(|_| secrets.get("credential"))).await;
        assert!(answers.iter().all(Result::is_err));
        assert_eq!(began.elapsed().as_secs(), 2 * LONGEST.as_secs());
    }
}
