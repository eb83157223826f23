//! Roles of applications given to users, groups and service principals
//! (learn.microsoft.com: appRoleAssignment resource and its operations).

mod assign;
mod assignment;
mod remove;

use crate::call::{Answered, Call, Reply};
use crate::odata::{self, Capabilities, EQ, Property, STARTS};
use crate::route::{Service, routes};
use crate::state::Tenant;

use assign::assign;
use assignment::{Side, named, row};
use remove::remove;

pub(crate) use assignment::assignment_id;
pub(super) use remove::withdraw;

use super::delegation::APP_ROLE_WRITERS;
use super::model::PrincipalKind;
use super::permissions::{READ_APP_ROLES, READ_GROUP_APP_ROLES, WRITE_APP_ROLES};

const KIND: &str = "microsoft.graph.appRoleAssignment";
const USER: PrincipalKind = PrincipalKind::User;
const GROUP: PrincipalKind = PrincipalKind::Group;
const APPLICATION: PrincipalKind = PrincipalKind::ServicePrincipal;

routes! { pub(super) ROUTES, Service::DIRECTORY;
    get "/groups/{group}/appRoleAssignments", READ_GROUP_APP_ROLES, |tenant, call| list(tenant, call, GROUP, Side::Principal),
        "groups.appRoleAssignments.list" => collection(KIND, "groups('{group}')/appRoleAssignments");
    get "/users/{user}/appRoleAssignments", READ_APP_ROLES, |tenant, call| list(tenant, call, USER, Side::Principal),
        "users.appRoleAssignments.list" => collection(KIND, "users('{user}')/appRoleAssignments");
    get "/servicePrincipals/{servicePrincipal}/appRoleAssignments", READ_APP_ROLES,
        |tenant, call| list(tenant, call, APPLICATION, Side::Principal),
        "servicePrincipals.appRoleAssignments.list" => units(2),
            collection(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignments");
    get "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo", READ_APP_ROLES,
        |tenant, call| list(tenant, call, APPLICATION, Side::Resource),
        "servicePrincipals.appRoleAssignedTo.list" => collection(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignedTo");
    post "/groups/{group}/appRoleAssignments", WRITE_APP_ROLES, |tenant, call| assign(tenant, call, GROUP, Side::Principal),
        "groups.appRoleAssignments.create" => roles(APP_ROLE_WRITERS), takes(KIND), entity(KIND, "groups('{group}')/appRoleAssignments");
    post "/servicePrincipals/{servicePrincipal}/appRoleAssignments", WRITE_APP_ROLES,
        |tenant, call| assign(tenant, call, APPLICATION, Side::Principal),
        "servicePrincipals.appRoleAssignments.create" => roles(APP_ROLE_WRITERS), takes(KIND),
            entity(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignments");
    post "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo", WRITE_APP_ROLES,
        |tenant, call| assign(tenant, call, APPLICATION, Side::Resource),
        "servicePrincipals.appRoleAssignedTo.create" => roles(APP_ROLE_WRITERS), takes(KIND),
            entity(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignedTo");
    delete "/groups/{group}/appRoleAssignments/{assignment}", WRITE_APP_ROLES, |tenant, call| remove(tenant, call, GROUP, Side::Principal),
        "groups.appRoleAssignments.delete" => roles(APP_ROLE_WRITERS);
    delete "/servicePrincipals/{servicePrincipal}/appRoleAssignments/{assignment}", WRITE_APP_ROLES,
        |tenant, call| remove(tenant, call, APPLICATION, Side::Principal),
        "servicePrincipals.appRoleAssignments.delete" => roles(APP_ROLE_WRITERS);
    delete "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo/{assignment}", WRITE_APP_ROLES,
        |tenant, call| remove(tenant, call, APPLICATION, Side::Resource),
        "servicePrincipals.appRoleAssignedTo.delete" => roles(APP_ROLE_WRITERS);
}

const CAPABILITIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("resourceId", EQ),
        Property::plain("principalDisplayName", EQ | STARTS),
    ],
    ..Capabilities::DIRECTORY
};

fn list(tenant: &Tenant, call: &Call, kind: PrincipalKind, side: Side) -> Answered {
    let id = named(tenant, call, kind)?;
    let directory = &tenant.directory;
    let kept = directory.app_role_assignments.values();
    let kept = kept.filter(|one| side.of(one) == id);
    let rows = kept.filter_map(|one| row(directory, one)).collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}
