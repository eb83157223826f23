//! What a boundary admits, and what it does not.

mod properties;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::desired::{
    Assignability, Assignment, Binding, DeletionPolicy, Group, LastReport, Lifecycle, Mode, Pause,
    PreviousAdmission, Readability, Renewal, Role, UndeclaredAccess,
};
use crate::duration::Days;
use crate::ids::{GroupId, GroupKey, ObjectName, PrincipalId, RoleDefinitionId, UserPrincipalName};
use crate::principal::{Account, GroupFacts, UserType};
use crate::principal::{Identity, Principal, PrincipalKind};
use crate::role::{BoundRole, RoleScope, RoleTarget};
use crate::schedule::{Access, Kind, ScheduleExpiration};
use crate::schedule::{ByAccess, Schedule};
use crate::settings::Permanent;
use uuid::Uuid;

fn group(name: &str) -> Group {
    Group {
        name: ObjectName::new("payments", "pag"),
        created: jiff::Timestamp::UNIX_EPOCH,
        adopt: None,
        rivals: Vec::new(),
        tenant: "contoso".to_owned(),
        key: GroupKey::new("epim-abc"),
        display_name: name.to_owned(),
        description: None,
        assignability: Assignability::RoleAssignable,
        administrative_unit: None,
        policy: ByAccess::default(),
        template: None,
        mode: Mode::Exclusive,
        undeclared: UndeclaredAccess::default(),
        lifecycle: Lifecycle::Living,
        deletion_policy: DeletionPolicy::Delete,
        previous_admission: PreviousAdmission::None,
        last_report: LastReport::Differed,
        last_seen: None,
        pending: None,
        boundary: "payments".to_owned(),
        client: None,
        pause: Pause::Running,
    }
}

fn boundary(rules: BoundaryRules) -> Boundary {
    Boundary {
        name: "payments".to_owned(),
        rules,
        role_ids: Vec::new(),
    }
}

fn of_groups(patterns: &[&str]) -> Boundary {
    boundary(BoundaryRules {
        namespaces: vec!["payments".to_owned()],
        tenants: vec!["contoso".to_owned()],
        groups: GroupLimits {
            name_patterns: patterns.iter().map(|text| (*text).to_owned()).collect(),
            ..GroupLimits::default()
        },
        ..BoundaryRules::default()
    })
}

fn days(text: &str) -> Days {
    Days::try_from(text.to_owned()).unwrap()
}

fn assignment(access: Access, kind: Kind, expiration: ScheduleExpiration) -> Assignment {
    Assignment {
        name: ObjectName::new("payments", "team"),
        created: Timestamp::UNIX_EPOCH,
        generation: 1,
        lifecycle: Lifecycle::Living,
        deletion_policy: DeletionPolicy::Delete,
        previous_admission: PreviousAdmission::None,
        last_report: LastReport::Differed,
        kind,
        access,
        subjects: Vec::new(),
        schedule: Schedule {
            start: None,
            expiration,
        },
        renewal: Renewal::default(),
        justification: None,
        ticket: None,
        memory: Vec::new(),
        revoked: [].into(),
        pause: Pause::Running,
        readability: Readability::Readable,
    }
}

fn principal(number: u128) -> PrincipalId {
    PrincipalId(Uuid::from_u128(number))
}

fn user(name: &str) -> (Principal, Identity) {
    let identity = Identity {
        id: principal(1),
        kind: PrincipalKind::User,
        user_principal_name: Some(UserPrincipalName::new(name)),
        account: Account::Enabled,
        user_type: None,
        group: None,
        application: None,
    };
    (
        Principal {
            kind: PrincipalKind::User,
            name: name.to_owned(),
        },
        identity,
    )
}

#[test]
fn an_empty_boundary_admits_nothing() {
    let closed = boundary(BoundaryRules::default());
    assert!(closed.judge_group(&group("PAG-payments")).is_err());
    assert!(
        closed
            .judge_role(&active(&target(0, "/")), None, "role")
            .is_err()
    );
    let (subject, identity) = user("ann@contoso.com");
    assert!(
        closed
            .judge_subject(&subject, &identity, Assignability::RoleAssignable)
            .is_err()
    );
    for (access, kind) in Access::ALL
        .into_iter()
        .flat_map(|access| [Kind::Eligible, Kind::Active].map(|kind| (access, kind)))
    {
        let shortest = assignment(access, kind, ScheduleExpiration::AfterDuration(days("P1D")));
        assert!(
            closed.judge_window(&shortest, None).is_err(),
            "{access} {kind}"
        );
    }
}

#[test]
fn a_group_needs_its_namespace_its_tenant_and_a_pattern() {
    let open = of_groups(&["PAG-payments-*"]);
    assert_eq!(open.judge_group(&group("PAG-payments-kv")), Ok(()));
    let rule = |group: &Group| open.judge_group(group).unwrap_err().rule;
    assert_eq!(rule(&group("PAG-other")), "spec.groups.namePatterns");
    let elsewhere = Group {
        name: ObjectName::new("other", "pag"),
        ..group("PAG-payments-kv")
    };
    assert_eq!(rule(&elsewhere), "spec.namespaces");
    let foreign = Group {
        tenant: "fabrikam".to_owned(),
        ..group("PAG-payments-kv")
    };
    assert_eq!(rule(&foreign), "spec.tenants");
}

#[test]
fn a_star_stands_for_any_characters_and_nothing_else_does() {
    let cases = [
        ("PAG-*", "PAG-", true),
        ("PAG-*", "PAG-x", true),
        ("PAG-*", "pag-x", false),
        ("PAG-*", "xPAG-", false),
        ("*-admins", "payments-admins", true),
        ("*-admins", "payments-admins-x", false),
        ("a*b*c", "abc", true),
        ("a*b*c", "axxbyyc", true),
        ("a*b*c", "acb", false),
        ("a*a", "a", false),
        ("*", "", true),
        ("PAG", "PAG", true),
        ("PAG", "PAG-x", false),
        ("P.G", "PAG", false),
        ("a*ab", "aab", true),
        ("*ab*ab", "abab", true),
        ("*ab*ab", "aab", false),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(
            super::judge::matches_pattern(pattern, text),
            expected,
            "{pattern} {text}"
        );
    }
}

fn target(place: u128, scope: &str) -> RoleTarget {
    RoleTarget {
        system: RoleSystem::DIRECTORY,
        role: RoleDefinitionId(Uuid::from_u128(place)).into(),
        scope: RoleScope::new(scope),
    }
}

fn active(target: &RoleTarget) -> BoundRole {
    BoundRole {
        target: target.clone(),
        kind: Kind::Active,
    }
}

fn named(name: &str, target: &RoleTarget) -> NamedRoles {
    NamedRoles {
        system: target.system,
        name: name.to_owned(),
        scope: "/".to_owned(),
        ids: vec![target.role.clone()],
    }
}

#[test]
fn a_role_is_compared_by_its_id_and_at_its_scope() {
    let (listed, other) = (target(1, "/"), target(2, "/"));
    let mut open = boundary(BoundaryRules {
        roles: RoleLists {
            directory_roles: vec![DirectoryRoles {
                roles: vec!["Exchange Administrator".to_owned(), "Unknown".to_owned()],
                scopes: vec!["/".to_owned()],
                assignments: vec![Kind::Active],
            }],
            ..RoleLists::default()
        },
        ..BoundaryRules::default()
    });
    assert!(
        open.judge_role(&active(&listed), None, "Exchange Administrator")
            .is_err(),
        "a name without an id admits nothing"
    );
    open.role_ids = vec![
        named("Exchange Administrator", &listed),
        named("Elsewhere", &other),
    ];
    let elsewhere = RoleTarget {
        system: RoleSystem {
            field: "otherRole",
            title: "role of another system",
            ..RoleSystem::DIRECTORY
        },
        ..listed.clone()
    };
    assert!(
        open.judge_role(&active(&elsewhere), None, "the same id")
            .is_err()
    );
    assert_eq!(
        open.judge_role(&active(&listed), None, "whatever it is called"),
        Ok(())
    );
    let unit = target(1, "/administrativeUnits/1");
    assert_eq!(
        open.judge_role(&active(&unit), None, "Exchange Administrator"),
        Ok(()),
        "the whole tenant has every unit in it"
    );
    open.rules.roles.directory_roles[0].scopes = vec!["/AdministrativeUnits/1".to_owned()];
    open.role_ids[0].scope = "/AdministrativeUnits/1".to_owned();
    assert_eq!(
        open.judge_role(&active(&unit), None, "Exchange Administrator"),
        Ok(())
    );
    assert!(
        open.judge_role(&active(&listed), None, "Exchange Administrator")
            .is_err()
    );
    open.rules.roles.directory_roles[0].scopes = vec!["/".to_owned()];
    open.role_ids[0].scope = "/".to_owned();
    assert!(
        open.judge_role(&active(&other), None, "Exchange Administrator")
            .is_err(),
        "the id decides, not the name"
    );
    let eligible = BoundRole {
        kind: Kind::Eligible,
        ..active(&listed)
    };
    let denial = open.judge_role(&eligible, None, "Exchange Administrator");
    let message = denial.unwrap_err().message;
    assert!(message.contains("not as eligible"), "{message}");
    open.rules.roles.directory_roles[0].assignments = vec![Kind::Eligible];
    assert_eq!(
        open.judge_role(&eligible, None, "Exchange Administrator"),
        Ok(())
    );
    assert!(
        open.judge_role(&active(&listed), None, "Exchange Administrator")
            .is_err()
    );
}

#[test]
fn of_a_binding_whose_role_is_not_certain_only_the_scope_is_judged() {
    let binding = Binding {
        name: ObjectName::new("payments", "role"),
        created: Timestamp::UNIX_EPOCH,
        lifecycle: Lifecycle::Living,
        deletion_policy: DeletionPolicy::Delete,
        previous_admission: PreviousAdmission::None,
        last_report: LastReport::Differed,
        system: RoleSystem::DIRECTORY,
        role_name: "role".to_owned(),
        scope: RoleScope::new("/"),
        condition: None,
        role: Role::NotFound,
        kind: Kind::Active,
        schedule: Schedule {
            start: None,
            expiration: ScheduleExpiration::Never,
        },
        justification: None,
        ticket: None,
        first_bound: None,
        bound: None,
        sent: None,
        pause: Pause::Running,
        readability: Readability::Readable,
    };
    let closed = boundary(BoundaryRules::default());
    let denial = closed.judge_binding(&binding).unwrap_err();
    assert_eq!(
        denial.rule, "spec.directoryRoles",
        "nothing is looked up there"
    );
    let lists = RoleLists {
        directory_roles: vec![DirectoryRoles {
            roles: vec!["another".to_owned()],
            scopes: vec!["/".to_owned()],
            assignments: vec![Kind::Active],
        }],
        ..RoleLists::default()
    };
    let open = boundary(BoundaryRules {
        roles: lists,
        ..BoundaryRules::default()
    });
    assert_eq!(
        open.judge_binding(&binding),
        Ok(()),
        "it is reported as not found, and never bound"
    );
    let found = Binding {
        role: Role::Found(target(0, "/")),
        ..binding
    };
    assert!(closed.judge_binding(&found).is_err());
}

#[test]
fn a_user_needs_a_listed_suffix_whatever_its_case() {
    let mut open = boundary(BoundaryRules {
        subjects: SubjectLimits {
            kinds: vec![PrincipalKind::User],
            user_principal_name_suffixes: vec!["@Contoso.com".to_owned()],
            ..SubjectLimits::default()
        },
        ..BoundaryRules::default()
    });
    for (name, expected) in [
        ("ann@contoso.com", true),
        ("ANN@CONTOSO.COM", true),
        ("ann@evilcontoso.com", false),
        ("ann_fabrikam.com#EXT#@contoso.onmicrosoft.com", false),
    ] {
        let (subject, identity) = user(name);
        assert_eq!(
            open.judge_subject(&subject, &identity, Assignability::RoleAssignable)
                .is_ok(),
            expected,
            "{name}"
        );
    }
    let (subject, identity) = user("ann@contoso.com");
    let nameless = Identity {
        user_principal_name: None,
        ..identity.clone()
    };
    assert!(
        open.judge_subject(&subject, &nameless, Assignability::RoleAssignable)
            .is_err()
    );
    open.rules.subjects.user_principal_name_suffixes.clear();
    assert!(
        open.judge_subject(&subject, &identity, Assignability::RoleAssignable)
            .is_err()
    );
}

#[test]
fn what_a_subject_is_counts_and_not_what_it_is_called() {
    let open = boundary(BoundaryRules {
        subjects: SubjectLimits {
            kinds: vec![PrincipalKind::ServicePrincipal],
            ..SubjectLimits::default()
        },
        ..BoundaryRules::default()
    });
    let (subject, person) = user("ann@contoso.com");
    let robot = Identity {
        kind: PrincipalKind::ServicePrincipal,
        user_principal_name: None,
        ..person.clone()
    };
    assert_eq!(
        open.judge_subject(&subject, &robot, Assignability::RoleAssignable),
        Ok(())
    );
    assert_eq!(
        open.judge_subject(&subject, &person, Assignability::RoleAssignable)
            .unwrap_err()
            .rule,
        "spec.subjects.kinds"
    );
}

#[test]
fn each_kind_of_access_has_its_own_limit() {
    let limit = |maximum: &str| {
        Some(DurationLimit {
            permanent: Permanent::Forbidden,
            maximum_duration: Some(days(maximum)),
            auto_renewal: AutoRenewal::Forbidden,
        })
    };
    let open = boundary(BoundaryRules {
        assignments: AssignmentLimits {
            eligible: limit("P180D"),
            active: limit("P10D"),
            owners: Some(OwnerLimits {
                eligible: None,
                active: limit("P1D"),
            }),
        },
        ..BoundaryRules::default()
    });
    let judge =
        |access, kind, expiration| open.judge_window(&assignment(access, kind, expiration), None);
    let after = |text| ScheduleExpiration::AfterDuration(days(text));
    assert_eq!(
        judge(Access::Member, Kind::Eligible, after("P180D")),
        Ok(())
    );
    assert!(judge(Access::Member, Kind::Eligible, after("P181D")).is_err());
    assert!(judge(Access::Member, Kind::Active, after("P11D")).is_err());
    assert_eq!(judge(Access::Owner, Kind::Active, after("P1D")), Ok(()));
    let denial = judge(Access::Owner, Kind::Eligible, after("P1D")).unwrap_err();
    assert_eq!(denial.rule, "spec.assignments.owners.eligible");
    assert!(judge(Access::Member, Kind::Eligible, ScheduleExpiration::Never).is_err());
}

#[test]
fn an_end_is_judged_by_what_is_left_until_it() {
    let limit = DurationLimit {
        permanent: Permanent::Forbidden,
        maximum_duration: Some(days("P30D")),
        auto_renewal: AutoRenewal::Forbidden,
    };
    let open = boundary(BoundaryRules {
        assignments: AssignmentLimits {
            eligible: Some(limit),
            ..AssignmentLimits::default()
        },
        ..BoundaryRules::default()
    });
    let end = Timestamp::from_second(100 * 86_400).unwrap();
    let until = assignment(
        Access::Member,
        Kind::Eligible,
        ScheduleExpiration::EndTime(end),
    );
    let left = |days: i64| Some(SignedDuration::from_hours(24 * days));
    assert!(open.judge_window(&until, left(31)).is_err());
    assert_eq!(open.judge_window(&until, left(30)), Ok(()));
    assert_eq!(
        open.admits_window_from(&until),
        Some(Timestamp::from_second(70 * 86_400).unwrap())
    );
    let duration = assignment(
        Access::Member,
        Kind::Eligible,
        ScheduleExpiration::AfterDuration(days("P90D")),
    );
    assert_eq!(
        open.admits_window_from(&duration),
        None,
        "no time makes it shorter"
    );
}

#[test]
fn a_permanent_window_needs_leave_and_no_maximum() {
    let limit = DurationLimit {
        permanent: Permanent::Allowed,
        maximum_duration: Some(days("P30D")),
        auto_renewal: AutoRenewal::Forbidden,
    };
    let open = boundary(BoundaryRules {
        assignments: AssignmentLimits {
            active: Some(limit),
            ..AssignmentLimits::default()
        },
        ..BoundaryRules::default()
    });
    let permanent = assignment(Access::Member, Kind::Active, ScheduleExpiration::Never);
    assert_eq!(open.judge_window(&permanent, None), Ok(()));
}

#[test]
fn a_denial_names_the_rule_and_the_boundary_that_it_belongs_to() {
    let denial = of_groups(&[]).judge_group(&group("PAG")).unwrap_err();
    assert!(
        denial
            .message
            .ends_with("(spec.groups.namePatterns of AccessBoundary payments)"),
        "{}",
        denial.message
    );
}

#[test]
fn a_denial_says_what_is_declared_against_what_is_allowed() {
    let open = of_eligible(Permanent::Forbidden, Some("P180D"));
    let message = |expiration, left: Option<i64>| {
        let left = left.map(|days| SignedDuration::from_hours(24 * days));
        let declared = assignment(Access::Member, Kind::Eligible, expiration);
        open.judge_window(&declared, left).unwrap_err().message
    };
    let end = "2040-01-01T00:00:00Z".parse().unwrap();
    for (message, expected) in [
        (
            message(ScheduleExpiration::AfterDuration(days("P365D")), None),
            "P365D; at most P180D",
        ),
        (
            message(ScheduleExpiration::EndTime(end), Some(4000)),
            "2040-01-01T00:00:00Z is too far away; at most P180D",
        ),
        (
            message(ScheduleExpiration::Never, None),
            "never; at most P180D",
        ),
    ] {
        assert!(message.contains(expected), "{message}");
    }
}

fn of_eligible(permanent: Permanent, maximum: Option<&str>) -> Boundary {
    boundary(BoundaryRules {
        assignments: AssignmentLimits {
            eligible: Some(DurationLimit {
                permanent,
                maximum_duration: maximum.map(days),
                auto_renewal: AutoRenewal::Forbidden,
            }),
            ..AssignmentLimits::default()
        },
        ..BoundaryRules::default()
    })
}

#[test]
fn what_must_end_ends_within_a_year_where_nobody_said_when() {
    let old = of_eligible(Permanent::Forbidden, None);
    let judge = |expiration, left: Option<i64>| {
        let left = left.map(|days| SignedDuration::from_hours(24 * days));
        let declared = assignment(Access::Member, Kind::Eligible, expiration);
        old.judge_window(&declared, left)
    };
    let far = "8999-12-31T23:59:59Z".parse().unwrap();
    assert!(judge(ScheduleExpiration::EndTime(far), Some(2_500_000)).is_err());
    assert!(judge(ScheduleExpiration::AfterDuration(days("P9999D")), None).is_err());
    assert!(judge(ScheduleExpiration::AfterDuration(days("P366D")), None).is_err());
    assert_eq!(
        judge(ScheduleExpiration::AfterDuration(days("P365D")), None),
        Ok(())
    );
    let until = assignment(
        Access::Member,
        Kind::Eligible,
        ScheduleExpiration::EndTime(Timestamp::from_second(400 * 86_400).unwrap()),
    );
    assert_eq!(
        old.admits_window_from(&until),
        Some(Timestamp::from_second(35 * 86_400).unwrap())
    );
}

#[test]
fn a_window_that_may_last_for_ever_has_no_longest_one_of_its_own() {
    let open = of_eligible(Permanent::Allowed, None);
    let long = assignment(
        Access::Member,
        Kind::Eligible,
        ScheduleExpiration::AfterDuration(days("P9999D")),
    );
    assert_eq!(open.judge_window(&long, None), Ok(()));
}

#[test]
fn a_guest_is_admitted_only_where_guests_are_allowed() {
    let with = |guests| {
        boundary(BoundaryRules {
            subjects: SubjectLimits {
                kinds: vec![PrincipalKind::User],
                user_principal_name_suffixes: vec!["@contoso.com".to_owned()],
                guests,
                ..SubjectLimits::default()
            },
            ..BoundaryRules::default()
        })
    };
    let (closed, open) = (with(Guests::Forbidden), with(Guests::Allowed));
    let typed = |name: &str, user_type| {
        let (subject, identity) = user(name);
        let identity = Identity {
            user_type,
            ..identity
        };
        (subject, identity)
    };
    for (name, user_type, is_guest) in [
        ("ann@contoso.com", None, false),
        ("ann@contoso.com", Some(UserType::Member), false),
        ("ann@contoso.com", Some(UserType::Guest), true),
        ("hal_fabrikam.com#EXT#@contoso.com", None, true),
        ("hal_fabrikam.com#ext#@contoso.com", None, true),
        (
            "hal_fabrikam.com#EXT#@contoso.com",
            Some(UserType::Member),
            true,
        ),
    ] {
        let (subject, identity) = typed(name, user_type);
        let judged = closed.judge_subject(&subject, &identity, Assignability::RoleAssignable);
        assert_eq!(judged.is_err(), is_guest, "{name} {user_type:?}");
        if let Err(denial) = judged {
            assert_eq!(denial.rule, "spec.subjects.guests");
            assert!(
                denial
                    .message
                    .contains("spec.subjects.guests of AccessBoundary payments"),
                "{}",
                denial.message
            );
        }
        assert_eq!(
            open.judge_subject(&subject, &identity, Assignability::RoleAssignable),
            Ok(()),
            "{name}"
        );
    }
}

#[test]
fn a_guest_needs_a_listed_suffix_too() {
    let open = boundary(BoundaryRules {
        subjects: SubjectLimits {
            kinds: vec![PrincipalKind::User],
            user_principal_name_suffixes: vec!["@contoso.com".to_owned()],
            guests: Guests::Allowed,
            ..SubjectLimits::default()
        },
        ..BoundaryRules::default()
    });
    let (subject, identity) = user("hal_fabrikam.com#EXT#@contoso.onmicrosoft.com");
    let denial = open
        .judge_subject(&subject, &identity, Assignability::RoleAssignable)
        .unwrap_err();
    assert_eq!(denial.rule, "spec.subjects.userPrincipalNameSuffixes");
}

#[test]
fn a_foreign_group_is_admitted_where_it_is_listed_and_an_ordinary_one_where_those_are_allowed() {
    let group = |assignability: Option<Assignability>| {
        let (subject, identity) = user("not of a group");
        let subject = Principal {
            kind: PrincipalKind::Group,
            ..subject
        };
        let identity = Identity {
            kind: PrincipalKind::Group,
            user_principal_name: None,
            group: assignability.map(|assignability| GroupFacts {
                display_name: "Team".to_owned(),
                assignability,
            }),
            ..identity
        };
        (subject, identity)
    };
    let limits = |listed: u128, ordinary_groups: OrdinaryGroups| {
        boundary(BoundaryRules {
            subjects: SubjectLimits {
                kinds: vec![PrincipalKind::Group],
                groups: vec![GroupId(Uuid::from_u128(listed))],
                ordinary_groups,
                ..SubjectLimits::default()
            },
            ..BoundaryRules::default()
        })
    };
    let (assignable, ordinary) = (Assignability::RoleAssignable, Assignability::Ordinary);
    let (allowed, forbidden) = (OrdinaryGroups::Allowed, OrdinaryGroups::Forbidden);
    for (is, listed, ordinary_groups, into, refused_by) in [
        (Some(assignable), 1, forbidden, assignable, None),
        (
            Some(assignable),
            2,
            allowed,
            assignable,
            Some("spec.subjects.groups"),
        ),
        (Some(ordinary), 1, allowed, assignable, None),
        (Some(ordinary), 1, forbidden, ordinary, None),
        (
            Some(ordinary),
            1,
            forbidden,
            assignable,
            Some("spec.subjects.ordinaryGroups"),
        ),
        (
            None,
            1,
            forbidden,
            assignable,
            Some("spec.subjects.ordinaryGroups"),
        ),
        (
            Some(ordinary),
            2,
            allowed,
            ordinary,
            Some("spec.subjects.groups"),
        ),
    ] {
        let (subject, identity) = group(is);
        let judged = limits(listed, ordinary_groups).judge_subject(&subject, &identity, into);
        let rule = judged.err().map(|denial| denial.rule);
        assert_eq!(rule, refused_by, "{is:?} into {into:?}");
    }
}

#[test]
fn a_role_of_one_application_is_not_admitted_because_another_one_declares_its_id() {
    let (ours, theirs) = (
        "aaaaaaaa-0000-4000-8000-000000000001",
        "bbbbbbbb-0000-4000-8000-000000000001",
    );
    let role = |id: &str, scope: &str| RoleTarget {
        system: RoleSystem::APP,
        role: RoleId::new(id),
        scope: RoleScope::of(RoleSystem::APP, scope),
    };
    let mut open = boundary(BoundaryRules {
        roles: RoleLists {
            app_roles: vec![AppRoles {
                roles: vec!["Reader".to_owned()],
                applications: vec![ours.to_owned(), theirs.to_owned()],
                assignments: vec![Kind::Active],
            }],
            ..RoleLists::default()
        },
        ..BoundaryRules::default()
    });
    let named = |scope: &str, id: &str| NamedRoles {
        system: RoleSystem::APP,
        name: "Reader".to_owned(),
        scope: scope.to_owned(),
        ids: vec![RoleId::new(id)],
    };
    // Whoever owns the other application gave its Reader the id of our Admin.
    open.role_ids = vec![named(ours, "reader"), named(theirs, "admin")];
    assert_eq!(
        open.judge_role(&active(&role("reader", ours)), None, "Reader"),
        Ok(())
    );
    assert!(
        open.judge_role(&active(&role("admin", ours)), None, "Admin")
            .is_err()
    );
}
