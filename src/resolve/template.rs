//! The template of a group: what it states, which version of it the group has come to be ready with, and whose turn it is to
//! take over a change of it.

use kube::runtime::reflector::ObjectRef;
use kube::{Resource, ResourceExt};
use pim_api::{
    InheritedTemplate, PolicyTemplate, PrivilegedGroup, PrivilegedGroupStatus, TemplateVersion,
};
use pim_core::desired::{ManagementPolicy, Template};
use pim_core::reason::ConditionType;
use pim_core::rollout::{Follower, Pacing, Rollout, RolloutTurn, Uptake};
use pim_core::schedule::ByAccess;

use super::manifests::{Manifests, asks_for_pause};
use super::memory;
use crate::adapters::kinds::Stores;
use crate::adapters::lenient;
use crate::adapters::status::Statuses;
use crate::adapters::wish::{object_name, uid};

/// The template that a group names, if it names one. Whose turn it is follows from all groups that name it.
pub fn template(manifests: &Manifests) -> Option<Template> {
    let reference = manifests.group.spec.policy.template_ref.as_ref()?;
    let settings = match manifests.template.as_deref() {
        None => Err("does not exist".to_owned()),
        Some(object) => match lenient::reason(object) {
            Some(fault) => Err(format!("cannot be read ({fault})")),
            None => Ok(Box::new(ByAccess {
                member: object.spec.member.clone().unwrap_or_default(),
                owner: object.spec.owner.clone().unwrap_or_default(),
            })),
        },
    };
    Some(Template {
        name: reference.name.clone(),
        settings,
        turn: RolloutTurn::Now,
    })
}

/// The version of a template.
pub fn version(template: &PolicyTemplate) -> TemplateVersion {
    TemplateVersion {
        uid: uid(template).0,
        generation: template.meta().generation.unwrap_or_default(),
    }
}

/// What the status of a group remembers of the template that it names now.
pub fn known<'a>(
    group: &PrivilegedGroup,
    status: &'a PrivilegedGroupStatus,
) -> Option<&'a InheritedTemplate> {
    let reference = group.spec.policy.template_ref.as_ref()?;
    let known = status.template.as_ref();
    known.filter(|known| known.name == reference.name)
}

/// Whether a group has come to be ready with its template as it is now, or names none.
pub fn is_applied(manifests: &Manifests, status: &PrivilegedGroupStatus) -> bool {
    let (group, template) = (&*manifests.group, manifests.template.as_deref());
    let applied = known(group, status).and_then(|known| known.applied.clone());
    group.spec.policy.template_ref.is_none() || applied == template.map(version)
}

/// Whether it is the turn of a group to take over a change of its template.
pub fn turn(stores: &Stores, statuses: &Statuses, manifests: &Manifests) -> RolloutTurn {
    let is_applied = statuses.read(&*manifests.group, |status| is_applied(manifests, status));
    match manifests.template.as_deref() {
        Some(template) if !is_applied => {
            let tenant = &manifests.group.spec.tenant_ref.name;
            rollout(stores, statuses, template, tenant).turn(&object_name(&*manifests.group))
        }
        _ => RolloutTurn::Now,
    }
}

/// How the groups of one tenant take over a template: those of another one, which may not answer, hold up nobody here.
pub fn rollout(
    stores: &Stores,
    statuses: &Statuses,
    template: &PolicyTemplate,
    tenant: &str,
) -> Rollout {
    let (name, version) = (template.name_any(), version(template));
    let follows = |group: &PrivilegedGroup| {
        let reference = group.spec.policy.template_ref.as_ref();
        group.spec.tenant_ref.name == tenant
            && group.metadata.deletion_timestamp.is_none()
            && reference.is_some_and(|reference| reference.name == name)
    };
    let groups = stores.groups.state();
    let groups = groups.iter().filter(|group| follows(group));
    let management = stores.tenants.get(&ObjectRef::new(tenant));
    let management = management.map_or_else(Default::default, |one| one.spec.management_policy);
    let known = |group: &PrivilegedGroup| {
        statuses.read(group, |one| follower(group, one, &version, management))
    };
    let followers: Vec<Follower> = groups.map(|group| known(group)).collect();
    Rollout::of(&followers)
}

/// How a group stands with a version of its template.
fn follower(
    group: &PrivilegedGroup,
    status: &PrivilegedGroupStatus,
    version: &TemplateVersion,
    management: ManagementPolicy,
) -> Follower {
    let (known, generation) = (known(group, status), group.metadata.generation);
    let applied = known.and_then(|known| known.applied.as_ref());
    let has_seen = known.is_some_and(|known| known.observed == *version)
        && status.observed_generation == generation;
    let ready = memory::condition(&status.conditions, ConditionType::Ready);
    let uptake = match ready {
        _ if applied == Some(version) => Uptake::Updated,
        Some(ready) if has_seen && ready.status == "False" => {
            Uptake::Failed(ready.last_transition_time.0)
        }
        _ => Uptake::Pending,
    };
    let was_ready =
        applied.is_some() && generation.is_some() && status.matched_generation == generation;
    let pacing = if management == ManagementPolicy::Observe || asks_for_pause(group) {
        Pacing::Paused
    } else if was_ready {
        Pacing::Paced
    } else {
        Pacing::Free
    };
    Follower {
        name: object_name(group),
        uptake,
        pacing,
    }
}
