//! Tests of the planner, one file for each noun; `properties` runs whole histories against a model of the service.

mod activation;
mod adoption;
mod claim;
mod fixture;
mod freshness;
mod grant;
mod group;
mod history;
mod judge;
mod model;
mod order;
mod owner;
mod policy;
mod properties;
mod replica;
mod revoke;
mod role;
mod role_window;
mod service;
mod strategy;
mod teardown;
mod template;
mod undeclared;
mod underway;
mod unseen;
mod window;
