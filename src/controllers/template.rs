//! What the status of a template says: how far the groups that name it have taken it over, and whether they failed with it.
//! Whose turn it is follows from how the groups stand, and is worked out anew each time.

use kube::runtime::reflector::{ObjectRef, Store};
use kube::{Resource, ResourceExt};
use pim_api::{PolicyTemplate, PolicyTemplateStatus, PrivilegedGroup, TemplateGroups};
use pim_core::event::EventReason;
use pim_core::reason::{ConditionType, Reason};
use pim_core::rollout::Rollout;
use pim_core::verdict::State;

use super::conditions::{Conditions, cut};
use super::context::Context;
use super::summary::{Summarized, tenants_of, topic};
use crate::adapters::kinds::Stores;
use crate::adapters::lenient;
use crate::resolve::{memory, template};
use crate::telemetry::metrics::Controller as Label;

/// How many groups are named at most.
const NAMED: usize = 5;

impl Summarized for PolicyTemplate {
    const LABEL: Label = Label::Template;

    fn store(stores: &Stores) -> &Store<Self> {
        &stores.templates
    }

    fn named_by(group: &PrivilegedGroup) -> Option<&str> {
        let reference = group.spec.policy.template_ref.as_ref();
        reference.map(|reference| reference.name.as_str())
    }

    async fn summarize(&self, context: &Context) -> PolicyTemplateStatus {
        let mut rollouts = Vec::new();
        for tenant in tenants_of::<Self>(context, &self.name_any()) {
            let rollout = template::rollout(&context.stores, &context.statuses, self, &tenant);
            // Whoever failed may have gone, or may inherit from it no more.
            wake_beginning(context, self, &tenant, &rollout);
            rollouts.push(rollout);
        }
        let known = context.statuses.latest(self);
        let state = state(self, &rollouts);
        announce(context, self, &known, &state).await;
        let (generation, now) = (self.metadata.generation, context.clock.now());
        let mut conditions = Conditions::new(&known.conditions, generation, now);
        match &state {
            State::Ready => conditions.ready(&told(&rollouts)),
            state => conditions.state(state),
        };
        PolicyTemplateStatus {
            observed_generation: generation,
            conditions: conditions.finish(),
            groups: Some(counts(&rollouts)),
            first_failed: failed(&rollouts).next().map(|name| cut(&name, 512)),
        }
    }
}

fn counts(rollouts: &[Rollout]) -> TemplateGroups {
    let sum = |of: fn(&Rollout) -> usize| {
        let sum: usize = rollouts.iter().map(of).sum();
        i64::try_from(sum).unwrap_or(i64::MAX)
    };
    let (updated, waiting, failed) = (
        sum(|one| one.updated),
        sum(|one| one.waiting.len()),
        sum(|one| one.failed.len()),
    );
    TemplateGroups {
        using: updated + waiting + failed,
        updated,
        waiting,
        failed,
    }
}

/// The groups that failed; of each tenant the first one first, and those before all others that hold up somebody.
fn failed(rollouts: &[Rollout]) -> impl Iterator<Item = String> {
    let holding_up = rollouts.iter().flat_map(|one| &one.stopped_by);
    let others = rollouts.iter().flat_map(|one| {
        let failed = one.failed.iter();
        failed.filter(|name| !one.stopped_by.contains(name))
    });
    holding_up.chain(others).map(ToString::to_string)
}

/// How the template stands. Groups that failed for reasons of their own say so themselves.
fn state(template: &PolicyTemplate, rollouts: &[Rollout]) -> State {
    if let Some(message) = lenient::fault(template) {
        return State::stuck(Reason::InvalidSpec, message);
    }
    if rollouts.iter().any(|one| !one.stopped_by.is_empty()) {
        let message = format!(
            "{}; no other group of their tenant takes it over: mend them, or change the template",
            told(rollouts)
        );
        return State::stuck(Reason::RolloutStopped, message);
    }
    if rollouts.iter().any(|one| one.waiting.len() > one.paused) {
        let beginning = rollouts.iter().flat_map(|one| &one.beginning);
        let names: Vec<String> = beginning.take(NAMED).map(ToString::to_string).collect();
        let at_it = if names.is_empty() {
            String::new()
        } else {
            format!("; taking it over now: {}", names.join(", "))
        };
        return State::waiting(Reason::Progressing, format!("{}{at_it}", told(rollouts)));
    }
    State::Ready
}

/// How far it has come, in words.
fn told(rollouts: &[Rollout]) -> String {
    let counts = counts(rollouts);
    if counts.using == 0 {
        return "no group names it".to_owned();
    }
    let names: Vec<String> = failed(rollouts).take(NAMED).collect();
    let failed = if names.is_empty() {
        String::new()
    } else {
        format!(", {} failed: {}", counts.failed, names.join(", "))
    };
    let paused = match rollouts.iter().map(|one| one.paused).sum::<usize>() {
        0 => String::new(),
        paused => format!(", {paused} are paused"),
    };
    format!(
        "{} of {} groups have it{paused}{failed}",
        counts.updated, counts.using
    )
}

/// Tells that groups failed with it; what status says already is no news.
async fn announce(
    context: &Context,
    template: &PolicyTemplate,
    known: &PolicyTemplateStatus,
    state: &State,
) {
    let topic = format!("{}/rollout", topic::<PolicyTemplate>(&template.name_any()));
    let stopped = match state {
        State::Stuck {
            reason: Reason::RolloutStopped,
            message,
        } => Some(message),
        _ => None,
    };
    let saying = stopped.map_or_else(String::new, |_| {
        format!("{:?}", template.metadata.generation)
    });
    let ready = memory::condition(&known.conditions, ConditionType::Ready);
    let is_said = known.observed_generation == template.metadata.generation
        && ready.is_some_and(|ready| ready.reason == Reason::RolloutStopped.as_str());
    if let (true, Some(message), false) = (context.notes.is_news(&topic, &saying), stopped, is_said)
    {
        let (events, about) = (&context.events, template.object_ref(&()));
        events
            .publish(about, EventReason::RolloutStopped, message)
            .await;
    }
}

/// Wakes the groups whose turn has come, after a pass over another one of their tenant.
pub fn pass_turn_on(context: &Context, group: &PrivilegedGroup) {
    let template = PolicyTemplate::named_by(group)
        .and_then(|name| context.stores.templates.get(&ObjectRef::new(name)));
    if let Some(template) = template {
        let tenant = &group.spec.tenant_ref.name;
        let rollout = template::rollout(&context.stores, &context.statuses, &template, tenant);
        wake_beginning(context, &template, tenant, &rollout);
    }
}

/// Wakes the groups whose turn has come since it was last worked out.
fn wake_beginning(context: &Context, template: &PolicyTemplate, tenant: &str, rollout: &Rollout) {
    let beginning = rollout.beginning.iter().map(ToString::to_string);
    let beginning: Vec<String> = beginning.collect();
    let saying = format!("{:?} {}", template::version(template), beginning.join(", "));
    let topic = format!(
        "{}/turn/{tenant}",
        topic::<PolicyTemplate>(&template.name_any())
    );
    if context.notes.is_news(&topic, &saying) {
        for group in &rollout.beginning {
            context.waker.group(group);
        }
    }
}
