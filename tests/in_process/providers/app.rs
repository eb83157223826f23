//! App roles in the simulated tenant, of its ticket desk.

use async_trait::async_trait;
use entra_pim_operator::providers::{self, RoleProviders};
use pim_core::ids::GroupId;
use pim_core::role::{RoleReference, RoleSystem};
use serde_json::json;

use super::conformance::System;
use crate::app_roles::DESK;
use crate::harness::{World, text};

/// A tenant with a group that nobody has anything of.
pub struct App {
    _world: World,
    providers: RoleProviders,
    group: GroupId,
}

impl App {
    pub async fn start() -> Self {
        let world = World::new();
        let group = json!({
            "displayName": "PAG-conformance", "mailNickname": "pag-conformance", "mailEnabled": false,
            "securityEnabled": true,
        });
        let actor = world.external_actor();
        let made = actor.ask("POST", "/groups", Some(group)).await;
        let services = world.services().await;
        Self {
            group: text(&made["id"]).parse().unwrap(),
            providers: providers::connect(&services),
            _world: world,
        }
    }
}

#[async_trait]
impl System for App {
    fn providers(&self) -> &RoleProviders {
        &self.providers
    }

    fn group(&self) -> GroupId {
        self.group
    }

    fn role(&self) -> RoleReference<'static> {
        RoleReference {
            system: RoleSystem::APP,
            role: "Admin.Write",
            scope: DESK,
        }
    }

    /// An assignment goes as soon as somebody deletes it.
    async fn wait(&self) {}
}
