//! What the tenant of the model does with a write: it refuses what the service refuses, and a refusal fails the test.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::fixture::*;
use super::model::{Activations, Model, Replicas};
use crate::action::{Action, GrantVerb, NewGroup, Write};
use crate::ids::{DirectoryScope, GroupId, PolicyId, RoleDefinitionId};
use crate::observed::{self, Nature, PlainRoles, Policies, Presence, RoleSchedule};
use crate::rule::{Rule, RuleKey, Rules};
use crate::schedule::{Access, ByAccess, End, Key, Kind, Window};

const FIVE_MINUTES: SignedDuration = SignedDuration::from_mins(5);

impl Model {
    /// Lets time pass; the service takes away what has ended.
    pub fn advance(&mut self, to: Timestamp) {
        let observed = &mut self.world.observed;
        observed.now = to;
        let ended = |window: &Window| window.end.is_over(to);
        observed
            .eligible
            .known()
            .retain(|schedule| !ended(&schedule.window));
        observed.roles.known().retain(|row| !ended(&row.window));
        let mut kept = observed.active.clone();
        kept.retain(|schedule| !ended(&schedule.window));
        // The service keeps the last owner, whatever his window says.
        if !kept.iter().any(|schedule| is_owner(schedule, to)) {
            kept.extend(
                observed
                    .active
                    .iter()
                    .find(|schedule| is_owner(schedule, to))
                    .cloned(),
            );
        }
        observed.active = kept;
    }

    /// Does what a write asks for. Where replicas lag, a plan may ask for what does not fit any more, and the service
    /// refuses it; where they do not, a good plan never does.
    pub fn carry_out(&mut self, action: &Action) {
        if let Err(refusal) = self.answer(&action.write) {
            assert_eq!(
                self.replicas,
                Replicas::Lagging,
                "{refusal}: {}",
                action.write
            );
        }
    }

    fn answer(&mut self, write: &Write) -> Result<(), &'static str> {
        let observed = &mut self.world.observed;
        match write {
            Write::CreateGroup(new) => self.create(new),
            Write::RestoreGroup(_) => {
                let Presence::Deleted(group) = observed.group.clone() else {
                    return Err("nothing to restore");
                };
                observed.group = Presence::Living(group);
            }
            Write::UpdateGroup {
                display_name,
                description,
                ..
            } => {
                let Presence::Living(group) = &mut observed.group else {
                    return Err("nothing to rename");
                };
                group.display_name.clone_from(display_name);
                group.description.clone_from(description);
            }
            Write::DeleteGroup(_) => self.delete(),
            Write::UpdatePolicy {
                access,
                policy,
                rules,
                ..
            } => self.change(*access, policy, rules),
            Write::Grant {
                key, verb, window, ..
            } => return self.grant(*key, *verb, *window),
            Write::Revoke { key, .. } => return self.revoke(*key),
            Write::BindRole {
                role, scope, verb, ..
            } => return self.bind(*role, scope, *verb),
            Write::UnbindRole { role, .. } => return self.unbind(*role),
            Write::DeletePlainRole { role, .. } => {
                let PlainRoles::Fresh(rows) = &mut observed.plain_roles else {
                    return Err("never unread");
                };
                rows.retain(|row| row.role != *role);
            }
        }
        Ok(())
    }

    fn unbind(&mut self, role: RoleDefinitionId) -> Result<(), &'static str> {
        let observed = &mut self.world.observed;
        let place = observed
            .roles
            .iter()
            .position(|row| row.role == role)
            .ok_or("RoleAssignmentDoesNotExist")?;
        if !is_old(&observed.roles[place].window, observed.now) {
            return Err("ActiveDurationTooShort");
        }
        observed.roles.known().remove(place);
        Ok(())
    }

    fn create(&mut self, new: &NewGroup) {
        self.groups_made += 1;
        self.world.observed.group = Presence::Living(observed::Group {
            id: GroupId(Uuid::from_u128(0xb100 + self.groups_made)),
            display_name: new.display_name.clone(),
            description: new.description.clone(),
            ..living()
        });
        let both = || Some(policy(&Rules::defaults()));
        self.world.observed.policies = Policies::Fresh(ByAccess {
            member: both(),
            owner: both(),
        });
    }

    fn change(&mut self, access: Access, read: &PolicyId, rules: &[(RuleKey, Rule)]) {
        self.policies_written += 1;
        let next = PolicyId::new(format!("policy-{}", self.policies_written + 1));
        let stands = self.world.policy(access);
        assert_eq!(
            stands.id, *read,
            "the policy was read before the last write"
        );
        stands.id = next;
        stands.rules.extend(rules.iter().cloned());
    }

    fn bind(
        &mut self,
        role: RoleDefinitionId,
        scope: &DirectoryScope,
        verb: GrantVerb,
    ) -> Result<(), &'static str> {
        let now = self.now();
        let rows = &mut self.world.observed.roles;
        match (verb, rows.iter().any(|row| row.role == role)) {
            (GrantVerb::Assign, true) => return Err("RoleAssignmentExists"),
            (GrantVerb::Update, false) => return Err("RoleAssignmentDoesNotExist"),
            _ => rows.retain(|row| row.role != role),
        }
        rows.push(RoleSchedule {
            role,
            scope: scope.clone(),
            window: Window {
                start: Some(now),
                end: End::Never,
            },
            nature: Nature::Assigned,
            created: Some(now),
        });
        Ok(())
    }

    fn delete(&mut self) {
        let observed = &mut self.world.observed;
        let Presence::Living(group) = observed.group.clone() else {
            panic!("nothing to delete")
        };
        let PlainRoles::Fresh(plain) = &observed.plain_roles else {
            panic!("never unread")
        };
        // Of a role that was just bound no time is remembered, so a lagging list may hide it.
        let holds_roles = !(observed.roles.rows().is_empty() && plain.is_empty());
        assert!(
            !holds_roles || self.replicas == Replicas::Lagging,
            "a restore brings it back"
        );
        assert!(observed.eligible.rows().is_empty(), "a restore brings it back");
        let left: BTreeSet<Key> = observed
            .active
            .iter()
            .map(|schedule| schedule.key(Kind::Active))
            .collect();
        assert!(left.len() <= 1, "only the last owner goes with the group");
        assert!(
            left.iter().all(|key| key.access == Access::Owner),
            "nobody else does"
        );
        observed.group = Presence::Deleted(group);
    }

    fn grant(&mut self, key: Key, verb: GrantVerb, window: Window) -> Result<(), &'static str> {
        let now = self.now();
        match (verb, self.world.observed.standing(key).is_some()) {
            (GrantVerb::Assign, true) => return Err("RoleAssignmentExists"),
            (GrantVerb::Update, false) => return Err("RoleAssignmentDoesNotExist"),
            (GrantVerb::Assign, false) => {
                self.granted.insert(key);
            }
            (GrantVerb::Update, true) => {}
        }
        let start = window.start.map_or(now, |start| start.max(now));
        if window.end < End::At(start + FIVE_MINUTES) {
            return Err("InvalidRoleAssignmentRequestSchedule");
        }
        self.refuse_by_policy(key, start, window.end)?;
        let schedule = observed::Schedule {
            access: key.access,
            principal: key.principal,
            window: Window {
                start: Some(start),
                end: window.end,
            },
            nature: Nature::Assigned,
            created: Some(now),
        };
        let list = self.list(key.kind);
        list.retain(|known| known.nature != Nature::Assigned || known.key(key.kind) != key);
        list.push(schedule);
        Ok(())
    }

    fn refuse_by_policy(
        &mut self,
        key: Key,
        start: Timestamp,
        end: End,
    ) -> Result<(), &'static str> {
        let Some(policy) = self.world.truth(key.access) else {
            return Err("ResourceNotFound");
        };
        let rules = crate::plan::policy::standing(policy);
        let expiration = match key.kind {
            Kind::Eligible => rules.expiration.eligible,
            Kind::Active => rules.expiration.active,
        };
        let fits = match (end, expiration.maximum) {
            (End::Never, _) => false,
            (End::At(end), Some(maximum)) => end.duration_since(start) <= maximum.to_signed(),
            (End::At(_), None) => true,
        };
        if fits || !expiration.required {
            Ok(())
        } else {
            Err("ExpirationRule")
        }
    }

    fn revoke(&mut self, key: Key) -> Result<(), &'static str> {
        let now = self.now();
        let activations = self.activations;
        let of_key = |schedule: &observed::Schedule| schedule.key(key.kind) == key;
        let list = self.list(key.kind);
        let assigned = list
            .iter()
            .position(|schedule| of_key(schedule) && schedule.nature == Nature::Assigned);
        // What was taken away by something else before counts as taken away.
        let Some(place) = assigned.or_else(|| list.iter().position(of_key)) else {
            return Ok(());
        };
        if key.kind == Kind::Active && !is_old(&list[place].window, now) {
            return Err("ActiveDurationTooShort");
        }
        let gone = list.remove(place);
        let is_person = |schedule: &observed::Schedule| schedule.principal != id("robot");
        let needs_heir = key.kind == Kind::Active && is_owner(&gone, now);
        let is_heir =
            |one: &observed::Schedule| is_owner(one, now) && (is_person(one) || !is_person(&gone));
        if needs_heir && !list.iter().any(is_heir) {
            list.insert(place, gone);
            return Err("the group must have at least one owner");
        }
        if key.kind == Kind::Eligible && activations == Activations::EndWithTheirEligibility {
            self.list(Kind::Active).retain(|schedule| {
                schedule.nature == Nature::Assigned || schedule.key(Kind::Eligible) != key
            });
        }
        Ok(())
    }

    fn list(&mut self, kind: Kind) -> &mut Vec<observed::Schedule> {
        match kind {
            Kind::Eligible => &mut self.world.observed.eligible,
            Kind::Active => &mut self.world.observed.active,
        }
    }
}

impl World {
    /// The policy of one access as it stands.
    pub fn truth(&self, access: Access) -> Option<&observed::Policy> {
        self.observed.fresh_policy(access)
    }
}

fn is_old(window: &Window, now: Timestamp) -> bool {
    window.is_future(now)
        || window
            .start
            .is_none_or(|start| now.duration_since(start) >= FIVE_MINUTES)
}

fn is_owner(schedule: &observed::Schedule, now: Timestamp) -> bool {
    schedule.access == Access::Owner
        && schedule.nature == Nature::Assigned
        && !schedule.window.is_future(now)
}
