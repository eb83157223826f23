//! msgraph-sdk with azure-identity, and azure-mgmt-authorization. The scripts check what they are told; here is checked what the
//! tenant holds after them.

use crate::environment::Environment;
use crate::program::Program;
use crate::served::{ADMINISTRATION, SECRET, SUBSCRIPTION, Served, TENANT, scopes};

const PACKAGES: &str = include_str!("python/libraries.txt");

#[tokio::test(flavor = "multi_thread")]
#[ignore = "installs packages from PyPI: make test-clients"]
async fn the_python_libraries_of_microsoft_manage_groups_and_azure_roles() {
    let environment = Environment::with("libraries", PACKAGES).await;
    groups(&environment).await;
    azure_roles(&environment).await;
}

/// The interpreter of the environment, told where the tenant is and who asks.
fn python(environment: &Environment, served: &Served) -> Program {
    let authority = served.path("ca.crt");
    environment
        .program("python")
        .with("REQUESTS_CA_BUNDLE", &authority)
        .with("SSL_CERT_FILE", &authority)
        .with("NO_PROXY", "localhost")
        .with("SIM_ORIGIN", served.origin())
        .with("SIM_TENANT", TENANT)
        .with("SIM_CLIENT_ID", ADMINISTRATION)
        .with("SIM_CLIENT_SECRET", SECRET)
}

/// The path of a script.
fn script(name: &str) -> String {
    format!("{}/tests/clients/python/{name}", env!("CARGO_MANIFEST_DIR"))
}

async fn groups(environment: &Environment) {
    eprintln!("==> msgraph-sdk: a group, its members, its settings and its eligibilities");
    let served = Served::new().await;
    let python = python(environment, &served);
    let said = python.run(&[&script("graph.py")]).await.text();
    assert!(said.starts_with("a group, its members"), "{said}");
    assert_eq!(served.group("PAG-by-sdk"), None);
    assert_eq!(served.simulator.operations()["groups.create"], 1);
    served.assert_served();
}

async fn azure_roles(environment: &Environment) {
    eprintln!("==> azure-mgmt-authorization: roles and PIM at every level");
    let served = Served::new().await;
    let group = served.new_group("by-sdk").await;
    let python = python(environment, &served)
        .with("SIM_GROUP", &group)
        .with("SIM_SUBSCRIPTION", SUBSCRIPTION)
        .with("SIM_SCOPES", &scopes().join(","));
    let said = python.run(&[&script("resource_manager.py")]).await.text();
    for scope in scopes() {
        for story in ["plain_assignments", "eligible", "active", "settings"] {
            let line = format!("{story} at {scope}");
            assert!(said.lines().any(|one| one == line), "{line} in {said}");
        }
    }
    assert_eq!(served.azure_roles(&group), []);
    assert!(served.simulator.holdings().eligible().is_empty());
    served.assert_served();
}
