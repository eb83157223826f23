//! What holds for everything that two manifests can declare: how they spell it makes no difference, and nothing changes
//! that they leave out.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};
use uuid::Uuid;

use super::inheritance::tests::{settings, some_leaves};
use super::*;
use crate::ids::PrincipalId;
use crate::principal::{Account, Identity, PrincipalKind, Resolution};
use crate::rule::properties::any_rules;

const PEOPLE: [&str; 3] = ["ann@contoso.com", "bob@contoso.com", "cid@contoso.com"];

fn person(name: &str) -> Principal {
    Principal {
        kind: PrincipalKind::User,
        name: name.to_owned(),
    }
}

fn names() -> Names {
    let known = |(place, name): (usize, &&str)| {
        let identity = Identity {
            id: PrincipalId(Uuid::from_u128(place as u128)),
            kind: PrincipalKind::User,
            user_principal_name: None,
            account: Account::Enabled,
            user_type: None,
            group: None,
            application: None,
        };
        (person(name), Resolution::Found(identity))
    };
    PEOPLE.iter().enumerate().map(known).collect()
}

fn written(declared: &PolicySettings, on: &Rules) -> Rules {
    let mut rules = on.clone();
    for setting in SETTINGS {
        setting.write(declared, &names(), &mut rules);
    }
    rules
}

fn of(manifest: Value) -> PolicySettings {
    serde_json::from_value(manifest).unwrap()
}

fn principals_in(list: &[&str]) -> Value {
    list.iter()
        .map(|name| json!({"kind": "User", "name": name}))
        .collect()
}

/// The rules that some declared setting has to do with.
fn touched(declared: &PolicySettings) -> BTreeSet<RuleKey> {
    let said = SETTINGS
        .iter()
        .filter(|one| !one.leaves(declared).is_empty());
    said.flat_map(Setting::keys).collect()
}

proptest! {
    #[test]
    fn order_case_and_spelling_of_settings_make_no_difference(
        on in any_rules(),
        asked in subsequence(&["Justification", "Ticketing", "MultiFactorAuthentication"][..], 0..=3),
        people in subsequence(&PEOPLE[..], 1..=3),
        mails in subsequence(&["a@contoso.com", "b@contoso.com", "c@contoso.com"][..], 0..=3),
        hours in 1..=23_i64,
        days in 1..=400_i64,
    ) {
        let manifest = |asked: &[&str], people: &[&str], mails: &[String], length: String, longest: String| of(json!({
            "activation": {
                "require": asked, "maximumDuration": length,
                "approval": {"required": "Always", "approvers": principals_in(people)},
            },
            "eligible": {"maximumDuration": longest},
            "notifications": {"eligible": {"admin": {"recipients": mails}}},
        }));
        let mails: Vec<String> = mails.iter().map(ToString::to_string).collect();
        let one = manifest(&asked, &people, &mails, format!("PT{hours}H"), format!("P{days}D"));
        let back = |list: &[&'static str]| list.iter().rev().copied().collect::<Vec<_>>();
        let shouted: Vec<String> = mails.iter().rev().map(|mail| mail.to_uppercase()).collect();
        let (minutes, weeks) = (format!("PT{}M", hours * 60), format!("P{}W{}D", days / 7, days % 7));
        let other = manifest(&back(&asked), &back(&people), &shouted, minutes, weeks);
        prop_assert_eq!(written(&one, &on), written(&other, &on));
    }

    #[test]
    fn settings_that_are_declared_twice_are_declared_once(leaves in some_leaves(), on in any_rules()) {
        let declared = settings(&leaves);
        let once = written(&declared, &on);
        prop_assert_eq!(written(&declared, &once), once);
    }

    #[test]
    fn a_rule_that_no_declared_setting_has_to_do_with_stays_as_it_is(leaves in some_leaves(), on in any_rules()) {
        let declared = settings(&leaves);
        let (after, touched) = (written(&declared, &on), touched(&declared));
        for key in RuleKey::all().filter(|key| !touched.contains(key)) {
            prop_assert_eq!(after.rule(key), on.rule(key), "{}", key);
        }
    }

    #[test]
    fn a_manifest_of_settings_is_read_back_as_it_was_written(leaves in some_leaves()) {
        let declared = settings(&leaves);
        let read: PolicySettings = serde_json::from_value(serde_json::to_value(&declared).unwrap()).unwrap();
        prop_assert_eq!(read, declared);
    }

    #[test]
    fn mails_that_nobody_declares_stay_as_they_are(
        on in any_rules(), level in any::<bool>(), recipients in any::<bool>(), default in any::<bool>(), place in 0..9_usize,
    ) {
        let (occasion, target) = [("activation", RuleTarget::Activation), ("eligible", RuleTarget::Eligible), ("active", RuleTarget::Active)][place / 3];
        let (name, recipient) = [
            ("admin", crate::rule::Recipient::Admin),
            ("requestor", crate::rule::Recipient::Requestor),
            ("approver", crate::rule::Recipient::Approver),
        ][place % 3];
        let mut mails = json!({});
        if level { mails["level"] = json!("Critical"); }
        if recipients { mails["recipients"] = json!(["New@contoso.com"]); }
        if default { mails["defaultRecipients"] = json!("Disabled"); }
        let after = written(&of(json!({"notifications": {occasion: {name: mails}}})), &on);
        let (stood, stands) = (on.notification.get(target).get(recipient), after.notification.get(target).get(recipient));
        prop_assert!(level || stands.level == stood.level);
        prop_assert!(recipients || stands.recipients == stood.recipients);
        prop_assert!(default || stands.default_recipients == stood.default_recipients);
        let own = RuleKey::Notification(recipient, target);
        for key in RuleKey::all().filter(|key| *key != own) {
            prop_assert_eq!(after.rule(key), on.rule(key), "{}", key);
        }
    }

    #[test]
    fn an_end_that_is_demanded_always_has_a_longest_window(on in any_rules(), is_active in any::<bool>()) {
        let section = if is_active { "active" } else { "eligible" };
        let after = written(&of(json!({section: {"permanent": "Forbidden"}})), &on);
        let expiration = if is_active { after.expiration.active } else { after.expiration.eligible };
        prop_assert!(expiration.required && expiration.maximum.is_some());
    }
}
