//! Groups (learn.microsoft.com: group resource and its operations).

mod create;
mod delete;
mod delta;
mod delta_slices;
mod delta_stream;
mod fields;
mod find;
mod holders;
mod list;
mod members;
mod references;
mod rules;
mod update;

use crate::ids::Access;
use crate::route::{Delegated, REFERENCE, Service, routes};

use super::delegation::{GROUP_REMOVERS, GROUP_WRITERS};
use super::permissions::{CREATE_GROUPS, DELETE_GROUPS, READ_GROUPS, WRITE_GROUPS, WRITE_MEMBERS};

pub(super) use create::{insert_new, new_group};
pub(super) use delete::restore;
pub(super) use find::CAPABILITIES;
use find::GROUP;
pub(super) use members::{CAPABILITIES as MEMBER_CAPABILITIES, listed};
pub(super) use rules::restricted;

const OBJECT: &str = "microsoft.graph.directoryObject";

routes! { pub(super) ROUTES, Service::DIRECTORY;
    get "/groups", READ_GROUPS, list::list, "groups.list" => collection(GROUP, "groups"), also_in_beta();
    get "/groups/$count", READ_GROUPS, list::count, "groups.count";
    post "/groups", CREATE_GROUPS, create::create, "groups.create" => delegate(Delegated::NewGroup), takes(GROUP), entity(GROUP, "groups"), also_in_beta();
    get "/groups/{group}", READ_GROUPS, list::get, "groups.get" => entity(GROUP, "groups"), also_in_beta();
    get "/groups(uniqueName='{uniqueName}')", READ_GROUPS, list::get_by_unique_name, "groups.getByUniqueName" => entity(GROUP, "groups");
    patch "/groups/{group}", WRITE_MEMBERS, update::update, "groups.update" => owners_or(GROUP_WRITERS), takes(GROUP), also_in_beta();
    patch "/groups(uniqueName='{uniqueName}')", CREATE_GROUPS, update::upsert,
        "groups.upsert" => delegate(Delegated::Upsert), takes(GROUP), entity(GROUP, "groups");
    delete "/groups/{group}", DELETE_GROUPS, delete::delete, "groups.delete" => owners_or(GROUP_REMOVERS), also_in_beta();
}

routes! { pub(super) MEMBER_ROUTES, Service::DIRECTORY;
    get "/groups/{group}/members", READ_GROUPS, |tenant, call| members::list(tenant, call, Access::Member),
        "groups.members.list" => units(3), mixed(), collection(OBJECT, "directoryObjects"), also_in_beta();
    get "/groups/{group}/members/$count", READ_GROUPS, members::member_count, "groups.members.count";
    get "/groups/{group}/members/{cast}", READ_GROUPS, |tenant, call| members::of_type(tenant, call, Access::Member),
        "groups.members.listTyped" => units(3), mixed(), collection("{cast}", "{cast}s");
    get "/groups/{group}/owners", READ_GROUPS, |tenant, call| members::list(tenant, call, Access::Owner),
        "groups.owners.list" => mixed(), collection(OBJECT, "directoryObjects"), also_in_beta();
    get "/groups/{group}/owners/{cast}", READ_GROUPS, |tenant, call| members::of_type(tenant, call, Access::Owner),
        "groups.owners.listTyped" => mixed(), collection("{cast}", "{cast}s");
    get "/groups/{group}/transitiveMembers", READ_GROUPS, members::transitive_members,
        "groups.transitiveMembers.list" => units(5), mixed(), collection(OBJECT, "directoryObjects");
    get "/groups/{group}/memberOf", READ_GROUPS, members::member_of,
        "groups.memberOf.list" => mixed(), collection(OBJECT, "directoryObjects"), also_in_beta();
    post "/groups/{group}/members/$ref", WRITE_MEMBERS, |tenant, call| references::add(tenant, call, Access::Member),
        "groups.members.add" => owners_or(GROUP_WRITERS), takes(REFERENCE), also_in_beta();
    delete "/groups/{group}/members/{principal}/$ref", WRITE_MEMBERS, |tenant, call| references::remove(tenant, call, Access::Member),
        "groups.members.remove" => owners_or(GROUP_WRITERS), also_in_beta();
    post "/groups/{group}/owners/$ref", WRITE_GROUPS, |tenant, call| references::add(tenant, call, Access::Owner),
        "groups.owners.add" => owners_or(GROUP_WRITERS), takes(REFERENCE), also_in_beta();
    delete "/groups/{group}/owners/{principal}/$ref", WRITE_GROUPS, |tenant, call| references::remove(tenant, call, Access::Owner),
        "groups.owners.remove" => owners_or(GROUP_WRITERS), also_in_beta();
}

routes! { pub(super) DELTA_ROUTES, Service::DIRECTORY;
    get "/groups/delta", READ_GROUPS, delta::delta, "groups.delta" => mixed(), collection(GROUP, "groups");
}
