//! Runs operations of Graph: one, or the items of a `$batch`, with the waits that faults ask for.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::handle::Simulator;
use crate::areas::ROUTER;
use crate::behaviours::protocol::{SHUFFLE_BATCH, THROTTLING};
use crate::error::GraphError;
use crate::faults::{FaultDecision, FaultEffect, Traffic};
use crate::journal::{Answer, BatchItem, Entry};
use crate::protocol::batch::{self, Item};
use crate::protocol::envelope::{self, Identity};
use crate::protocol::{self, Incoming, Outgoing, authenticate, throttle};
use crate::state::Tenant;

/// Operation and path of an envelope.
const BATCH: (&str, &str) = ("batch", "/$batch");

/// Waits; a wait of nothing is none.
pub(super) async fn wait(duration: SignedDuration) {
    if let Ok(duration) = std::time::Duration::try_from(duration)
        && !duration.is_zero()
    {
        tokio::time::sleep(duration).await;
    }
}

/// Waits as a scripted fault asks.
pub(super) async fn delayed(fault: Option<&FaultDecision>) {
    if let Some(fault) = fault {
        wait(fault.delay()).await;
    }
}

pub(super) async fn single(simulator: &Simulator, incoming: Incoming) -> Outgoing {
    let prepared = protocol::prepare(&mut simulator.lock(), &ROUTER, incoming);
    delayed(prepared.fault.as_ref()).await;
    protocol::execute(&mut simulator.lock(), prepared)
}

struct Envelope {
    number: u64,
    items: Vec<Item>,
    identity: Identity,
    fault: Option<FaultDecision>,
}

pub(super) async fn batch(simulator: &Simulator, outer: Incoming) -> Outgoing {
    let fault = simulator
        .lock()
        .faults
        .decide("batch", Traffic::Reads, "POST", "/$batch");
    delayed(fault.as_ref()).await;
    let envelope = match open(&mut simulator.lock(), &outer, fault) {
        Ok(envelope) => envelope,
        Err(refused) => return *refused,
    };
    let before = envelope
        .fault
        .as_ref()
        .is_some_and(|fault| fault.effect == FaultEffect::DropBefore);
    let items = if before { Vec::new() } else { envelope.items };
    let order: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
    let answers = run(simulator, envelope.number, items).await;
    close(
        &mut simulator.lock(),
        &envelope.identity,
        envelope.fault.as_ref(),
        &order,
        answers,
    )
}

/// Judges the envelope itself: caller, script, shape.
fn open(
    tenant: &mut Tenant,
    outer: &Incoming,
    fault: Option<FaultDecision>,
) -> Result<Envelope, Box<Outgoing>> {
    tenant.catch_up();
    let identity = Identity::new(tenant.new_request_id(), &outer.headers, tenant.now());
    let judged = authenticate::caller(tenant, &outer.headers, &outer.host)
        .and_then(|_| fault.as_ref().map_or(Ok(()), struck))
        .and_then(|()| batch::read(outer))
        .and_then(|items| crowded(tenant, &items, identity.at).map(|()| items));
    match judged {
        Ok(items) => Ok(Envelope {
            number: tenant.journal.next_envelope(),
            items,
            identity,
            fault,
        }),
        Err(error) => {
            let outgoing = envelope::refusal(&error, &identity);
            note(
                tenant,
                BATCH,
                &identity,
                &outgoing,
                Some(error.code),
                fault.as_ref(),
            );
            Err(Box::new(outgoing))
        }
    }
}

/// The refusal of an envelope. One that is to be dropped is opened, runs nothing and is lost.
fn struck(fault: &FaultDecision) -> Result<(), GraphError> {
    if fault.drops() {
        Ok(())
    } else {
        fault.refusal()
    }
}

/// A large batch of policy requests meets 429 on the envelope while the policy service is still refusing
/// (cisagov/ScubaGear#2157).
fn crowded(tenant: &mut Tenant, items: &[Item], now: Timestamp) -> Result<(), GraphError> {
    let policies = items.len() > 1
        && items
            .iter()
            .all(|item| item.incoming.target.contains("/policies/"));
    if !policies || !tenant.behaviours.get(&THROTTLING) {
        return Ok(());
    }
    match throttle::policy_wait(tenant, now) {
        Some(wait) => {
            tenant.journal.counters.throttled += 1;
            Err(GraphError::new(
                StatusCode::TOO_MANY_REQUESTS,
                "UnknownError",
                "Too Many Requests",
            )
            .retry_after(wait))
        }
        None => Ok(()),
    }
}

/// The answers of items by id; `lost` when one of them must not reach the client.
#[derive(Default)]
struct Answers {
    by_id: BTreeMap<String, Value>,
    lost: bool,
}

/// Runs items as their dependencies allow: those that wait for nothing together.
async fn run(simulator: &Simulator, number: u64, mut items: Vec<Item>) -> Answers {
    let mut answers = Answers::default();
    let mut succeeded = BTreeSet::new();
    let mut done = BTreeSet::new();
    while !items.is_empty() {
        let (ready, waiting): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| {
            item.depends_on
                .iter()
                .all(|id| done.contains(&id.to_ascii_lowercase()))
        });
        items = waiting;
        let mut running = Vec::new();
        for mut item in ready {
            done.insert(item.id.to_ascii_lowercase());
            if item
                .depends_on
                .iter()
                .all(|id| succeeded.contains(&id.to_ascii_lowercase()))
            {
                item.incoming.batch = Some(BatchItem {
                    envelope: number,
                    id: item.id.clone(),
                });
                running.push(async { (item.id, single(simulator, item.incoming).await) });
            } else {
                let answer = batch::dependency_failed(&item.id);
                answers.by_id.insert(item.id, answer);
            }
        }
        for (id, outgoing) in join_all(running).await {
            answers.lost |= outgoing.lost;
            if outgoing.status.as_u16() < 400 {
                succeeded.insert(id.to_ascii_lowercase());
            }
            answers
                .by_id
                .insert(id.clone(), batch::response(&id, &outgoing));
        }
    }
    answers
}

fn close(
    tenant: &mut Tenant,
    identity: &Identity,
    fault: Option<&FaultDecision>,
    order: &[String],
    mut answers: Answers,
) -> Outgoing {
    let mut ids: Vec<&String> = order.iter().collect();
    if tenant.behaviours.get(&SHUFFLE_BATCH) {
        ids.sort_by_key(|id| (tenant.jitter(&[&identity.request_id, id]) * 1e9).to_bits());
    }
    let responses: Vec<Value> = ids
        .into_iter()
        .filter_map(|id| answers.by_id.remove(id))
        .collect();
    let mut outgoing = envelope::plain(StatusCode::OK, json!({"responses": responses}), identity);
    let dropped = fault.is_some_and(FaultDecision::drops);
    outgoing.lost = answers.lost || dropped;
    note(tenant, BATCH, identity, &outgoing, None, fault);
    outgoing
}

/// Notes a request that is no operation of Graph: a `$batch`, or one for a token.
pub(super) fn note(
    tenant: &mut Tenant,
    (operation, path): (&str, &str),
    identity: &Identity,
    outgoing: &Outgoing,
    code: Option<String>,
    fault: Option<&FaultDecision>,
) {
    let answer = if outgoing.lost {
        Answer::Lost
    } else {
        Answer::Sent
    };
    tenant.journal.close(Entry {
        method: "POST".to_owned(),
        path: path.to_owned(),
        status: outgoing.status.as_u16(),
        code,
        request_id: identity.request_id.clone(),
        fault: fault.map(|fault| fault.rule),
        answer,
        ..Entry::unasked(operation, identity.at)
    });
}
