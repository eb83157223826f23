//! Users (learn.microsoft.com: user resource and its operations).

use serde_json::{Map, Value, json};

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::{Access, ObjectId};
use crate::journal::Effect;
use crate::odata::{self, Capabilities, ENDS, EQ, IN, LIKE, NE, NOT, Property, RANGE};
use crate::route::{Service, routes};
use crate::state::{Event, Tenant};

use super::delegation::{USER_REMOVERS, USER_WRITERS};
use super::groups::{listed, restricted};
use super::json::USER_DEFAULTS;
use super::model::{DeletedObject, User, UserType};
use super::permissions::{
    DELETE_USERS, READ_GROUPS, READ_USERS, READ_WHOLE_USERS, UPDATE_USERS, WRITE_USERS,
};
use super::{index, json as render, replication, sensitive};

const USER: &str = "microsoft.graph.user";
const OBJECT: &str = "microsoft.graph.directoryObject";

routes! { pub(super) ROUTES, Service::DIRECTORY;
    get "/users", READ_USERS, list, "users.list" => units(2), collection(USER, "users");
    get "/users/{user}", READ_USERS, get, "users.get" => entity(USER, "users");
    post "/users", WRITE_USERS, create, "users.create" => roles(USER_WRITERS), takes(USER), entity(USER, "users");
    patch "/users/{user}", UPDATE_USERS, update, "users.update" => roles(USER_WRITERS), takes(USER);
    delete "/users/{user}", DELETE_USERS, delete, "users.delete" => roles(USER_REMOVERS);
    get "/users/{user}/memberOf", READ_GROUPS, member_of, "users.memberOf.list" => mixed(), collection(OBJECT, "directoryObjects");
    get "/users/{user}/manager", READ_USERS, manager, "users.manager.get" => mixed(), entity(OBJECT, "directoryObjects");
    get "/users/{user}/ownedObjects", READ_GROUPS, owned, "users.ownedObjects.list" => mixed(), collection(OBJECT, "directoryObjects");
}

/// What the collection of users supports.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("id", EQ | IN).advanced(NE | NOT),
        Property::plain("displayName", LIKE).advanced(NE | NOT),
        Property::plain("userPrincipalName", LIKE).advanced(NE | NOT | ENDS),
        Property::plain("mail", LIKE).advanced(NE | NOT | ENDS),
        Property::plain("mailNickname", LIKE).advanced(NE | NOT),
        Property::plain("givenName", LIKE).advanced(NE | NOT),
        Property::plain("surname", LIKE).advanced(NE | NOT),
        Property::plain("jobTitle", LIKE).advanced(NE | NOT),
        Property::plain("accountEnabled", EQ | IN).advanced(NE | NOT),
        Property::plain("userType", EQ | IN).advanced(NE | NOT),
        Property::plain("createdDateTime", EQ | RANGE).advanced(NE | NOT | IN),
    ],
    order_by: &["displayName", "userPrincipalName"],
    defaults: USER_DEFAULTS,
    ..Capabilities::DIRECTORY
};

/// Properties of a user that `User.ReadBasic.All` shows.
const BASIC: &[&str] = &[
    "displayName",
    "givenName",
    "id",
    "mail",
    "surname",
    "userPrincipalName",
];

fn row(call: &Call, user: &User) -> Value {
    let mut value = render::user(user);
    if !call.query.select.is_empty() {
        render::user_hidden(&mut value);
    }
    if call.caller.signed_in_user.is_none()
        && !call.caller.has_any(READ_WHOLE_USERS)
        && let Some(map) = value.as_object_mut()
    {
        let more = |(name, _): &(&String, &mut Value)| !BASIC.contains(&name.as_str());
        for (_, value) in map.iter_mut().filter(more) {
            *value = match value {
                Value::Array(_) => json!([]),
                _ => Value::Null,
            };
        }
    }
    value
}

fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    // Whoever is asked for by name is found among thousands without showing all of them.
    let filter = call.query.filter.as_ref();
    let names = filter.and_then(|filter| filter.alternatives("userPrincipalName"));
    let is_asked_for = |user: &&User| {
        let name = || user.user_principal_name.to_lowercase();
        names.as_ref().is_none_or(|names| names.contains(&name()))
    };
    let rows = index::users(tenant, call)
        .into_iter()
        .filter(is_asked_for)
        .map(|user| row(call, user))
        .collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

fn find<'a>(tenant: &'a Tenant, call: &Call) -> Result<&'a User, GraphError> {
    let key = call.param("user");
    tenant
        .directory
        .user(key)
        .filter(|user| replication::replicated(tenant, user.id, user.created_at, call.operation))
        .ok_or_else(|| GraphError::not_found(key))
}

fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let user = find(tenant, call)?;
    odata::entity(call, row(call, user), &CAPABILITIES).map(Reply::ok)
}

fn create(tenant: &mut Tenant, call: &Call) -> Answered {
    let body = call.body_object()?;
    for name in [
        "accountEnabled",
        "displayName",
        "mailNickname",
        "passwordProfile",
        "userPrincipalName",
    ] {
        if body.get(name).is_none_or(Value::is_null) {
            return Err(GraphError::invalid(format!(
                "A value is required for property '{name}' of resource 'User'."
            )));
        }
    }
    let mut user = User {
        id: ObjectId::new(uuid::Uuid::nil()),
        display_name: String::new(),
        user_principal_name: String::new(),
        mail: None,
        given_name: None,
        surname: None,
        job_title: None,
        user_type: UserType::Member,
        account_enabled: true,
        created_at: call.now,
    };
    write(tenant, &mut user, body)?;
    user.id = tenant.new_object_id();
    let (id, value) = (user.id, render::user(&user));
    tenant.directory.users.insert(id, user);
    tenant.effect(call.now, Effect::UserCreated { user: id });
    let mut value = value;
    render::retain(&mut value, |name| USER_DEFAULTS.contains(&name));
    Ok(Reply::created(value))
}

fn update(tenant: &mut Tenant, call: &Call) -> Answered {
    let before = find(tenant, call)?.clone();
    restricted(tenant, before.id)?;
    let body = call.body_object()?;
    if body.keys().any(|name| name != "accountEnabled") {
        call.require(WRITE_USERS)?;
    }
    if sensitive::is_sensitive(body) {
        sensitive::permit(tenant, call, before.id)?;
    }
    let mut after = before.clone();
    write(tenant, &mut after, body)?;
    let (id, properties) = (before.id, changed(&before, &after));
    if !properties.is_empty() {
        tenant.directory.users.insert(id, after);
        index::keep(tenant, id, DeletedObject::User(before), call.now);
        tenant.effect(
            call.now,
            Effect::UserUpdated {
                user: id,
                properties,
            },
        );
    }
    Ok(Reply::no_content())
}

fn changed(before: &User, after: &User) -> Vec<String> {
    let (before, after) = (render::user(before), render::user(after));
    after
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| before.get(name.as_str()) != Some(value))
        .map(|(name, _)| name.clone())
        .collect()
}

fn write(tenant: &Tenant, user: &mut User, body: &Map<String, Value>) -> Result<(), GraphError> {
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        let text = value.as_str().map(str::to_owned);
        let refused = || {
            GraphError::invalid(format!(
                "Invalid value specified for property '{name}' of resource 'User'."
            ))
        };
        match name.as_str() {
            "displayName" => {
                user.display_name = text.filter(|text| !text.is_empty()).ok_or_else(refused)?;
            }
            "userPrincipalName" => {
                user.user_principal_name =
                    principal_name(tenant, user.id, &text.ok_or_else(refused)?)?;
            }
            "accountEnabled" => user.account_enabled = value.as_bool().ok_or_else(refused)?,
            "mail" => user.mail = text,
            "givenName" => user.given_name = text,
            "surname" => user.surname = text,
            "jobTitle" => user.job_title = text,
            "userType" => {
                user.user_type = match text.as_deref() {
                    Some("Member") => UserType::Member,
                    Some("Guest") => UserType::Guest,
                    _ => return Err(refused()),
                }
            }
            // Written, never shown.
            "mailNickname" | "passwordProfile" => {}
            _ => {
                return Err(GraphError::not_simulated(format_args!(
                    "writing the property '{name}' of a user"
                )));
            }
        }
    }
    Ok(())
}

/// A principal name is unique and ends in a verified domain.
fn principal_name(tenant: &Tenant, user: ObjectId, name: &str) -> Result<String, GraphError> {
    let domain = name
        .split_once('@')
        .map(|(_, domain)| domain)
        .unwrap_or_default();
    if !tenant
        .directory
        .organization
        .domains
        .iter()
        .any(|one| one.eq_ignore_ascii_case(domain))
    {
        return Err(GraphError::invalid(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain \
             names in your organization.",
        ));
    }
    if tenant
        .directory
        .user(name)
        .is_some_and(|other| other.id != user)
    {
        return Err(GraphError::invalid(
            "Another object with the same value for property userPrincipalName already exists.",
        )
        .detail(
            "ObjectConflict",
            "userPrincipalName",
            "Another object with the same value for property userPrincipalName already exists.",
        ));
    }
    Ok(name.to_owned())
}

fn delete(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = find(tenant, call)?.id;
    restricted(tenant, id)?;
    sensitive::permit(tenant, call, id)?;
    if let Some(user) = tenant.directory.users.remove(&id) {
        index::discard(tenant, id, DeletedObject::User(user), call.now);
        tenant.effect(call.now, Effect::UserDeleted { user: id });
        tenant.tell(&Event::PrincipalDeleted(id));
    }
    Ok(Reply::no_content())
}

pub(super) fn restore(tenant: &mut Tenant, call: &Call, user: User) -> Result<(), GraphError> {
    sensitive::permit(tenant, call, user.id)?;
    principal_name(tenant, user.id, &user.user_principal_name)?;
    let id = user.id;
    tenant.directory.deleted.remove(&id);
    tenant.directory.users.insert(id, user);
    tenant.effect(call.now, Effect::UserRestored { user: id });
    tenant.tell(&Event::PrincipalRestored(id));
    Ok(())
}

fn member_of(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = find(tenant, call)?.id;
    listed(call, render::containers(tenant, id, &call.caller))
}

/// Nobody has a manager here, which the service answers like this (learn.microsoft.com: user-list-manager).
fn manager(tenant: &mut Tenant, call: &Call) -> Answered {
    find(tenant, call)?;
    Err(GraphError::not_found("manager"))
}

fn owned(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = find(tenant, call)?.id;
    listed(call, owned_groups(tenant, call, id))
}

/// The groups that a principal owns, as directory objects.
pub(super) fn owned_groups(tenant: &Tenant, call: &Call, principal: ObjectId) -> Vec<Value> {
    let groups = tenant.directory.groups.values();
    groups
        .filter(|group| group.holders(Access::Owner).contains_key(&principal))
        .filter_map(|group| render::directory_object(tenant, group.id, &call.caller))
        .collect()
}
