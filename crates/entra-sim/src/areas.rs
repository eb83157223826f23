//! The areas of the simulated service, listed once: their operations, and what each does when the tenant tells
//! something. An area is known here and nowhere below.

use std::sync::LazyLock;

use crate::behaviours::Behaviours;
use crate::clock::Clock;
use crate::ids::TenantId;
use crate::protocol::router::Router;
use crate::route::Route;
use crate::state::{Reaction, Tenant};
use crate::{audit, directory, intune, pim, resource_manager, roles};

const TABLES: [&[&[Route]]; 5] = [
    directory::TABLES,
    pim::TABLES,
    roles::TABLES,
    intune::TABLES,
    &[audit::ROUTES],
];

/// What hears of the tenant, in this order.
const REACTIONS: &[Reaction] = &[
    directory::react,
    pim::react,
    roles::react,
    resource_manager::react,
    audit::react,
];

pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    TABLES.into_iter().flatten().copied().flatten()
}

/// Finds the operation of a path.
pub(crate) static ROUTER: LazyLock<Router> = LazyLock::new(|| Router::new(routes()));

/// An empty tenant with all areas. `seed` decides every id and every jitter.
pub(crate) fn tenant(id: TenantId, clock: Clock, behaviours: Behaviours, seed: u64) -> Tenant {
    Tenant::new(id, clock, behaviours, seed, REACTIONS)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::protocol::router::Found;
    use crate::route::Verb;
    use crate::version::Version;

    fn operation(verb: Verb, path: &str) -> Option<(&'static str, BTreeMap<&'static str, String>)> {
        match ROUTER.find(Version::V1, Some(verb), path) {
            Found::Route(found) => Some((found.route.operation, found.params)),
            Found::WrongMethod | Found::Nothing => None,
        }
    }

    #[test]
    fn the_spellings_of_one_address_mean_one_route() {
        for path in [
            "/groups/abc",
            "/groups('abc')",
            "/Groups/abc",
            "/groups/abc/",
        ] {
            let (name, params) = operation(Verb::Get, path).unwrap();
            assert_eq!(
                (name, params["group"].as_str()),
                ("groups.get", "abc"),
                "{path}"
            );
        }
        for path in [
            "/groups(uniqueName='it''s')",
            "/groups/(uniqueName='it''s')",
            "/groups(uniqueName=%27it%27%27s%27)",
        ] {
            let (_, params) = operation(Verb::Get, path).unwrap();
            assert_eq!(params["uniqueName"], "it's", "{path}");
        }
    }

    #[test]
    fn a_literal_segment_wins_over_a_parameter() {
        for path in [
            "/groups/delta",
            "/groups/delta()",
            "/groups/microsoft.graph.delta()",
        ] {
            assert_eq!(
                operation(Verb::Get, path).unwrap().0,
                "groups.delta",
                "{path}"
            );
        }
    }

    #[test]
    fn a_known_path_with_another_method_is_not_unknown() {
        assert!(matches!(
            ROUTER.find(Version::V1, Some(Verb::Delete), "/groups"),
            Found::WrongMethod
        ));
        assert!(matches!(
            ROUTER.find(Version::V1, None, "/groups"),
            Found::WrongMethod
        ));
        assert!(matches!(
            ROUTER.find(Version::V1, Some(Verb::Get), "/nonsense"),
            Found::Nothing
        ));
    }

    #[test]
    fn the_beta_version_has_the_operations_that_say_so_and_no_others() {
        let found = |path: &str| ROUTER.find(Version::Beta, Some(Verb::Get), path);
        assert!(matches!(found("/groups/abc/owners"), Found::Route(_)));
        assert!(matches!(found("/users/abc"), Found::Nothing));
    }

    #[test]
    fn every_operation_has_one_name_and_every_address_one_route() {
        let (mut names, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for route in routes() {
            assert!(
                names.insert(route.operation),
                "{} stands twice",
                route.operation
            );
            let address = format!("{:?} {}", route.verb, route.pattern);
            assert!(addresses.insert(address.clone()), "{address} stands twice");
        }
    }
}
