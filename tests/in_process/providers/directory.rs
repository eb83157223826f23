//! Directory roles in the simulated tenant.

use std::time::Duration;

use async_trait::async_trait;
use entra_pim_operator::providers::{self, RoleProviders};
use pim_core::ids::GroupId;
use pim_core::role::{RoleReference, RoleSystem};
use serde_json::json;

use super::conformance::System;
use crate::harness::{World, text};

/// A tenant with a role-assignable group that nobody has anything of.
pub struct Directory {
    world: World,
    providers: RoleProviders,
    group: GroupId,
}

impl Directory {
    pub async fn start() -> Self {
        let world = World::new();
        let group = json!({
            "displayName": "PAG-conformance", "mailNickname": "pag-conformance", "mailEnabled": false,
            "securityEnabled": true, "isAssignableToRole": true,
        });
        let actor = world.external_actor();
        let made = actor.ask("POST", "/groups", Some(group)).await;
        let services = world.services().await;
        Self {
            group: text(&made["id"]).parse().unwrap(),
            providers: providers::connect(&services),
            world,
        }
    }
}

#[async_trait]
impl System for Directory {
    fn providers(&self) -> &RoleProviders {
        &self.providers
    }

    fn group(&self) -> GroupId {
        self.group
    }

    fn role(&self) -> RoleReference<'static> {
        RoleReference {
            system: RoleSystem::DIRECTORY,
            role: "Exchange Administrator",
            scope: "/",
        }
    }

    /// The service refuses to take away what is younger than five minutes (learn.microsoft.com:
    /// groups-assign-member-owner).
    async fn wait(&self) {
        self.world.pass(Duration::from_mins(6)).await;
    }
}
