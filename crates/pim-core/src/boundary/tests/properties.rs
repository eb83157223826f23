//! What holds for every boundary: a narrower one admits nothing more, and nothing is admitted that no list names.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::boundary::judge::matches_pattern;
use crate::desired::RenewalMode;
use crate::ids::GroupId;

const ENDS: [&str; 3] = ["P1D", "P30D", "P365D"];
const ROLES: [&str; 3] = ["role 0", "role 1", "role 2"];
const SCOPES: [&str; 3] = ["/", "/administrativeUnits/1", "/administrativeUnits/2"];

fn some(of: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    let texts = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
    subsequence(of, 0..=of.len()).prop_map(texts)
}

fn kinds() -> impl Strategy<Value = Vec<Kind>> {
    subsequence(&[Kind::Active, Kind::Eligible][..], 0..=2)
}

fn limit() -> impl Strategy<Value = Option<DurationLimit>> {
    let permanent = select(&[Permanent::Allowed, Permanent::Forbidden][..]);
    let renewal = select(&[AutoRenewal::Allowed, AutoRenewal::Forbidden][..]);
    let longest = option::of(select(&ENDS[..]).prop_map(days));
    let limit =
        (permanent, longest, renewal).prop_map(|(permanent, maximum_duration, auto_renewal)| {
            DurationLimit {
                permanent,
                maximum_duration,
                auto_renewal,
            }
        });
    option::weighted(0.8, limit)
}

fn roles() -> impl Strategy<Value = DirectoryRoles> {
    (some(&ROLES), some(&SCOPES), kinds()).prop_map(|(roles, scopes, assignments)| DirectoryRoles {
        roles,
        scopes,
        assignments,
    })
}

prop_compose! {
    fn groups()(
        name_patterns in some(&["PAG-*", "*kv", "PAG-payments", "*"]),
        is_listed in any::<bool>(),
        leave_behind in select(&[LeaveBehind::Allowed, LeaveBehind::Forbidden][..]),
    ) -> GroupLimits {
        let adoptable = if is_listed { vec![adopted()] } else { Vec::new() };
        GroupLimits { name_patterns, adoptable, leave_behind, ..GroupLimits::default() }
    }
}

prop_compose! {
    fn any_boundary()(
        (namespaces, tenants, groups) in (some(&["payments", "other"]), some(&["contoso", "fabrikam"]), groups()),
        lists in proptest::collection::vec(roles(), 0..3),
        (kinds, suffixes) in (
            subsequence(&[PrincipalKind::User, PrincipalKind::ServicePrincipal][..], 0..=2),
            some(&["@contoso.com", "@fabrikam.com"]),
        ),
        guests in select(&[Guests::Allowed, Guests::Forbidden][..]),
        (eligible, active, owners) in (limit(), limit(), option::of((limit(), limit()))),
        known in proptest::collection::vec(any::<bool>(), 9),
    ) -> Boundary {
        let names = ROLES.iter().flat_map(|role| SCOPES.iter().map(move |scope| (*role, *scope)));
        let role_ids = names.zip(known).filter(|(_, is_known)| *is_known).map(|((role, scope), _)| {
            let place = ROLES.iter().position(|one| *one == role).unwrap();
            NamedRoles { scope: scope.to_owned(), ..named(role, &target(place as u128, scope)) }
        });
        Boundary {
            role_ids: role_ids.collect(),
            ..boundary(BoundaryRules {
                namespaces,
                tenants,
                groups,
                roles: RoleLists { directory_roles: lists, ..RoleLists::default() },
                subjects: SubjectLimits { kinds, user_principal_name_suffixes: suffixes, guests, ..SubjectLimits::default() },
                assignments: AssignmentLimits {
                    eligible,
                    active,
                    owners: owners.map(|(eligible, active)| OwnerLimits { eligible, active }),
                },
                policy_floor: PolicyFloor::default(),
                on_violation: OnViolation::Report,
            })
        }
    }
}

fn adopted() -> GroupId {
    GroupId(Uuid::from_u128(7))
}

/// Whatever a boundary is asked about one group.
#[derive(Debug, Clone)]
struct Asked {
    group: Group,
    assignment: Assignment,
    remaining: SignedDuration,
    role: BoundRole,
    person: (Principal, Identity),
}

prop_compose! {
    fn asked()(
        (name, is_adopted) in (select(&["PAG-payments", "PAG-kv", "other"][..]), any::<bool>()),
        (access, kind) in (select(&Access::ALL[..]), select(&[Kind::Active, Kind::Eligible][..])),
        ends in prop_oneof![
            Just(ScheduleExpiration::Never),
            select(&ENDS[..]).prop_map(|text| ScheduleExpiration::AfterDuration(days(text))),
            Just(ScheduleExpiration::EndTime(Timestamp::MAX)),
        ],
        mode in select(&[RenewalMode::Auto, RenewalMode::Manual][..]),
        remaining in 0..400_i64,
        (role, scope) in (0..3_u128, select(&SCOPES[..])),
        (address, user_type) in (
            select(&["ann@contoso.com", "ANN@CONTOSO.COM", "bob@fabrikam.com", "ann_else#EXT#@contoso.com"][..]),
            option::of(select(&[UserType::Member, UserType::Guest][..])),
        ),
        is_user in prop::bool::weighted(0.8),
    ) -> Asked {
        let mut group = group(name);
        group.adopt = is_adopted.then(adopted);
        let mut assignment = assignment(access, kind, ends);
        assignment.renewal.mode = mode;
        let (subject, mut identity) = user(address);
        identity.user_type = user_type;
        if !is_user {
            identity.kind = PrincipalKind::ServicePrincipal;
            identity.user_principal_name = None;
        }
        Asked {
            group,
            assignment,
            remaining: SignedDuration::from_hours(24 * remaining),
            role: BoundRole { target: target(role, scope), kind },
            person: (subject, identity),
        }
    }
}

/// What a boundary says to each question: the group, its adoption, what it leaves behind, a role, a window, somebody.
fn answers(open: &Boundary, asked: &Asked) -> [bool; 6] {
    let (subject, identity) = &asked.person;
    [
        open.judge_group(&asked.group).is_ok(),
        open.judge_adoption(&asked.group).is_ok(),
        open.judge_leaving(&asked.group).is_ok(),
        open.judge_role(&asked.role, None, "role").is_ok(),
        open.judge_window(&asked.assignment, Some(asked.remaining))
            .is_ok(),
        open.judge_subject(subject, identity, Assignability::RoleAssignable)
            .is_ok(),
    ]
}

/// The ways to take one thing out of a list.
fn without_one<T: Clone>(list: &[T]) -> impl Iterator<Item = Vec<T>> + '_ {
    (0..list.len()).map(|place| {
        let mut shorter = list.to_vec();
        shorter.remove(place);
        shorter
    })
}

/// The ways to tighten a limit by one step.
fn tighter(limit: Option<&DurationLimit>) -> Vec<Option<DurationLimit>> {
    let Some(limit) = limit else {
        return Vec::new();
    };
    let shortest = DurationLimit {
        maximum_duration: Some(days("P1D")),
        ..limit.clone()
    };
    let ending = DurationLimit {
        permanent: Permanent::Forbidden,
        ..limit.clone()
    };
    let manual = DurationLimit {
        auto_renewal: AutoRenewal::Forbidden,
        ..limit.clone()
    };
    vec![None, Some(shortest), Some(ending), Some(manual)]
}

/// Every boundary that has one thing less.
fn narrower(open: &Boundary) -> Vec<Boundary> {
    let mut all = Vec::new();
    macro_rules! each {
        ($steps:expr, $($place:tt)+) => {
            for step in $steps {
                let mut one = open.clone();
                one.$($place)+ = step;
                all.push(one);
            }
        };
    }
    let rules = &open.rules;
    each!(without_one(&rules.namespaces), rules.namespaces);
    each!(without_one(&rules.tenants), rules.tenants);
    each!(
        without_one(&rules.groups.name_patterns),
        rules.groups.name_patterns
    );
    each!(without_one(&rules.groups.adoptable), rules.groups.adoptable);
    each!([LeaveBehind::Forbidden], rules.groups.leave_behind);
    each!(without_one(&rules.subjects.kinds), rules.subjects.kinds);
    each!(
        without_one(&rules.subjects.user_principal_name_suffixes),
        rules.subjects.user_principal_name_suffixes
    );
    each!([Guests::Forbidden], rules.subjects.guests);
    each!(without_one(&open.role_ids), role_ids);
    each!(
        without_one(&rules.roles.directory_roles),
        rules.roles.directory_roles
    );
    for (place, list) in rules.roles.directory_roles.iter().enumerate() {
        each!(
            without_one(&list.roles),
            rules.roles.directory_roles[place].roles
        );
        each!(
            without_one(&list.scopes),
            rules.roles.directory_roles[place].scopes
        );
        each!(
            without_one(&list.assignments),
            rules.roles.directory_roles[place].assignments
        );
    }
    let limits = &rules.assignments;
    each!(
        tighter(limits.eligible.as_ref()),
        rules.assignments.eligible
    );
    each!(tighter(limits.active.as_ref()), rules.assignments.active);
    each!([None], rules.assignments.owners);
    if let Some(owners) = &limits.owners {
        let with = |eligible: &Option<DurationLimit>, active: &Option<DurationLimit>| {
            Some(OwnerLimits {
                eligible: eligible.clone(),
                active: active.clone(),
            })
        };
        each!(
            tighter(owners.eligible.as_ref())
                .iter()
                .map(|one| with(one, &owners.active)),
            rules.assignments.owners
        );
        each!(
            tighter(owners.active.as_ref())
                .iter()
                .map(|one| with(&owners.eligible, one)),
            rules.assignments.owners
        );
    }
    all
}

/// Whether a text matches a pattern, letter by letter.
fn matches_slowly(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => {
            (0..=text.len()).any(|skipped| matches_slowly(rest, &text[skipped..]))
        }
        Some((letter, rest)) => text
            .split_first()
            .is_some_and(|(one, left)| one == letter && matches_slowly(rest, left)),
    }
}

proptest! {
    #[test]
    fn a_narrower_boundary_admits_nothing_more(open in any_boundary(), asked in asked()) {
        let before = answers(&open, &asked);
        for narrow in narrower(&open) {
            let after = answers(&narrow, &asked);
            let gained = before.iter().zip(after).any(|(before, after)| after && !before);
            prop_assert!(!gained, "{before:?} became {after:?} under {narrow:?}");
        }
    }

    #[test]
    fn a_list_that_is_left_out_admits_nothing(open in any_boundary(), asked in asked(), left_out in 0..9_u8) {
        let mut open = open;
        let is_user = asked.person.1.kind == PrincipalKind::User;
        let rules = &mut open.rules;
        let of_owners = |limits: &mut AssignmentLimits| limits.owners = None;
        let asked_of = match left_out {
            0 => { rules.namespaces.clear(); Some(0) }
            1 => { rules.tenants.clear(); Some(0) }
            2 => { rules.groups.name_patterns.clear(); Some(0) }
            3 => { rules.groups.adoptable.clear(); asked.group.adopt.map(|_| 1) }
            4 => { rules.roles.directory_roles.clear(); Some(3) }
            5 => { open.role_ids.clear(); Some(3) }
            6 => { rules.subjects.kinds.clear(); Some(5) }
            7 => { rules.subjects.user_principal_name_suffixes.clear(); is_user.then_some(5) }
            _ => {
                match (asked.assignment.access, asked.assignment.kind) {
                    (Access::Owner, _) => of_owners(&mut rules.assignments),
                    (Access::Member, Kind::Eligible) => rules.assignments.eligible = None,
                    (Access::Member, Kind::Active) => rules.assignments.active = None,
                }
                Some(4)
            }
        };
        prop_assert!(asked_of.is_none_or(|place: usize| !answers(&open, &asked)[place]));
    }

    #[test]
    fn a_window_is_admitted_up_to_the_longest_and_not_a_day_longer(
        longest in 1..=9999_i64, length in 1..=9999_i64, is_eligible in any::<bool>(), is_owner in any::<bool>(),
    ) {
        let text = |days: i64| format!("P{days}D");
        let limit = || Some(DurationLimit {
            permanent: Permanent::Forbidden,
            maximum_duration: Some(days(&text(longest))),
            auto_renewal: AutoRenewal::Forbidden,
        });
        let open = boundary(BoundaryRules {
            assignments: AssignmentLimits {
                eligible: limit(),
                active: limit(),
                owners: Some(OwnerLimits { eligible: limit(), active: limit() }),
            },
            ..BoundaryRules::default()
        });
        let kind = if is_eligible { Kind::Eligible } else { Kind::Active };
        let access = if is_owner { Access::Owner } else { Access::Member };
        let lasting = assignment(access, kind, ScheduleExpiration::AfterDuration(days(&text(length))));
        prop_assert_eq!(open.judge_window(&lasting, None).is_ok(), length <= longest);
        let ending = assignment(access, kind, ScheduleExpiration::EndTime(Timestamp::MAX));
        let left = SignedDuration::from_hours(24 * length);
        prop_assert_eq!(open.judge_window(&ending, Some(left)).is_ok(), length <= longest);
        let endless = assignment(access, kind, ScheduleExpiration::Never);
        prop_assert!(open.judge_window(&endless, None).is_err());
    }

    #[test]
    fn a_guest_is_admitted_only_where_guests_are(open in any_boundary(), asked in asked()) {
        let (subject, identity) = &asked.person;
        let is_admitted = open.judge_subject(subject, identity, Assignability::RoleAssignable).is_ok();
        let may_be_guest = open.rules.subjects.guests == Guests::Allowed;
        let is_user = identity.kind == PrincipalKind::User;
        prop_assert!(!(is_admitted && is_user && identity.is_guest()) || may_be_guest);
    }

    #[test]
    fn a_role_is_admitted_only_by_its_own_id(open in any_boundary(), asked in asked()) {
        let mut open = open;
        for named in &mut open.role_ids {
            named.ids.retain(|id| *id != asked.role.target.role);
        }
        prop_assert!(!answers(&open, &asked)[3]);
    }

    #[test]
    fn a_pattern_admits_just_what_a_comparison_letter_by_letter_does(pattern in "[ab*]{0,6}", text in "[ab]{0,8}") {
        let expected = matches_slowly(pattern.as_bytes(), text.as_bytes());
        prop_assert_eq!(matches_pattern(&pattern, &text), expected);
    }
}
