//! Seeds: references in them, and what is refused.

use entra_sim::{Config, Seed, Simulator};

use crate::client::seeded;

fn refused(rest: &str) -> String {
    let yaml = format!(
        "tenant: {{id: 11111111-1111-4111-8111-111111111111, displayName: X, domains: [x.test]}}\n{rest}"
    );
    match Seed::parse(&yaml) {
        Err(error) => error.to_string(),
        Ok(seed) => {
            let config = Config {
                seed,
                ..Config::default()
            };
            Simulator::new(config).unwrap_err().to_string()
        }
    }
}

#[test]
fn inconsistent_seeds_are_refused_in_words() {
    let unknown = refused("groups: [{displayName: G, members: [ghost@x.test]}]");
    assert!(
        unknown.contains("ghost@x.test") && unknown.contains("members of group G"),
        "{unknown}"
    );
    let twice = refused(
        "users:
  - {id: aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa, displayName: A, userPrincipalName: a@x.test}
  - {id: aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa, displayName: B, userPrincipalName: b@x.test}",
    );
    assert!(twice.contains("twice"), "{twice}");
    let permission = refused(
        "applications: [{clientId: 22222222-2222-4222-8222-222222222222, displayName: a, permissions: \
         [Group.Everything]}]",
    );
    assert!(permission.contains("Group.Everything"), "{permission}");
    assert!(refused("groups: [{displayName: G, colour: red}]").contains("colour"));
}

#[tokio::test]
async fn references_are_ids_names_clients_and_groups() {
    let client = seeded(
        "tenant: {id: 11111111-1111-4111-8111-111111111111, displayName: X, domains: [x.test]}
applications: [{clientId: 22222222-2222-4222-8222-222222222222, displayName: a, permissions: all}]
users:
  - {id: aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa, displayName: A, userPrincipalName: a@x.test}
  - {displayName: B, userPrincipalName: b@x.test}
groups:
  - id: bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb
    displayName: Outer
    members: [aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa, b@x.test, Inner, 22222222-2222-4222-8222-222222222222]
  - {displayName: Inner}
customRoles: [{displayName: Watcher, actions: [microsoft.directory/groups/allProperties/read]}]
",
    );
    let path = "/groups/bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb/members";
    assert_eq!(client.column(path, "id").await.len(), 3);
    assert_eq!(
        client
            .column(&format!("{path}/microsoft.graph.servicePrincipal"), "id")
            .await
            .len(),
        1
    );
    let role = client
        .get("/roleManagement/directory/roleDefinitions?$filter=displayName eq 'Watcher'")
        .await;
    assert_eq!(role.column("displayName"), ["Watcher"]);
    client.assert_shapes();
}
