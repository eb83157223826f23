//! The schedule engine on a privilege as small as can be.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::submit::Submitted;
use super::*;
use crate::ids::ObjectId;
use crate::journal::Target;
use crate::pim::policy::rule::{PolicyRule, Requirement, RuleId, Setting};
use crate::pim::policy::{Family, Policy};
use crate::pim::refusal::{FailedRule, Refusal};

const EXISTS: &str = "RoleAssignmentExists";
const ABSENT: &str = "RoleAssignmentDoesNotExist";
const YOUNG: &str = "ActiveDurationTooShort";
const PENDING: &str = "PendingRoleAssignmentRequest";
const BAD_WINDOW: &str = "InvalidRoleAssignmentRequestSchedule";

/// A privilege as small as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Door(u8);

impl Privilege for Door {
    type ScopeKey = u8;

    fn scope_key(&self) -> u8 {
        self.0
    }

    fn key(&self, guid: Uuid) -> String {
        guid.to_string()
    }

    fn fields(&self) -> Map<String, Value> {
        Map::new()
    }

    fn target(&self) -> Target {
        Target::DirectoryRole {
            role: self.0.to_string(),
            scope: "/".to_owned(),
        }
    }
}

struct Bench {
    store: Store<Door>,
    policy: Policy,
    options: EngineOptions,
    now: Timestamp,
    next: u128,
    standing: Standing,
}

fn options() -> EngineOptions {
    EngineOptions {
        grant_lag: SignedDuration::ZERO,
        removal_lag: SignedDuration::ZERO,
        five_minutes: FiveMinutes::Schedule,
        applying: [
            Quirk::ChangeStanding,
            Quirk::RemovalEndsActivation,
            Quirk::MfaForApplications,
        ]
        .into(),
        retention: SignedDuration::from_hours(45 * 24),
        extension: ExtensionAnswer::Approved,
    }
}

fn principal(n: u128) -> ObjectId {
    ObjectId::new(Uuid::from_u128(n))
}

fn holding(kind: Kind) -> Holding<Door> {
    Holding {
        kind,
        privilege: Door(1),
        principal: principal(7),
    }
}

impl Bench {
    fn new() -> Self {
        Self {
            store: Store::default(),
            policy: Policy::untouched(Uuid::nil(), Family::DirectoryRole),
            options: options(),
            now: "2026-11-21T08:00:00Z".parse().unwrap(),
            next: 100,
            standing: Standing::None,
        }
    }

    fn fresh(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    fn submit(&mut self, asked: Request<Door>) -> Result<Submitted<Door>, Refusal> {
        let fresh = Fresh {
            request: self.fresh(),
            instance: self.fresh(),
            approval: self.fresh(),
            stage: self.fresh(),
        };
        let eligible = Holding {
            kind: Kind::Eligible,
            ..asked.holding
        };
        let eligibility = self
            .store
            .of_holding(&eligible)
            .find(|one| one.in_force())
            .map(|one| (one.id, Via::Direct));
        let terms = Terms {
            now: self.now,
            fresh,
            policy: &self.policy,
            options: &self.options,
            standing: self.standing,
            removal: Removal::Possible,
            eligibility,
            deferral: None,
        };
        self.store.submit(asked, &terms)
    }

    fn asked(
        &mut self,
        kind: Kind,
        action: &str,
        schedule: &Value,
    ) -> Result<Submitted<Door>, Refusal> {
        self.submit(asked(kind, action, schedule))
    }

    #[track_caller]
    fn eligible(&mut self, action: &str, schedule: &Value) -> Submitted<Door> {
        self.asked(Kind::Eligible, action, schedule).unwrap()
    }

    #[track_caller]
    fn active(&mut self, action: &str, schedule: &Value) -> Submitted<Door> {
        self.asked(Kind::Active, action, schedule).unwrap()
    }

    #[track_caller]
    fn refused(&mut self, kind: Kind, action: &str, schedule: &Value, code: &str) {
        assert_eq!(codes(self.asked(kind, action, schedule)), code);
    }

    fn review(&mut self, approval: Uuid, verdict: Verdict) -> Vec<Change<Door>> {
        let review = Review {
            verdict,
            by: principal(9),
            justification: None,
            at: self.now,
        };
        let instance = self.fresh();
        self.store.review(approval, review, instance, &self.options)
    }

    /// Lets time pass and carries out what is due.
    fn pass(&mut self, minutes: i64) -> Vec<Change<Door>> {
        self.now = self
            .now
            .checked_add(SignedDuration::from_mins(minutes))
            .unwrap();
        let mut changes = Vec::new();
        while let Some((at, due)) = self.store.pop_due(self.now) {
            changes.extend(self.store.happen(at, due, &self.options).changes);
        }
        changes
    }

    fn require(&mut self, id: RuleId, setting: Setting) {
        self.policy.put(PolicyRule { id, setting });
    }

    fn only_justification(&mut self) {
        self.require(
            RuleId::ACTIVATION_ENABLEMENT,
            Setting::Enablement(vec![Requirement::Justification]),
        );
    }

    fn shown(&self, kind: Kind) -> usize {
        self.store.shown(&Lookup::Scope(1), kind, self.now).len()
    }
}

fn asked(kind: Kind, action: &str, schedule: &Value) -> Request<Door> {
    let body = json!({"action": action, "scheduleInfo": schedule, "justification": "because"});
    let own = action.starts_with("self");
    let session = if own {
        Session::User {
            multi_factor: true,
            contexts: Vec::new(),
        }
    } else {
        Session::Application
    };
    let creator = Creator {
        id: principal(7),
        session,
    };
    Request::parse(body.as_object().unwrap(), holding(kind), creator).unwrap()
}

fn hours(hours: u32) -> Value {
    json!({"expiration": {"type": "afterDuration", "duration": format!("PT{hours}H")}})
}

fn never() -> Value {
    json!({"expiration": {"type": "noExpiration"}})
}

fn from(start: &str, hours: u32) -> Value {
    json!({"startDateTime": start, "expiration": {"type": "afterDuration", "duration": format!("PT{hours}H")}})
}

fn codes<T: fmt::Debug>(result: Result<T, Refusal>) -> &'static str {
    result.unwrap_err().code()
}

#[test]
fn an_identical_assignment_exists_already_and_the_kinds_do_not_know_each_other() {
    let mut bench = Bench::new();
    let first = bench.eligible("adminAssign", &never());
    assert_eq!(first.request.status, Status::Provisioned);
    assert_eq!(first.request.target, Some(first.request.id));
    bench.refused(Kind::Eligible, "adminAssign", &never(), EXISTS);
    bench.active("adminAssign", &never());
    assert_eq!(
        (bench.shown(Kind::Eligible), bench.shown(Kind::Active)),
        (1, 1)
    );
}

#[test]
fn an_update_replaces_the_schedule_under_a_new_id_without_a_gap() {
    let mut bench = Bench::new();
    let first = bench.active("adminAssign", &hours(10));
    bench.pass(10);
    let second = bench.active("adminUpdate", &hours(20));
    assert_ne!(first.request.target, second.request.target);
    assert_eq!(
        (second.changes[0].note, second.changes[0].force),
        (Note::Changed, Force::Same)
    );
    assert_eq!(bench.shown(Kind::Active), 1);
    assert_eq!(
        bench.pass(11 * 60),
        [],
        "the end of the first window is not due any more"
    );
    assert_eq!(bench.pass(10 * 60).len(), 1);
}

#[test]
fn an_update_that_moves_the_start_ahead_ends_the_access_until_then() {
    let mut bench = Bench::new();
    bench.active("adminAssign", &hours(10));
    bench.pass(10);
    let moved = bench.active("adminUpdate", &from("2026-11-21T10:00:00Z", 5));
    assert_eq!(moved.changes[0].force, Force::Ceases);
    let started = bench.pass(2 * 60);
    assert_eq!(
        (started[0].note, started[0].force),
        (Note::Started, Force::Begins)
    );
}

#[test]
fn nothing_can_be_updated_extended_renewed_or_removed_that_is_not_there() {
    let mut bench = Bench::new();
    for action in ["adminUpdate", "adminExtend", "adminRenew", "adminRemove"] {
        assert_eq!(
            codes(bench.asked(Kind::Eligible, action, &hours(10))),
            ABSENT,
            "{action}"
        );
    }
    bench.refused(Kind::Active, "selfDeactivate", &json!(null), ABSENT);
}

#[test]
fn a_future_start_waits_and_comes_into_force_at_its_instant() {
    let mut bench = Bench::new();
    let granted = bench.active("adminAssign", &from("2026-11-21T09:30:00Z", 1));
    assert_eq!(
        (granted.request.status, granted.changes[0].force),
        (Status::Granted, Force::Same)
    );
    let changes = bench.pass(5 * 60);
    let seen: Vec<_> = changes
        .iter()
        .map(|change| (change.note, change.at.to_string()))
        .collect();
    assert_eq!(
        seen,
        [
            (Note::Started, "2026-11-21T09:30:00Z".to_owned()),
            (Note::Ended, "2026-11-21T10:30:00Z".to_owned())
        ]
    );
    assert_eq!(
        bench.store.request(granted.request.id).unwrap().status,
        Status::Provisioned
    );
}

#[test]
fn an_extension_ends_later_and_a_renewal_needs_an_expired_assignment() {
    let mut bench = Bench::new();
    bench.eligible("adminAssign", &hours(10));
    bench.refused(Kind::Eligible, "adminExtend", &hours(9), BAD_WINDOW);
    bench.refused(Kind::Eligible, "adminRenew", &hours(9), EXISTS);
    bench.eligible("adminExtend", &hours(20));
    bench.pass(21 * 60);
    bench.refused(Kind::Eligible, "adminExtend", &hours(20), ABSENT);
    bench.eligible("adminRenew", &hours(20));
    assert_eq!(bench.shown(Kind::Eligible), 1);
}

#[test]
fn a_removed_assignment_can_not_be_renewed() {
    let mut bench = Bench::new();
    bench.eligible("adminAssign", &hours(10));
    bench.eligible("adminRemove", &json!(null));
    bench.refused(Kind::Eligible, "adminRenew", &hours(9), ABSENT);
}

#[test]
fn an_active_assignment_younger_than_five_minutes_stays() {
    let mut bench = Bench::new();
    bench.active("adminAssign", &never());
    bench.pass(4);
    bench.refused(Kind::Active, "adminRemove", &json!(null), YOUNG);
    bench.pass(1);
    let removed = bench.active("adminRemove", &json!(null));
    assert_eq!(
        (removed.request.status, removed.request.target),
        (Status::Revoked, None)
    );
    assert_eq!(removed.changes[0].force, Force::Ceases);
}

#[test]
fn an_eligibility_and_a_future_assignment_can_be_removed_at_once() {
    let mut bench = Bench::new();
    bench.eligible("adminAssign", &never());
    bench.eligible("adminRemove", &json!(null));
    bench.active("adminAssign", &from("2026-11-21T09:00:00Z", 1));
    bench.active("adminRemove", &json!(null));
    bench.options.applying.insert(Quirk::YoungEligibilityStays);
    bench.eligible("adminAssign", &never());
    bench.refused(Kind::Eligible, "adminRemove", &json!(null), YOUNG);
}

#[test]
fn the_rule_of_five_minutes_can_bind_the_grant_or_the_whole_principal() {
    let other = Holding {
        privilege: Door(2),
        ..holding(Kind::Active)
    };
    let mut bench = Bench::new();
    bench
        .submit(Request {
            holding: other,
            ..asked(Kind::Active, "adminAssign", &never())
        })
        .unwrap();
    bench.pass(6);
    bench.active("adminAssign", &never());
    let removal = Request {
        holding: other,
        ..asked(Kind::Active, "adminRemove", &json!(null))
    };
    bench.options.five_minutes = FiveMinutes::Principal;
    assert_eq!(codes(bench.submit(removal.clone())), YOUNG);
    bench.options.five_minutes = FiveMinutes::Privilege;
    bench.submit(removal).unwrap();
    bench.options.applying.insert(Quirk::YoungCanNotChange);
    bench.refused(Kind::Active, "adminUpdate", &hours(3), YOUNG);
}

#[test]
fn a_policy_names_every_rule_that_fails() {
    let mut bench = Bench::new();
    bench.policy = Policy::untouched(Uuid::nil(), Family::Group);
    bench.require(
        RuleId::ACTIVE_ENABLEMENT,
        Setting::Enablement(vec![Requirement::MultiFactorAuthentication]),
    );
    let refusal = bench
        .asked(Kind::Active, "adminAssign", &never())
        .unwrap_err();
    assert_eq!(
        refusal,
        Refusal::Rules(vec![FailedRule::Expiration, FailedRule::Mfa])
    );
    bench.options.applying.remove(&Quirk::MfaForApplications);
    bench.active("adminAssign", &hours(1));
}

#[test]
fn a_validation_says_what_would_be_and_changes_nothing() {
    let mut bench = Bench::new();
    let validation = Request {
        mode: Mode::ValidationOnly,
        ..asked(Kind::Eligible, "adminAssign", &never())
    };
    let answer = bench.submit(validation.clone()).unwrap();
    assert_eq!(answer.changes, []);
    assert_eq!(bench.store.requests(&Lookup::Scope(1)).len(), 0);
    bench.eligible("adminAssign", &never());
    assert_eq!(codes(bench.submit(validation)), EXISTS);
}

#[test]
fn an_activation_needs_an_eligibility_in_force() {
    let mut bench = Bench::new();
    bench.only_justification();
    let refusal = bench
        .asked(Kind::Active, "selfActivate", &hours(9))
        .unwrap_err();
    assert_eq!(
        refusal,
        Refusal::Rules(vec![FailedRule::Eligibility, FailedRule::Expiration])
    );
    bench.eligible("adminAssign", &never());
    let active = bench.active("selfActivate", &hours(8));
    assert!(!active.changes[0].schedule.is_assigned());
    bench.refused(
        Kind::Active,
        "selfActivate",
        &from("2026-11-21T20:00:00Z", 1),
        EXISTS,
    );
}

#[test]
fn the_end_of_an_eligibility_ends_its_activation_or_not() {
    for (ends, left) in [(true, 0), (false, 1)] {
        let mut bench = Bench::new();
        bench.only_justification();
        if !ends {
            bench.options.applying.remove(&Quirk::RemovalEndsActivation);
        }
        bench.eligible("adminAssign", &never());
        bench.active("selfActivate", &hours(8));
        bench.eligible("adminUpdate", &hours(3));
        assert_eq!(
            bench.shown(Kind::Active),
            1,
            "an update of the eligibility leaves the activation"
        );
        bench.eligible("adminRemove", &json!(null));
        assert_eq!(bench.shown(Kind::Active), left);
    }
}

#[test]
fn an_assignment_beside_an_activation_is_refused_unless_the_switch_allows_it() {
    let mut bench = Bench::new();
    bench.only_justification();
    bench.eligible("adminAssign", &never());
    bench.active("selfActivate", &hours(8));
    bench.refused(Kind::Active, "adminAssign", &never(), EXISTS);
    bench.options.applying.insert(Quirk::AssignOverActivation);
    bench.active("adminAssign", &never());
    assert_eq!(bench.shown(Kind::Active), 2);
}

#[test]
fn an_activation_ends_by_its_window_and_can_be_repeated() {
    let mut bench = Bench::new();
    bench.only_justification();
    bench.eligible("adminAssign", &never());
    bench.active("selfActivate", &hours(2));
    let over = bench.pass(121);
    assert_eq!(
        (over[0].note, over[0].force, over[0].at.to_string().as_str()),
        (Note::Ended, Force::Ceases, "2026-11-21T10:00:00Z")
    );
    bench.active("selfActivate", &hours(2));
    bench.refused(Kind::Active, "selfDeactivate", &json!(null), YOUNG);
    bench.pass(5);
    bench.active("selfDeactivate", &json!(null));
}

#[test]
fn an_authentication_context_is_asked_after_the_rules() {
    let mut bench = Bench::new();
    bench.only_justification();
    let context = Setting::AuthenticationContext {
        enabled: true,
        claim: Some("c3".to_owned()),
    };
    bench.require(RuleId::AUTHENTICATION_CONTEXT, context);
    bench.eligible("adminAssign", &never());
    let refusal = bench
        .asked(Kind::Active, "selfActivate", &hours(1))
        .unwrap_err();
    assert_eq!(refusal.code(), "RoleAssignmentRequestAcrsValidationFailed");
    assert!(refusal.to_string().contains("claims=") && refusal.to_string().contains("c3"));
    let mut proved = asked(Kind::Active, "selfActivate", &hours(1));
    proved.creator.session = Session::User {
        multi_factor: false,
        contexts: vec!["c3".to_owned()],
    };
    bench.submit(proved).unwrap();
}

fn needs_approval(bench: &mut Bench) -> Uuid {
    bench.only_justification();
    let mut rule = bench.policy.rule(RuleId::APPROVAL).unwrap().clone();
    if let Setting::Approval(approval) = &mut rule.setting {
        approval.required = true;
    }
    bench.policy.put(rule);
    bench.eligible("adminAssign", &never());
    let waiting = bench.active("selfActivate", &hours(2));
    assert_eq!(
        (waiting.request.status, waiting.changes.len()),
        (Status::PendingApproval, 0)
    );
    waiting.request.approval.unwrap()
}

#[test]
fn an_activation_waits_for_its_approver_and_its_window_counts_from_his_answer() {
    let mut bench = Bench::new();
    let approval = needs_approval(&mut bench);
    bench.refused(Kind::Active, "selfActivate", &hours(2), PENDING);
    bench.pass(60);
    let changes = bench.review(approval, Verdict::Approve);
    assert_eq!(
        changes[0].schedule.window.end.unwrap().to_string(),
        "2026-11-21T11:00:00Z"
    );
    assert_eq!(bench.review(approval, Verdict::Deny), []);
}

#[test]
fn a_denied_or_unanswered_activation_gives_nothing() {
    for answered in [true, false] {
        let mut bench = Bench::new();
        let approval = needs_approval(&mut bench);
        let request = bench.store.approval(approval).unwrap().request;
        if answered {
            assert_eq!(bench.review(approval, Verdict::Deny), []);
        } else {
            bench.pass(24 * 60);
        }
        assert_eq!(bench.store.request(request).unwrap().status, Status::Denied);
        assert_eq!(bench.shown(Kind::Active), 0);
    }
}

#[test]
fn an_approval_of_an_eligibility_that_ended_meanwhile_fails() {
    let mut bench = Bench::new();
    let approval = needs_approval(&mut bench);
    bench.eligible("adminRemove", &json!(null));
    assert_eq!(bench.review(approval, Verdict::Approve), []);
    let request = bench.store.approval(approval).unwrap().request;
    assert_eq!(bench.store.request(request).unwrap().status, Status::Failed);
}

#[test]
fn an_extension_can_spare_the_approver_or_deny() {
    for (answer, status) in [
        (ExtensionAnswer::AutoApproved, Status::Provisioned),
        (ExtensionAnswer::Denied, Status::Denied),
    ] {
        let mut bench = Bench::new();
        needs_approval(&mut bench);
        let waiting = bench.store.requests(&Lookup::Scope(1)).last().unwrap().id;
        bench
            .store
            .cancel(waiting, bench.now, &bench.options.clone())
            .unwrap();
        let enabled = Setting::CustomExtension {
            enabled: true,
            extension: Some(Uuid::nil().to_string()),
            display_name: None,
            attributes: Vec::new(),
        };
        bench.require(RuleId::CUSTOM_EXTENSIONS[0], enabled);
        bench.options.extension = answer;
        assert_eq!(
            bench.active("selfActivate", &hours(1)).request.status,
            status
        );
    }
}

#[test]
fn waiting_requests_can_be_canceled_and_finished_ones_can_not() {
    let mut bench = Bench::new();
    let done = bench.eligible("adminAssign", &never()).request.id;
    let ahead = bench
        .active("adminAssign", &from("2026-11-22T08:00:00Z", 1))
        .request
        .id;
    let options = bench.options.clone();
    assert_eq!(
        codes(bench.store.cancel(done, bench.now, &options)),
        "InvalidRoleAssignmentRequest"
    );
    assert_eq!(
        bench
            .store
            .cancel(ahead, bench.now, &options)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(bench.store.request(ahead).unwrap().status, Status::Canceled);
    assert_eq!(bench.pass(48 * 60), []);
    assert_eq!(
        codes(bench.store.cancel(Uuid::nil(), bench.now, &options)),
        "ResourceNotFound"
    );
}

#[test]
fn what_is_held_outside_of_pim_exists_and_can_be_removed_and_changed() {
    let mut bench = Bench::new();
    bench.standing = Standing::Held;
    bench.refused(Kind::Active, "adminAssign", &never(), EXISTS);
    assert!(bench.active("adminRemove", &json!(null)).ends_standing);
    bench.options.applying.remove(&Quirk::ChangeStanding);
    bench.refused(Kind::Active, "adminRemove", &json!(null), ABSENT);
    bench.refused(Kind::Active, "adminUpdate", &never(), ABSENT);
    bench.options.applying.insert(Quirk::AssignOverStanding);
    bench.active("adminAssign", &never());
}

#[test]
fn lists_lag_behind_grants_replacements_and_removals() {
    let mut bench = Bench::new();
    bench.options.grant_lag = SignedDuration::from_mins(1);
    bench.options.removal_lag = SignedDuration::from_mins(1);
    let first = bench.eligible("adminAssign", &never()).request.id;
    assert_eq!(bench.shown(Kind::Eligible), 0);
    bench.refused(Kind::Eligible, "adminUpdate", &hours(1), ABSENT);
    bench.pass(1);
    bench.eligible("adminUpdate", &hours(1));
    let shown = bench
        .store
        .shown(&Lookup::Scope(1), Kind::Eligible, bench.now);
    assert_eq!(
        shown.iter().map(|one| one.id).collect::<Vec<_>>(),
        [first],
        "the old row stands until the new one does"
    );
    bench.pass(1);
    bench.eligible("adminRemove", &json!(null));
    assert_eq!(bench.shown(Kind::Eligible), 1);
    bench.pass(1);
    assert_eq!(bench.shown(Kind::Eligible), 0);
}

#[test]
fn finished_requests_are_forgotten_and_their_schedules_stay() {
    let mut bench = Bench::new();
    let id = bench.eligible("adminAssign", &never()).request.id;
    bench.pass(45 * 24 * 60 - 1);
    assert!(bench.store.request(id).is_some());
    bench.pass(1);
    assert!(bench.store.request(id).is_none());
    assert_eq!(bench.shown(Kind::Eligible), 1);
}

#[test]
fn what_can_not_be_taken_away_is_tried_again_for_thirty_days() {
    let mut bench = Bench::new();
    bench.active("adminAssign", &hours(1));
    let hour = SignedDuration::from_hours(1);
    let mut over = bench.pass(60);
    let mut tries = 1;
    while bench
        .store
        .hold_over(over[0].schedule.clone(), bench.now, hour)
    {
        assert_eq!(
            bench.shown(Kind::Active),
            1,
            "it stands while the service tries"
        );
        over = bench.pass(60);
        assert_eq!(over.len(), 1);
        tries += 1;
    }
    assert_eq!(tries, 30 * 24 + 1);
    assert_eq!(bench.shown(Kind::Active), 0);
}

#[test]
fn a_deleted_principal_leaves_orphaned_schedules_that_a_restore_revives() {
    let mut bench = Bench::new();
    bench.eligible("adminAssign", &hours(100));
    bench.active("adminAssign", &hours(2));
    let in_hours = |hours| {
        bench
            .now
            .checked_add(SignedDuration::from_hours(hours))
            .unwrap()
    };
    let orphaned = Phase::Orphaned {
        shown_until: in_hours(4),
        until: in_hours(720),
    };
    assert_eq!(
        bench
            .store
            .principal_deleted(principal(7), bench.now, orphaned, &options())
            .len(),
        2
    );
    assert_eq!(
        (bench.shown(Kind::Eligible), bench.shown(Kind::Active)),
        (1, 1)
    );
    assert_eq!(
        bench.pass(5 * 60),
        [],
        "its end was told when the principal was deleted"
    );
    assert_eq!(
        (bench.shown(Kind::Eligible), bench.shown(Kind::Active)),
        (0, 0)
    );
    let back = bench.store.principal_restored(principal(7), bench.now);
    assert_eq!(
        back.iter()
            .map(|one| (one.schedule.holding.kind, one.force))
            .collect::<Vec<_>>(),
        [(Kind::Eligible, Force::Begins)]
    );
    assert_eq!(bench.pass(96 * 60).len(), 1);
}

#[test]
fn a_deleted_place_takes_schedules_and_requests_along() {
    let mut bench = Bench::new();
    bench.eligible("adminAssign", &never());
    bench.active("adminAssign", &hours(1));
    assert_eq!(bench.store.scope_deleted(&1, bench.now).len(), 2);
    assert_eq!(bench.store.requests(&Lookup::Everything).len(), 0);
    assert_eq!(bench.pass(120), []);
}

#[test]
fn a_removal_by_other_means_ends_what_is_in_force() {
    let mut bench = Bench::new();
    bench.active("adminAssign", &hours(1));
    let options = bench.options.clone();
    let changes = bench
        .store
        .overridden(&holding(Kind::Active), bench.now, &options);
    assert_eq!((changes.len(), changes[0].note), (1, Note::Ended));
    bench.refused(Kind::Active, "adminRenew", &hours(1), ABSENT);
}
