//! Names: one that leads nowhere, one that leads to somebody else by now, one that leads to two.

use std::time::Duration;

use entra_sim::Seed;
use serde_json::json;

use super::harness::{NAMESPACE, Setup, World, manifest};
use super::story::{self, BREAK_GLASS, GROUP, person};

/// A world in which somebody is declared whom nothing can be granted, and everybody else has been.
async fn with_one_more(name: &str) -> World {
    let world = story::applied();
    story::add_person(&world, name);
    world.start();
    story::until_people(&world, "PrincipalNotFound").await;
    world.pass(Duration::from_secs(30)).await;
    assert_eq!(world.held().len(), 6, "{:?}", world.held());
    world
}

#[tokio::test(start_paused = true)]
async fn one_wrong_name_does_not_hold_up_the_others() {
    let world = with_one_more("nobody@contoso.com").await;
    let object = world.object("EligibleAssignment", GROUP).unwrap();
    assert_eq!(object["status"]["summary"], "3/4");
    let problems = object["status"]["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 1);
    let subject = problems[0]["subject"].as_str().unwrap();
    assert!(subject.contains("nobody@contoso.com"), "{subject}");
    assert_eq!(
        world.notes("PrincipalNotFound", GROUP).len(),
        1,
        "warned once"
    );
}

#[tokio::test(start_paused = true)]
async fn a_person_who_is_created_later_is_granted_then() {
    let world = story::standing().await;
    story::add_person(&world, "newcomer@contoso.com");
    story::until_people(&world, "PrincipalNotFound").await;
    let newcomer = json!({
        "displayName": "New Comer", "userPrincipalName": "newcomer@contoso.com", "mailNickname": "newcomer",
        "accountEnabled": true, "passwordProfile": {"password": "correct horse battery staple"},
    });
    world
        .external_actor()
        .ask("POST", "/users", Some(newcomer))
        .await;
    world.until_ready(NAMESPACE).await;
    assert!(
        world
            .held()
            .contains("eligible member newcomer@contoso.com")
    );
}

#[tokio::test(start_paused = true)]
async fn a_name_that_leads_to_somebody_else_grants_nothing() {
    let world = story::standing().await;
    let actor = world.external_actor();
    let (jose, dana) = (
        actor.user("jose@contoso.com").await,
        actor.user("dana@contoso.com").await,
    );
    for (user, name) in [
        (&jose, "jose.ferreira@contoso.com"),
        (&dana, "jose@contoso.com"),
    ] {
        let renamed = json!({"userPrincipalName": name});
        actor
            .ask("PATCH", &format!("/users/{user}"), Some(renamed))
            .await;
    }
    story::until_people(&world, "PrincipalChanged").await;
    world.pass(Duration::from_mins(30)).await;
    let held = world.held();
    assert!(
        held.contains("eligible member jose.ferreira@contoso.com"),
        "{held:?}"
    );
    assert!(
        !held.contains("eligible member jose@contoso.com"),
        "{held:?}"
    );
    story::edit_people(&world, |people| {
        people.retain(|one| one["name"] != "jose@contoso.com");
        people.push(person("jose.ferreira@contoso.com"));
    });
    world.until_ready(NAMESPACE).await;
    assert_eq!(world.held(), held, "it was the same person");
}

#[tokio::test(start_paused = true)]
async fn a_role_name_that_two_roles_bear_binds_neither() {
    let twice = "customRoles:\n  - {displayName: Mail Reader, id: 0a000000-0000-4000-8000-000000000001, actions: [microsoft.directory/groups/allProperties/read]}\n  - {displayName: Mail Reader, id: 0a000000-0000-4000-8000-000000000002, actions: [microsoft.directory/groups/allProperties/read]}\n";
    let yaml = entra_sim::seed::BUILT_IN
        .split("customRoles:")
        .next()
        .unwrap()
        .to_owned()
        + twice;
    let world = World::with(Setup {
        seed: Some(Seed::parse(&yaml).unwrap()),
        ..Setup::default()
    });
    story::apply(&world);
    world.edit("AccessBoundary", "exchange", |manifest| {
        let roles = &mut manifest["spec"]["directoryRoles"][0]["roles"];
        roles.as_array_mut().unwrap().push(json!("Mail Reader"));
    });
    world.apply(&manifest(
        "RoleBinding",
        "mail",
        &json!({"groupRef": {"name": GROUP}, "directoryRole": {"role": "Mail Reader"}}),
    ));
    world.start();
    world
        .until("the example ready", |world| {
            world.is_ready("EligibleAssignment", GROUP)
        })
        .await;
    world.pass(Duration::from_mins(15)).await;
    assert_eq!(world.held().len(), 6, "{:?}", world.held());
    let ready = world.condition("RoleBinding", "mail", "Ready").unwrap();
    assert_eq!(ready.status, "False");
    assert_eq!(ready.reason, "AmbiguousName", "{}", ready.message);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_account_is_not_granted() {
    let world = with_one_more("ivo@contoso.com").await;
    let message = world.message("EligibleAssignment", GROUP);
    assert!(message.contains("disabled"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn an_id_of_something_else_is_said_to_be_one_with_the_right_way_to_write_it() {
    const READER: &str = "44444444-4444-4444-8444-444444444444";
    let world = story::standing().await;
    let path = format!("/servicePrincipals?$filter=appId%20eq%20'{READER}'");
    let answer = world.external_actor().ask("GET", &path, None).await;
    let application = answer["value"][0]["id"].as_str().unwrap().to_owned();
    let group = world.group_id(GROUP).await;
    let jose = world.external_actor().user("jose@contoso.com").await;
    let cases = [
        ("ServicePrincipal", application.as_str(), READER),
        ("User", &application, READER),
        ("User", &group, "write kind: Group"),
        ("ServicePrincipal", &group, "write kind: Group"),
        ("User", READER, "write kind: ServicePrincipal"),
        ("ServicePrincipal", &jose, "write kind: User"),
        (
            "User",
            "99999999-9999-4999-8999-999999999999",
            "does not exist in the tenant",
        ),
    ];
    for (kind, name, hint) in cases {
        world.edit("AccessBoundary", "exchange", |manifest| {
            manifest["spec"]["subjects"]["kinds"] = json!(["User", "ServicePrincipal"]);
        });
        world.edit("ActiveAssignment", BREAK_GLASS, |manifest| {
            manifest["spec"]["subjects"] = json!([{"kind": kind, "name": name}]);
        });
        let said = |world: &World| {
            world
                .condition("ActiveAssignment", BREAK_GLASS, "Ready")
                .filter(|ready| ready.message.contains(name))
        };
        world
            .until(hint, |world| {
                said(world).is_some_and(|ready| ready.message.contains(hint))
            })
            .await;
        assert_eq!(
            said(&world).unwrap().reason,
            "PrincipalNotFound",
            "{kind} {name}"
        );
    }
}
