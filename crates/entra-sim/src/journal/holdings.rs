//! Who holds what: the effects of a journal, folded.
//!
//! It is built from effects alone, never from the state of the tenant, so the two can be held against each other.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use super::effect::{Effect, Grant, Target};
use crate::ids::{Access, AppId, ObjectId};

/// A span of time; `end` `None` = for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// The moment at which it begins.
    pub start: Timestamp,
    /// The moment at which it ends.
    pub end: Option<Timestamp>,
}

impl Window {
    /// Whether an instant lies inside.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && self.end.is_none_or(|end| at < end)
    }
}

/// Schedules by what they give and to whom.
pub type Schedules = BTreeMap<(Target, ObjectId), Window>;

/// Everything that principals hold at one moment, as the journal follows from its effects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    direct: BTreeSet<(ObjectId, Access, ObjectId)>,
    eligible: Schedules,
    active: Schedules,
    activations: Schedules,
    roles: BTreeSet<(String, ObjectId, String)>,
    app_roles: BTreeSet<(AppId, String, ObjectId)>,
    azure_roles: BTreeSet<(String, ObjectId, String)>,
    intune_roles: BTreeSet<(String, ObjectId, String)>,
    groups: BTreeSet<ObjectId>,
}

impl Holdings {
    /// The groups that exist and are not deleted.
    pub fn groups(&self) -> impl Iterator<Item = ObjectId> {
        self.groups.iter().copied()
    }

    /// Who is a member or an owner of a group right now, however they became one.
    pub fn direct(&self, group: ObjectId, access: Access) -> impl Iterator<Item = ObjectId> {
        self.direct
            .range((group, access, ObjectId::new(uuid::Uuid::nil()))..)
            .take_while(move |(g, a, _)| (*g, *a) == (group, access))
            .map(|(_, _, principal)| *principal)
    }

    /// Whether a principal is a member or an owner of a group right now.
    pub fn is_direct(&self, group: ObjectId, access: Access, principal: ObjectId) -> bool {
        self.direct.contains(&(group, access, principal))
    }

    /// Eligible schedules, future ones included.
    pub fn eligible(&self) -> &Schedules {
        &self.eligible
    }

    /// Active assignments, future ones included.
    pub fn active(&self) -> &Schedules {
        &self.active
    }

    /// The activations that run now.
    pub fn activations(&self) -> &Schedules {
        &self.activations
    }

    /// Directory roles held: role, principal, scope.
    pub fn roles(&self) -> &BTreeSet<(String, ObjectId, String)> {
        &self.roles
    }

    /// Application roles held: application, role, principal.
    pub fn app_roles(&self) -> &BTreeSet<(AppId, String, ObjectId)> {
        &self.app_roles
    }

    /// Azure roles held: id of the role, principal, scope.
    pub fn azure_roles(&self) -> &BTreeSet<(String, ObjectId, String)> {
        &self.azure_roles
    }

    /// Intune roles held: id of the role, principal, scope.
    pub fn intune_roles(&self) -> &BTreeSet<(String, ObjectId, String)> {
        &self.intune_roles
    }

    pub(super) fn apply(&mut self, effect: &Effect) {
        match effect {
            Effect::GroupCreated { group, .. } | Effect::GroupRestored { group } => {
                self.groups.insert(*group);
            }
            Effect::GroupDeleted { group } | Effect::GroupPurged { group } => {
                self.groups.remove(group);
            }
            Effect::EligibilityCreated(grant) | Effect::EligibilityChanged(grant) => {
                hold(&mut self.eligible, grant);
            }
            Effect::EligibilityEnded(grant) => end(&mut self.eligible, grant),
            Effect::ActiveCreated(grant) | Effect::ActiveChanged(grant) => {
                hold(&mut self.active, grant);
            }
            Effect::ActiveEnded(grant) => end(&mut self.active, grant),
            Effect::ActivationStarted(grant) => hold(&mut self.activations, grant),
            Effect::ActivationEnded(grant) => end(&mut self.activations, grant),
            other => self.apply_direct(other),
        }
    }

    /// What is held without a schedule. Names, policies and users themselves give nobody anything.
    fn apply_direct(&mut self, effect: &Effect) {
        match effect {
            Effect::MemberAdded { group, principal } => {
                self.direct.insert((*group, Access::Member, *principal));
            }
            Effect::OwnerAdded { group, principal } => {
                self.direct.insert((*group, Access::Owner, *principal));
            }
            Effect::MemberRemoved { group, principal } => {
                self.direct.remove(&(*group, Access::Member, *principal));
            }
            Effect::OwnerRemoved { group, principal } => {
                self.direct.remove(&(*group, Access::Owner, *principal));
            }
            Effect::RoleAssigned {
                role,
                principal,
                scope,
            } => {
                self.roles.insert((role.clone(), *principal, scope.clone()));
            }
            Effect::RoleUnassigned {
                role,
                principal,
                scope,
            } => {
                self.roles
                    .remove(&(role.clone(), *principal, scope.clone()));
            }
            Effect::AzureRoleAssigned {
                role,
                principal,
                scope,
                ..
            } => {
                self.azure_roles
                    .insert((role.clone(), *principal, scope.clone()));
            }
            Effect::AzureRoleUnassigned {
                role,
                principal,
                scope,
                ..
            } => {
                self.azure_roles
                    .remove(&(role.clone(), *principal, scope.clone()));
            }
            Effect::IntuneRoleAssigned {
                role,
                principal,
                scope,
            } => {
                self.intune_roles
                    .insert((role.clone(), *principal, scope.clone()));
            }
            Effect::IntuneRoleUnassigned {
                role,
                principal,
                scope,
            } => {
                self.intune_roles
                    .remove(&(role.clone(), *principal, scope.clone()));
            }
            Effect::AppRoleAssigned {
                application,
                role,
                principal,
            } => {
                self.app_roles
                    .insert((*application, role.clone(), *principal));
            }
            Effect::AppRoleUnassigned {
                application,
                role,
                principal,
            } => {
                self.app_roles
                    .remove(&(*application, role.clone(), *principal));
            }
            _ => {}
        }
    }
}

fn hold(schedules: &mut Schedules, grant: &Grant) {
    let window = Window {
        start: grant.start,
        end: grant.end,
    };
    schedules.insert((grant.target.clone(), grant.principal), window);
}

fn end(schedules: &mut Schedules, grant: &Grant) {
    schedules.remove(&(grant.target.clone(), grant.principal));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> ObjectId {
        ObjectId::new(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn direct_holders_are_told_apart_by_group_and_access() {
        let mut holdings = Holdings::default();
        for (group, principal) in [(1, 11), (1, 12), (2, 13)] {
            holdings.apply(&Effect::MemberAdded {
                group: id(group),
                principal: id(principal),
            });
        }
        holdings.apply(&Effect::OwnerAdded {
            group: id(1),
            principal: id(14),
        });
        holdings.apply(&Effect::MemberRemoved {
            group: id(1),
            principal: id(11),
        });
        let members: Vec<_> = holdings.direct(id(1), Access::Member).collect();
        assert_eq!(members, [id(12)]);
        assert!(holdings.is_direct(id(1), Access::Owner, id(14)));
    }

    #[test]
    fn a_changed_schedule_replaces_its_window_and_an_ended_one_is_gone() {
        let mut holdings = Holdings::default();
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let mut grant = Grant {
            target: Target::Group {
                group: id(1),
                access: Access::Member,
            },
            principal: id(2),
            start,
            end: None,
        };
        holdings.apply(&Effect::EligibilityCreated(grant.clone()));
        grant.end = Some("2026-12-01T00:00:00Z".parse().unwrap());
        holdings.apply(&Effect::EligibilityChanged(grant.clone()));
        let window = holdings.eligible().values().next().unwrap();
        assert!(window.contains(start) && !window.contains(grant.end.unwrap()));
        holdings.apply(&Effect::EligibilityEnded(grant));
        assert!(holdings.eligible().is_empty());
    }
}
