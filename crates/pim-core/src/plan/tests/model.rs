//! A small operator around the planner and a small tenant below it: reads, plans, remembers, carries out the first
//! stage. What the tenant shows stands in `replica`, what it does with a write in `service`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::fixture::*;
use super::replica::Hidden;
use crate::action::{Action, GrantVerb, Write, WriteKey};
use crate::desired::{self, DeletionPolicy, LastReport, Lifecycle, Object};
use crate::ids::RequestId;
use crate::knowledge::{Progress, Request, Sent};
use crate::memory::{Answer, Memory};
use crate::observed::{self, Presence};
use crate::plan::retention::{self, Retention};
use crate::plan::{Plan, plan};
use crate::reason::Reason;
use crate::role::BoundRole;
use crate::schedule::{ByAccess, Key, Kind};
use crate::verdict::{Row, State, SubjectState, Verdict};

/// What becomes of an activation when its eligibility is taken away: the service does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activations {
    EndWithTheirEligibility,
    Remain,
}

/// How true the lists are that the tenant shows, and how sure its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replicas {
    /// They show every write at once, every answer arrives, and the tenant refuses nothing that a good plan asks for.
    Current,
    /// They show writes up to five minutes late, answers get lost, requests are carried out later, the operator's
    /// process ends now and then, and the tenant refuses what does not fit any more.
    Lagging,
}

/// A request that was taken and is carried out later.
#[derive(Debug, Clone)]
pub struct Underway {
    pub due: Timestamp,
    pub action: Action,
}

/// The operator and its tenant. What `world.observed` says is the truth.
#[derive(Debug, Clone)]
pub struct Model {
    pub world: World,
    pub activations: Activations,
    pub replicas: Replicas,
    /// Everything that the operator granted.
    pub granted: BTreeSet<Key>,
    /// Every role that the operator bound.
    pub bound: BTreeSet<BoundRole>,
    /// Every write in words, in the order in which they were sent.
    pub journal: Vec<String>,
    /// The same as they are.
    pub written: Vec<Write>,
    /// Everything that happened, with when and with the answers, to be read when a property fails.
    pub trace: Vec<String>,
    pub policies_written: u32,
    pub groups_made: u128,
    /// What lists do not show yet.
    pub hidden: Vec<Hidden>,
    /// How the group is shown, and until when, where that is not the truth.
    pub group_shown: Option<(Timestamp, Presence)>,
    pub underway: Vec<Underway>,
    /// Which object asked for what.
    asked: BTreeMap<Object, BTreeSet<Key>>,
    bound_by: BTreeMap<Object, BoundRole>,
    /// What this process has read.
    pub seen: Option<observed::Unit>,
    pub absent_since: Option<Timestamp>,
    /// Whether this pass has asked who may sign in.
    pub knows_accounts: bool,
    /// Whether this pass rests on lists of an earlier one.
    pub rests_on_earlier: bool,
    dice: u64,
}

impl Model {
    pub fn new(world: World) -> Self {
        Self {
            world,
            activations: Activations::Remain,
            replicas: Replicas::Current,
            granted: BTreeSet::new(),
            bound: BTreeSet::new(),
            journal: Vec::new(),
            written: Vec::new(),
            trace: Vec::new(),
            policies_written: 0,
            groups_made: 0,
            hidden: Vec::new(),
            group_shown: None,
            underway: Vec::new(),
            asked: BTreeMap::new(),
            bound_by: BTreeMap::new(),
            seen: None,
            absent_since: None,
            knows_accounts: false,
            rests_on_earlier: false,
            dice: 1,
        }
    }

    /// The same with lists that lag and answers that get lost, as the dice fall.
    pub fn lagging(self, seed: u64) -> Self {
        Self {
            replicas: Replicas::Lagging,
            dice: seed | 1,
            ..self
        }
    }

    pub fn now(&self) -> Timestamp {
        self.world.observed.now
    }

    /// A number below a bound.
    pub fn roll(&mut self, below: u64) -> u64 {
        // George Marsaglia, Xorshift RNGs, 2003.
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (self.dice >> 11) % below
    }

    pub fn seconds(&mut self, below: u64) -> SignedDuration {
        SignedDuration::from_secs(i64::try_from(self.roll(below)).unwrap())
    }

    fn happens_one_time_in(&mut self, times: u64) -> bool {
        self.replicas == Replicas::Lagging && self.roll(times) == 0
    }

    /// A tenant in which the group does not exist and was never seen.
    pub fn from_nothing(mut world: World) -> Self {
        world.desired.group.last_seen = None;
        world.observed.group = Presence::Absent {
            since: world.observed.now,
        };
        Self::new(world)
    }

    /// The manifests, with accounts only where this pass has asked for them.
    fn desired(&self) -> desired::Unit {
        let mut desired = self.world.desired.clone();
        desired.names = if self.knows_accounts {
            desired.names.with_accounts()
        } else {
            super::freshness::with_unknown_accounts(&desired.names)
        };
        desired
    }

    /// Reads and plans; what the plan needs is read on demand.
    pub fn plan(&mut self) -> Plan {
        let skips = self.happens_one_time_in(3);
        let mut seen = self.look(skips);
        for _ in 0..12 {
            let desired = self.desired();
            let made = plan(&desired, &seen, &self.world.memory);
            super::judge::judge(&desired, &seen, &self.world.memory, &made);
            if made.needs.is_empty() {
                self.seen = Some(seen);
                return made;
            }
            for part in &made.needs {
                self.serve(&mut seen, *part);
            }
        }
        panic!("the plan never has what it needs");
    }

    /// Reads, plans, remembers, and carries out the first stage.
    pub fn round(&mut self) -> Plan {
        self.carry_out_what_is_due();
        if self.happens_one_time_in(12) {
            self.restart();
        }
        let mut plan = self.plan();
        self.world.memory = plan.memory.clone();
        plan.begin(self.now());
        self.remember(&plan);
        if self.happens_one_time_in(20) {
            // It ends between the note and the write.
            self.restart();
            return plan;
        }
        if let Some(stage) = plan.stages.first() {
            for action in &stage.actions {
                self.journal.push(say(&action.write));
                self.written.push(action.write.clone());
                self.send(action);
            }
            self.demote(&stage.actions);
        }
        plan
    }

    /// Adds a line with the time to the record of what happened.
    pub fn tell(&mut self, what: &str) {
        let seconds = self.now().duration_since(at(0)).as_secs();
        self.trace.push(format!("{seconds} {what}"));
    }

    /// The operator's process ends, and another one begins with what the status says.
    pub fn restart(&mut self) {
        self.tell("restart");
        self.world.memory = Memory::default();
        self.seen = None;
        self.absent_since = None;
        self.knows_accounts = false;
    }

    /// Rounds until nothing is left to do, letting time pass where the plan waits for it.
    pub fn converge(&mut self) -> Plan {
        self.end_pass();
        for _ in 0..2000 {
            let plan = self.round();
            if !plan.stages.is_empty() {
                continue;
            }
            let until = match self.shows_all_by() {
                Some(until) => Some(until.min(plan.wake_at.unwrap_or(until))),
                None => plan.wake_at.filter(|_| waits(&plan)),
            };
            match until {
                Some(until) => self.advance(until.max(later(self.now(), 1))),
                None if self.rests_on_earlier || self.happens_one_time_in(2) => self.end_pass(),
                None => return plan,
            }
        }
        panic!("never comes to rest: {:#?}", self.trace);
    }

    /// Sends one write, and notes what became of it.
    fn send(&mut self, action: &Action) {
        let now = self.now();
        self.note_who_asked(action);
        let is_lost = self.happens_one_time_in(10);
        let never_arrives = is_lost && self.roll(2) == 0;
        // What exists already is said at once.
        let is_later = !is_lost && self.gives(&action.write) && self.happens_one_time_in(6);
        let result = if never_arrives {
            Ok(Answer::Taken)
        } else if is_later {
            let due = now.checked_add(self.seconds(1800)).unwrap();
            self.underway.push(Underway {
                due,
                action: action.clone(),
            });
            Ok(Answer::Taken)
        } else {
            self.answer(&action.write, is_lost)
        };
        let refused =
            |text: &str| Answer::Refused(State::waiting(Reason::WaitingForReplication, text));
        let (answer, retry) = match result {
            _ if is_lost => (refused("nobody heard the answer"), self.seconds(60)),
            Ok(answer) => (answer, self.seconds(300)),
            Err(refusal) => {
                assert_eq!(
                    self.replicas,
                    Replicas::Lagging,
                    "{refusal}: {}",
                    say(&action.write)
                );
                (refused(refusal), self.seconds(60))
            }
        };
        let heard = if is_later { "later" } else { "" };
        self.tell(&format!(
            "{} {answer:?} {heard} {is_lost}",
            say(&action.write)
        ));
        if answer == Answer::Taken {
            self.note_the_answer(action, is_later);
        }
        let retry = retry + SignedDuration::from_secs(1);
        self.world.memory.tried(&action.write, now, retry, answer);
    }

    /// Whether a write gives what does not stand yet.
    fn gives(&self, write: &Write) -> bool {
        let observed = &self.world.observed;
        match write {
            Write::Grant {
                key,
                verb: GrantVerb::Assign,
                ..
            } => observed.standing(*key).is_none(),
            Write::BindRole {
                role,
                verb: GrantVerb::Assign,
                ..
            } => {
                let mut rows = observed.role_list(role.kind).rows().iter();
                !rows.any(|row| row.target == role.target)
            }
            _ => false,
        }
    }

    fn note_who_asked(&mut self, action: &Action) {
        match &action.write {
            Write::Grant { key, verb, .. } => {
                let is_underway = |one: &Underway| {
                    one.action.object == action.object
                        && one.action.write.key() == action.write.key()
                };
                // Somebody else may have given it meanwhile, in another window.
                assert!(
                    *verb == GrantVerb::Update || !self.underway.iter().any(is_underway),
                    "the service is still at it: {}",
                    say(&action.write)
                );
                self.asked
                    .entry(action.object.clone())
                    .or_default()
                    .insert(*key);
            }
            Write::BindRole { role, .. } => {
                self.bound_by.insert(action.object.clone(), role.clone());
            }
            _ => {}
        }
    }

    /// What the status says of an answer that arrived.
    fn note_the_answer(&mut self, action: &Action, is_underway: bool) {
        let made = match &self.world.observed.group {
            Presence::Living(group) => Some(group.id),
            _ => None,
        };
        let request = Request {
            id: RequestId::new("request-1"),
            status: "PendingProvisioning".to_owned(),
            progress: if is_underway {
                Progress::Underway
            } else {
                Progress::Finished
            },
        };
        let group = &mut self.world.desired.group;
        if let (Write::CreateGroup(_), Some(pending)) = (&action.write, &mut group.pending) {
            pending.group = made;
            group.last_seen = made;
        }
        if let Some(sent) = self.sent(action).filter(|sent| !sent.is_underway()) {
            sent.request = Some(request);
        }
    }

    /// What the status remembers of a write as sent.
    pub fn sent(&mut self, action: &Action) -> Option<&mut Sent> {
        let desired = &mut self.world.desired;
        match &action.write {
            Write::Grant { key, .. } => {
                let mut all = desired.assignments.iter_mut();
                all.find(|one| one.object() == action.object)?
                    .sent_mut(key.principal)
            }
            Write::BindRole { .. } => {
                let mut all = desired.bindings.iter_mut();
                all.find(|one| one.object() == action.object)?.sent.as_mut()
            }
            _ => None,
        }
    }

    /// What the operator's status keeps of a plan.
    fn remember(&mut self, plan: &Plan) {
        let desired = &mut self.world.desired;
        crate::plan::remember(desired, plan);
        desired.group.last_report = last_report(&of_group(plan).state);
        let mut gone: Vec<(Object, DeletionPolicy)> = Vec::new();
        for assignment in &mut desired.assignments {
            let verdict = &plan.verdicts[&assignment.object()];
            assignment.last_report = last_report(&verdict.state);
            if assignment.lifecycle == Lifecycle::Deleting && verdict.state == State::Gone {
                gone.push((assignment.object(), assignment.deletion_policy));
            }
        }
        for binding in &mut desired.bindings {
            let verdict = &plan.verdicts[&binding.object()];
            binding.last_report = last_report(&verdict.state);
            if binding.lifecycle == Lifecycle::Deleting && verdict.state == State::Gone {
                gone.push((binding.object(), binding.deletion_policy));
            }
        }
        let is_gone = |object: Object| gone.iter().any(|(one, _)| *one == object);
        desired.assignments.retain(|one| !is_gone(one.object()));
        desired.bindings.retain(|one| !is_gone(one.object()));
        for (object, policy) in gone {
            if retention::of_member(&self.world.desired, policy) == Retention::Left {
                self.leave(&object);
            } else {
                self.judge_end(&object);
            }
        }
    }

    /// What an object has left behind is nobody's any more.
    fn leave(&mut self, object: &Object) {
        for key in self.asked.remove(object).unwrap_or_default() {
            self.granted.remove(&key);
        }
        if let Some(role) = self.bound_by.remove(object) {
            self.bound.remove(&role);
        }
    }

    /// Nothing of an object that is gone stands or is yet to appear, unless another object declares it.
    fn judge_end(&mut self, object: &Object) {
        let keys = self.asked.remove(object).unwrap_or_default();
        let role = self.bound_by.remove(object);
        if !matches!(self.world.observed.group, Presence::Living(_)) {
            return;
        }
        for key in keys {
            let comes = |one: &Underway| {
                one.action.object == *object
                    && matches!(&one.action.write, Write::Grant { key: of, .. } if *of == key)
            };
            let comes = self.underway.iter().any(comes);
            let stands = self.granted.contains(&key) && self.world.observed.standing(key).is_some();
            assert!(
                !(comes || stands) || super::judge::is_named(&self.world.desired, key),
                "{object} is gone, and {key} stands or comes: {:#?}",
                self.trace
            );
        }
        let Some(role) = role else { return };
        let comes = |one: &Underway| {
            one.action.object == *object
                && matches!(&one.action.write, Write::BindRole { role: of, .. } if *of == role)
        };
        let comes = self.underway.iter().any(comes);
        let stands = self.bound.contains(&role)
            && self
                .world
                .observed
                .role_list(role.kind)
                .rows()
                .iter()
                .any(|row| row.target == role.target);
        assert!(
            !(comes || stands) || super::judge::is_bound(&self.world.desired, &role),
            "{object} is gone, and role {role:?} stands or comes: {:#?}",
            self.trace
        );
    }
}

fn last_report(state: &State) -> LastReport {
    if *state == State::Ready {
        LastReport::Matched
    } else {
        LastReport::Differed
    }
}

/// The states of all objects of a plan.
pub fn states(plan: &Plan) -> Vec<&State> {
    plan.verdicts
        .values()
        .map(|verdict| &verdict.state)
        .collect()
}

fn waits(plan: &Plan) -> bool {
    // Something graver may hide that a policy or the group is still to be written, or somebody denied to be taken out.
    let is_hidden = |key: &WriteKey| {
        let is_of_group = matches!(key, WriteKey::Policy(..) | WriteKey::Update);
        is_of_group || matches!(key, WriteKey::Revoke(..) | WriteKey::Remove(..))
    };
    let memory = &plan.memory;
    let is_to_go = !memory.strays.is_empty() || !memory.violations.is_empty();
    if memory.attempts.keys().any(is_hidden) || is_to_go {
        return true;
    }
    let for_time = |state: &&State| match state {
        State::Waiting { reason, .. } => {
            ![Reason::DeletionBlocked, Reason::Paused].contains(reason)
        }
        _ => false,
    };
    // Something graver may hide that access is still to be given, or to be seen gone.
    let is_changing = |verdict: &Verdict| {
        let is_paused = matches!(
            &verdict.state,
            State::Waiting {
                reason: Reason::Paused,
                ..
            }
        );
        let changes =
            |row: &Row| row.state == SubjectState::Revoking || row.record_on_grant.is_some();
        !is_paused && verdict.rows().iter().any(changes)
    };
    states(plan).iter().any(for_time) || plan.verdicts.values().any(is_changing)
}

/// Policies of a group as they are made.
pub fn new_policies() -> ByAccess<Option<observed::Policy>> {
    let both = || Some(policy(&crate::rule::Rules::defaults()));
    ByAccess {
        member: both(),
        owner: both(),
    }
}

/// The list in which assignments of a kind stand.
pub fn list(observed: &mut observed::Unit, kind: Kind) -> &mut Vec<observed::Schedule> {
    match kind {
        Kind::Eligible => observed.eligible.known(),
        Kind::Active => observed.active.known(),
    }
}

/// The list of roles in the tenant that are kept as schedules of a kind.
pub fn role_list(observed: &mut observed::Unit, kind: Kind) -> &mut Vec<observed::RoleSchedule> {
    match kind {
        Kind::Eligible => observed.eligible_roles.known(),
        Kind::Active => observed.roles.known(),
    }
}
