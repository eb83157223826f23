//! Which values are refused, and that the refusal says what is wanted.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::schema::Node;

thread_local! {
    /// Making a definition takes longer than judging by it.
    static KINDS: RefCell<BTreeMap<String, Node>> = RefCell::default();
}

pub fn refused(kind: &str, spec: &Value) -> Vec<String> {
    KINDS.with_borrow_mut(|kinds| {
        let node = kinds
            .entry(kind.to_owned())
            .or_insert_with(|| Node::of_spec(kind));
        node.refusals(spec)
    })
}

fn eligible(changes: &[(&str, Value)]) -> Value {
    changed(
        json!({
            "groupRef": {"name": "admins"},
            "subjects": [{"kind": "User", "name": "jose@contoso.com"}],
            "schedule": {"expiration": {"afterDuration": "P180D"}},
        }),
        changes,
    )
}

fn changed(mut object: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        let parent = object.pointer_mut(parent).unwrap();
        let place = match member.parse::<usize>() {
            Ok(index) => &mut parent[index],
            Err(_) => &mut parent[member],
        };
        *place = value.clone();
    }
    object
}

/// Texts that look like another one, or like none.
const UNCLEAN: &[&str] = &[
    "   ",
    " a",
    "a ",
    "a\n",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "a\0b",
    "a\u{7}b",
    "a\u{a0}b",
    "\u{a0}a",
    "a\u{ad}b",
    "a\u{200b}b",
    "a\u{200f}b",
    "a\u{2028}b",
    "a\u{202e}b",
    "a\u{2060}b",
    "a\u{2064}b",
    "a\u{2066}b",
    "a\u{2069}b",
    "\u{feff}a",
    "\u{3000}a",
    "a\u{34f}b",
    "\u{115f}",
    "a\u{1160}b",
    "a\u{17b4}b",
    "\u{2800}",
    "a\u{3164}",
    "\u{ffa0}b",
];

const CLEAN: &[&str] = &[
    "a",
    "Exchange Administrator",
    "Zoë Müller",
    "管理者",
    "O'Neil (UK) #1 🦀",
];

#[test]
fn a_time_lies_between_the_years_2000_and_9000() {
    let verdict = |field: &str, time: &str| {
        let schedule = match field {
            "startTime" => json!({"startTime": time, "expiration": {"never": {}}}),
            _ => json!({"expiration": {"endTime": time}}),
        };
        refused("EligibleAssignment", &eligible(&[("/schedule", schedule)]))
    };
    for field in ["startTime", "endTime"] {
        for time in [
            "2000-01-01T00:00:00Z",
            "2027-01-01T00:00:00.5+02:00",
            "8999-12-31T23:59:59Z",
        ] {
            assert_eq!(verdict(field, time), Vec::<String>::new(), "{field} {time}");
        }
        for time in [
            "1999-12-31T23:59:59Z",
            "9000-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ] {
            let said = verdict(field, time).join("; ");
            for part in [
                "2000 and 9000",
                "2027-01-01T00:00:00Z",
                "expiration: {never: {}}",
            ] {
                assert!(said.contains(part), "{field} {time}: {said}");
            }
        }
        for time in [
            "2027-01-01T00:00:00.1234567890Z",
            "2027-01-01T00:00:00,5Z",
            "2027-01-01t00:00:00z",
            "2027-01-01T00:00:00+99:99",
        ] {
            assert!(!verdict(field, time).is_empty(), "{field} {time} is taken");
        }
    }
}

#[test]
fn a_name_has_the_form_of_its_kind() {
    let id = "11111111-1111-4111-8111-111111111111";
    let longest = format!("{}@{}.com", "a".repeat(64), "b".repeat(44));
    let longer = format!("x{longest}");
    let good = [
        ("User", "jose@contoso.com"),
        ("User", id),
        ("User", longest.as_str()),
        ("ServicePrincipal", id),
    ];
    let verdict = |kind: &str, name: &str| {
        let subjects = json!([{"kind": kind, "name": name}]);
        refused("ActiveAssignment", &eligible(&[("/subjects", subjects)])).join("; ")
    };
    for (kind, name) in good {
        assert_eq!(verdict(kind, name), "", "{kind} {name}");
    }
    let user = "a User is named by its user principal name";
    let application = "a ServicePrincipal is named by its application (client) id";
    for (kind, name, expected) in [
        ("User", "Jose", user),
        ("User", "jose@contoso@com", user),
        ("User", "jose garcia@contoso.com", user),
        ("User", "jose@contoso.com\n", user),
        ("User", "jose\u{200b}@contoso.com", user),
        ("User", &longer, user),
        ("ServicePrincipal", "my-app", application),
        ("Group", "my-group", "a Group is named by its object id"),
        (
            "PrivilegedGroup",
            "My Group",
            "a PrivilegedGroup is named by the name of its object",
        ),
    ] {
        let said = verdict(kind, name);
        assert!(said.contains(expected), "{kind} {name:?}: {said}");
    }
}

#[test]
fn each_kind_of_subject_is_refused_for_its_own_reason() {
    let id = "11111111-1111-4111-8111-111111111111";
    let said = |assignment: &str, kind: &str| {
        let subjects = json!([{"kind": kind, "name": id}]);
        refused(assignment, &eligible(&[("/subjects", subjects)])).join("; ")
    };
    for kind in ["Group", "PrivilegedGroup"] {
        assert_eq!(said("EligibleAssignment", kind), "");
        assert_eq!(said("ActiveAssignment", kind), "");
        let subjects = json!([{"kind": kind, "name": id}]);
        let owner = eligible(&[("/subjects", subjects), ("/access", json!("Owner"))]);
        assert_eq!(
            refused("EligibleAssignment", &owner),
            ["a group cannot own a group: list the people"]
        );
    }
    assert!(
        said("EligibleAssignment", "ServicePrincipal")
            .starts_with("an application cannot activate")
    );
    assert_eq!(said("ActiveAssignment", "ServicePrincipal"), "");
}

#[test]
fn texts_for_people_hold_nothing_that_cannot_be_seen() {
    let group = json!({"tenantRef": {"name": "contoso"}, "boundaryRef": {"name": "b"}, "displayName": "PAG"});
    let role = json!({"groupRef": {"name": "admins"}, "directoryRole": {"role": "Reader"}});
    let boundary = json!({
        "policyFloor": {}, "groups": {"namePatterns": ["a"]},
        "directoryRoles": [{"roles": ["a"], "scopes": ["/"], "assignments": ["Active"]}],
    });
    let ticket = |field: &str, text: &str| {
        changed(
            json!({"number": "1", "system": "s"}),
            &[(&format!("/{field}"), text.into())],
        )
    };
    for (texts, taken) in [(UNCLEAN, false), (CLEAN, true)] {
        for text in texts {
            let cases = [
                (
                    "PrivilegedGroup",
                    changed(group.clone(), &[("/displayName", (*text).into())]),
                ),
                (
                    "PrivilegedGroup",
                    changed(group.clone(), &[("/description", (*text).into())]),
                ),
                (
                    "RoleBinding",
                    changed(role.clone(), &[("/justification", (*text).into())]),
                ),
                (
                    "RoleBinding",
                    changed(role.clone(), &[("/directoryRole/role", (*text).into())]),
                ),
                (
                    "EligibleAssignment",
                    eligible(&[("/justification", (*text).into())]),
                ),
                (
                    "EligibleAssignment",
                    eligible(&[("/ticket", ticket("number", text))]),
                ),
                (
                    "EligibleAssignment",
                    eligible(&[("/ticket", ticket("system", text))]),
                ),
                (
                    "AccessBoundary",
                    changed(boundary.clone(), &[("/groups/namePatterns", json!([text]))]),
                ),
                (
                    "AccessBoundary",
                    changed(
                        boundary.clone(),
                        &[("/policyFloor", json!({"customExtensions": [text]}))],
                    ),
                ),
                (
                    "AccessBoundary",
                    changed(
                        boundary.clone(),
                        &[(
                            "/directoryRoles/0",
                            json!({"roles": [text], "scopes": ["/"], "assignments": ["Active"]}),
                        )],
                    ),
                ),
            ];
            for (kind, spec) in cases {
                let said = refused(kind, &spec);
                assert_eq!(said.is_empty(), taken, "{text:?} in {spec}: {said:?}");
                assert!(taken || said[0].contains("invisible"), "{said:?}");
            }
        }
    }
}

#[test]
fn an_address_is_one_address() {
    let group = |recipient: &str| {
        json!({
            "tenantRef": {"name": "contoso"}, "boundaryRef": {"name": "b"}, "displayName": "PAG",
            "policy": {"member": {"notifications": {"eligible": {"admin": {"recipients": [recipient]}}}}},
        })
    };
    let boundary = |suffix: &str| json!({"policyFloor": {}, "subjects": {"userPrincipalNameSuffixes": [suffix]}});
    assert!(refused("PrivilegedGroup", &group("security@contoso.com")).is_empty());
    for address in [
        "",
        "security",
        "a b@contoso.com",
        "a@b@c",
        "a\u{200b}@contoso.com",
        "a@contoso.com\u{a0}",
        "\u{3164}@contoso.com",
    ] {
        let said = refused("PrivilegedGroup", &group(address)).join("; ");
        assert!(
            said.contains("for example security@contoso.com"),
            "{address:?}: {said}"
        );
    }
    assert!(refused("AccessBoundary", &boundary("@contoso.com")).is_empty());
    for suffix in ["contoso.com", "@contoso .com", "@a@b", "@contoso.com "] {
        let said = refused("AccessBoundary", &boundary(suffix)).join("; ");
        assert!(
            said.contains("a suffix begins with @"),
            "{suffix:?}: {said}"
        );
    }
}

#[test]
fn a_reference_can_be_the_name_of_an_object() {
    let boundary = |field: &str, name: &str| json!({"policyFloor": {}, field: [name]});
    for name in ["", " ", "Admins", "a b", "a\n", "-a", "a/b"] {
        let said = refused(
            "EligibleAssignment",
            &eligible(&[("/groupRef/name", name.into())]),
        );
        assert!(!said.is_empty(), "{name:?} is taken");
        for field in ["namespaces", "tenants"] {
            assert!(!refused("AccessBoundary", &boundary(field, name)).is_empty());
        }
    }
    for field in ["namespaces", "tenants"] {
        assert!(refused("AccessBoundary", &boundary(field, "contoso-eu")).is_empty());
    }
}

#[test]
fn a_duration_of_another_form_is_refused_with_an_example() {
    let group = |section: &str, text: &str| {
        json!({
            "tenantRef": {"name": "contoso"}, "boundaryRef": {"name": "b"}, "displayName": "PAG",
            "policy": {"member": {section: {"maximumDuration": text}}},
        })
    };
    let tenant = |text: &str| {
        json!({
            "tenantId": "11111111-1111-4111-8111-111111111111", "installation": "prod", "cloud": "Public", "resyncInterval": text,
            "credential": {"clientSecret": {"clientId": "11111111-1111-4111-8111-111111111111", "secretRef": {"name": "a", "key": "b"}}},
        })
    };
    let activation = "half hours from PT30M to PT23H30M or P1D, for example PT4H";
    let window = "whole days from P1D to P9999D, for example P180D";
    let interval = "for example PT10M";
    for (kind, spec, expected) in [
        ("PrivilegedGroup", group("activation", "4h"), activation),
        ("PrivilegedGroup", group("activation", "PT240M"), activation),
        (
            "PrivilegedGroup",
            group("activation", "PT4H15M"),
            activation,
        ),
        ("PrivilegedGroup", group("eligible", "90d"), window),
        ("PrivilegedGroup", group("eligible", "P3M"), window),
        ("PrivilegedGroup", group("active", "P10000D"), window),
        ("EntraTenant", tenant("ten minutes"), interval),
        ("EntraTenant", tenant("PT25H"), interval),
    ] {
        let said = refused(kind, &spec).join("; ");
        assert!(said.contains(expected), "{spec}: {said}");
    }
    assert!(refused("PrivilegedGroup", &group("activation", "PT4H")).is_empty());
    assert!(refused("PrivilegedGroup", &group("eligible", "P180D")).is_empty());
    assert!(refused("EntraTenant", &tenant("PT90M")).is_empty());
}

#[test]
fn a_boundary_that_forbids_what_never_ends_says_how_long_it_may_last() {
    let boundary = |window: &Value, place: &str| {
        let assignments = match place {
            "owners" => json!({"owners": {"eligible": window, "active": {"permanent": "Allowed"}}}),
            place => json!({place: window}),
        };
        json!({"policyFloor": {}, "assignments": assignments})
    };
    let open = json!({"permanent": "Forbidden"});
    let bounded = json!({"permanent": "Forbidden", "maximumDuration": "P180D"});
    for place in ["eligible", "active", "owners"] {
        let said = refused("AccessBoundary", &boundary(&open, place)).join("; ");
        assert!(
            said.contains("asks for a maximumDuration"),
            "{place}: {said}"
        );
        assert!(refused("AccessBoundary", &boundary(&bounded, place)).is_empty());
        assert!(
            refused(
                "AccessBoundary",
                &boundary(&json!({"permanent": "Allowed"}), place)
            )
            .is_empty()
        );
    }
}

#[test]
fn a_binding_names_one_role_of_one_system_at_a_scope_that_can_be() {
    const SUBSCRIPTION: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111";
    let binding = |roles: Value| {
        let mut spec = json!({"groupRef": {"name": "admins"}});
        for (field, role) in roles.as_object().unwrap() {
            spec[field] = role.clone();
        }
        refused("RoleBinding", &spec).join("; ")
    };
    let azure = |scope: &str| json!({"azureRole": {"role": "Reader", "scope": scope}});
    let both = json!({
        "directoryRole": {"role": "Reader"}, "azureRole": {"role": "Reader", "scope": SUBSCRIPTION},
    });
    for none_or_both in [json!({}), both] {
        let said = binding(none_or_both);
        assert!(said.contains("name one role: spec.directoryRole"), "{said}");
    }
    for below in [
        "",
        "/resourceGroups/payments",
        "/resourcegroups/payments/providers/Microsoft.KeyVault/vaults/kv",
        "/providers/Microsoft.KeyVault/locations/westeurope/vaults/kv",
    ] {
        assert_eq!(
            binding(azure(&format!("{SUBSCRIPTION}{below}"))),
            "",
            "{below}"
        );
    }
    let intune = |more: Value| {
        let mut spec = json!({
            "groupRef": {"name": "admins"},
            "intuneRole": {"role": "Help Desk Operator", "scopeGroups": ["1a910b00-1111-4111-8111-1a910b000001"]},
        });
        for (field, value) in more.as_object().unwrap() {
            spec[field] = value.clone();
        }
        refused("RoleBinding", &spec).join("; ")
    };
    assert_eq!(intune(json!({})), "");
    for no_such_thing in [
        json!({"assignment": "Eligible"}),
        json!({"schedule": {"expiration": {"afterDuration": "P1D"}}}),
    ] {
        let said = intune(no_such_thing);
        assert!(said.contains("leave assignment and schedule out"), "{said}");
    }
    for nowhere in [json!([]), json!(["*"])] {
        let role = json!({"intuneRole": {"role": "Help Desk Operator", "scopeGroups": nowhere}});
        assert_ne!(intune(role), "");
    }
    let management_group = "/providers/Microsoft.Management/managementGroups/contoso";
    assert_eq!(binding(azure(management_group)), "");
    for other in [
        "/",
        "",
        "subscriptions/5ab51111-1111-4111-8111-111111111111",
        "/subscriptions/payments",
        "/subscriptions/5ab51111-1111-4111-8111-111111111111/",
        "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/pay-*",
        "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/a?x=1",
    ] {
        assert_ne!(binding(azure(other)), "", "{other}");
    }
}

#[test]
fn approval_needs_approvers_where_no_template_can_name_them() {
    for access in ["member", "owner"] {
        let approval = |approval: Value| json!({"activation": {"approval": approval}});
        let always = approval(json!({"required": "Always"}));
        let group = |policy: Value| {
            json!({
                "tenantRef": {"name": "contoso"}, "boundaryRef": {"name": "payments"},
                "displayName": "PAG-payments", "policy": policy,
            })
        };
        let said = refused("PrivilegedGroup", &group(json!({access: always}))).join("; ");
        let told = format!("{access}.activation.approval needs approvers");
        assert!(said.contains(&told), "{said}");
        let named = approval(json!({
            "required": "Always", "approvers": [{"kind": "User", "name": "emi@contoso.com"}],
        }));
        for policy in [
            json!({access: named}),
            json!({"templateRef": {"name": "tier-0"}, access: always}),
            json!({access: approval(json!({"required": "Never"}))}),
        ] {
            assert!(
                refused("PrivilegedGroup", &group(policy.clone())).is_empty(),
                "{policy}"
            );
        }
        assert!(refused("PolicyTemplate", &json!({access: always})).is_empty());
    }
}

#[test]
fn a_template_names_a_group_by_its_object_id() {
    let template = |name: &str| {
        let approvers = json!([{"kind": "Group", "name": name}]);
        json!({"member": {"activation": {"approval": {"required": "Always", "approvers": approvers}}}})
    };
    assert!(
        refused(
            "PolicyTemplate",
            &template("11111111-1111-4111-8111-111111111111")
        )
        .is_empty()
    );
    let said = refused("PolicyTemplate", &template("approvers")).join("; ");
    assert!(said.contains("object id"), "{said}");
}

#[test]
fn what_renews_itself_has_a_duration_and_is_renewed_in_its_second_half() {
    let with = |renewal: Value, schedule: Value| {
        eligible(&[("/renewal", renewal), ("/schedule/expiration", schedule)])
    };
    let half_a_year = || json!({"afterDuration": "P180D"});
    for (renewal, schedule, expected) in [
        (json!({"mode": "Auto"}), half_a_year(), None),
        (json!({"before": "P90D"}), half_a_year(), None),
        (json!({"before": "P300D"}), json!({"never": {}}), None),
        (
            json!({"mode": "Auto"}),
            json!({"endTime": "2027-01-01T00:00:00Z"}),
            Some("afterDuration"),
        ),
        (
            json!({"before": "P91D"}),
            half_a_year(),
            Some("at most half"),
        ),
    ] {
        let refusals = refused("EligibleAssignment", &with(renewal.clone(), schedule));
        match expected {
            None => assert_eq!(refusals, Vec::<String>::new(), "{renewal}"),
            Some(words) => assert!(
                refusals.iter().any(|refusal| refusal.contains(words)),
                "{renewal}: {refusals:?}"
            ),
        }
    }
}
