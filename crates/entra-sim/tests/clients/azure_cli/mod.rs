//! Azure CLI: a cloud is registered by its metadata alone, and then the commands that people use for groups and roles.

mod directory;
mod roles;

use serde_json::{Value, json};

use crate::environment::Environment;
use crate::program::{Program, Run};
use crate::served::{
    ADMINISTRATION, OPERATOR, OPERATOR_SECRET, SECRET, SUBSCRIPTION, Served, scopes,
};

const PACKAGES: &str = include_str!("../python/azure-cli.txt");

/// The program, which keeps everything in the folder of the test.
struct Azure {
    program: Program,
    served: Served,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "installs packages from PyPI: make test-clients"]
async fn azure_cli_signs_in_and_manages_groups_and_azure_roles() {
    let environment = Environment::with("azure-cli", PACKAGES).await;
    let served = Served::new().await;
    let program = environment
        .program("az")
        .with("AZURE_CONFIG_DIR", &served.path("azure"))
        .with("HOME", &served.path("home"))
        .with("REQUESTS_CA_BUNDLE", &served.path("ca.crt"))
        .with("NO_PROXY", "localhost")
        // Without it the library for signing in asks the public cloud about an authority that it does not know.
        .with("AZURE_CORE_INSTANCE_DISCOVERY", "false")
        .with("AZURE_CORE_COLLECT_TELEMETRY", "false")
        .with("AZURE_CORE_ONLY_SHOW_ERRORS", "true");
    let azure = Azure { program, served };
    azure.signs_in().await;
    azure.reads_people_and_applications().await;
    let group = azure.makes_a_group().await;
    azure.manages_members(&group).await;
    azure.reads_roles().await;
    for scope in scopes() {
        azure.assigns_a_role(&group, &scope).await;
    }
    azure.asks_at_every_level(&group).await;
    azure.asks_in_its_own_words(&group).await;
    azure.deletes_the_group().await;
    azure.signs_in_with_less().await;
    azure.served.assert_served();
}

/// What a query of the program leaves, sorted.
fn sorted(list: &Value) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    let mut texts: Vec<String> = items
        .map(|item| item.as_str().unwrap().to_owned())
        .collect();
    texts.sort();
    texts
}

impl Azure {
    /// Runs a command whose words are parted by blanks; a word in braces is the next of the arguments.
    async fn run(&self, command: &str, arguments: &[&str]) -> Run {
        let mut given = arguments.iter();
        let words: Vec<&str> = command
            .split(' ')
            .map(|word| {
                if word == "{}" {
                    given.next().unwrap()
                } else {
                    word
                }
            })
            .collect();
        self.program.run(&words).await
    }

    async fn json(&self, command: &str, arguments: &[&str]) -> Value {
        self.run(command, arguments).await.json()
    }

    async fn signs_in(&self) {
        eprintln!("==> az cloud, az login, az account");
        let origin = self.served.origin();
        self.json(
            "cloud register --name sim --endpoint-resource-manager {}",
            &[origin],
        )
        .await;
        let cloud = self.json("cloud show --name sim", &[]).await;
        assert_eq!(cloud["endpoints"]["activeDirectory"], origin);
        self.json("cloud set --name sim", &[]).await;
        let login = "login --service-principal --username {} --password {} --tenant contoso.com";
        let seen = self.json(login, &[ADMINISTRATION, SECRET]).await;
        assert_eq!(seen.as_array().unwrap().len(), 2, "{seen}");
        let names = self.json("account list --query [].name", &[]).await;
        assert_eq!(sorted(&names), ["Payments production", "Sandbox"]);
        let shown = self.json("account show", &[]).await;
        assert_eq!(shown["id"], SUBSCRIPTION);
        assert_eq!(
            shown["tenantId"],
            self.served.simulator.tenant_id().to_string()
        );
        let groups = self.json("group list --query [].name", &[]).await;
        assert_eq!(sorted(&groups), ["payments-app", "payments-data"]);
    }

    async fn asks_in_its_own_words(&self, group: &str) {
        eprintln!("==> az rest");
        let origin = self.served.origin();
        let url = format!("{origin}/v1.0/groups?$count=true&$filter=displayName ne 'x'&$select=id");
        let advanced = "rest --method get --url {} --headers ConsistencyLevel=eventual";
        let listed = self.json(advanced, &[&url]).await;
        let groups = self.served.simulator.dump()["groups"]
            .as_array()
            .unwrap()
            .len();
        assert_eq!(listed["@odata.count"], groups);
        assert_eq!(listed["value"].as_array().unwrap().len(), groups);
        let plain = self.run("rest --method get --url {}", &[&url]).await;
        assert!(
            plain.stderr.contains("Request_UnsupportedQuery"),
            "{plain:?}"
        );
        let url = format!("{origin}/v1.0/groups/{group}");
        let body = r#"{"description": "Changed by az"}"#;
        self.json("rest --method patch --url {} --body {}", &[&url, body])
            .await;
        let shown = self
            .json("rest --url {} --query description", &[&url])
            .await;
        assert_eq!(shown, "Changed by az");
        let url = "/subscriptions?api-version=2022-12-01";
        let listed = self
            .json("rest --url {} --query value[].displayName", &[url])
            .await;
        assert_eq!(sorted(&listed), ["Payments production", "Sandbox"]);
    }

    /// The operator is an administrator of one subscription's roles, and may not create users.
    async fn signs_in_with_less(&self) {
        eprintln!("==> az login with fewer permissions");
        let login = "login --service-principal --username {} --password {} --tenant contoso.com --query [].name";
        let seen = self.json(login, &[OPERATOR, OPERATOR_SECRET]).await;
        assert_eq!(seen, json!(["Payments production"]));
        let refused = self
            .run(
                "ad user create --display-name New --user-principal-name new@contoso.com --password {}",
                &["Not-a-secret-1"],
            )
            .await;
        assert!(
            refused.stderr.contains("Insufficient privileges"),
            "{refused:?}"
        );
        let [management_group, ..] = scopes();
        let create = "role assignment create --role Reader --assignee-object-id {} --assignee-principal-type ServicePrincipal --scope {}";
        let refused = self.run(create, &[ADMINISTRATION, &management_group]).await;
        assert!(
            refused.stderr.contains("AuthorizationFailed"),
            "{refused:?}"
        );
    }
}
