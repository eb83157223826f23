//! How a boundary judges a group, its policies, its roles and its windows. One question, one function; what follows from a
//! refusal is the planner's business.

use jiff::{SignedDuration, Timestamp};

use super::{ApproverNames, AutoRenewal, Boundary, Denial, DurationLimit, RoleList, RoleLists};
use crate::desired::{Assignment, Binding, Group, RenewalMode};
use crate::duration::Days;
use crate::role::{BoundRole, RoleScope, RoleSystem};
use crate::schedule::{Access, Kind, ScheduleExpiration};
use crate::settings::Permanent;

/// What is said of a role that no list admits.
const NOT_LISTED: &str = "is not listed";

impl Boundary {
    /// A refusal by a rule.
    pub(super) fn deny(&self, rule: &'static str, what: &str) -> Denial {
        Denial {
            rule,
            message: format!("{what} ({rule} of AccessBoundary {})", self.name),
        }
    }

    /// Judges where the group is declared and in which tenant.
    pub(super) fn judge_place(&self, group: &Group) -> Result<(), Denial> {
        if !self.rules.namespaces.contains(&group.name.namespace) {
            return Err(self.deny(
                "spec.namespaces",
                &format!("namespace {} is not listed", group.name.namespace),
            ));
        }
        if !self.rules.tenants.contains(&group.tenant) {
            return Err(self.deny(
                "spec.tenants",
                &format!("tenant {} is not listed", group.tenant),
            ));
        }
        Ok(())
    }

    /// Judges the group itself: namespace, tenant, name, and whether it may be taken over if it names one. Its policies are
    /// judged by [`Boundary::judge_policy`].
    pub fn judge_group(&self, group: &Group) -> Result<(), Denial> {
        self.judge_place(group)?;
        let patterns = &self.rules.groups.name_patterns;
        if !patterns
            .iter()
            .any(|pattern| matches_pattern(pattern, &group.display_name))
        {
            let what = format!(
                "no pattern admits the display name {:?}",
                group.display_name
            );
            return Err(self.deny("spec.groups.namePatterns", &what));
        }
        if let Some(unit) = &group.administrative_unit
            && !self.rules.groups.administrative_units.contains(&unit.id)
        {
            let what = format!("administrative unit {} is not listed", unit.id);
            return Err(self.deny("spec.groups.administrativeUnits", &what));
        }
        self.judge_adoption(group)
    }

    /// Judges one policy by what will stand.
    pub fn judge_policy(
        &self,
        access: Access,
        rules: &crate::rule::Rules,
        approvers: &ApproverNames<'_>,
    ) -> Result<(), Denial> {
        self.rules
            .policy_floor
            .judge(rules, approvers)
            .map_err(|violation| {
                self.deny(
                    violation.rule,
                    &format!("the {access} policy {}", violation.what),
                )
            })
    }

    /// Judges a role that the group should hold; of a name that leads to none only the scope is judged.
    pub fn judge_binding(&self, binding: &Binding) -> Result<(), Denial> {
        let (system, scope) = (binding.system, &binding.scope);
        match binding.role.found() {
            Some(target) => {
                let key = binding.key(target);
                self.judge_role(&key, binding.condition.as_deref(), &binding.role_name)
            }
            None if self.rules.roles.admits_scope(system, scope) => Ok(()),
            None => Err(self.deny_role(system, &binding.role_name, scope, NOT_LISTED)),
        }
    }

    fn deny_role(&self, system: RoleSystem, shown: &str, scope: &RoleScope, why: &str) -> Denial {
        let what = format!("the {} {shown} at {scope} {why}", system.title);
        self.deny(RoleLists::field_of(system), &what)
    }

    /// Judges a role by its id, its scope, whether it must be activated, and what narrows it there.
    pub fn judge_role(
        &self,
        key: &BoundRole,
        condition: Option<&str>,
        shown: &str,
    ) -> Result<(), Denial> {
        let target = &key.target;
        let bears = |name: &String, scope: &String| {
            self.role_ids.iter().any(|named| {
                named.system == target.system
                    && named.name == *name
                    && named.scope == *scope
                    && named.ids.contains(&target.role)
            })
        };
        let admits = |list: &RoleList<'_>| {
            let scopes = target.system.scopes;
            let admitting = scopes.admitting(list.scopes, &target.scope);
            let mut admitting = admitting.into_iter();
            admitting.any(|scope| list.roles.iter().any(|role| bears(role, scope)))
        };
        let narrows = |list: &RoleList<'_>| {
            list.condition
                .is_none_or(|wanted| condition == Some(wanted.trim()))
        };
        let of_system = self
            .rules
            .roles
            .all()
            .filter(|list| list.system == target.system);
        let listed: Vec<RoleList<'_>> = of_system.filter(admits).collect();
        let of_kind: Vec<&RoleList<'_>> = listed
            .iter()
            .filter(|list| list.assignments.contains(&key.kind))
            .collect();
        if of_kind.iter().any(|list| narrows(list)) {
            return Ok(());
        }
        let why = match (listed.as_slice(), of_kind.as_slice()) {
            ([], _) => NOT_LISTED.to_owned(),
            (_, []) => format!("is listed, but not as {}", key.kind),
            _ => "is listed under another condition".to_owned(),
        };
        Err(self.deny_role(target.system, shown, &target.scope, &why))
    }

    /// The limit that governs an assignment, with its field path.
    fn limit(&self, assignment: &Assignment) -> (&'static str, Option<&DurationLimit>) {
        let limits = &self.rules.assignments;
        let owners = limits.owners.as_ref();
        match (assignment.access, assignment.kind) {
            (Access::Member, Kind::Eligible) => {
                ("spec.assignments.eligible", limits.eligible.as_ref())
            }
            (Access::Member, Kind::Active) => ("spec.assignments.active", limits.active.as_ref()),
            (Access::Owner, Kind::Eligible) => (
                "spec.assignments.owners.eligible",
                owners.and_then(|owners| owners.eligible.as_ref()),
            ),
            (Access::Owner, Kind::Active) => (
                "spec.assignments.owners.active",
                owners.and_then(|owners| owners.active.as_ref()),
            ),
        }
    }

    /// Judges how long an assignment may last; `remaining` is what is left of one that names its end. Who may get it is
    /// judged by [`Boundary::judge_subject`].
    pub fn judge_window(
        &self,
        assignment: &Assignment,
        remaining: Option<SignedDuration>,
    ) -> Result<(), Denial> {
        let (rule, limit) = self.limit(assignment);
        let Some(limit) = limit else {
            return Err(self.deny(
                rule,
                &format!("admits no {} {}", assignment.kind, assignment.access),
            ));
        };
        let too_long = |stands: &str, maximum: Days| {
            self.deny(
                rule,
                &format!("spec.schedule.expiration: {stands}; at most {maximum}"),
            )
        };
        let renews = assignment.renewal.mode == RenewalMode::Auto;
        if renews && limit.auto_renewal == AutoRenewal::Forbidden {
            let what = "spec.renewal.mode: Auto; say Manual, and change the schedule when it is to last longer";
            return Err(self.deny(rule, what));
        }
        match (assignment.schedule.expiration, limit.longest()) {
            (ScheduleExpiration::Never, _) if limit.permanent == Permanent::Forbidden => {
                let longest = limit
                    .longest()
                    .map_or_else(String::new, |maximum| format!("; at most {maximum}"));
                let what = format!(
                    "spec.schedule.expiration: never{longest}; use afterDuration or endTime"
                );
                Err(self.deny(rule, &what))
            }
            (ScheduleExpiration::AfterDuration(days), Some(maximum)) if days > maximum => {
                Err(too_long(&days.to_string(), maximum))
            }
            (ScheduleExpiration::EndTime(end), Some(maximum))
                if remaining.is_some_and(|rest| rest > maximum.length().to_signed()) =>
            {
                Err(too_long(&format!("{end:.0} is too far away"), maximum))
            }
            _ => Ok(()),
        }
    }

    /// The longest window that an assignment may have, if the boundary says.
    pub fn longest(&self, assignment: &Assignment) -> Option<Days> {
        self.limit(assignment).1?.longest()
    }

    /// From when on an assignment that names its end is short enough, if it is only too long for now.
    pub fn admits_window_from(&self, assignment: &Assignment) -> Option<Timestamp> {
        let ScheduleExpiration::EndTime(end) = assignment.schedule.expiration else {
            return None;
        };
        let maximum = self.longest(assignment)?;
        end.checked_sub(maximum.length().to_signed()).ok()
    }
}

/// Whether a text matches a pattern in which `*` stands for any characters.
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in middle {
        let Some(found) = rest.find(part) else {
            return false;
        };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(last)
}
