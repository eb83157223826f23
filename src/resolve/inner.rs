//! Which groups of the tenant the names of objects lead to that are subjects, proved as their own passes prove them: by the key
//! that the object's place gives, or by the boundary that lists what is adopted.

use std::collections::{BTreeMap, BTreeSet};

use pim_core::boundary::Boundary;
use pim_core::desired::{self, NestedGroup, Nesting, Undeclared};
use pim_core::plan::nesting;
use pim_core::principal::{Principal, PrincipalKind, Resolution};
use pim_core::reason::Reason;

use super::manifests::{InnerGroup, Manifests};
use super::{group, identity};
use crate::adapters::lenient;
use crate::adapters::status::Statuses;
use crate::adapters::wish::object_name;
use crate::reader::{Error, GroupTarget, PlainPeople, Reader, UnitLook};

/// How the group stands to the others, for the planner.
pub fn nesting(manifests: &Manifests, statuses: &Statuses, boundary: Option<&Boundary>) -> Nesting {
    let mut subjects: BTreeMap<Principal, NestedGroup> = BTreeMap::new();
    for (subject, way) in &manifests.nested.circles {
        subjects.entry(subject.clone()).or_default().circle = Some(way.clone());
    }
    for (name, status) in &manifests.nested.inner {
        let subject = named(name);
        let inner = manifests.inner.get(name);
        let denial = boundary.and_then(|boundary| {
            // What cannot be read cannot be judged; whoever resolves the name says so.
            let readable = |inner: &&Manifests| lenient::fault(&*inner.group).is_none();
            let inner = inner?.manifests().filter(readable)?;
            let inner = group::group(inner, statuses);
            boundary.judge_nested(&subject, &inner).err()
        });
        let nested = subjects.entry(subject).or_default();
        nested.denial = denial;
        nested.unguarded.clone_from(&status.unguarded);
    }
    Nesting {
        subjects,
        named_by: manifests.nested.named_by.clone(),
    }
}

fn named(object: &str) -> Principal {
    Principal {
        kind: PrincipalKind::PrivilegedGroup,
        name: object.to_owned(),
    }
}

/// What the names of groups lead to that the boundary admits; the others are not looked for.
pub async fn resolve(
    reader: &Reader,
    manifests: &Manifests,
    statuses: &Statuses,
    (outer, boundary): (&desired::Group, Option<&Boundary>),
    subjects: &BTreeSet<Principal>,
) -> Result<Vec<(Principal, Resolution)>, Error> {
    let each = subjects.iter().map(|subject| async move {
        let inner = manifests.inner.get(&subject.name);
        let resolution = one(reader, inner, statuses, (outer, boundary), subject).await?;
        Ok::<_, Error>((subject.clone(), resolution))
    });
    futures::future::try_join_all(each).await
}

async fn one(
    reader: &Reader,
    inner: Option<&InnerGroup>,
    statuses: &Statuses,
    (outer, boundary): (&desired::Group, Option<&Boundary>),
    subject: &Principal,
) -> Result<Resolution, Error> {
    let name = &subject.name;
    let withheld = |reason, message| Resolution::Withheld {
        reason,
        message,
        hint: None,
    };
    let manifests = match inner {
        None | Some(InnerGroup::Missing) => {
            let message = format!(
                "PrivilegedGroup {name} does not exist in this namespace; create it, or correct spec.subjects"
            );
            return Ok(withheld(Reason::ReferenceNotFound, message));
        }
        Some(InnerGroup::WithoutTenant) => {
            let message =
                format!("PrivilegedGroup {name} names an EntraTenant that does not exist");
            return Ok(withheld(Reason::WaitingForDependency, message));
        }
        Some(InnerGroup::There(manifests)) => manifests,
    };
    if let Some(fault) = lenient::fault(&*manifests.group) {
        return Ok(withheld(Reason::WaitingForDependency, fault));
    }
    let inner = group::group(manifests, statuses);
    let judged = boundary.map(|boundary| boundary.judge_nested(subject, &inner));
    if let Some(Err(denial)) = judged {
        return Ok(withheld(Reason::BoundaryDenied, denial.message));
    }
    if let Some(resolution) = nesting::before_reading(outer, &inner) {
        return Ok(resolution);
    }
    let found = reader.find_group(&target(manifests, &inner)).await?;
    Ok(nesting::resolution(
        &inner,
        &found.presence,
        &found.duplicates,
    ))
}

/// Where to look for a group, and nothing of what it holds.
fn target(manifests: &Manifests, inner: &desired::Group) -> GroupTarget {
    let name = object_name(&*manifests.group);
    GroupTarget {
        key: identity::group_key(&manifests.tenant.spec.installation, &name),
        name,
        adopted: inner.adopt,
        assignability: inner.assignability,
        known: inner.adopt.or(inner.last_seen),
        role_scopes: BTreeSet::new(),
        schedule_scopes: BTreeSet::new(),
        undeclared_roles: Undeclared::Ignore,
        plain_people: PlainPeople::OnDemand,
        unit: UnitLook::Never,
    }
}
