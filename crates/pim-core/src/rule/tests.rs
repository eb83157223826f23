//! Tests of the canonical form.

use super::*;

#[test]
fn there_are_seventeen_rules_with_ids_of_their_own() {
    let ids: BTreeSet<RuleId> = RuleKey::all().map(RuleKey::id).collect();
    assert_eq!(ids.len(), 17);
    for key in RuleKey::all() {
        assert_eq!(RuleKey::from_id(&key.id()), Some(key));
    }
}

#[test]
fn every_rule_can_be_taken_out_and_put_back() {
    let defaults = Rules::defaults();
    let mut copy = Rules::defaults();
    for key in RuleKey::all() {
        copy.set(key, defaults.rule(key));
    }
    assert_eq!(copy, defaults);
}

#[test]
fn approvers_mean_nothing_while_approval_is_off() {
    let off = |approvers| Approval {
        required: false,
        approvers,
        ..Rules::defaults().approval
    };
    let somebody = Approver::Other("manager".to_owned());
    assert_eq!(off(BTreeSet::new()), off(BTreeSet::from([somebody])));
}
