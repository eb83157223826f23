//! How strict policies must be at the least.

use uuid::Uuid;

use super::super::{Boundary, BoundaryRules};
use super::*;
use crate::duration::Length;
use crate::ids::AuthenticationContextId;
use crate::principal::PrincipalKind;
use crate::rule::Rules as PolicyRules;
use crate::schedule::Access;

fn principal(number: u128) -> PrincipalId {
    PrincipalId(Uuid::from_u128(number))
}

fn floor(floor: PolicyFloor) -> Boundary {
    Boundary {
        name: "payments".to_owned(),
        rules: BoundaryRules {
            policy_floor: floor,
            ..BoundaryRules::default()
        },
        role_ids: Vec::new(),
    }
}

fn judge(boundary: &Boundary, rules: &PolicyRules) -> Result<(), &'static str> {
    let nobody = |_: &Principal| None;
    boundary
        .judge_policy(Access::Member, rules, &nobody)
        .map_err(|denial| denial.rule)
}

#[test]
fn no_floor_demands_nothing() {
    assert_eq!(
        judge(&floor(PolicyFloor::default()), &PolicyRules::defaults()),
        Ok(())
    );
}

#[test]
fn an_activation_may_be_shorter_than_the_floor_and_never_longer() {
    let maximum = ActivationLength::try_from("PT4H".to_owned()).unwrap();
    let strict = floor(PolicyFloor {
        activation: Some(ActivationFloor {
            maximum_duration: Some(maximum),
            ..ActivationFloor::default()
        }),
        ..PolicyFloor::default()
    });
    let mut rules = PolicyRules::defaults();
    for (minutes, expected) in [(30, true), (240, true), (241, false)] {
        rules.expiration.activation.maximum = Some(Length::minutes(minutes));
        assert_eq!(judge(&strict, &rules).is_ok(), expected, "{minutes}");
    }
    rules.expiration.activation.maximum = Some(Length::hours(8));
    let denial = strict
        .judge_policy(Access::Member, &rules, &|_| None)
        .unwrap_err();
    assert!(
        denial.message.contains("PT8H; at most PT4H"),
        "{}",
        denial.message
    );
    rules.expiration.activation.maximum = None;
    assert!(
        judge(&strict, &rules).is_err(),
        "a length that cannot be read is none"
    );
    rules.expiration.activation = crate::rule::Expiration {
        required: false,
        maximum: Some(Length::minutes(30)),
    };
    assert!(
        judge(&strict, &rules).is_err(),
        "a maximum means nothing where no end is required"
    );
}

#[test]
fn everything_that_the_floor_asks_for_must_be_asked_for() {
    let require = vec![
        ActivationRequirement::Justification,
        ActivationRequirement::Ticketing,
    ];
    let strict = floor(PolicyFloor {
        activation: Some(ActivationFloor {
            require,
            ..ActivationFloor::default()
        }),
        ..PolicyFloor::default()
    });
    let mut rules = PolicyRules::defaults();
    assert_eq!(
        judge(&strict, &rules),
        Err("spec.policyFloor.activation.require")
    );
    rules.enablement.activation.insert(Requirement::Ticketing);
    rules
        .enablement
        .activation
        .insert(Requirement::MultiFactorAuthentication);
    assert_eq!(judge(&strict, &rules), Ok(()), "more is stricter");
}

#[test]
fn one_way_of_strong_authentication_is_enough() {
    let multi_factor = StrongAuthentication {
        multi_factor: Some(MultiFactorFloor::default()),
        authentication_context: None,
    };
    let context = ContextFloor {
        id: ContextId("c1".to_owned()),
    };
    let context = StrongAuthentication {
        multi_factor: None,
        authentication_context: Some(context),
    };
    let strict = floor(PolicyFloor {
        activation: Some(ActivationFloor {
            strong_authentication: vec![multi_factor, context],
            ..ActivationFloor::default()
        }),
        ..PolicyFloor::default()
    });
    let mut rules = PolicyRules::defaults();
    assert_eq!(
        judge(&strict, &rules),
        Err("spec.policyFloor.activation.strongAuthentication")
    );
    rules.authentication_context = Some(AuthenticationContextId::new("c2"));
    assert!(judge(&strict, &rules).is_err());
    rules.authentication_context = Some(AuthenticationContextId::new("c1"));
    assert_eq!(judge(&strict, &rules), Ok(()));
    rules.authentication_context = None;
    rules
        .enablement
        .activation
        .insert(Requirement::MultiFactorAuthentication);
    assert_eq!(judge(&strict, &rules), Ok(()));
}

#[test]
fn approval_must_be_asked_for_and_only_of_listed_approvers() {
    let boss = Principal {
        kind: PrincipalKind::User,
        name: "boss@contoso.com".to_owned(),
    };
    let strict = |approvers| {
        floor(PolicyFloor {
            approval: Some(ApprovalFloor {
                required: Demand::Always,
                approvers,
            }),
            ..PolicyFloor::default()
        })
    };
    let mut rules = PolicyRules::defaults();
    assert_eq!(
        judge(&strict(None), &rules),
        Err("spec.policyFloor.approval.required")
    );
    rules.approval.required = true;
    rules.approval.approvers = [Approver::User(principal(1))].into();
    assert_eq!(judge(&strict(None), &rules), Ok(()));
    let listed = strict(Some(vec![boss.clone()]));
    assert_eq!(
        judge(&listed, &rules),
        Err("spec.policyFloor.approval.approvers"),
        "a name that leads nowhere admits nobody"
    );
    let known = |name: &Principal| (*name == boss).then(|| principal(1));
    assert_eq!(listed.judge_policy(Access::Member, &rules, &known), Ok(()));
    for stranger in [
        Approver::Group(principal(2)),
        Approver::Other("requestorManager".to_owned()),
    ] {
        rules.approval.approvers.insert(stranger.clone());
        assert!(
            listed.judge_policy(Access::Member, &rules, &known).is_err(),
            "{stranger}"
        );
        rules.approval.approvers.remove(&stranger);
    }
}
