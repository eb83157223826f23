//! The simulator as its clients see it: requests in, answers out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test a failed unwrap is a failed test, in its helpers as well"
)]

mod app_roles;
mod audit;
mod azure_definitions;
mod azure_delegation;
mod azure_permissions;
mod azure_pim;
mod azure_policies;
mod azure_roles;
mod azure_throttling;
mod batch;
mod beta;
mod client;
mod command;
mod conditional_access;
mod delegation;
mod deleted_items;
mod delta;
mod discovery;
mod faults;
mod groups;
mod guide;
mod intune;
mod journal;
mod members;
mod memberships;
mod paging;
mod permissions;
mod policies;
mod principals;
mod protocol;
mod query;
mod replication;
mod seed;
mod serving;
mod sign_in;
mod switches;
mod tenant_wide;
mod throttling;
mod times;
mod tokens;
mod units;
mod upsert;
