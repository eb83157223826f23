//! What holds for every floor: a stricter policy is never refused where a weaker one passes, and a higher floor admits
//! nothing more.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use uuid::Uuid;

use super::*;
use crate::duration::Length;
use crate::ids::AuthenticationContextId;
use crate::principal::PrincipalKind;
use crate::rule::properties::any_rules;

const LENGTHS: [&str; 3] = ["PT1H", "PT8H", "P1D"];

fn length(text: &str) -> ActivationLength {
    ActivationLength::try_from(text.to_owned()).unwrap()
}

fn ways() -> impl Strategy<Value = Vec<StrongAuthentication>> {
    let context = |id: &str| StrongAuthentication {
        authentication_context: Some(ContextFloor {
            id: ContextId(id.to_owned()),
        }),
        multi_factor: None,
    };
    let multi_factor = StrongAuthentication {
        multi_factor: Some(Nothing {}),
        authentication_context: None,
    };
    subsequence(vec![multi_factor, context("c1"), context("c2")], 0..=3)
}

fn approver(number: u128) -> Principal {
    Principal {
        kind: PrincipalKind::User,
        name: number.to_string(),
    }
}

fn id_of(principal: &Principal) -> Option<PrincipalId> {
    Some(PrincipalId(Uuid::from_u128(principal.name.parse().ok()?)))
}

prop_compose! {
    fn any_floor()(
        maximum_duration in option::of(select(&LENGTHS[..]).prop_map(length)),
        require in subsequence(&[ActivationRequirement::Justification, ActivationRequirement::Ticketing][..], 0..=2),
        strong_authentication in ways(),
        required in select(&[Demand::Always, Demand::Never][..]),
        approvers in option::of(subsequence((0..3_u128).map(approver).collect::<Vec<_>>(), 1..=3)),
    ) -> PolicyFloor {
        PolicyFloor {
            activation: Some(ActivationFloor { maximum_duration, require, strong_authentication }),
            approval: Some(ApprovalFloor { required, approvers }),
            ..PolicyFloor::default()
        }
    }
}

/// Every way to make a policy stricter by one step.
fn stricter(rules: &Rules) -> Vec<Rules> {
    let mut all = Vec::new();
    let mut shorter = rules.clone();
    shorter.expiration.activation = crate::rule::Expiration {
        required: true,
        maximum: Some(Length::minutes(30)),
    };
    all.push(shorter);
    for more in [
        Requirement::Justification,
        Requirement::Ticketing,
        Requirement::MultiFactorAuthentication,
    ] {
        let mut asking = rules.clone();
        asking.enablement.activation.insert(more);
        all.push(asking);
    }
    for fewer in &rules.approval.approvers {
        let mut approved = rules.clone();
        approved.approval.approvers.remove(fewer);
        all.push(approved);
    }
    if rules.authentication_context.is_none() {
        let mut signed_in = rules.clone();
        signed_in.authentication_context = Some(AuthenticationContextId::new("c1"));
        all.push(signed_in);
    }
    all
}

/// Every floor that is one step higher.
fn higher(floor: &PolicyFloor) -> Vec<PolicyFloor> {
    let (activation, approval) = (
        floor.activation.clone().unwrap(),
        floor.approval.clone().unwrap(),
    );
    let with = |activation: &ActivationFloor, approval: &ApprovalFloor| PolicyFloor {
        activation: Some(activation.clone()),
        approval: Some(approval.clone()),
        ..PolicyFloor::default()
    };
    let mut all = Vec::new();
    let shortest = ActivationFloor {
        maximum_duration: Some(length("PT30M")),
        ..activation.clone()
    };
    all.push(with(&shortest, &approval));
    let mut asking = activation.clone();
    asking
        .require
        .push(ActivationRequirement::MultiFactorAuthentication);
    all.push(with(&asking, &approval));
    // With none there is no demand, so the last one that goes opens the floor.
    if activation.strong_authentication.len() > 1 {
        let mut fewer = activation.clone();
        fewer.strong_authentication.pop();
        all.push(with(&fewer, &approval));
    }
    all.push(with(
        &activation,
        &ApprovalFloor {
            required: Demand::Always,
            ..approval.clone()
        },
    ));
    let nobody = ApprovalFloor {
        approvers: Some(Vec::new()),
        ..approval
    };
    all.push(with(&activation, &nobody));
    all
}

proptest! {
    #[test]
    fn a_stricter_policy_is_not_refused_where_a_weaker_one_passes(floor in any_floor(), rules in any_rules()) {
        let passes = floor.judge(&rules, &id_of).is_ok();
        for strict in stricter(&rules) {
            prop_assert!(!passes || floor.judge(&strict, &id_of).is_ok(), "{:?}", strict);
        }
    }

    #[test]
    fn a_higher_floor_admits_nothing_that_a_lower_one_refuses(floor in any_floor(), rules in any_rules()) {
        let passes = floor.judge(&rules, &id_of).is_ok();
        for high in higher(&floor) {
            prop_assert!(passes || high.judge(&rules, &id_of).is_err(), "{:?}", high);
        }
    }
}
