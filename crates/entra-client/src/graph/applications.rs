//! Registrations of applications: when their secrets end (learn.microsoft.com: application, passwordCredential).

use jiff::Timestamp;
use pim_core::ids::ClientId;
use serde::Deserialize;

use super::Graph;
use crate::error::Error;
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, Query};
use crate::token::SecretHint;

/// A secret of an application, as its registration shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationSecret {
    /// Whose secret it is.
    pub application: ClientId,
    /// How it begins.
    pub hint: SecretHint,
    /// When it ends; nothing where the registration does not say so.
    pub end: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApplicationRow {
    app_id: ClientId,
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    password_credentials: Vec<SecretRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecretRow {
    hint: Option<SecretHint>,
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    end_date_time: Option<Timestamp>,
}

impl ApplicationRow {
    fn secrets(self) -> impl Iterator<Item = ApplicationSecret> {
        let application = self.app_id;
        let secrets = self.password_credentials.into_iter();
        secrets.filter_map(move |row| {
            Some(ApplicationSecret {
                application,
                hint: row.hint?,
                end: row.end_date_time,
            })
        })
    }
}

impl Graph {
    /// The secrets of these applications, as far as they are registered in this tenant: one of another tenant is not.
    pub async fn application_secrets(
        &self,
        applications: &[ClientId],
    ) -> Result<Vec<ApplicationSecret>, Error> {
        let query = Query::new()
            .filter(Filter::is_in("appId", applications))
            .select(&["appId", "passwordCredentials"]);
        let operation =
            Operation::get(OperationName::ListApplicationSecrets, "/applications").query(&query);
        let listed = self.session.list::<ApplicationRow>(operation).await?;
        let rows = listed.rows.into_iter();
        Ok(rows.flat_map(ApplicationRow::secrets).collect())
    }
}
