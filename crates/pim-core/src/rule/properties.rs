//! What holds for every policy in its canonical form, and the drawing of one.

use proptest::collection::btree_set;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use uuid::Uuid;

use super::*;

fn expiration() -> impl Strategy<Value = Expiration> {
    let maximum = option::weighted(0.9, (1..48_i64).prop_map(|half| Length::minutes(half * 30)));
    (any::<bool>(), maximum).prop_map(|(required, maximum)| Expiration { required, maximum })
}

fn requirements() -> impl Strategy<Value = BTreeSet<Requirement>> {
    use Requirement::{Justification, MultiFactorAuthentication, Ticketing};
    subsequence(
        vec![MultiFactorAuthentication, Justification, Ticketing],
        0..=3,
    )
    .prop_map(|list| list.into_iter().collect())
}

fn approval() -> impl Strategy<Value = Approval> {
    let one = (0..3_u128).prop_map(|number| Approver::User(PrincipalId(Uuid::from_u128(number))));
    (any::<bool>(), btree_set(one, 0..3), any::<bool>()).prop_map(
        |(required, approvers, approver_justification)| Approval {
            required,
            approvers,
            approver_justification,
        },
    )
}

fn mails() -> impl Strategy<Value = Notification> {
    let level = select(
        &[
            NotificationLevel::All,
            NotificationLevel::Critical,
            NotificationLevel::None,
        ][..],
    );
    let recipients = btree_set(
        select(&["a@contoso.com", "b@contoso.com"][..]).prop_map(str::to_owned),
        0..3,
    );
    (any::<bool>(), recipients, level).prop_map(|(default_recipients, recipients, level)| {
        Notification {
            default_recipients,
            recipients,
            level,
        }
    })
}

/// Any policy that the service could hold.
pub fn any_rules() -> impl Strategy<Value = Rules> {
    let recipients = || {
        (mails(), mails(), mails()).prop_map(|(admin, requestor, approver)| ByRecipient {
            admin,
            requestor,
            approver,
        })
    };
    let notification = (recipients(), recipients(), recipients());
    let expirations = (expiration(), expiration(), expiration());
    let context =
        option::of((1..4_u8).prop_map(|number| AuthenticationContextId::new(format!("c{number}"))));
    (
        expirations,
        requirements(),
        requirements(),
        requirements(),
        approval(),
        context,
        notification,
    )
        .prop_map(
            |(
                expirations,
                for_eligible,
                for_active,
                for_activation,
                approval,
                authentication_context,
                notification,
            )| Rules {
                expiration: ByTarget {
                    eligible: expirations.0,
                    active: expirations.1,
                    activation: expirations.2,
                },
                enablement: ByTarget {
                    eligible: for_eligible,
                    active: for_active,
                    activation: for_activation,
                },
                approval,
                authentication_context,
                notification: ByTarget {
                    eligible: notification.0,
                    active: notification.1,
                    activation: notification.2,
                },
            },
        )
}

fn any_key() -> impl Strategy<Value = RuleKey> {
    select(RuleKey::all().collect::<Vec<_>>())
}

/// A text with some of its letters in the other case.
fn in_some_case(text: &str, dice: u64) -> String {
    let letter = |(place, letter): (usize, char)| {
        if dice >> (place % 64) & 1 == 1 {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        }
    };
    text.chars().enumerate().map(letter).collect()
}

proptest! {
    #[test]
    fn setting_a_rule_changes_that_rule_and_no_other(one in any_rules(), other in any_rules(), key in any_key()) {
        let mut changed = one.clone();
        changed.set(key, other.rule(key));
        prop_assert_eq!(changed.rule(key), other.rule(key));
        for rest in RuleKey::all().filter(|rest| *rest != key) {
            prop_assert_eq!(changed.rule(rest), one.rule(rest), "{}", rest);
        }
    }

    #[test]
    fn a_value_of_another_shape_is_left_out(one in any_rules(), other in any_rules(), key in any_key(), of in any_key()) {
        let value = other.rule(of);
        prop_assume!(std::mem::discriminant(&value) != std::mem::discriminant(&one.rule(key)));
        let mut changed = one.clone();
        changed.set(key, value);
        prop_assert_eq!(changed, one);
    }

    #[test]
    fn policies_are_equal_just_when_all_their_rules_are(one in any_rules(), other in any_rules(), same in any::<bool>()) {
        let other = if same { one.clone() } else { other };
        let all_equal = RuleKey::all().all(|key| one.rule(key) == other.rule(key));
        prop_assert_eq!(one == other, all_equal);
    }

    #[test]
    fn a_rule_is_known_by_its_id_in_any_case(key in any_key(), dice in any::<u64>()) {
        let id = RuleId::new(in_some_case(key.id().as_str(), dice));
        prop_assert_eq!(RuleKey::from_id(&id), Some(key));
        let stranger = RuleId::new(format!("{id}x"));
        prop_assert_eq!(RuleKey::from_id(&stranger), None);
    }

    #[test]
    fn a_maximum_and_approvers_mean_nothing_while_they_are_not_asked_for(one in any_rules(), other in any_rules(), key in any_key()) {
        let (mut one, mut other) = (one, other);
        for rules in [&mut one, &mut other] {
            rules.approval.required = false;
            for target in RuleTarget::ALL {
                rules.expiration.get_mut(target).required = false;
            }
        }
        if matches!(key, RuleKey::Approval | RuleKey::Expiration(_)) {
            prop_assert_eq!(one.rule(key), other.rule(key));
        }
        // Once they are asked for, they count.
        for rules in [&mut one, &mut other] {
            rules.approval.required = true;
            rules.expiration.activation.required = true;
        }
        let (first, second) = (&one.approval, &other.approval);
        prop_assert_eq!(first == second, (&first.approvers, first.approver_justification) == (&second.approvers, second.approver_justification));
        let maximum = |rules: &Rules| rules.expiration.activation.maximum;
        prop_assert_eq!(one.expiration.activation == other.expiration.activation, maximum(&one) == maximum(&other));
    }
}
