//! What holds for every scope: a path admits itself and what lies below it, by segments, and nothing that could lead
//! elsewhere.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn segments(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<&'static str>> {
    vec(
        select(
            &[
                "subscriptions",
                "1",
                "12",
                "resourceGroups",
                "pay-",
                "pay-eu",
                "PAY-us",
            ][..],
        ),
        count,
    )
}

fn path(segments: &[&str]) -> String {
    format!("/{}", segments.join("/"))
}

fn admits(listed: &str, scope: &str) -> bool {
    let scope = RoleScope::of(RoleSystem::AZURE, scope);
    !ScopeForm::Path
        .admitting(&[listed.to_owned()], &scope)
        .is_empty()
}

fn is(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

proptest! {
    #[test]
    fn a_path_admits_what_begins_with_all_of_its_segments_and_nothing_else(listed in segments(1..4), scope in segments(1..6)) {
        let is_below = listed.len() <= scope.len() && listed.iter().zip(&scope).all(|(one, other)| is(one, other));
        prop_assert_eq!(admits(&path(&listed), &path(&scope)), is_below);
    }

    #[test]
    fn a_path_admits_itself_and_all_that_lies_below_it(listed in segments(1..4), below in segments(0..3)) {
        let scope = [listed.clone(), below].concat();
        prop_assert!(admits(&path(&listed), &path(&scope)));
    }

    #[test]
    fn a_star_stands_for_the_rest_of_its_segment_only(
        above in segments(0..3), beginning in "[a-z]{0,3}", scope in segments(1..6),
    ) {
        let listed = format!("{}/{beginning}*", path(&above).trim_end_matches('/'));
        let starts = |segment: &&str| segment.to_lowercase().starts_with(&beginning);
        let is_below = above.len() < scope.len()
            && above.iter().zip(&scope).all(|(one, other)| is(one, other))
            && scope.get(above.len()).is_some_and(starts);
        prop_assert_eq!(admits(&listed, &path(&scope)), is_below);
    }

    #[test]
    fn what_could_lead_elsewhere_is_admitted_nowhere(
        listed in segments(0..2), below in segments(0..4), place in 0..4_usize,
        way in select(&["..", ".", "a.", "a%2fb", "a\\b", "a?b", "a#b", "*"][..]),
    ) {
        let mut scope = [listed.clone(), below].concat();
        scope.insert(place.min(scope.len()), way);
        prop_assert!(!admits(&path(&listed), &path(&scope)), "{}", path(&scope));
        prop_assert!(!admits("/", &path(&scope)));
    }

    #[test]
    fn scopes_are_the_same_in_any_case_and_order(numbers in vec(0..9_u8, 1..5), dice in any::<u32>()) {
        let ids: Vec<String> = numbers.iter().map(|number| format!("aaaaaaaa-1111-4111-8111-11111111111{number}")).collect();
        let shouted = |(place, id): (usize, &String)| if dice >> place & 1 == 1 { id.to_uppercase() } else { id.clone() };
        let mut other: Vec<String> = ids.iter().enumerate().map(shouted).collect();
        other.reverse();
        let of = |list: &[String]| RoleScope::of(RoleSystem::INTUNE, &list.join(","));
        prop_assert_eq!(of(&ids), of(&other));
        for system in RoleSystem::ALL {
            let (one, other) = (&ids[0], ids[0].to_uppercase());
            prop_assert_eq!(RoleScope::of(system, one), RoleScope::of(system, &other), "{}", system.title);
            let unit = |id: &str, word: &str| RoleScope::of(RoleSystem::DIRECTORY, &format!("/{word}/{id}"));
            prop_assert_eq!(unit(one, "administrativeUnits"), unit(&other, "ADMINISTRATIVEUNITS"));
        }
    }

    #[test]
    fn groups_are_admitted_as_a_scope_just_when_each_of_them_is_listed(
        listed in vec(0..5_u8, 0..4), asked in vec(0..5_u8, 1..4), star in prop::bool::weighted(0.2),
    ) {
        let texts = |list: &[u8]| list.iter().map(|number| format!("group-{number}")).collect::<Vec<_>>();
        let mut names = texts(&listed);
        names.extend(star.then(|| "*".to_owned()));
        let scope = RoleScope::of(RoleSystem::INTUNE, &texts(&asked).join(","));
        let expected = star || asked.iter().all(|one| listed.contains(one));
        prop_assert_eq!(!ScopeForm::Groups.admitting(&names, &scope).is_empty(), expected);
    }

    #[test]
    fn the_whole_directory_admits_every_object_and_an_object_only_itself(one in 0..9_u8, other in 0..9_u8) {
        let text = |number: u8| format!("/aaaaaaaa-1111-4111-8111-11111111111{number}");
        let scope = RoleScope::of(RoleSystem::DIRECTORY, &text(one));
        let admits = |listed: &str, scope: &RoleScope| !ScopeForm::Object.admitting(&[listed.to_owned()], scope).is_empty();
        prop_assert!(admits("/", &scope));
        prop_assert_eq!(admits(&text(other), &scope), one == other);
        prop_assert!(!admits(&text(other), &RoleScope::of(RoleSystem::DIRECTORY, "/")));
    }
}
