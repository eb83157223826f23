//! What somebody does to the operator's group by hand in the middle of a story. Nobody waits for them: what the tenant
//! refuses now, because it does not know the group yet, is tried again a little later.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use super::{Deed, Descriptions, World};

/// How long somebody needs to think better of it.
const SECOND_THOUGHTS: Duration = Duration::from_secs(30);

/// How long somebody tries before they give up.
const PATIENCE: Duration = Duration::from_mins(20);

/// Whose eligibility is taken away.
const WHOSE: &str = "jose@contoso.com";

impl World {
    /// Does what is due, if the group is there.
    async fn act(&self, deed: Deed) {
        let Some(group) = self.group_of_the_operator() else {
            return;
        };
        let lives = !Descriptions::read(&self.tenant).groups.is_empty();
        let done = match deed {
            Deed::Edit if !lives => true,
            Deed::Edit => self.edit_by_hand(&group).await,
            Deed::Restore => self.delete_and_restore(&group).await,
            Deed::Purge => self.purge(&group).await,
        };
        if done {
            self.line.done();
        }
    }

    /// Does what is due, or gives up what could not be done for long: of a group that is gone there is nothing to restore.
    pub(super) async fn tend_deeds(&self) {
        let Some((deed, since)) = self.line.due() else {
            return;
        };
        if since.elapsed() > PATIENCE {
            return self.line.done();
        }
        self.act(deed).await;
    }

    /// The group, whether it lives or lies among the deleted items, where nothing else is.
    fn group_of_the_operator(&self) -> Option<String> {
        let living = Descriptions::read(&self.tenant).groups.into_iter().next();
        living.map(|id| id.to_string()).or_else(|| {
            let deleted = self.tenant.dump()["deletedItems"][0]["id"].clone();
            deleted.as_str().map(str::to_owned)
        })
    }

    async fn edit_by_hand(&self, group: &str) -> bool {
        let actor = self.external_actor();
        let path = format!("/groups/{group}");
        let name = json!({"displayName": "PAG-Renamed-By-Hand"});
        let renamed = actor.attempt("PATCH", &path, Some(name)).await;
        let removed = actor.attempt_removal(group, WHOSE).await;
        renamed || removed
    }

    async fn delete_and_restore(&self, group: &str) -> bool {
        let actor = self.external_actor();
        let path = format!("/groups/{group}");
        if actor.attempt("DELETE", &path, None).await {
            sleep(SECOND_THOUGHTS).await;
        }
        let path = format!("/directory/deletedItems/{group}/restore");
        actor.attempt("POST", &path, Some(json!({}))).await
    }

    async fn purge(&self, group: &str) -> bool {
        let actor = self.external_actor();
        actor
            .attempt("DELETE", &format!("/groups/{group}"), None)
            .await;
        let path = format!("/directory/deletedItems/{group}");
        actor.attempt("DELETE", &path, None).await
    }
}
