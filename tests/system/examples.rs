//! Every file of `examples/`, exactly as it is, as a newcomer applies it.

use std::fs;
use std::path::PathBuf;

use entra_sim::ids::{Access, ObjectId};
use entra_sim::journal::Target;
use jiff::SignedDuration;
use testenv::repository;

use super::oracle::assert_guarded_and_once;
use super::place::Place;
use super::world;

/// Files that stand for a tenant elsewhere.
const TENANTS: &str = "tenants";

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(repository::examples()).unwrap();
    let folders = entries.map(|entry| entry.unwrap().path());
    folders.filter(|path| path.is_dir()).collect()
}

async fn wait_for_boundaries(place: &Place) {
    place
        .kubectl(&[
            "wait",
            "pboundary/exchange",
            "ptenant/contoso",
            "--for=condition=Ready",
            "--timeout=60s",
        ])
        .await;
}

#[tokio::test]
async fn the_stories_become_true_as_they_are_written() {
    let world = world::shared().await;
    let place = Place::bare(world.control_plane, "exchange", "contoso").await;
    let folder = repository::examples().join("exchange-admins");
    place
        .kubectl(&["apply", "-f", &folder.to_string_lossy()])
        .await;
    place.until_ready().await;
    wait_for_boundaries(&place).await;

    let holdings = place.tenant.simulator.holdings();
    let who = async |names: &[&str]| {
        let mut ids = Vec::new();
        for name in names {
            ids.push(place.person(&format!("{name}@contoso.com")).await);
        }
        ids.sort();
        ids
    };
    let now = place.tenant.simulator.clock().now();
    let eligible: Vec<ObjectId> = holdings.eligible().keys().map(|(_, who)| *who).collect();
    let mut sorted = eligible.clone();
    sorted.sort();
    assert_eq!(sorted, who(&["jose", "amira", "farid"]).await);
    for window in holdings.eligible().values() {
        let left = window.end.unwrap().duration_since(now);
        let half_year = SignedDuration::from_hours(180 * 24);
        assert!(left <= half_year && left > half_year - SignedDuration::from_mins(5));
    }
    let active = |wanted: Access| {
        let found = holdings
            .active()
            .iter()
            .filter_map(move |((target, who), window)| {
                let matches = matches!(target, Target::Group { access, .. } if *access == wanted);
                matches.then_some((*who, window.end))
            });
        found.collect::<Vec<_>>()
    };
    assert_eq!(active(Access::Owner), [(who(&["boss"]).await[0], None)]);
    assert_eq!(
        active(Access::Member),
        [(who(&["breakglass1"]).await[0], None)]
    );
    assert_eq!(holdings.roles().len(), 1, "{:?}", holdings.roles());
    assert_guarded_and_once(&place.tenant.simulator);
    tables_are_readable(&place).await;
    the_vault_gets_its_administrators(&place).await;
    the_desk_gets_its_administrators(&place).await;
    the_help_desk_gets_its_role(&place).await;
    the_break_glass_accounts_get_theirs(&place).await;
    the_groups_get_the_settings_of_their_template(&place).await;
    the_group_that_was_there_before_is_adopted(&place).await;
}

/// Another one is about an application.
async fn the_desk_gets_its_administrators(place: &Place) {
    let objects = [
        "pgroup/desk-admins",
        "prb/desk-administrator",
        "pea/desk-admins",
    ];
    come_true(place, "app-admins", "ticket-desk", &objects).await;
    let holdings = place.tenant.simulator.holdings();
    let roles = holdings.app_roles().iter();
    let desk = "55555555-5555-4555-8555-555555555555";
    let of_desk = roles.filter(|(application, ..)| application.to_string() == desk);
    assert_eq!(of_desk.count(), 1, "{:?}", holdings.app_roles());
    let table = cells(&run(place, "get prb -n ticket-desk").await);
    let row = format!("desk-administrator desk-admins Admin.Write {desk} Active True Succeeded");
    assert!(table.contains(&row), "{table}");
}

/// And another one about devices.
async fn the_help_desk_gets_its_role(place: &Place) {
    let objects = [
        "pgroup/help-desk",
        "prb/help-desk-operator",
        "pea/help-desk",
    ];
    come_true(place, "help-desk", "help-desk", &objects).await;
    let holdings = place.tenant.simulator.holdings();
    assert_eq!(
        holdings.intune_roles().len(),
        1,
        "{:?}",
        holdings.intune_roles()
    );
    let table = cells(&run(place, "get prb -n help-desk").await);
    let employees = r#"["1a910b00-1111-4111-8111-1a910b000001"]"#;
    let row = format!(
        "help-desk-operator help-desk Help Desk Operator {employees} Active True Succeeded"
    );
    assert!(table.contains(&row), "{table}");
}

/// And the last one for emergencies.
async fn the_break_glass_accounts_get_theirs(place: &Place) {
    let objects = [
        "pgroup/break-glass",
        "prb/global-administrator",
        "paa/break-glass",
    ];
    come_true(place, "break-glass", "break-glass", &objects).await;
    let table = cells(&run(place, "get paa -n break-glass").await);
    let row = "break-glass break-glass Member 2/2 True Succeeded";
    assert!(table.contains(row), "{table}");
}

/// And one about settings that groups share.
async fn the_groups_get_the_settings_of_their_template(place: &Place) {
    let objects = ["pgroup/first-line", "pgroup/second-line", "pea/second-line"];
    come_true(place, "templates", "support", &objects).await;
    let wait = "wait ptemplate/tier-1 --for=jsonpath={.status.groups.updated}=2 --timeout=60s";
    run(place, wait).await;
    let table = cells(&run(place, "get ptemplate").await);
    assert!(
        table.contains("NAME GROUPS UPDATED FAILED READY REASON AGE"),
        "{table}"
    );
    assert!(table.contains("tier-1 2 2 0 True Succeeded"), "{table}");
}

/// And one about a group that was made in the portal.
async fn the_group_that_was_there_before_is_adopted(place: &Place) {
    let objects = [
        "pgroup/legacy-exchange",
        "paa/legacy-exchange-owner",
        "paa/legacy-exchange-member",
    ];
    let writes = place.tenant.simulator.counters().writes;
    come_true(place, "adoption", "legacy", &objects).await;
    assert_eq!(place.tenant.simulator.counters().writes, writes);
    let table = cells(&run(place, "get pgroup -n legacy").await);
    assert!(
        table.contains("legacy-exchange PAG-legacy-exchange 0 2 True Succeeded"),
        "{table}"
    );
}

/// Applies an example, and waits until these of its objects are ready.
async fn come_true(place: &Place, example: &str, namespace: &str, objects: &[&str]) {
    let folder = repository::examples().join(example);
    run(place, &format!("apply -f {}", folder.display())).await;
    for object in objects {
        let wait = format!("wait {object} -n {namespace} --for=condition=Ready --timeout=60s");
        run(place, &wait).await;
    }
}

/// Runs kubectl outside of the namespace of the place.
async fn run(place: &Place, arguments: &str) -> String {
    let arguments: Vec<&str> = arguments.split(' ').collect();
    world::kubectl(place.control_plane, &arguments).await
}

/// The same tenant has the story of the vault, in another namespace and under another boundary.
async fn the_vault_gets_its_administrators(place: &Place) {
    let kubectl = async |arguments: &str| run(place, arguments).await;
    let at_the_vault = || {
        let holdings = place.tenant.simulator.holdings();
        let vault = "/resourcegroups/payments-app/providers/microsoft.keyvault/vaults/kv-payments";
        let of_groups = holdings.azure_roles().iter().filter(|(role, _, scope)| {
            // Key Vault Administrator (learn.microsoft.com: "Azure built-in roles")
            role == "00482a5a-887f-4fb3-b363-3b7fe8e74483" && scope.to_lowercase().ends_with(vault)
        });
        of_groups.count()
    };
    let folder = repository::examples().join("key-vault");
    kubectl(&format!("apply -f {}", folder.display())).await;
    for object in [
        "pboundary/payments",
        "pgroup/vault-admins",
        "prb/vault-administrator",
        "pea/vault-admins",
    ] {
        kubectl(&format!(
            "wait {object} -n payments --for=condition=Ready --timeout=60s"
        ))
        .await;
    }
    assert_eq!(at_the_vault(), 1);
    let table = cells(&kubectl("get prb -n payments").await);
    let row = "vault-administrator vault-admins Key Vault Administrator /subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-app/providers/Microsoft.KeyVault/vaults/kv-payments Active True Succeeded";
    assert!(table.contains(row), "{table}");
    kubectl("delete prb vault-administrator -n payments").await;
    assert_eq!(at_the_vault(), 0);
}

/// The cells of a table, one line for each row, without the blanks that line them up.
fn cells(table: &str) -> String {
    let rows = table.lines();
    let rows = rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "));
    rows.collect::<Vec<_>>().join("\n")
}

async fn tables_are_readable(place: &Place) {
    let ready = "READY REASON AGE";
    for (kind, domain, row) in [
        (
            "ptenant",
            "TENANT-ID CLOUD GROUPS",
            "contoso 11111111-1111-4111-8111-111111111111 Custom 1 True Succeeded",
        ),
        (
            "pboundary",
            "NAMESPACES OBJECTS DENIED",
            "exchange exchange 5 0 True Succeeded",
        ),
        (
            "pgroup",
            "GROUP ELIGIBLE ACTIVE",
            "exchange-admins PAG-Exchange-Admins 3 2 True Succeeded",
        ),
        (
            "prb",
            "GROUP ROLE SCOPE ASSIGNMENT",
            "exchange-administrator exchange-admins Exchange Administrator / Active True Succeeded",
        ),
        (
            "pea",
            "GROUP ACCESS SUBJECTS ACTIVATED",
            "exchange-admins exchange-admins Member 3/3 0 True Succeeded",
        ),
        (
            "paa",
            "GROUP ACCESS SUBJECTS",
            "break-glass exchange-admins Member 1/1 True Succeeded",
        ),
    ] {
        let table = cells(&place.kubectl(&["get", kind]).await);
        let header = format!("NAME {domain} {ready}\n");
        assert!(table.starts_with(&header), "{kind}: {table}");
        assert!(table.contains(row), "{table}");
    }
    let wide = cells(&place.kubectl(&["get", "pgroup", "--output=wide"]).await);
    assert!(wide.contains("AGE MESSAGE EXTERNAL-ID SYNCED\n"), "{wide}");
    let everything = place.kubectl(&["get", "entra-pim"]).await;
    for kind in [
        "privilegedgroup",
        "rolebinding",
        "eligibleassignment",
        "activeassignment",
    ] {
        assert!(
            everything.contains(&format!("{kind}.entra-pim.dev/")),
            "{everything}"
        );
    }
}

#[tokio::test]
async fn a_second_look_at_a_story_that_is_true_writes_nothing() {
    let place = Place::with_story("second-look").await;
    let before = place.tenant.simulator.counters();
    let object = || place.until_object("EligibleAssignment", "team", "there", |_| true);
    let version = object().await["metadata"]["resourceVersion"].clone();
    place.look().await;
    let after = place.tenant.simulator.counters();
    assert!(after.operations > before.operations, "it was looked at");
    assert_eq!(after.writes, before.writes);
    assert_eq!(
        object().await["metadata"]["resourceVersion"],
        version,
        "nor is status written when nothing changed"
    );
}

/// A folder that no test applies is documentation that nobody has tried.
#[test]
fn every_folder_of_examples_is_tried() {
    let mut names: Vec<String> = folders()
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "adoption",
            "app-admins",
            "break-glass",
            "exchange-admins",
            "help-desk",
            "key-vault",
            "templates",
            TENANTS
        ]
    );
}
