//! What the tenant of the model shows: lists that lag behind the truth, part by part, and what a pass reads of them.

use jiff::{SignedDuration, Timestamp};

use super::fixture::*;
use super::model::{Model, Replicas, list, role_list};
use crate::action::{Action, Write};
use crate::ids::{PrincipalId, RoleAssignmentId};
use crate::observed::{
    self, Direct, DirectKind, Nature, Onboarding, PlainRole, Presence, RoleSchedule, Schedule,
};
use crate::role::{BoundRole, RoleTarget};
use crate::schedule::{Key, Kind};

/// For how long after it was first shown a slow replica may still hide something.
const SLOW: SignedDuration = SignedDuration::from_secs(50);

/// A place in a list that can lag for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    Access(Key, Option<Schedule>),
    Role(BoundRole, Option<RoleSchedule>),
    /// The plain row of a role schedule, and whether it is shown.
    PlainRow(RoleTarget, bool),
}

impl Spot {
    fn is_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Access(one, _), Self::Access(other, _)) => one == other,
            (Self::Role(one, _), Self::Role(other, _)) => one == other,
            (Self::PlainRow(one, _), Self::PlainRow(other, _)) => one == other,
            _ => false,
        }
    }
}

/// A change that lists do not show yet: the place as they show it until then.
#[derive(Debug, Clone)]
pub struct Hidden {
    pub until: Timestamp,
    pub before: Spot,
}

impl Model {
    /// Lets lists show a place as it was for a while.
    pub fn hide(&mut self, before: Spot) {
        if self.replicas == Replicas::Lagging {
            let until = self.now().checked_add(self.seconds(300)).unwrap();
            self.tell(&format!("hidden until {until}"));
            self.hidden.push(Hidden { until, before });
        }
    }

    /// Lets the group be shown as it is now for a while. One whose creation nobody heard of shows within a minute: else
    /// nobody could tell whether there is one.
    pub fn hide_group(&mut self, most: u64) {
        if self.replicas == Replicas::Lagging {
            let until = self.now().checked_add(self.seconds(most)).unwrap();
            self.group_shown = Some((until, self.world.observed.group.clone()));
        }
    }

    /// When everything is shown and carried out, if it is not yet.
    pub fn shows_all_by(&self) -> Option<Timestamp> {
        let hidden = self.hidden.iter().map(|one| one.until + SLOW);
        let due = self.underway.iter().map(|one| one.due);
        let group = self.group_shown.iter().map(|(until, _)| *until);
        let latest = hidden.chain(due).chain(group).max()?;
        (latest > self.now()).then_some(latest)
    }

    /// Whatever was read before may have changed.
    pub fn end_pass(&mut self) {
        self.knows_accounts = false;
        self.rests_on_earlier = false;
        self.seen = self.seen.take().map(demoted);
    }

    /// What a pass begins with: the group, and the lists, unless it rests on those of an earlier one.
    pub fn look(&mut self, rests_on_earlier: bool) -> observed::Unit {
        let now = self.now();
        let presence = self.shown_group();
        let known = self
            .seen
            .take()
            .filter(|seen| id_of(&seen.group) == id_of(&presence));
        let Presence::Living(_) = &presence else {
            self.rests_on_earlier = false;
            return observed::Unit::unread(now, presence);
        };
        let is_new = known
            .as_ref()
            .is_none_or(|seen| seen.now != now || seen.active.fresh().is_none());
        let mut seen = known.unwrap_or_else(|| observed::Unit::unread(now, presence.clone()));
        if is_new {
            seen = demoted(seen);
            self.knows_accounts = false;
        }
        seen.now = now;
        seen.group = presence;
        seen.onboarding = if self.policies_written > 0 {
            Onboarding::Done
        } else {
            Onboarding::Ahead
        };
        if is_new {
            self.rests_on_earlier = rests_on_earlier && seen.active.last().is_some();
            if !self.rests_on_earlier {
                for part in [Part::Eligible, Part::Active, Part::Roles] {
                    self.serve(&mut seen, part);
                }
                // The directory is read in some passes only.
                if seen.people.last().is_none() || self.roll(3) == 0 {
                    self.serve(&mut seen, Part::People);
                    self.serve(&mut seen, Part::Applications);
                }
            }
        }
        seen
    }

    fn shown_group(&mut self) -> Presence {
        let now = self.now();
        let shown = match &self.group_shown {
            Some((until, before)) if now < *until => before.clone(),
            _ => self.world.observed.group.clone(),
        };
        match shown {
            Presence::Absent { .. } => Presence::Absent {
                since: *self.absent_since.get_or_insert(now),
            },
            Presence::Deleted { group, .. } => Presence::Deleted {
                group,
                since: *self.absent_since.get_or_insert(now),
            },
            other => {
                self.absent_since = None;
                other
            }
        }
    }

    /// Reads one part as the lists show it.
    pub fn serve(&mut self, seen: &mut observed::Unit, part: Part) {
        let now = self.now();
        match part {
            Part::Names => self.knows_accounts = true,
            Part::Policies => {
                seen.policies = Read::now(self.world.observed.policies.known().clone(), now);
            }
            Part::Eligible => seen.eligible = Read::now(self.shown_list(Kind::Eligible), now),
            Part::Active => seen.active = Read::now(self.shown_list(Kind::Active), now),
            Part::Roles => seen.roles = Read::now(self.shown_roles(Kind::Active), now),
            Part::EligibleRoles => {
                seen.eligible_roles = Read::now(self.shown_roles(Kind::Eligible), now);
            }
            Part::PlainRoles => seen.plain_roles = Read::now(self.shown_plain_roles(), now),
            Part::People => {
                let mut rows = self.world.observed.people.known().clone();
                for direct in self.shown_directly(DirectKind::User) {
                    if !rows.contains(&direct) {
                        rows.push(direct);
                    }
                }
                seen.people = Read::now(rows, now);
            }
            Part::Units => seen.units = Read::now(self.world.observed.units.known().clone(), now),
            Part::Applications => {
                let mut rows = self.world.observed.applications.known().clone();
                for direct in self.shown_directly(DirectKind::ServicePrincipal) {
                    if !rows.contains(&direct) {
                        rows.push(direct);
                    }
                }
                seen.applications = Read::now(rows, now);
            }
        }
    }

    /// How a place is shown, where that is not the truth.
    fn shown(&mut self, spot: &Spot) -> Option<Spot> {
        let now = self.now();
        let mut shown = None;
        for place in (0..self.hidden.len()).rev() {
            let one = &self.hidden[place];
            if !one.before.is_of(spot) {
                continue;
            }
            // Roles that vanish again once they were shown are left out: what the service does with the row of a
            // schedule that is deleted by hand is not known.
            let is_slow = matches!(one.before, Spot::Access(..))
                && one.until <= now
                && now < one.until + SLOW;
            if now < one.until || (is_slow && self.roll(4) == 0) {
                shown = Some(self.hidden[place].before.clone());
            } else {
                break;
            }
        }
        shown
    }

    fn spots(&self) -> Vec<Spot> {
        let mut spots: Vec<Spot> = Vec::new();
        for one in &self.hidden {
            if !spots.iter().any(|known| known.is_of(&one.before)) {
                spots.push(one.before.clone());
            }
        }
        spots
    }

    fn shown_list(&mut self, kind: Kind) -> Vec<Schedule> {
        let now = self.now();
        let mut rows = list(&mut self.world.observed, kind).clone();
        for spot in self.spots() {
            let Some(Spot::Access(key, before)) = self.shown(&spot) else {
                continue;
            };
            if key.kind == kind {
                rows.retain(|row| row.nature == Nature::Activated || row.key(kind) != key);
                rows.extend(before.filter(|row| !row.window.end.is_over(now)));
            }
        }
        rows
    }

    fn shown_roles(&mut self, kind: Kind) -> Vec<RoleSchedule> {
        let now = self.now();
        let mut rows = role_list(&mut self.world.observed, kind).clone();
        for spot in self.spots() {
            let Some(Spot::Role(role, before)) = self.shown(&spot) else {
                continue;
            };
            if role.kind == kind {
                rows.retain(|row| row.target != role.target);
                rows.extend(before.filter(|row| !row.window.end.is_over(now)));
            }
        }
        rows
    }

    /// Every role that is held by a schedule is listed as a plain one too.
    fn shown_plain_roles(&mut self) -> Vec<PlainRole> {
        let mut held: Vec<RoleSchedule> = self.world.observed.roles.known().clone();
        for spot in self.spots() {
            if let Some(Spot::PlainRow(role, is_shown)) = self.shown(&spot) {
                let row = held.iter().find(|row| row.target == role).cloned();
                held.retain(|row| row.target != role);
                held.extend(row.filter(|_| is_shown));
            }
        }
        let of_schedules = held.into_iter().map(|row| PlainRole {
            id: RoleAssignmentId::new(format!("pim-{}", row.target.role)),
            target: row.target,
            origin: crate::observed::PlainOrigin::Untold,
            condition: None,
        });
        let plain = self.world.observed.plain_roles.known().clone();
        plain.into_iter().chain(of_schedules).collect()
    }

    /// Whoever is active is listed as a member or owner too.
    fn shown_directly(&mut self, kind: DirectKind) -> Vec<Direct> {
        let now = self.now();
        let rows = self.shown_list(Kind::Active).into_iter();
        rows.filter(|row| !row.window.is_future(now) && kind_of(row.principal) == kind)
            .map(|row| Direct {
                access: row.access,
                principal: row.principal,
                kind,
            })
            .collect()
    }

    /// What a stage has written counts as read before.
    pub fn demote(&mut self, actions: &[Action]) {
        let Some(mut seen) = self.seen.take() else {
            return;
        };
        for action in actions {
            match &action.write {
                Write::CreateGroup(_) | Write::RestoreGroup(_) => return,
                Write::UpdateGroup { .. } | Write::DeleteGroup(_) => {}
                Write::JoinUnit { .. } => seen.units = seen.units.demoted(),
                Write::UpdatePolicy { .. } => seen.policies = seen.policies.demoted(),
                Write::Grant { key, .. } if key.kind == Kind::Eligible => {
                    seen.eligible = seen.eligible.demoted();
                }
                Write::Grant { .. } => {
                    seen.active = seen.active.demoted();
                    seen.people = seen.people.demoted();
                    seen.applications = seen.applications.demoted();
                }
                // Ending an eligibility may end an activation.
                Write::Revoke { .. } | Write::RemoveDirect { .. } => {
                    seen.eligible = seen.eligible.demoted();
                    seen.active = seen.active.demoted();
                    seen.people = seen.people.demoted();
                    seen.applications = seen.applications.demoted();
                }
                Write::BindRole { role, .. } | Write::UnbindRole { role, .. }
                    if role.kind == Kind::Eligible =>
                {
                    seen.eligible_roles = seen.eligible_roles.demoted();
                }
                Write::BindRole { .. }
                | Write::UnbindRole { .. }
                | Write::DeletePlainRole { .. } => {
                    seen.roles = seen.roles.demoted();
                    seen.plain_roles = seen.plain_roles.demoted();
                }
            }
        }
        self.seen = Some(seen);
    }
}

fn kind_of(principal: PrincipalId) -> DirectKind {
    if principal == id("robot") {
        DirectKind::ServicePrincipal
    } else {
        DirectKind::User
    }
}

fn id_of(presence: &Presence) -> Option<crate::ids::GroupId> {
    match presence {
        Presence::Living(group) => Some(group.id),
        _ => None,
    }
}

fn demoted(seen: observed::Unit) -> observed::Unit {
    observed::Unit {
        policies: seen.policies.demoted(),
        eligible: seen.eligible.demoted(),
        active: seen.active.demoted(),
        roles: seen.roles.demoted(),
        eligible_roles: seen.eligible_roles.demoted(),
        plain_roles: seen.plain_roles.demoted(),
        people: seen.people.demoted(),
        applications: seen.applications.demoted(),
        units: seen.units.demoted(),
        ..seen
    }
}
