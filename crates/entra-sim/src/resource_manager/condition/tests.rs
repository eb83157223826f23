//! Conditions as the portal and the documentation write them.

use super::*;

const WRITE: &str = "Microsoft.Authorization/roleAssignments/write";
const DELETE: &str = "Microsoft.Authorization/roleAssignments/delete";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const GROUP: &str = "1a910b00-1111-4111-8111-1a910b000001";

fn facts(role: &str, kind: Option<PrincipalKind>) -> AssignmentFacts {
    AssignmentFacts {
        role: role.parse().unwrap(),
        principal: GROUP.parse().unwrap(),
        kind,
    }
}

fn holds(text: &str, action: &str, particulars: Particulars) -> bool {
    let condition = Condition::parse(text).unwrap_or_else(|_| panic!("{text}"));
    condition.holds(&Circumstances {
        action,
        particulars: &particulars,
    })
}

/// What the templates of the portal write about one action.
fn template(action: &str, source: &str, expression: &str) -> String {
    let expression = expression.replace('@', &format!("@{source}"));
    format!("((!(ActionMatches{{'{action}'}})) OR ({expression}))")
}

#[test]
fn roles_are_constrained_when_they_are_given_and_when_they_are_taken_away() {
    let expression = format!(
        "@[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{READER}, \
         a795c7a0-d4a2-40c1-ae25-d81f01202912}}"
    );
    let text = format!(
        "{} AND {}",
        template(WRITE, "Request", &expression),
        template(DELETE, "Resource", &expression)
    );
    let (reader, owner) = (facts(READER, None), facts(OWNER, None));
    assert!(holds(&text, WRITE, Particulars::Request(reader)));
    assert!(!holds(&text, WRITE, Particulars::Request(owner)));
    assert!(holds(&text, DELETE, Particulars::Resource(reader)));
    assert!(!holds(&text, DELETE, Particulars::Resource(owner)));
    let read = "Microsoft.Authorization/roleAssignments/read";
    assert!(holds(&text, read, Particulars::None), "not its business");
}

#[test]
fn every_role_but_some_is_allowed() {
    let expression = format!(
        "@[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals {{{OWNER}, \
         18d7d88d-d35e-4fb5-a5c3-7773c20a72d9}}"
    );
    let text = template(WRITE, "Request", &expression);
    assert!(holds(
        &text,
        WRITE,
        Particulars::Request(facts(READER, None))
    ));
    assert!(!holds(
        &text,
        WRITE,
        Particulars::Request(facts(OWNER, None))
    ));
}

#[test]
fn principals_and_their_types_are_constrained_and_a_type_that_is_not_said_is_none() {
    let kind = "@[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase \
                {'user', 'group'}";
    let id = format!(
        "@[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {{{GROUP}}}"
    );
    let text = template(WRITE, "Request", &format!("{kind} AND {id}"));
    let asked = |kind| holds(&text, WRITE, Particulars::Request(facts(READER, kind)));
    assert!(asked(Some(PrincipalKind::Group)));
    assert!(!asked(Some(PrincipalKind::ServicePrincipal)));
    assert!(!asked(None));
}

#[test]
fn sides_are_quantified_and_signs_stand_for_words() {
    for (text, expected) in [
        (
            "{'red', 'blue'} ForAnyOfAnyValues:StringEquals {'blue', 'green'}",
            true,
        ),
        (
            "{'red', 'blue'} ForAllOfAnyValues:StringEquals {'red', 'green'}",
            false,
        ),
        (
            "{'red', 'blue'} ForAllOfAnyValues:StringEquals {'orange', 'red', 'blue'}",
            true,
        ),
        (
            "NOT 'a' StringEquals 'A' && 'a' StringEqualsIgnoreCase 'A'",
            true,
        ),
        ("'a' StringNotEquals 'a' || !(Exists @Request[x:y])", true),
        (
            "'a' StringEquals 'a' AND SubOperationMatches{'Blob.List'}",
            false,
        ),
    ] {
        assert_eq!(holds(text, WRITE, Particulars::None), expected, "{text}");
    }
}

#[test]
fn what_is_about_data_is_read_and_does_not_hold_here() {
    let read = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
    let text = format!(
        "((!(ActionMatches{{'{read}'}} AND NOT SubOperationMatches{{'Blob.List'}})) OR \
         (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags:Project<$key_case_sensitive$>] \
         StringLike 'Cas*' AND @Environment[UtcNow] DateTimeGreaterThan '2026-05-01T13:00:00.000Z'))"
    );
    assert!(!holds(&text, read, Particulars::None));
    assert!(holds(&text, WRITE, Particulars::None));
}

#[test]
fn a_text_that_is_no_condition_is_told() {
    let deep = format!("{}'a' StringEquals 'a'{}", "(".repeat(99), ")".repeat(99));
    for text in [
        "",
        "whatever",
        "'a' StringEquals 'a' AND 'b' StringEquals 'b' OR 'c' StringEquals 'c'",
        "('a' StringEquals 'a'",
        "@Request[] StringEquals 'a'",
        "@Somewhere[x:y] StringEquals 'a'",
        "'a' Resembles 'a'",
        "'a' ForSomeOfAnyValues:StringEquals 'a'",
        "'a' StringEquals {}",
        "'a StringEquals 'a'",
        "ActionMatches 'x'",
        &deep,
    ] {
        assert_eq!(Condition::parse(text), Err(NoCondition), "{text}");
    }
}
