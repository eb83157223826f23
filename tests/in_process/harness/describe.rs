//! What is held of the operator's groups, in words that a test can compare and a person can read.

use std::collections::{BTreeMap, BTreeSet};

use entra_sim::Simulator;
use entra_sim::ids::{Access, ObjectId};
use entra_sim::journal::{Holdings, Target};

use super::{World, text};

/// The beginning of every key that the operator gives to a group.
const KEY: &str = "epim-";

/// Who is who, and which groups are meant.
#[derive(Clone, Default)]
pub struct Descriptions {
    people: BTreeMap<ObjectId, String>,
    /// The groups that the operator manages.
    pub groups: BTreeSet<ObjectId>,
}

impl World {
    /// What is held now of the operator's living groups.
    pub fn held(&self) -> BTreeSet<String> {
        Descriptions::read(&self.tenant).held(&self.tenant.holdings())
    }
}

impl Descriptions {
    /// The people and the operator's groups as they are now.
    pub fn read(tenant: &Simulator) -> Self {
        let dump = tenant.dump();
        let mut described = Self::default();
        for user in dump["users"].as_array().unwrap() {
            let id = text(&user["id"]).parse().unwrap();
            described
                .people
                .insert(id, text(&user["userPrincipalName"]));
        }
        for group in dump["groups"].as_array().unwrap() {
            if text(&group["mailNickname"]).starts_with(KEY) {
                described.groups.insert(text(&group["id"]).parse().unwrap());
            }
        }
        described
    }

    fn name(&self, principal: ObjectId) -> String {
        let known = self.people.get(&principal);
        known.cloned().unwrap_or_else(|| principal.to_string())
    }

    /// A schedule of one of our groups.
    pub fn schedule(&self, kind: &str, target: &Target, principal: ObjectId) -> Option<String> {
        match target {
            Target::Group { group, access } if self.groups.contains(group) => {
                Some(format!("{kind} {} {}", word(*access), self.name(principal)))
            }
            Target::DirectoryRole { role, scope } if self.groups.contains(&principal) => {
                let kind = if kind == "eligible" { "eligible " } else { "" };
                Some(format!("{kind}role {role} at {scope}"))
            }
            // What is active is an assignment like any other.
            Target::AzureRole { role, scope }
                if kind == "eligible" && self.groups.contains(&principal) =>
            {
                Some(format!("eligible azure role {role} at {scope}"))
            }
            _ => None,
        }
    }

    /// All that is held of our groups, as long as they live, by schedules or without.
    pub fn held(&self, holdings: &Holdings) -> BTreeSet<String> {
        let living: BTreeSet<ObjectId> = holdings.groups().collect();
        let of = |kind: &str, target: &Target, principal: &ObjectId| {
            let group = match target {
                Target::Group { group, .. } => group,
                Target::DirectoryRole { .. } | Target::AzureRole { .. } => principal,
            };
            living
                .contains(group)
                .then(|| self.schedule(kind, target, *principal))
                .flatten()
        };
        let eligible = holdings.eligible().keys();
        let active = holdings
            .active()
            .keys()
            .chain(holdings.activations().keys());
        let mut held: BTreeSet<String> = eligible
            .filter_map(|(target, principal)| of("eligible", target, principal))
            .chain(active.filter_map(|(target, principal)| of("active", target, principal)))
            .collect();
        for group in self.groups.intersection(&living) {
            for access in [Access::Member, Access::Owner] {
                let direct = holdings.direct(*group, access);
                held.extend(
                    direct.map(|one| format!("active {} {}", word(access), self.name(one))),
                );
            }
            let roles = holdings.roles().iter();
            let ours = roles.filter(|(_, holder, _)| holder == group);
            held.extend(ours.map(|(role, _, scope)| format!("role {role} at {scope}")));
            let of_azure = holdings.azure_roles().iter();
            let ours = of_azure.filter(|(_, holder, _)| holder == group);
            held.extend(ours.map(|(role, _, scope)| format!("azure role {role} at {scope}")));
        }
        held
    }
}

fn word(access: Access) -> &'static str {
    match access {
        Access::Member => "member",
        Access::Owner => "owner",
    }
}
