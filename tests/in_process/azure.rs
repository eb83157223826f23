//! Azure roles: bound by assignments of the Resource Manager, whose trouble is trouble of these roles alone.

use std::time::Duration;

use entra_sim::Profile;
use entra_sim::faults::{FaultEffect, Match, Rule};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::harness::{
    HOME, NAMESPACE, World, always, demo, manifest, operation, refuse, refuse_with,
};

pub const SUBSCRIPTION: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111";

/// The vault of the example.
pub const VAULT: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-app/providers/Microsoft.KeyVault/vaults/kv-payments";

/// Id of the role Key Vault Administrator (learn.microsoft.com: "Azure built-in roles").
const VAULT_ADMINISTRATOR: &str = "00482a5a-887f-4fb3-b363-3b7fe8e74483";

/// The names of the example's binding, and of its group and people.
const ROLE: &str = "vault-administrator";
pub const GROUP: &str = "vault-admins";

/// The files of the example, in the order of their names, without its namespace.
const FILES: [&str; 5] = [
    include_str!("../../examples/key-vault/10-boundary.yaml"),
    include_str!("../../examples/key-vault/20-group.yaml"),
    include_str!("../../examples/key-vault/30-role.yaml"),
    include_str!("../../examples/key-vault/40-owner.yaml"),
    include_str!("../../examples/key-vault/50-eligible.yaml"),
];

/// A world in which the example is declared in the namespace of the story, and no operator runs yet.
fn applied() -> World {
    applied_to(World::new())
}

/// The same in a tenant of its own ways.
pub fn applied_to(world: World) -> World {
    for file in FILES {
        let moved = file
            .replace("namespace: payments", &format!("namespace: {NAMESPACE}"))
            .replace(
                "namespaces: [payments]",
                &format!("namespaces: [{NAMESPACE}]"),
            );
        world.apply_yaml(&moved);
    }
    world
}

/// The same once it has come true.
async fn standing() -> World {
    let world = applied();
    world.start();
    world.until_ready(NAMESPACE).await;
    world
}

async fn until_binding(world: &World, reason: &str) -> String {
    world.until_reason("RoleBinding", ROLE, reason).await;
    world.message("RoleBinding", ROLE)
}

/// Deletes the binding, and waits until it is gone.
async fn binding_goes(world: &World) {
    world.delete("RoleBinding", ROLE);
    world.until_gone("RoleBinding", ROLE).await;
}

async fn until_bound(world: &World) {
    world
        .until("the role is bound", |world| {
            azure_roles(world) == at_the_vault()
        })
        .await;
}

async fn until_people(world: &World) {
    world
        .until("the people are eligible", |world| eligible(world) == 3)
        .await;
}

fn edit_boundary(world: &World, change: impl FnOnce(&mut Value)) {
    world.edit("AccessBoundary", "payments", |manifest| {
        change(&mut manifest["spec"]["azureRoles"][0]);
    });
}

/// The Azure roles of the operator's groups, each with its scope.
fn azure_roles(world: &World) -> Vec<String> {
    let held = world.held();
    let of_azure = held
        .into_iter()
        .filter(|what| what.starts_with("azure role"));
    of_azure.map(|what| what.to_lowercase()).collect()
}

fn at_the_vault() -> Vec<String> {
    vec![format!(
        "azure role {VAULT_ADMINISTRATOR} at {}",
        VAULT.to_lowercase()
    )]
}

fn eligible(world: &World) -> usize {
    let held = world.held();
    held.iter()
        .filter(|what| what.starts_with("eligible"))
        .count()
}

/// The assignments at the vault, as somebody sees them there.
async fn assignments(world: &World) -> Vec<Value> {
    let path = format!("{VAULT}/providers/Microsoft.Authorization/roleAssignments");
    let listed = world.external_actor().ask_azure("GET", &path, None).await;
    let rows = listed["value"].as_array().unwrap().clone();
    let of_vault = rows.into_iter().filter(|row| {
        let scope = row["properties"]["scope"].as_str().unwrap();
        scope.eq_ignore_ascii_case(VAULT)
    });
    of_vault.collect()
}

fn everything_of_azure() -> Match {
    Match {
        operation: Some("azure.*".to_owned()),
        ..Match::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_is_given_a_role_at_one_vault_and_loses_it_with_the_object() {
    let world = standing().await;
    assert_eq!(azure_roles(&world), at_the_vault());
    let [made] = <[Value; 1]>::try_from(assignments(&world).await).unwrap();
    assert_eq!(made["properties"]["principalType"], "Group");
    assert_eq!(
        made["properties"]["description"],
        "The payments team administers its own vault"
    );
    let before = world.line.writes().len();
    world.pass(Duration::from_hours(3)).await;
    let to_the_tenant = |writes: &[String]| -> Vec<String> {
        let of_tenant = writes.iter().filter(|write| !write.contains("/apis/"));
        of_tenant.cloned().collect()
    };
    assert_eq!(
        to_the_tenant(&world.line.writes()[before..]),
        Vec::<String>::new(),
        "nothing is written again"
    );

    binding_goes(&world).await;
    assert_eq!(azure_roles(&world), Vec::<String>::new());
    assert_eq!(eligible(&world), 3, "the people stay");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_somebody_takes_away_by_hand_is_bound_again_and_told() {
    let world = standing().await;
    let [made] = <[Value; 1]>::try_from(assignments(&world).await).unwrap();
    let path = made["id"].as_str().unwrap();
    world.external_actor().ask_azure("DELETE", path, None).await;
    assert_eq!(azure_roles(&world), Vec::<String>::new());
    until_bound(&world).await;
    world.until_ready(NAMESPACE).await;
    let again = assignments(&world).await;
    assert_eq!(again[0]["name"], made["name"], "under the same name");
    let notes = world.notes("DriftCorrected", ROLE);
    assert!(
        notes.iter().any(|note| note.contains("spec.azureRole")),
        "{notes:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_has_assigned_counts_and_stays_when_the_binding_goes() {
    let world = applied();
    let binding = world.object("RoleBinding", ROLE).unwrap();
    world.delete("RoleBinding", ROLE);
    world.start();
    world.until_ready(NAMESPACE).await;
    let group = world.object("PrivilegedGroup", GROUP).unwrap();
    let name = "aaaaaaaa-0000-4000-8000-00000000000a";
    let path = format!("{VAULT}/providers/Microsoft.Authorization/roleAssignments/{name}");
    let body = json!({"properties": {
        "roleDefinitionId": format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{VAULT_ADMINISTRATOR}"),
        "principalId": group["status"]["externalId"], "principalType": "Group",
    }});
    world
        .external_actor()
        .ask_azure("PUT", &path, Some(body))
        .await;

    world.apply(&manifest("RoleBinding", ROLE, &binding["spec"]));
    until_binding(&world, "Succeeded").await;
    assert_eq!(
        assignments(&world).await[0]["name"],
        name,
        "nothing else is made"
    );

    binding_goes(&world).await;
    assert_eq!(azure_roles(&world), at_the_vault());
    let notes = world.notes("RoleLeft", ROLE);
    assert!(notes.iter().any(|note| note.contains(name)), "{notes:?}");
}

#[tokio::test(start_paused = true)]
async fn while_the_resource_manager_throttles_everything_else_goes_on_and_the_role_follows_soon_after()
 {
    let world = applied();
    world.fault(
        everything_of_azure(),
        refuse(429, Some(SignedDuration::from_mins(10))),
    );
    world.start();
    until_people(&world).await;
    assert_eq!(azure_roles(&world), Vec::<String>::new());
    until_binding(&world, "Throttled").await;
    world.pass(Duration::from_mins(8)).await;
    world.clear_faults();
    let healed = tokio::time::Instant::now();
    until_bound(&world).await;
    assert!(
        healed.elapsed() < Duration::from_mins(4),
        "{:?}: what is left of ten minutes, and two more",
        healed.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_is_not_there_or_may_not_be_read_stops_its_binding_and_nothing_else() {
    for (status, code, reason) in [
        (404, "SubscriptionNotFound", "ScopeNotFound"),
        (403, "AuthorizationFailed", "PermissionDenied"),
    ] {
        let world = applied();
        let said = format!("{code} says the Resource Manager");
        let lists = Match {
            operation: Some("azure.roleAssignments.list".to_owned()),
            ..Match::default()
        };
        world.fault(lists, refuse_with(status, code, &said));
        world.start();
        let message = until_binding(&world, reason).await;
        assert!(message.contains(&said), "{message}");
        until_people(&world).await;
        world.clear_faults();
        until_bound(&world).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_nobody_made_is_told_as_a_scope_that_does_not_exist() {
    let world = applied();
    let mut spec = world.object("RoleBinding", ROLE).unwrap()["spec"].clone();
    spec["azureRole"]["scope"] = json!(format!("{VAULT}-of-nobody"));
    world.delete("RoleBinding", ROLE);
    world.apply(&manifest("RoleBinding", ROLE, &spec));
    world.start();
    let message = until_binding(&world, "ScopeNotFound").await;
    assert!(message.contains("kv-payments-of-nobody"), "{message}");
    until_people(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_role_or_a_scope_that_the_boundary_does_not_list_is_not_bound() {
    for rule in ["roles", "scopes"] {
        let world = applied();
        edit_boundary(&world, |list| {
            list[rule] = match rule {
                "roles" => json!(["Reader"]),
                _ => json!([format!("{SUBSCRIPTION}/resourceGroups/orders-*")]),
            };
        });
        world.start();
        let message = until_binding(&world, "BoundaryDenied").await;
        assert!(
            message.contains("spec.azureRoles of AccessBoundary payments"),
            "{message}"
        );
        world.pass(Duration::from_mins(30)).await;
        assert_eq!(azure_roles(&world), Vec::<String>::new());
        assert_eq!(eligible(&world), 3);
        let asked = world.tenant.journal();
        let at_vaults = asked.iter().filter(|entry| {
            rule == "scopes"
                && entry.path.contains("roleAssignments")
                && entry.path.contains("/subscriptions/")
        });
        assert_eq!(
            at_vaults.count(),
            0,
            "whoever is admitted nothing learns nothing"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn azure_has_a_credential_of_its_own_where_one_is_named_and_its_trouble_is_told_at_the_roles()
{
    const OWNER: &str = "88888888-8888-4888-8888-888888888888";
    let world = applied();
    world.edit("EntraTenant", "contoso", |manifest| {
        manifest["spec"]["resourceManagerCredential"] = json!({"clientSecret": {
            "clientId": OWNER, "secretRef": {"name": "azure-credential", "key": "clientSecret"},
        }});
    });
    world.start();
    let message = until_binding(&world, "CredentialInvalid").await;
    assert!(
        message.contains("Secret azure-credential does not exist in namespace"),
        "{message}"
    );
    until_people(&world).await;
    world.apply(&json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "azure-credential", "namespace": HOME},
        "stringData": {"clientSecret": "contoso-admin-secret"},
    }));
    until_bound(&world).await;
    let journal = world.tenant.journal();
    let puts = journal
        .iter()
        .filter(|entry| entry.operation == "azure.roleAssignments.put" && entry.status == 201);
    let callers: Vec<String> = puts
        .filter_map(|entry| Some(entry.app_id?.to_string()))
        .collect();
    assert_eq!(callers, [OWNER]);
}

fn groups(world: &World) -> usize {
    let dump = world.tenant.dump();
    let groups = dump["groups"].as_array().unwrap().iter();
    groups
        .filter(|group| group["displayName"] == "PAG-Payments-Vault-Admins")
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_group_does_not_go_before_it_is_known_that_its_roles_in_azure_are_gone() {
    for (status, code) in [(429, "TooManyRequests"), (403, "AuthorizationFailed")] {
        let world = standing().await;
        world.fault(everything_of_azure(), refuse_with(status, code, "not now"));
        world.delete_ours();
        world.pass(Duration::from_mins(20)).await;
        assert_eq!(
            (groups(&world), azure_roles(&world).len()),
            (1, 1),
            "{code}"
        );
        assert!(world.object("RoleBinding", ROLE).is_some(), "{code}");
        world.clear_faults();
        world.until_nothing_is_left().await;
        let left = world.tenant.holdings();
        let left = left
            .azure_roles()
            .iter()
            .filter(|(role, ..)| role == VAULT_ADMINISTRATOR);
        assert_eq!((groups(&world), left.count()), (0, 0), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn that_a_scope_was_not_found_once_lets_no_role_behind() {
    let world = standing().await;
    world.tenant.faults().add(Rule {
        count: Some(1),
        ..always(
            operation("azure.roleAssignments.list"),
            refuse_with(404, "SubscriptionNotFound", "not found, for once"),
        )
    });
    world.annotate("EntraTenant", "contoso", "entra-pim.dev/resync", "now");
    until_binding(&world, "ScopeNotFound").await;
    binding_goes(&world).await;
    assert_eq!(azure_roles(&world), Vec::<String>::new());
}

const SECRETS_ONLY: &str = "(@Resource[Microsoft.KeyVault/vaults:name] StringEquals 'kv-payments')";

fn set_condition(world: &World, condition: Option<&str>) {
    world.edit("RoleBinding", ROLE, |manifest| {
        let role = manifest["spec"]["azureRole"].as_object_mut().unwrap();
        role.remove("condition");
        if let Some(text) = condition {
            role.insert("condition".to_owned(), json!(text));
        }
    });
}

async fn until_condition(world: &World, condition: &Value) {
    loop {
        let rows = assignments(world).await;
        let [row] = <[Value; 1]>::try_from(rows).unwrap();
        if row["properties"]["condition"] == *condition {
            assert_eq!(
                row["properties"]["conditionVersion"].is_null(),
                condition.is_null()
            );
            return;
        }
        world.pass(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_condition_is_set_changed_restored_and_taken_away_in_place() {
    let world = standing().await;
    let name = assignments(&world).await[0]["name"].clone();
    set_condition(&world, Some(SECRETS_ONLY));
    until_condition(&world, &json!(SECRETS_ONLY)).await;
    world.until_ready(NAMESPACE).await;

    let [row] = <[Value; 1]>::try_from(assignments(&world).await).unwrap();
    let mut body = json!({"properties": {}});
    for part in ["roleDefinitionId", "principalId", "principalType"] {
        body["properties"][part] = row["properties"][part].clone();
    }
    let path = row["id"].as_str().unwrap();
    world
        .external_actor()
        .ask_azure("PUT", path, Some(body))
        .await;
    until_condition(&world, &json!(SECRETS_ONLY)).await;
    world.until_ready(NAMESPACE).await;
    let notes = world.notes("DriftCorrected", ROLE);
    assert!(
        notes
            .iter()
            .any(|note| note.contains("spec.azureRole.condition")),
        "{notes:?}"
    );

    set_condition(&world, None);
    until_condition(&world, &Value::Null).await;
    assert_eq!(
        assignments(&world).await[0]["name"],
        name,
        "all of it in place"
    );
}

#[tokio::test(start_paused = true)]
async fn a_boundary_that_asks_for_a_condition_admits_no_role_without_it() {
    let world = applied();
    edit_boundary(&world, |list| list["condition"] = json!(SECRETS_ONLY));
    world.start();
    let message = until_binding(&world, "BoundaryDenied").await;
    assert!(message.contains("under another condition"), "{message}");
    assert_eq!(azure_roles(&world), Vec::<String>::new());
    set_condition(&world, Some(SECRETS_ONLY));
    until_binding(&world, "Succeeded").await;
    until_condition(&world, &json!(SECRETS_ONLY)).await;
}

/// Ids of Reader, and of what may give roles (learn.microsoft.com: "Azure built-in roles").
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const ROLE_ADMINISTRATOR: &str = "f58310d9-a9f6-439a-9e8d-f62e7b41a168";

/// The demo's tenant, in which the operator holds one role in Azure.
fn with_own_role(role: &str, condition: Option<&str>) -> World {
    let mut seed = demo();
    let all = &mut seed.azure.role_assignments;
    let operator = all[0].principal;
    let mut own = all[0].clone();
    all.retain(|one| one.principal != operator);
    own.role = role.parse().unwrap();
    own.condition = condition.map(str::to_owned);
    all.push(own);
    World::seeded(seed, Profile::Ideal, &[])
}

#[tokio::test(start_paused = true)]
async fn a_right_that_the_operator_lacks_in_azure_is_told_before_anything_is_sent() {
    let world = applied_to(with_own_role(READER, None));
    world.start();
    let message = until_binding(&world, "PermissionDenied").await;
    for part in [
        "Role Based Access Control Administrator",
        "roleAssignments/write",
        VAULT,
    ] {
        let (message, part) = (message.to_lowercase(), part.to_lowercase());
        assert!(message.contains(&part), "{message}");
    }
    until_people(&world).await;
    let asked = world.tenant.operations();
    assert_eq!(asked.get("azure.roleAssignments.put"), None);
    let own = "33333333-3333-4333-8333-333333333333";
    let path = format!(
        "{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/77777777-1111-4111-8111-000000000002"
    );
    let role = format!(
        "{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{ROLE_ADMINISTRATOR}"
    );
    let body = json!({"properties": {"roleDefinitionId": role, "principalId": own, "principalType": "ServicePrincipal"}});
    world
        .external_actor()
        .ask_azure("PUT", &path, Some(body))
        .await;
    until_bound(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_condition_on_the_operators_own_role_is_told_where_it_forbids_a_role() {
    let condition = format!(
        "((!(ActionMatches{{'Microsoft.Authorization/roleAssignments/write'}})) OR \
         (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{READER}}}))"
    );
    let world = applied_to(with_own_role(ROLE_ADMINISTRATOR, Some(&condition)));
    world.start();
    let message = until_binding(&world, "PermissionDenied").await;
    let named = format!("must allow role {VAULT_ADMINISTRATOR}");
    assert!(
        message.contains(&named) && message.contains("ActionMatches"),
        "{message}"
    );
    until_people(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_question_for_its_own_rights_that_is_not_answered_holds_nobody_up() {
    let world = applied();
    let slow = FaultEffect::Delay {
        duration: SignedDuration::from_mins(10),
    };
    world.fault(operation("azure.permissions.list"), slow);
    world.start();
    let begun = tokio::time::Instant::now();
    until_people(&world).await;
    until_bound(&world).await;
    assert!(
        begun.elapsed() < Duration::from_mins(1),
        "{:?}",
        begun.elapsed()
    );
}
