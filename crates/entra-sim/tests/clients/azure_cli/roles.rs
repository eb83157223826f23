//! `az role`: definitions and assignments at every level.

use serde_json::json;

use super::{Azure, sorted};
use crate::served::{SUBSCRIPTION, scopes};

const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

impl Azure {
    pub(super) async fn reads_roles(&self) {
        eprintln!("==> az role definition");
        let count = self
            .json("role definition list --query {}", &["length(@)"])
            .await;
        assert!(count.as_u64().unwrap() > 300, "{count}");
        let named = self.json("role definition list --name Reader", &[]).await;
        assert_eq!(named[0]["name"], READER);
        let subscription = format!("/subscriptions/{SUBSCRIPTION}");
        let shown = self
            .json(
                "role definition show --name {} --scope {}",
                &[READER, &subscription],
            )
            .await;
        assert_eq!(shown["roleName"], "Reader");
    }

    pub(super) async fn assigns_a_role(&self, group: &str, scope: &str) {
        eprintln!("==> az role assignment at {scope}");
        let create = "role assignment create --role Reader --assignee {} --scope {}";
        let made = self.json(create, &[group, scope]).await;
        assert_eq!(made["scope"], scope);
        assert_eq!(
            self.served.azure_roles(group),
            [(scope.to_owned(), READER.to_owned())]
        );
        let again = self.json(create, &[group, scope]).await;
        assert_eq!(again["name"], made["name"], "the one that stands is found");
        let list = "role assignment list --assignee {} --scope {}";
        let listed = self.json(list, &[group, scope]).await;
        assert_eq!(listed[0]["roleDefinitionName"], "Reader");
        assert_eq!(listed[0]["principalName"], "by-az");
        self.json(
            "role assignment delete --assignee {} --role Reader --scope {}",
            &[group, scope],
        )
        .await;
        assert_eq!(self.served.azure_roles(group), []);
    }

    /// What stands above is inherited; what stands below is listed with all of the subscription.
    pub(super) async fn asks_at_every_level(&self, group: &str) {
        eprintln!("==> az role assignment over several levels");
        let [above, subscription, _, vault] = scopes();
        let create = "role assignment create --role Reader --assignee-object-id {} --assignee-principal-type Group --scope {}";
        for scope in [&above, &vault] {
            self.json(create, &[group, scope]).await;
        }
        let inherited =
            "role assignment list --include-inherited --assignee {} --scope {} --query [].scope";
        let listed = self.json(inherited, &[group, &subscription]).await;
        assert_eq!(listed, json!([above]));
        let all = "role assignment list --all --assignee {} --query [].id";
        let ids = sorted(&self.json(all, &[group]).await);
        assert_eq!(ids.len(), 2, "{ids:?}");
        self.json("role assignment delete --ids {} {}", &[&ids[0], &ids[1]])
            .await;
        assert_eq!(self.served.azure_roles(group), []);
    }
}
