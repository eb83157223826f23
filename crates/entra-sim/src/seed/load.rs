//! Turns a seed into the state of a tenant.

use jiff::{SignedDuration, Timestamp};

use super::applications::{load_application, load_graph};
use super::azure::load_azure;
use super::ids::{free, stable};
use super::model::{Error, Seed, SeedGroup, SeedGroupKind, SeedUser};
use crate::directory::{self, AdministrativeUnit, UserType, membership};
use crate::ids::{Access, AppId, ObjectId, RoleId};
use crate::intune::state::{IntuneOrigin, IntuneRole};
use crate::journal::{Effect, Entry};
use crate::roles::definition::{RoleDefinition, RoleOrigin};
use crate::state::Tenant;

/// Loads a seed into an empty tenant. Everything is a year old, so no delay touches it.
pub(crate) fn load(tenant: &mut Tenant, seed: &Seed) -> Result<(), Error> {
    let now = tenant.now();
    let born = now
        .saturating_sub(SignedDuration::from_hours(24 * 365))
        .unwrap_or(now);
    tenant.directory.organization = directory::Organization {
        display_name: seed.tenant.display_name.clone(),
        domains: seed.tenant.domains.clone(),
    };
    load_graph(tenant, born);
    for application in &seed.applications {
        load_application(tenant, application, born)?;
    }
    for user in &seed.users {
        load_user(tenant, user, born)?;
    }
    for group in &seed.groups {
        load_group(tenant, group, born)?;
    }
    for group in &seed.groups {
        load_holders(tenant, group, born)?;
    }
    load_units(tenant, seed)?;
    load_contexts(tenant, seed);
    load_access_policies(tenant, seed);
    for role in &seed.custom_roles {
        let id = RoleId::new(
            role.id
                .unwrap_or_else(|| stable(tenant, "role", &role.display_name)),
        );
        let template = role.template_id.map_or(id, RoleId::new);
        tenant.roles.add_definition(RoleDefinition {
            id,
            template_id: template,
            display_name: role.display_name.clone(),
            origin: RoleOrigin::Custom,
            actions: role.actions.clone(),
        });
    }
    load_azure(tenant, &seed.azure, born)?;
    for role in &seed.intune_roles {
        let id = role
            .id
            .unwrap_or_else(|| stable(tenant, "intune role", &role.display_name));
        let loaded = IntuneRole {
            id,
            display_name: role.display_name.clone(),
            origin: IntuneOrigin::Custom,
        };
        tenant.intune.roles.insert(id, loaded);
    }
    tenant.journal.close(Entry::unasked("seed", now));
    Ok(())
}

fn load_user(tenant: &mut Tenant, seed: &SeedUser, born: Timestamp) -> Result<(), Error> {
    let id = seed
        .id
        .unwrap_or_else(|| ObjectId::new(stable(tenant, "user", &seed.user_principal_name)));
    free(tenant, id)?;
    let (given, family) = match seed.display_name.split_once(' ') {
        Some((given, family)) => (Some(given.to_owned()), Some(family.to_owned())),
        None => (None, None),
    };
    let user = directory::User {
        id,
        display_name: seed.display_name.clone(),
        user_principal_name: seed.user_principal_name.clone(),
        mail: seed
            .mail
            .clone()
            .or_else(|| Some(seed.user_principal_name.clone())),
        given_name: given,
        surname: family,
        job_title: seed.job_title.clone(),
        user_type: if seed.guest {
            UserType::Guest
        } else {
            UserType::Member
        },
        account_enabled: seed.enabled,
        created_at: born,
    };
    tenant.directory.users.insert(id, user);
    tenant.effect(born, Effect::UserCreated { user: id });
    Ok(())
}

fn group_id(tenant: &Tenant, seed: &SeedGroup) -> ObjectId {
    seed.id
        .unwrap_or_else(|| ObjectId::new(stable(tenant, "group", &seed.display_name)))
}

fn load_group(tenant: &mut Tenant, seed: &SeedGroup, born: Timestamp) -> Result<(), Error> {
    let id = group_id(tenant, seed);
    free(tenant, id)?;
    let mut group = directory::Group::new(born);
    group.id = id;
    group.display_name.clone_from(&seed.display_name);
    group.description.clone_from(&seed.description);
    group.mail_nickname = seed
        .mail_nickname
        .clone()
        .unwrap_or_else(|| nickname(&seed.display_name));
    group.unique_name.clone_from(&seed.unique_name);
    group.created_by = seed.created_by;
    if seed.role_assignable {
        group.assignable_to_role = Some(true);
        group.visibility = Some("Private".to_owned());
    }
    if seed.synced {
        group.on_premises_sync = Some(true);
    }
    match seed.kind {
        SeedGroupKind::Security => {}
        SeedGroupKind::Unified => {
            group.mail_enabled = true;
            group.group_types.push("Unified".to_owned());
        }
        SeedGroupKind::Distribution => {
            group.mail_enabled = true;
            group.security_enabled = false;
        }
    }
    if let Some(rule) = &seed.membership_rule {
        group.group_types.push("DynamicMembership".to_owned());
        group.membership_rule = Some(rule.clone());
        group.membership_rule_processing = Some("On".to_owned());
    }
    let effect = Effect::GroupCreated {
        group: id,
        display_name: group.display_name.clone(),
        unique_name: group.unique_name.clone(),
        role_assignable: seed.role_assignable,
    };
    tenant.directory.groups.insert(id, group);
    tenant.effect(born, effect);
    Ok(())
}

fn nickname(name: &str) -> String {
    let kept = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    kept.take(64).collect::<String>().to_lowercase()
}

fn load_holders(tenant: &mut Tenant, seed: &SeedGroup, born: Timestamp) -> Result<(), Error> {
    let group = group_id(tenant, seed);
    for (access, names) in [
        (Access::Member, &seed.members),
        (Access::Owner, &seed.owners),
    ] {
        for name in names {
            let place = format!("the {} of group {}", access.navigation(), seed.display_name);
            let principal = resolve(tenant, name, &place)?;
            membership::add(tenant, group, access, principal, born);
        }
    }
    Ok(())
}

fn resolve(tenant: &Tenant, reference: &str, place: &str) -> Result<ObjectId, Error> {
    let directory = &tenant.directory;
    let by_id = reference
        .parse()
        .ok()
        .filter(|id| directory.principal(*id).is_some());
    let by_client = || {
        let app: AppId = reference.parse().ok()?;
        directory.service_principal_of(app).map(|one| one.id)
    };
    let by_user = || directory.user(reference).map(|user| user.id);
    let by_group = || {
        let mut groups = directory.groups.values();
        groups
            .find(|group| group.display_name == reference)
            .map(|group| group.id)
    };
    by_id
        .or_else(by_client)
        .or_else(by_user)
        .or_else(by_group)
        .ok_or_else(|| Error::Reference {
            reference: reference.to_owned(),
            place: place.to_owned(),
        })
}

fn load_units(tenant: &mut Tenant, seed: &Seed) -> Result<(), Error> {
    for unit in &seed.administrative_units {
        let id = unit
            .id
            .unwrap_or_else(|| ObjectId::new(stable(tenant, "unit", &unit.display_name)));
        free(tenant, id)?;
        let place = format!("administrative unit {}", unit.display_name);
        let members = unit
            .members
            .iter()
            .map(|name| resolve(tenant, name, &place))
            .collect::<Result<_, _>>()?;
        let record = AdministrativeUnit {
            id,
            display_name: unit.display_name.clone(),
            description: unit.description.clone(),
            restricted: unit.restricted,
            members,
        };
        tenant.directory.units.insert(id, record);
    }
    Ok(())
}

fn load_access_policies(tenant: &mut Tenant, seed: &Seed) {
    for policy in &seed.conditional_access_policies {
        let name = &policy.display_name;
        let id = stable(tenant, "conditionalAccessPolicy", name).to_string();
        let row = directory::access_policies::targeting(&id, name, &policy.state, &policy.contexts);
        tenant.directory.access_policies.insert(id, row);
    }
}

fn load_contexts(tenant: &mut Tenant, seed: &Seed) {
    for context in &seed.authentication_contexts {
        let record = directory::AuthenticationContext {
            id: context.id.clone(),
            display_name: Some(context.display_name.clone()),
            description: context.description.clone(),
            available: context.available,
        };
        tenant.directory.contexts.insert(context.id.clone(), record);
    }
}
