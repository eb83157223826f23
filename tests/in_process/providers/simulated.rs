//! The systems of the simulated tenant, each with a role that it has there.

use std::borrow::Cow;
use std::time::Duration;

use async_trait::async_trait;
use entra_pim_operator::providers::{self, RoleProviders};
use pim_core::ids::GroupId;
use pim_core::role::{Holders, RoleReference, RoleSystem};
use serde_json::json;

use super::conformance::System;
use crate::app_roles::DESK;
use crate::azure_windows::STORAGE;
use crate::harness::{World, text};
use crate::intune::EMPLOYEES;

/// A tenant with a group that can hold a role, and that nobody has anything of.
pub struct Simulated {
    world: World,
    providers: RoleProviders,
    group: GroupId,
    role: RoleReference<'static>,
    /// How long it takes until what was just given can be taken away.
    settles: Duration,
}

/// A directory role. The service refuses to take away what is younger than five minutes (learn.microsoft.com:
/// groups-assign-member-owner).
pub async fn directory() -> Simulated {
    let role = RoleReference {
        system: RoleSystem::DIRECTORY,
        role: "Exchange Administrator",
        scope: Cow::Borrowed("/"),
    };
    Simulated::start(role, Duration::from_mins(6)).await
}

/// An Azure role at the storage account of the payments subscription, where the operator may ask PIM, too.
pub async fn azure() -> Simulated {
    let role = RoleReference {
        system: RoleSystem::AZURE,
        role: "Storage Blob Data Contributor",
        scope: Cow::Borrowed(STORAGE),
    };
    Simulated::start(role, Duration::from_mins(6)).await
}

/// An app role of the ticket desk.
pub async fn app() -> Simulated {
    let role = RoleReference {
        system: RoleSystem::APP,
        role: "Admin.Write",
        scope: Cow::Borrowed(DESK),
    };
    Simulated::start(role, Duration::ZERO).await
}

/// A role of Intune over all employees.
pub async fn intune() -> Simulated {
    let role = RoleReference {
        system: RoleSystem::INTUNE,
        role: "Help Desk Operator",
        scope: Cow::Borrowed(EMPLOYEES),
    };
    Simulated::start(role, Duration::ZERO).await
}

impl Simulated {
    async fn start(role: RoleReference<'static>, settles: Duration) -> Self {
        let world = World::new();
        let mut group = json!({
            "displayName": "PAG-conformance", "mailNickname": "pag-conformance", "mailEnabled": false,
            "securityEnabled": true,
        });
        if role.system.holders == Holders::RoleAssignable {
            group["isAssignableToRole"] = json!(true);
        }
        let actor = world.external_actor();
        let made = actor.ask("POST", "/groups", Some(group)).await;
        let services = world.services().await;
        Self {
            group: text(&made["id"]).parse().unwrap(),
            providers: providers::connect(&services),
            world,
            role,
            settles,
        }
    }
}

#[async_trait]
impl System for Simulated {
    fn providers(&self) -> &RoleProviders {
        &self.providers
    }

    fn group(&self) -> GroupId {
        self.group
    }

    fn role(&self) -> RoleReference<'static> {
        self.role.clone()
    }

    async fn wait(&self) {
        if !self.settles.is_zero() {
            self.world.pass(self.settles).await;
        }
    }
}
