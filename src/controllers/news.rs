//! What a pass found out about the tenant that people want to know: somebody activated, what was taken for later has
//! come about, a verdict needs somebody. Told once, also over a restart: what status says already is no news.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use pim_api::AssignmentStatus;
use pim_core::action::{GrantVerb, Write};
use pim_core::desired::{GrantRecord, Object, Remover, Unit};
use pim_core::event::EventReason;
use pim_core::ids::PrincipalId;
use pim_core::knowledge::{Progress, Sent, whole_second};
use pim_core::plan::Plan;
use pim_core::reason::{ConditionType, Reason};
use pim_core::schedule::{End, Key, Window};
use pim_core::verdict::{Record, Row, State, UndeclaredFinding, Verdict};

use super::conditions::{LONGEST_MESSAGE, cut};
use super::context::Context;
use super::events;
use super::report::{self, ends_soon, found_undeclared};
use crate::adapters::kinds::{Manifest, each_manifest};
use crate::resolve::{Manifests, memory};

/// Tells what is new in a plan, before it is written into status.
pub async fn tell(context: &Context, manifests: &Manifests, unit: &Unit, plan: &Plan) {
    for manifest in manifests.all() {
        let object = manifest.object();
        let found = match &manifest {
            Manifest::EligibleAssignment(one) => {
                of_assignment(unit, plan, &object, &context.statuses.latest(&**one))
            }
            Manifest::ActiveAssignment(one) => {
                of_assignment(unit, plan, &object, &context.statuses.latest(&**one))
            }
            Manifest::RoleBinding(one) => {
                let status = context.statuses.latest(&**one);
                let before = memory::sent(status.last_write.as_ref(), status.request.as_ref());
                let bound = of_binding(unit, &object, before.as_ref());
                let advice = advice(plan, &object, &status.conditions);
                bound.into_iter().chain(advice).collect()
            }
            Manifest::PrivilegedGroup(one) => {
                let known = context.statuses.latest(&**one).conditions;
                let undeclared = undeclared(unit, plan, &object, &known);
                let warnings = warned(plan, &object, &known);
                undeclared.into_iter().chain(warnings).collect()
            }
            _ => Vec::new(),
        };
        for (about, reason, note) in found {
            let topic = format!("{object}/{about}");
            if context.notes.is_news(&topic, &note) && !note.is_empty() {
                let about = manifest.reference();
                context.events.publish(about, reason, &note).await;
            }
        }
        warn(context, &manifest, plan).await;
    }
}

type News = (String, EventReason, String);

/// What is new about the people of an assignment.
fn of_assignment(unit: &Unit, plan: &Plan, object: &Object, known: &AssignmentStatus) -> Vec<News> {
    let Some(verdict) = plan.verdicts.get(object) else {
        return Vec::new();
    };
    let records = memory::records(known);
    let mut news = Vec::new();
    for row in verdict.rows() {
        let Some(principal) = row.principal else {
            continue;
        };
        let before = records.iter().find(|record| record.principal == principal);
        let was_activated = before.and_then(|record| record.activated_until);
        let topic = format!("activation of {principal}");
        news.extend(
            activation(unit, principal, was_activated, row.activated_until)
                .map(|(reason, note)| (topic, reason, note)),
        );
        let known = records.iter().find(|record| record.subject == row.subject);
        news.extend(removed(unit, object, row, known));
        let known = known.and_then(|record| record.sent.as_ref());
        news.extend(granted(unit, object, row, known));
    }
    news.extend(expiring(verdict, &known.conditions));
    news
}

/// Whose access ends soon; an empty note once nobody's does any more.
fn expiring(verdict: &Verdict, known: &[Condition]) -> Option<News> {
    let Record::Assignment(record) = &verdict.record else {
        return None;
    };
    let note = ends_soon(record).unwrap_or_default();
    let is_told = is_told(known, ConditionType::Expiring, &note);
    (!is_told).then(|| ("expiring".to_owned(), EventReason::AccessEndsSoon, note))
}

/// Whether an activation has begun or ended.
fn activation(
    unit: &Unit,
    principal: PrincipalId,
    before: Option<End>,
    now: Option<End>,
) -> Option<(EventReason, String)> {
    let (who, group) = (unit.principal(principal), &unit.group.display_name);
    match (before, now) {
        (None, Some(end)) => {
            let until = match end {
                End::At(end) => format!("until {}", whole_second(end)),
                End::Never => "without end".to_owned(),
            };
            let note = format!("{who} activated {group} {until}");
            Some((EventReason::ActivationStarted, note))
        }
        (Some(end), None) => {
            let planned = match end {
                End::At(end) => format!("; it was to last until {}", whole_second(end)),
                End::Never => String::new(),
            };
            let note = format!("the activation of {who} in {group} has ended{planned}");
            Some((EventReason::ActivationEnded, note))
        }
        _ => None,
    }
}

/// Whether the tenant has carried out what it took for later. That it shows the same says nothing of it.
fn came_through(before: Option<&Sent>, now: Option<&Sent>) -> bool {
    let request = now.and_then(|sent| sent.request.as_ref());
    before.is_some_and(Sent::is_underway)
        && request.is_some_and(|request| request.progress == Progress::Finished)
}

/// Access that the tenant took for later and has given.
fn granted(unit: &Unit, object: &Object, row: &Row, before: Option<&Sent>) -> Option<News> {
    let principal = row.principal?;
    let mut assignments = unit.assignments.iter();
    let assignment = assignments.find(|one| one.object() == *object)?;
    let record = assignment.record(&row.subject)?;
    if !came_through(before, record.sent.as_ref()) {
        return None;
    }
    let write = Write::Grant {
        group: unit.group.last_seen?,
        key: Key {
            access: assignment.access,
            principal,
            kind: assignment.kind,
        },
        verb: GrantVerb::Assign,
        window: Window {
            start: None,
            end: row.end?,
        },
        justification: String::new(),
        ticket: None,
    };
    let topic = format!("access of {principal}");
    Some((topic, events::reason(&write), unit.tell(&write).done()))
}

/// Access that somebody took away in the tenant and that is not given again, once for each generation.
fn removed(unit: &Unit, object: &Object, row: &Row, before: Option<&GrantRecord>) -> Option<News> {
    let removal = row.removed?;
    let generation = removal.generation;
    let is_known = before.is_some_and(|record| record.removed == Some(removal));
    let topic = format!("removal of {} in generation {generation}", row.subject);
    let who = unit.principal(row.principal?);
    let mut assignments = unit.assignments.iter();
    let access = assignments.find(|one| one.object() == *object)?.access;
    let author = unit.audit.remover(access, row.principal?);
    let by = match removal.by {
        Remover::AccessReview => "an access review".to_owned(),
        Remover::Other => author.map_or_else(|| "somebody".to_owned(), ToString::to_string),
    };
    let note = format!(
        "{by} took the access of {who} to {} away in the tenant; it is held until {object} is edited",
        unit.group.display_name
    );
    (!is_known).then_some((topic, EventReason::RemovedByOthers, note))
}

/// A role that the tenant took for later and has bound.
fn of_binding(unit: &Unit, object: &Object, before: Option<&Sent>) -> Option<News> {
    let binding = unit.bindings.iter().find(|one| one.name == object.name)?;
    if !came_through(before, binding.sent.as_ref()) {
        return None;
    }
    let write = Write::BindRole {
        group: unit.group.last_seen?,
        role: binding.bound()?,
        by: binding.kept_as(),
        verb: GrantVerb::Assign,
        window: binding.schedule.window(binding.first_bound?),
        condition: None,
        justification: String::new(),
        ticket: None,
    };
    Some((
        "role".to_owned(),
        events::reason(&write),
        unit.tell(&write).done(),
    ))
}

/// What people should know of a role that stands as declared.
fn advice(plan: &Plan, object: &Object, known: &[Condition]) -> Option<News> {
    let Record::Binding(record) = &plan.verdicts.get(object)?.record else {
        return None;
    };
    let advice = record.advice.clone()?;
    let ready = memory::condition(known, ConditionType::Ready);
    let is_told = ready.is_some_and(|ready| ready.message.contains(&advice));
    (!is_told).then(|| ("advice".to_owned(), EventReason::RoleIsSlow, advice))
}

/// What no object declares; an empty note once there is nothing any more.
fn undeclared(unit: &Unit, plan: &Plan, object: &Object, known: &[Condition]) -> Option<News> {
    let Record::Group(record) = &plan.verdicts.get(object)?.record else {
        return None;
    };
    let UndeclaredFinding::Found {
        told: found,
        people,
    } = &record.undeclared
    else {
        return None;
    };
    let news = |note| {
        let topic = "undeclared".to_owned();
        Some((topic, EventReason::UndeclaredAccessFound, note))
    };
    if found.is_empty() {
        return news(String::new());
    }
    let message = found_undeclared(found);
    if is_told(known, ConditionType::UndeclaredAccess, &message) {
        None
    } else {
        let mut given: Vec<String> = people
            .iter()
            .filter_map(|who| {
                let author = unit.audit.giver(*who)?;
                Some(format!("{} by {author}", unit.principal(*who)))
            })
            .collect();
        given.dedup();
        let by = if given.is_empty() {
            String::new()
        } else {
            format!("; given, says the audit log: {}", given.join(", "))
        };
        news(message + &by)
    }
}

/// What people should know of a group that stands as declared; an empty note once that is over.
fn warned(plan: &Plan, object: &Object, known: &[Condition]) -> Vec<News> {
    let verdict = plan.verdicts.get(object);
    let Some(Record::Group(record)) = verdict.map(|verdict| &verdict.record) else {
        return Vec::new();
    };
    let warnings = report::warnings(record).into_iter();
    let news = warnings.filter(|one| !is_told(known, one.kind, &one.message));
    news.map(|one| (one.kind.as_str().to_owned(), one.event, one.message))
        .collect()
}

/// Whether a condition says so already.
fn is_told(known: &[Condition], kind: ConditionType, message: &str) -> bool {
    let told = memory::condition(known, kind);
    told.is_some_and(|told| told.message == cut(message, LONGEST_MESSAGE))
}

/// Warns of a verdict that needs somebody.
async fn warn(context: &Context, manifest: &Manifest, plan: &Plan) {
    let object = manifest.object();
    let topic = format!("{object}/verdict");
    let Some((reason, event, message)) = warning(&object, plan) else {
        // What was warned of is over; if it comes again, it is news again.
        context.notes.is_news(&topic, "");
        return;
    };
    let known = each_manifest!(manifest, one => context.statuses.latest(&**one).conditions);
    let is_news = context.notes.is_news(&topic, &message);
    if is_news && !says(&known, reason, &message) {
        let about = manifest.reference();
        context.events.publish(about, event, &message).await;
    }
}

/// Whether conditions say so already.
pub fn says(conditions: &[Condition], reason: Reason, message: &str) -> bool {
    let ready = memory::condition(conditions, ConditionType::Ready);
    ready.is_some_and(|ready| {
        ready.reason == reason.as_str() && ready.message == cut(message, LONGEST_MESSAGE)
    })
}

fn warning(object: &Object, plan: &Plan) -> Option<(Reason, EventReason, String)> {
    let (State::Stuck { reason, message } | State::Waiting { reason, message }) =
        plan.state(object)?
    else {
        return None;
    };
    let event = match reason {
        Reason::BoundaryDenied | Reason::BoundaryViolated | Reason::RevokedByBoundary => {
            EventReason::BoundaryDenied
        }
        Reason::PrincipalNotFound | Reason::PrincipalChanged | Reason::AmbiguousName => {
            EventReason::PrincipalNotFound
        }
        Reason::PrincipalDenied => EventReason::PrincipalDenied,
        Reason::PrincipalProtected => EventReason::PrincipalProtected,
        Reason::Conflict => EventReason::Conflict,
        Reason::AdoptionConflict | Reason::AdoptionRequired => EventReason::AdoptionConflict,
        Reason::DeletionBlocked => EventReason::DeletionBlocked,
        _ => return None,
    };
    Some((*reason, event, message.clone()))
}
