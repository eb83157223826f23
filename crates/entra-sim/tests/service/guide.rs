//! The page about the demo's tenant, held against the tenant: people, credentials, permissions.

use std::collections::BTreeSet;
use std::path::Path;

use entra_sim::Seed;
use entra_sim::seed::{SeedApplication, SeedPermissions};

const PAGE: &str = "simulated-tenant.md";

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

/// What stands between backticks in a text.
fn code(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The first cell of each row of the first table.
fn first_column(text: &str) -> Vec<&str> {
    let rows = text.lines().skip_while(|line| !line.starts_with("| --- "));
    rows.skip(1)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('|').nth(1))
        .collect()
}

fn application(name: &str) -> SeedApplication {
    let mut applications = Seed::default().applications.into_iter();
    applications.find(|one| one.display_name == name).unwrap()
}

#[test]
fn the_page_names_everybody_who_lives_in_the_tenant_and_nobody_else() {
    let named: BTreeSet<String> = first_column(&page(PAGE))
        .into_iter()
        .flat_map(code)
        .collect();
    let living: BTreeSet<String> = Seed::default()
        .users
        .iter()
        .filter_map(|user| user.user_principal_name.strip_suffix("@contoso.com"))
        .map(str::to_owned)
        .collect();
    assert_eq!(named, living);
}

#[test]
fn the_page_signs_in_as_the_application_that_may_do_everything() {
    let (page, administration) = (page(PAGE), application("Tenant Administration"));
    assert!(matches!(
        administration.permissions,
        SeedPermissions::Word(_)
    ));
    assert!(page.contains(&format!("client_id={}", administration.client_id)));
    assert!(page.contains(&format!(
        "client_secret={}",
        administration.secrets[0].value
    )));
}

/// The permissions of each row of the tables that say what is needed: any of them will do.
fn needed(page: &str) -> Vec<Vec<String>> {
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let of_three = cells.filter(|cells| cells.len() == 5);
    of_three
        .map(|cells| code(cells[2]))
        .filter(|names| !names.is_empty())
        .collect()
}

#[test]
fn the_operator_of_the_demo_has_the_permissions_that_its_page_lists_and_no_others() {
    let page = page("permissions.md");
    let needed = needed(&page);
    assert!(needed.len() > 10, "{needed:?}");
    let SeedPermissions::List(granted) = application("entra-pim-operator").permissions else {
        panic!("the operator has a list of permissions");
    };
    for any_of in &needed {
        let is_granted = any_of.iter().any(|name| granted.contains(name));
        assert!(is_granted, "none of {any_of:?}");
    }
    for name in &granted {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
