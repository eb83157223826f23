//! `az ad`: people, applications and groups.

use serde_json::json;

use super::{Azure, sorted};
use crate::served::OPERATOR;

const PEOPLE: usize = 12;

impl Azure {
    pub(super) async fn reads_people_and_applications(&self) {
        eprintln!("==> az ad user, az ad sp");
        let state = self.served.simulator.dump();
        let people = self
            .json("ad user list --query [].userPrincipalName", &[])
            .await;
        assert_eq!(people.as_array().unwrap().len(), PEOPLE);
        assert_eq!(state["users"].as_array().unwrap().len(), PEOPLE);
        let shown = self.json("ad user show --id jose@contoso.com", &[]).await;
        assert_eq!(shown["displayName"], "José Ferreira");
        let one = self
            .json("ad user list --upn {} --query [].id", &["jose@contoso.com"])
            .await;
        assert_eq!(one, json!([shown["id"]]));
        let all = self
            .json("ad sp list --all --query [].displayName", &[])
            .await;
        assert!(
            sorted(&all).contains(&"entra-pim-operator".to_owned()),
            "{all}"
        );
        let found = self
            .json("ad sp list --display-name Tick --query [].displayName", &[])
            .await;
        assert_eq!(found, json!(["Ticket Desk"]));
        let shown = self.json("ad sp show --id {}", &[OPERATOR]).await;
        assert_eq!(shown["appId"], OPERATOR);
    }

    pub(super) async fn makes_a_group(&self) -> String {
        eprintln!("==> az ad group");
        let made = self
            .json(
                "ad group create --display-name by-az --mail-nickname by-az --description {}",
                &["Made by az"],
            )
            .await;
        assert_eq!(made["description"], "Made by az");
        let standing = self.served.group("by-az").unwrap();
        assert_eq!(made["id"], standing["id"]);
        let shown = self.json("ad group show --group by-az", &[]).await;
        assert_eq!(shown["id"], made["id"]);
        let created = shown["createdDateTime"].as_str().unwrap();
        assert_eq!(created.len(), "2026-11-28T14:29:06Z".len(), "{created}");
        let listed = self
            .json(
                "ad group list --display-name by- --query [].displayName",
                &[],
            )
            .await;
        assert_eq!(listed, json!(["by-az"]));
        let filter = "isAssignableToRole eq true";
        let listed = self
            .json(
                "ad group list --filter {} --query [].displayName",
                &[filter],
            )
            .await;
        assert_eq!(listed, json!(["PAG-legacy-exchange"]));
        made["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn manages_members(&self, group: &str) {
        eprintln!("==> az ad group member, az ad group owner");
        let user = self
            .json("ad user show --id jose@contoso.com --query id", &[])
            .await;
        let user = user.as_str().unwrap();
        self.json("ad group member add --group by-az --member-id {}", &[user])
            .await;
        self.json(
            "ad group owner add --group by-az --owner-object-id {}",
            &[user],
        )
        .await;
        let standing = self.served.group("by-az").unwrap();
        assert_eq!(standing["members"], json!(["jose@contoso.com"]));
        assert_eq!(standing["owners"], json!(["jose@contoso.com"]));
        for list in ["member", "owner"] {
            let command =
                format!("ad group {list} list --group by-az --query [].userPrincipalName");
            assert_eq!(self.json(&command, &[]).await, json!(["jose@contoso.com"]));
        }
        let checked = self
            .json(
                "ad group member check --group by-az --member-id {}",
                &[user],
            )
            .await;
        assert_eq!(checked, json!({"value": true}));
        let held = self
            .json("ad user get-member-groups --id {} --query [].id", &[user])
            .await;
        assert!(sorted(&held).contains(&group.to_owned()), "{held}");
        let outer = self
            .json(
                "ad group create --display-name outer --mail-nickname outer",
                &[],
            )
            .await;
        self.json("ad group member add --group outer --member-id {}", &[group])
            .await;
        let held = self
            .json("ad group get-member-groups --group by-az", &[])
            .await;
        assert_eq!(held, json!([outer["id"]]));
        let checked = self
            .json(
                "ad group member check --group outer --member-id {}",
                &[user],
            )
            .await;
        assert_eq!(
            checked,
            json!({"value": true}),
            "through the group in between"
        );
        self.json("ad group delete --group outer", &[]).await;
        self.json(
            "ad group member remove --group by-az --member-id {}",
            &[user],
        )
        .await;
        let checked = self
            .json(
                "ad group member check --group by-az --member-id {}",
                &[user],
            )
            .await;
        assert_eq!(checked, json!({"value": false}));
        assert_eq!(self.served.group("by-az").unwrap()["members"], json!([]));
    }

    pub(super) async fn deletes_the_group(&self) {
        eprintln!("==> az ad group delete");
        self.json("ad group delete --group by-az", &[]).await;
        assert_eq!(self.served.group("by-az"), None);
        let gone = self.run("ad group show --group by-az", &[]).await;
        assert!(!gone.succeeded && gone.stderr.contains("by-az"), "{gone:?}");
    }
}
