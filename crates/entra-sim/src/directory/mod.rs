//! The directory: users, service principals, groups, administrative units, and what was deleted of them.
//!
//! Other areas ask it for facts ([`principal`](registry::Directory::principal),
//! [`group`](registry::Directory::group), ...) and change memberships through
//! [`membership`] only, so that every change is journalled, shown by delta and told to PIM. They never write its
//! records.

pub(crate) mod access_policies;
mod app_roles;
mod applications;
mod changes;
mod conditional_access;
pub(crate) mod delegation;
mod deleted_items;
mod groups;
mod index;
mod json;
pub(crate) mod membership;
mod memberships;
pub(crate) mod model;
mod objects;
mod organization;
mod past;
mod permissions;
mod purge;
pub(crate) mod registry;
pub(crate) mod replication;
mod sensitive;
mod service_principals;
mod unit_members;
mod units;
mod users;

use crate::route::Route;

pub(crate) use app_roles::assignment_id;
pub(crate) use model::{
    AdministrativeUnit, AppRole, AppRoleAssignment, AuthenticationContext, DeletedObject, Group,
    Organization, ServicePrincipal, User, UserType,
};
pub(crate) use purge::react;

pub(crate) const TABLES: &[&[Route]] = &[
    groups::ROUTES,
    groups::MEMBER_ROUTES,
    groups::DELTA_ROUTES,
    deleted_items::ROUTES,
    users::ROUTES,
    service_principals::ROUTES,
    applications::ROUTES,
    app_roles::ROUTES,
    objects::ROUTES,
    memberships::ROUTES,
    organization::ROUTES,
    units::ROUTES,
    conditional_access::ROUTES,
    access_policies::ROUTES,
];
