//! What the tenant of the model does with a write: it refuses what the service refuses. Where replicas lag, a plan may ask
//! for what does not fit any more; where they do not, a good plan never does, and a refusal fails the test.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::fixture::*;
use super::model::{Activations, Model, Replicas, list, new_policies, role_list};
use super::replica::Spot;
use crate::action::{GrantVerb, NewGroup, Write};
use crate::ids::{GroupId, PolicyId, PrincipalId};
use crate::knowledge::{Pending, Progress};
use crate::memory::Answer;
use crate::observed::{self, Nature, Presence, RoleSchedule};
use crate::role::BoundRole;
use crate::rule::{Rule, RuleKey};
use crate::schedule::{Access, End, Key, Kind, Window};

const FIVE_MINUTES: SignedDuration = SignedDuration::from_mins(5);

/// What the service answers, or why it refuses.
type Answered = Result<Answer, &'static str>;

impl Model {
    /// Lets time pass; the service takes away what has ended.
    pub fn advance(&mut self, to: Timestamp) {
        self.end_pass();
        let observed = &mut self.world.observed;
        observed.now = to;
        let ended = |window: &Window| window.end.is_over(to);
        observed
            .eligible
            .known()
            .retain(|schedule| !ended(&schedule.window));
        observed.roles.known().retain(|row| !ended(&row.window));
        observed
            .eligible_roles
            .known()
            .retain(|row| !ended(&row.window));
        let before = observed.active.known().clone();
        let active = observed.active.known();
        active.retain(|schedule| !ended(&schedule.window));
        // The service keeps the last owner, whatever their window says.
        if !active.iter().any(|schedule| is_owner(schedule, to)) {
            active.extend(before.into_iter().find(|schedule| is_owner(schedule, to)));
        }
    }

    /// Carries out what was taken before and is due.
    pub fn carry_out_what_is_due(&mut self) {
        let now = self.now();
        let (due, later): (Vec<_>, Vec<_>) =
            self.underway.drain(..).partition(|one| one.due <= now);
        self.underway = later;
        for one in due {
            let answer = self.answer(&one.action.write, false);
            self.tell(&format!(
                "carried out {} {answer:?}",
                say(&one.action.write)
            ));
            if let Some(sent) = self.sent(&one.action) {
                let status = "Provisioned".to_owned();
                let progress = Progress::Finished;
                sent.heard(Pending::Known { status, progress }, now);
            }
        }
        self.ask_for_forgotten_requests();
    }

    /// The service forgets the requests of a group that is gone.
    pub fn forget_requests(&mut self) {
        self.underway.clear();
    }

    /// Asks for the requests that the status says the service is at. Of those that it forgot it answers so.
    fn ask_for_forgotten_requests(&mut self) {
        if !self.underway.is_empty() {
            return;
        }
        let now = self.now();
        let desired = &mut self.world.desired;
        let of_people = desired
            .assignments
            .iter_mut()
            .flat_map(|one| &mut one.memory)
            .filter_map(|record| record.sent.as_mut());
        let of_roles = desired
            .bindings
            .iter_mut()
            .filter_map(|one| one.sent.as_mut());
        for sent in of_people.chain(of_roles).filter(|sent| sent.is_underway()) {
            sent.heard(Pending::Purged, now);
        }
    }

    /// Does what a write asks for; whether anybody hears the answer matters to a creation only.
    pub fn answer(&mut self, write: &Write, is_lost: bool) -> Answered {
        let is_living = matches!(self.world.observed.group, Presence::Living(_));
        match write {
            Write::CreateGroup(new) => {
                self.create(new, if is_lost { 50 } else { 300 });
                return Ok(Answer::Taken);
            }
            Write::RestoreGroup(_) => {
                if let Presence::Deleted { group, .. } = self.world.observed.group.clone() {
                    self.hide_group(300);
                    self.world.observed.group = Presence::Living(group);
                }
                return Ok(Answer::Taken);
            }
            _ if !is_living => return Err("Request_ResourceNotFound"),
            _ => {}
        }
        match write {
            Write::UpdateGroup {
                display_name,
                description,
                ..
            } => {
                if let Presence::Living(group) = &mut self.world.observed.group {
                    group.display_name.clone_from(display_name);
                    group.description.clone_from(description);
                }
            }
            Write::JoinUnit { unit, .. } => self.world.observed.units.known().push(*unit),
            Write::DeleteGroup(_) => return self.delete(),
            Write::UpdatePolicy {
                access,
                policy,
                rules,
                ..
            } => return self.change(*access, policy, rules),
            Write::Grant {
                key, verb, window, ..
            } => return self.grant(*key, *verb, *window),
            Write::Revoke { key, .. } => return self.revoke(*key),
            Write::BindRole {
                role, verb, window, ..
            } => return self.bind(role, *verb, *window),
            Write::UnbindRole { role, .. } => return self.unbind(role),
            Write::DeletePlainRole {
                role, assignment, ..
            } => {
                assert!(
                    !assignment.to_string().starts_with("pim-"),
                    "what a schedule made goes with the schedule"
                );
                let rows = self.world.observed.plain_roles.known();
                rows.retain(|row| row.target != *role);
            }
            Write::RemoveDirect {
                access, principal, ..
            } => return self.remove_direct(*access, *principal),
            Write::CreateGroup(_) | Write::RestoreGroup(_) => {}
        }
        Ok(Answer::Taken)
    }

    fn create(&mut self, new: &NewGroup, shown_within: u64) {
        assert!(
            matches!(self.world.observed.group, Presence::Absent { .. }),
            "a second group under one key: {:#?}",
            self.trace
        );
        self.hide_group(shown_within);
        self.groups_made += 1;
        self.policies_written = 0;
        self.granted.clear();
        self.bound.clear();
        self.hidden.clear();
        self.forget_requests();
        let now = self.now();
        let observed = &mut self.world.observed;
        observed.group = Presence::Living(observed::Group {
            id: GroupId(Uuid::from_u128(0xb100 + self.groups_made)),
            display_name: new.display_name.clone(),
            description: new.description.clone(),
            ..living()
        });
        observed.policies = Read::now(new_policies(), now);
        observed.eligible.known().clear();
        observed.active.known().clear();
        observed.roles.known().clear();
        observed.eligible_roles.known().clear();
        observed.plain_roles.known().clear();
        observed.applications.known().clear();
    }

    fn change(&mut self, access: Access, read: &PolicyId, rules: &[(RuleKey, Rule)]) -> Answered {
        if self.world.policy(access).id != *read {
            return Err("the policy was read before the last write");
        }
        self.policies_written += 1;
        let next = PolicyId::new(format!("policy-{}", self.policies_written + 1));
        let stands = self.world.policy(access);
        stands.id = next.clone();
        stands.rules.extend(rules.iter().cloned());
        if self.policies_written == 1 {
            // The first change onboards the group and gives both policies other ids.
            for access in Access::ALL {
                self.world.policy(access).id = next.clone();
            }
        }
        Ok(Answer::Taken)
    }

    fn hide_role(&mut self, role: &BoundRole) {
        let rows = role_list(&mut self.world.observed, role.kind).iter();
        let before = rows.clone().find(|row| row.target == role.target).cloned();
        if role.kind == Kind::Active {
            self.hide(Spot::PlainRow(role.target.clone(), before.is_some()));
        }
        self.hide(Spot::Role(role.clone(), before));
    }

    /// PIM lists what was assigned without it, and changes it like its own.
    fn bind(&mut self, key: &BoundRole, verb: GrantVerb, window: Window) -> Answered {
        let now = self.now();
        let is_plain = {
            let rows = self.world.observed.plain_roles.rows();
            key.kind == Kind::Active && rows.iter().any(|row| row.target == key.target)
        };
        let rows = role_list(&mut self.world.observed, key.kind);
        let is_held = is_plain || rows.iter().any(|row| row.target == key.target);
        match (verb, is_held) {
            (GrantVerb::Assign, true) if self.replicas == Replicas::Lagging => {
                return Ok(Answer::Taken);
            }
            (GrantVerb::Assign, true) => return Err("RoleAssignmentExists"),
            (GrantVerb::Update, false) => return Err("RoleAssignmentDoesNotExist"),
            _ => {}
        }
        let start = window.start.map_or(now, |start| start.max(now));
        if window.end < End::At(start + FIVE_MINUTES) {
            return Err("InvalidRoleAssignmentRequestSchedule");
        }
        self.hide_role(key);
        if is_plain {
            let plain = self.world.observed.plain_roles.known();
            plain.retain(|row| row.target != key.target);
        }
        if verb == GrantVerb::Assign {
            self.bound.insert(key.clone());
        }
        let rows = role_list(&mut self.world.observed, key.kind);
        rows.retain(|row| row.target != key.target);
        rows.push(RoleSchedule {
            target: key.target.clone(),
            window: Window {
                start: Some(start),
                end: window.end,
            },
            nature: Nature::Assigned,
            condition: None,
            created: Some(now),
        });
        Ok(Answer::Taken)
    }

    fn unbind(&mut self, role: &BoundRole) -> Answered {
        let now = self.now();
        let rows = role_list(&mut self.world.observed, role.kind);
        let Some(row) = rows.iter().find(|row| row.target == role.target) else {
            return Ok(Answer::WasGone);
        };
        if role.kind == Kind::Active && !is_old(&row.window, now) {
            return Err("ActiveDurationTooShort");
        }
        self.hide_role(role);
        role_list(&mut self.world.observed, role.kind).retain(|row| row.target != role.target);
        Ok(Answer::Taken)
    }

    /// Nothing may be left that a restore would bring back, but for what somebody did by hand a moment ago.
    fn delete(&mut self) -> Answered {
        assert!(self.underway.is_empty(), "something is yet to come");
        let Presence::Living(group) = self.world.observed.group.clone() else {
            return Err("nothing to delete");
        };
        let observed = &self.world.observed;
        assert!(
            observed.roles.rows().is_empty()
                && observed.plain_roles.rows().is_empty()
                && observed.eligible_roles.rows().is_empty()
                && observed.eligible.rows().is_empty(),
            "a restore brings it back: {:#?}",
            self.trace
        );
        let active = observed.active.rows().iter();
        let left: BTreeSet<Key> = active.map(|row| row.key(Kind::Active)).collect();
        assert!(left.len() <= 1, "only the last owner goes with the group");
        assert!(
            left.iter().all(|key| key.access == Access::Owner),
            "nobody else does"
        );
        let mut plain = observed.applications.rows().iter();
        let is_last = |one: &observed::Direct| {
            left.iter()
                .any(|key| key.principal == one.principal && key.access == one.access)
        };
        assert!(plain.all(is_last), "nobody plain does");
        self.world.observed.group = Presence::Deleted {
            group,
            since: self.now(),
        };
        Ok(Answer::Taken)
    }

    fn grant(&mut self, key: Key, verb: GrantVerb, window: Window) -> Answered {
        let now = self.now();
        match (verb, self.world.observed.standing(key).is_some()) {
            (GrantVerb::Assign, true) if self.replicas == Replicas::Lagging => {
                return Ok(Answer::Taken);
            }
            (GrantVerb::Assign, true) => return Err("RoleAssignmentExists"),
            (GrantVerb::Update, false) => return Err("RoleAssignmentDoesNotExist"),
            (GrantVerb::Assign, false) | (GrantVerb::Update, true) => {}
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
        if verb == GrantVerb::Assign {
            self.granted.insert(key);
        }
        self.hide_access(key);
        let list = list(&mut self.world.observed, key.kind);
        list.retain(|known| known.nature != Nature::Assigned || known.key(key.kind) != key);
        list.push(schedule);
        Ok(Answer::Taken)
    }

    fn refuse_by_policy(
        &mut self,
        key: Key,
        start: Timestamp,
        end: End,
    ) -> Result<(), &'static str> {
        let Some(policy) = self.world.observed.fresh_policy(key.access) else {
            return Err("ResourceNotFound");
        };
        let rules = crate::plan::facts::target::standing(policy);
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

    /// A removal through the directory ends what PIM has given, however young it is.
    fn remove_direct(&mut self, access: Access, principal: PrincipalId) -> Answered {
        let now = self.now();
        let of_row = |row: &observed::Schedule| {
            row.access == access && row.principal == principal && !row.window.is_future(now)
        };
        let of_direct = |one: &observed::Direct| one.access == access && one.principal == principal;
        let observed = &self.world.observed;
        let rows = observed.active.rows();
        let is_listed = rows.iter().any(of_row);
        let mut plain = observed.people.rows().iter();
        let is_plain = plain.any(of_direct) || observed.applications.rows().iter().any(of_direct);
        if !is_listed && !is_plain {
            return Ok(Answer::WasGone);
        }
        let is_person = principal != id("robot");
        let mut others = rows.iter().filter(|row| is_owner(row, now) && !of_row(row));
        let has_heir = others.any(|row| row.principal != id("robot") || !is_person);
        if rows.iter().any(|row| of_row(row) && is_owner(row, now)) && !has_heir {
            return Err("the group must have at least one owner");
        }
        let key = Key {
            access,
            principal,
            kind: Kind::Active,
        };
        if is_listed {
            self.hide_access(key);
        }
        let observed = &mut self.world.observed;
        observed.active.known().retain(|row| !of_row(row));
        observed.people.known().retain(|one| !of_direct(one));
        observed.applications.known().retain(|one| !of_direct(one));
        Ok(Answer::Taken)
    }

    fn hide_access(&mut self, key: Key) {
        let rows = self.world.observed.list(key.kind).rows().iter();
        let mut assigned = rows.filter(|row| row.nature == Nature::Assigned);
        let before = assigned.find(|row| row.key(key.kind) == key).cloned();
        self.hide(Spot::Access(key, before));
    }

    fn revoke(&mut self, key: Key) -> Answered {
        let now = self.now();
        let of_key = |schedule: &observed::Schedule| schedule.key(key.kind) == key;
        let rows = self.world.observed.list(key.kind).rows();
        let assigned = rows
            .iter()
            .position(|schedule| of_key(schedule) && schedule.nature == Nature::Assigned);
        let Some(place) = assigned.or_else(|| rows.iter().position(of_key)) else {
            return Ok(Answer::WasGone);
        };
        if key.kind == Kind::Active && !is_old(&rows[place].window, now) {
            return Err("ActiveDurationTooShort");
        }
        let gone = &rows[place];
        let is_person = |schedule: &observed::Schedule| schedule.principal != id("robot");
        let needs_heir = key.kind == Kind::Active && is_owner(gone, now);
        let is_heir =
            |one: &observed::Schedule| is_owner(one, now) && (is_person(one) || !is_person(gone));
        let mut others = rows.iter().enumerate().filter(|(other, _)| *other != place);
        if needs_heir && !others.any(|(_, one)| is_heir(one)) {
            return Err("the group must have at least one owner");
        }
        self.hide_access(key);
        list(&mut self.world.observed, key.kind).remove(place);
        if key.kind == Kind::Eligible && self.activations == Activations::EndWithTheirEligibility {
            self.world.observed.active.known().retain(|schedule| {
                schedule.nature == Nature::Assigned || schedule.key(Kind::Eligible) != key
            });
        }
        Ok(Answer::Taken)
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
