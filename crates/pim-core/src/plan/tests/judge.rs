//! What holds for every plan, whatever stands and whatever is declared, and for everything once it has come to rest.

use super::model::{Model, states};
use crate::action::{Action, Cause, GrantVerb, Write};
use crate::desired::{
    self, GroupOperation, Lifecycle, Mode, Pause, Readability, RemovedByOthers, Undeclared,
};
use crate::ids::PolicyId;
use crate::memory::Memory;
use crate::observed::{self, Direct, Management, Presence, Schedule};
use crate::plan::{Plan, Stage, StageKind, plan};
use crate::reason::Reason;
use crate::role::BoundRole;
use crate::rule::{Rule, RuleKey, Rules, UnknownRule, UnknownRuleState};
use crate::schedule::{Access, End, Key, Kind, Window};
use crate::verdict::{Record, Row, State, SubjectState, UndeclaredFinding, Verdict};

/// Holds a plan against everything that must never happen.
pub fn judge(desired: &desired::Unit, observed: &observed::Unit, memory: &Memory, made: &Plan) {
    let again = plan(desired, observed, memory);
    assert!(
        again == *made,
        "the same look gives the same plan: {made:?} and {again:?}"
    );
    assert!(
        made.wake_at.is_none_or(|at| at > observed.now),
        "nothing wakes in the past"
    );
    super::freshness::judge(desired, observed, made);
    super::adopted::judge(desired, made);
    super::violation::judge(desired, observed, memory, made);
    let kinds: Vec<StageKind> = made.stages.iter().map(|stage| stage.kind).collect();
    assert!(kinds.windows(2).all(|pair| pair[0] < pair[1]), "{kinds:?}");
    for stage in &made.stages {
        assert!(!stage.actions.is_empty());
        for (place, action) in stage.actions.iter().enumerate() {
            judge_action(desired, observed, stage, action);
            let twins = stage
                .actions
                .iter()
                .skip(place + 1)
                .filter(|other| other.write.key() == action.write.key());
            assert_eq!(
                twins.count(),
                0,
                "two writes of one stage change the same: {action:?}"
            );
        }
    }
    let objects = 1 + desired.bindings.len() + desired.assignments.len();
    assert_eq!(made.verdicts.len(), objects);
}

fn judge_action(
    desired: &desired::Unit,
    observed: &observed::Unit,
    stage: &Stage,
    action: &Action,
) {
    if matches!(
        action.write,
        Write::CreateGroup(_)
            | Write::RestoreGroup(_)
            | Write::UpdateGroup { .. }
            | Write::JoinUnit { .. }
    ) {
        assert!(desired.boundary.is_some() && desired.group.lifecycle == Lifecycle::Living);
        return;
    }
    assert!(
        is_open(&observed.group),
        "there is nothing to write to: {action:?}"
    );
    judge_origin(desired, observed, action);
    judge_people(desired, observed, stage, action);
    match &action.write {
        _ if stage.kind == StageKind::EmergencyStop => {}
        Write::Grant {
            key, verb, window, ..
        } if stage.kind == StageKind::Revoke => {
            judge_reduction(observed, *key, *verb, window);
        }
        Write::Grant { key, .. } => {
            assert_eq!(stage.kind, StageKind::Grant);
            judge_guard(desired, observed, key.access);
            judge_grant(desired, *key);
        }
        Write::BindRole {
            role, verb, window, ..
        } if stage.kind == StageKind::Revoke => {
            assert_eq!(*verb, GrantVerb::Update, "{action:?}");
            judge_shorter_role(observed, role, window);
        }
        Write::BindRole { .. } => {
            assert_eq!(stage.kind, StageKind::Grant);
            judge_both_guards(desired, observed);
        }
        Write::Revoke { .. } => {
            assert!(matches!(
                stage.kind,
                StageKind::Violation | StageKind::Revoke | StageKind::Undeclared
            ));
        }
        Write::UpdatePolicy {
            access,
            policy,
            rules,
            ..
        } => {
            assert_eq!(stage.kind, StageKind::Policy);
            judge_policy(desired, observed, *access, policy, rules);
        }
        Write::DeleteGroup(_) => {
            let is_wanted =
                desired.group.lifecycle == Lifecycle::Living || desired.referrers().count() > 0;
            assert!(!is_wanted);
        }
        _ => assert!(stage.kind <= StageKind::Unbind),
    }
    if stage.kind != StageKind::EmergencyStop {
        judge_removal(desired, observed, action);
    }
}

/// Nobody is given anything who is denied, and from nobody is anything taken who is protected.
fn judge_people(
    desired: &desired::Unit,
    observed: &observed::Unit,
    stage: &Stage,
    action: &Action,
) {
    let rules = &desired.rules;
    match &action.write {
        Write::Revoke { key, .. } => {
            assert!(!rules.protects(key.principal), "{action:?}");
        }
        Write::RemoveDirect { principal, .. } => {
            assert!(!rules.protects(*principal), "{action:?}");
        }
        Write::Grant { key, window, .. } => {
            assert!(!rules.denies(key.principal), "{action:?}");
            let stands = observed.standing(*key).map(|row| row.window);
            let is_kept = stands.is_none_or(|stands| stands.is_within(window, observed.now));
            assert!(is_kept || !rules.protects(key.principal), "{action:?}");
        }
        Write::DeleteGroup(_) => {
            let mut rows = observed
                .active
                .rows()
                .iter()
                .chain(observed.eligible.rows());
            let is_kept = rows
                .any(|row| rules.protects(row.principal) && !row.window.end.is_over(observed.now));
            assert!(!is_kept, "{action:?}");
        }
        _ => {}
    }
    if stage.kind == StageKind::EmergencyStop {
        let principal = action.write.principal();
        assert!(principal.is_some_and(|one| rules.denies(one)), "{action:?}");
        assert_eq!(action.cause, Cause::EmergencyStop);
    }
}

/// What the group itself takes away while it is wanted, it was told to, and nobody declares it.
fn judge_removal(desired: &desired::Unit, observed: &observed::Unit, action: &Action) {
    if desired.group.lifecycle == Lifecycle::Deleting || action.object != desired.group.object() {
        return;
    }
    let undeclared = &desired.group.undeclared;
    let wish = match &action.write {
        Write::UnbindRole { role, .. } => {
            judge_role_removal(desired, role);
            undeclared.roles
        }
        Write::DeletePlainRole { role, .. } => {
            let kind = Kind::Active;
            let target = role.clone();
            judge_role_removal(desired, &BoundRole { target, kind });
            undeclared.roles
        }
        Write::Revoke { key, .. } => {
            assert!(!is_named(desired, *key), "{action:?}");
            let is_activation = observed.activation(key.access, key.principal).is_some()
                && observed.assigned(*key).is_none();
            match key.kind {
                Kind::Active if !is_activation => undeclared.active,
                Kind::Eligible | Kind::Active => undeclared.eligible,
            }
        }
        Write::RemoveDirect {
            access, principal, ..
        } => {
            let key = Key {
                access: *access,
                principal: *principal,
                kind: Kind::Active,
            };
            judge_plain_removal(desired, observed, key);
            undeclared.standing
        }
        _ => return,
    };
    assert_eq!(wish, Undeclared::Remove, "{action:?}");
}

/// A plain member or owner goes whom nobody declares or allows, whom the directory shows, and without whom somebody owns
/// the group; a service principal only where its own list and another one agree.
fn judge_plain_removal(desired: &desired::Unit, observed: &observed::Unit, key: Key) {
    assert!(!is_named(desired, key), "{key:?}");
    let boundary = desired.boundary.as_ref().unwrap();
    let mut allowed = desired.group.undeclared.allowed.iter();
    let is_allowed = allowed.any(|name| {
        let identity = desired.names.identity(name);
        identity.is_some_and(|one| {
            let judged = boundary.judge_subject(name, one, desired.group.assignability);
            one.id == key.principal && judged.is_ok()
        })
    });
    assert!(!is_allowed, "{key:?}");
    let is_owned = observed.owners().any(|owner| {
        let owns = owner.key(Kind::Active);
        owns != key && owner.window.end == End::Never && is_named(desired, owns)
    });
    assert!(key.access == Access::Member || is_owned, "{key:?}");
    let is_in = |rows: &[Direct]| rows.iter().any(|one| one.key() == key);
    let is_in_people = is_in(observed.people.rows());
    let is_in_pim = observed.assigned(key).is_some_and(Schedule::is_plain);
    let is_application = is_in(observed.applications.rows());
    let is_proved = if is_application {
        is_in_people || is_in_pim
    } else {
        is_in_people
    };
    assert!(is_proved, "{key:?}");
}

fn judge_role_removal(desired: &desired::Unit, role: &BoundRole) {
    assert!(!is_bound(desired, role), "{role:?}");
    let mut bindings = desired.bindings.iter();
    let is_declared =
        bindings.any(|one| one.kind == role.kind && one.role.found() == Some(&role.target));
    assert!(!is_declared, "{role:?}");
}

/// What was never taken up does not go with its object, unless our own creation made it and nothing is in it.
fn judge_origin(desired: &desired::Unit, observed: &observed::Unit, action: &Action) {
    let Presence::Living(group) = &observed.group else {
        return;
    };
    if desired.group.lifecycle == Lifecycle::Living || desired.group.last_seen == Some(group.id) {
        return;
    }
    let pending = desired
        .group
        .pending
        .expect("a creation or restore of ours");
    if pending.operation == GroupOperation::CreateGroup {
        let is_in_use = !observed.active.is_known_empty() || !observed.eligible.is_known_empty();
        assert!(
            matches!(action.write, Write::DeleteGroup(_)) && !is_in_use,
            "{action:?}"
        );
    } else {
        assert_eq!(pending.group, Some(group.id));
    }
}

/// A policy is written as it was just read, and only where it differs.
fn judge_policy(
    desired: &desired::Unit,
    observed: &observed::Unit,
    access: Access,
    id: &PolicyId,
    rules: &[(RuleKey, Rule)],
) {
    assert!(desired.boundary.is_some());
    let fresh = observed
        .fresh_policy(access)
        .expect("the policy was read in this look");
    assert_eq!(fresh.id, *id);
    assert!(
        !rules.is_empty()
            && rules
                .iter()
                .all(|(key, rule)| fresh.rules.get(key).is_some_and(|stands| stands != rule))
    );
}

fn judge_both_guards(desired: &desired::Unit, observed: &observed::Unit) {
    judge_guard(desired, observed, Access::Member);
    judge_guard(desired, observed, Access::Owner);
}

/// The guard: nothing is given before the policy was read in this pass and equals the declared one.
fn judge_guard(desired: &desired::Unit, observed: &observed::Unit, access: Access) {
    assert!(desired.boundary.is_some() && desired.group.lifecycle == Lifecycle::Living);
    let policy = observed
        .fresh_policy(access)
        .expect("the policy was read in this look");
    let listed = &desired.boundary.as_ref().unwrap().rules.policy_floor;
    let is_listed = |rule: &UnknownRule| {
        let mut listed = listed.custom_extensions.iter();
        listed.any(|id| {
            let extension = rule.extension.as_ref().map(|one| one.id.as_str());
            id == rule.id.as_str() || Some(id.as_str()) == extension
        })
    };
    let mut unknown = policy.unknown.iter();
    assert!(
        unknown.all(|rule| rule.state == UnknownRuleState::Off || is_listed(rule)),
        "a rule that nobody knows may be on"
    );
    assert_eq!(
        policy.rules.len(),
        RuleKey::all().count(),
        "what nobody read may say anything"
    );
    let stands = crate::plan::facts::target::standing(policy);
    let mut declared = match desired.group.mode {
        Mode::Exclusive => Rules::defaults(),
        Mode::Merge => stands.clone(),
    };
    for setting in crate::settings::SETTINGS {
        setting.write(
            &desired
                .group
                .settings(access)
                .expect("the template is known"),
            &desired.names,
            &mut declared,
        );
    }
    assert_eq!(stands, declared);
}

/// Somebody declares it, the boundary admits them, and their name is certain.
fn judge_grant(desired: &desired::Unit, key: Key) {
    let boundary = desired.boundary.as_ref().unwrap();
    let declared = desired.assignments.iter().filter(|assignment| {
        assignment.lifecycle == Lifecycle::Living
            && assignment.readability == Readability::Readable
            && assignment.pause == Pause::Running
            && assignment.kind == key.kind
            && assignment.access == key.access
    });
    let mut subjects = declared.flat_map(|assignment| &assignment.subjects);
    let is_meant = |subject: &crate::principal::Principal| {
        let identity = desired.names.identity(subject);
        identity.is_some_and(|one| {
            one.id == key.principal
                && boundary
                    .judge_subject(subject, one, desired.group.assignability)
                    .is_ok()
        })
    };
    assert!(subjects.any(is_meant), "nobody declares {key:?}");
}

/// A write of the first stage gives nobody anything.
fn judge_reduction(observed: &observed::Unit, key: Key, verb: GrantVerb, window: &Window) {
    assert_eq!(verb, GrantVerb::Update);
    let stands = observed
        .standing(key)
        .expect("only what stands is shortened");
    assert!(window.is_within(&stands.window, observed.now));
}

/// A role that is changed in the first stage is held for a shorter time.
fn judge_shorter_role(observed: &observed::Unit, key: &BoundRole, window: &Window) {
    let rows = observed.role_list(key.kind).rows().iter();
    let mut of_key = rows.filter(|row| row.target == key.target);
    let stands = of_key.find(|row| !row.window.end.is_over(observed.now));
    let stands = stands.map_or(Window::ALWAYS, |row| row.window);
    assert!(window.is_within(&stands, observed.now));
    assert!(observed.holds(key), "only what is held is shortened");
}

/// What was said at the end holds, and nothing that the operator gave is left without somebody who declares it.
pub fn judge_rest(model: &Model, rest: &Plan) {
    let observed = &model.world.observed;
    let is_open = is_open(&observed.group);
    for (object, verdict) in &rest.verdicts {
        let assignment = model
            .world
            .desired
            .assignments
            .iter()
            .find(|one| one.object() == *object);
        let Some(assignment) = assignment else {
            continue;
        };
        for row in verdict.rows() {
            let Some(principal) = row.principal else {
                continue;
            };
            let key = Key {
                access: assignment.access,
                principal,
                kind: assignment.kind,
            };
            // Something graver may hide that it is in doubt whether others took it away, which is looked at again.
            let holds = model.world.desired.rules.removed_by_others == RemovedByOthers::Hold;
            let waits = holds || model.world.desired.audit.read.is_some();
            let is_in_doubt = waits && rest.wake_at.is_some() && observed.assigned(key).is_none();
            if !is_in_doubt {
                judge_row(observed, key, row);
            }
        }
    }
    judge_waits(model, rest);
    judge_denied(model);
    super::violation::judge_rest(model);
    if is_open && model.world.desired.group.lifecycle == Lifecycle::Living {
        judge_leftovers(model, rest);
    }
}

/// Whoever is denied has nothing in a group of ours, but for the last owner.
fn judge_denied(model: &Model) {
    let (desired, observed) = (&model.world.desired, &model.world.observed);
    let Presence::Living(group) = &observed.group else {
        return;
    };
    if !is_open(&observed.group) || desired.group.last_seen != Some(group.id) {
        return;
    }
    let of = |kind| {
        let rows = observed.list(kind).rows().iter();
        rows.map(move |row| row.key(kind))
    };
    let plain = observed
        .people
        .rows()
        .iter()
        .chain(observed.applications.rows());
    let plain = plain.map(|one| Key {
        access: one.access,
        principal: one.principal,
        kind: Kind::Active,
    });
    let all = of(Kind::Eligible).chain(of(Kind::Active)).chain(plain);
    let left: std::collections::BTreeSet<Key> = all
        .filter(|key| desired.rules.denies(key.principal))
        .collect();
    let are_last = left.len() <= 1 && left.iter().all(|key| *key == Key::owner(key.principal));
    assert!(are_last, "{left:?} still stands: {:#?}", model.trace);
}

/// A row says what is true.
fn judge_row(observed: &observed::Unit, key: Key, row: &Row) {
    let is_living = matches!(observed.group, Presence::Living(_));
    let stands = observed.assigned(key).filter(|_| is_living);
    let begins_later = stands.map(|schedule| schedule.window.is_future(observed.now));
    match row.state {
        SubjectState::Eligible | SubjectState::Active => {
            assert_eq!(begins_later, Some(false), "{row:?}");
        }
        SubjectState::Scheduled => assert_eq!(begins_later, Some(true), "{row:?}"),
        SubjectState::Pending
        | SubjectState::Expired
        | SubjectState::Revoking
        | SubjectState::Refused
        | SubjectState::Revoked => {}
    }
}

/// Whatever waits in the end waits for somebody.
fn judge_waits(model: &Model, rest: &Plan) {
    for state in states(rest) {
        if let State::Waiting { reason, .. } = state {
            let lasting = [
                Reason::WaitingForDependency,
                Reason::DeletionBlocked,
                Reason::Paused,
            ];
            let is_paused = model.world.desired.group.pause != Pause::Running;
            let may_last = lasting.contains(reason)
                || (is_paused && *reason == Reason::GuardMissing)
                || (*reason == Reason::DeletionInProgress
                    && model.world.desired.referrers().next().is_some());
            assert!(may_last, "waits for ever: {state:?}: {:#?}", model.trace);
        }
    }
}

fn judge_leftovers(model: &Model, rest: &Plan) {
    let (desired, observed) = (&model.world.desired, &model.world.observed);
    judge_undeclared(desired, rest);
    for key in &model.granted {
        let Some(_) = observed.standing(*key) else {
            continue;
        };
        let is_named = is_named(desired, *key);
        let is_told =
            rest.verdicts.values().flat_map(Verdict::rows).any(|row| {
                row.principal == Some(key.principal) && row.state == SubjectState::Revoking
            });
        assert!(
            is_named || is_told,
            "{key:?} still stands and nobody declares it: {:#?}",
            model.trace
        );
    }
    for role in &model.bound {
        let mut rows = observed.role_list(role.kind).rows().iter();
        let is_held = rows.any(|row| row.target == role.target);
        assert!(
            !is_held || is_bound(desired, role),
            "{role:?} is held and nobody declares it: {:#?}",
            model.trace
        );
    }
}

/// Of what was to be removed nothing is left, unless the group is paused.
fn judge_undeclared(desired: &desired::Unit, rest: &Plan) {
    let group = &rest.verdicts[&desired.group.object()];
    let Record::Group(record) = &group.record else {
        panic!("{group:?}");
    };
    let undeclared = &desired.group.undeclared;
    // The last owner stays where nobody declares another.
    let wishes = [
        undeclared.standing,
        undeclared.eligible,
        undeclared.active,
        undeclared.roles,
    ];
    let is_all = wishes == [Undeclared::Remove; 4];
    if is_all
        && desired.group.pause == Pause::Running
        && let UndeclaredFinding::Found { told, .. } = &record.undeclared
    {
        let mut told = told.iter();
        let protected = &desired.rules.protected;
        let is_owner = |one: &String| one.contains(" owner ");
        // PIM does not list them, so it takes more than one list to take them out.
        let is_unproven = |one: &String| one.contains("service principal that PIM does not list");
        let is_protected = |one: &String| protected.iter().any(|id| one.contains(&id.to_string()));
        assert!(
            told.all(|one| is_owner(one) || is_protected(one) || is_unproven(one)),
            "{told:?}"
        );
    }
}

/// Whether an object names somebody for an access, or remembers to have granted it.
pub fn is_named(desired: &desired::Unit, key: Key) -> bool {
    desired.assignments.iter().any(|assignment| {
        let means = |subject: &crate::principal::Principal| {
            let identity = desired.names.identity(subject);
            identity.is_some_and(|identity| identity.id == key.principal)
        };
        let remembers = assignment
            .memory
            .iter()
            .any(|record| record.principal == key.principal);
        assignment.kind == key.kind
            && assignment.access == key.access
            && (remembers || assignment.subjects.iter().any(means))
    })
}

/// Whether an object binds a role, or remembers to have bound it.
pub fn is_bound(desired: &desired::Unit, role: &BoundRole) -> bool {
    desired.bindings.iter().any(|binding| {
        let is_found = binding.kind == role.kind && binding.role.found() == Some(&role.target);
        is_found || binding.bound().as_ref() == Some(role)
    })
}

pub fn is_open(presence: &Presence) -> bool {
    matches!(presence, Presence::Living(group) if group.management == Management::Open)
}
