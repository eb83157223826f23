//! The fields of a seed as they are written, and how one is read. What becomes of them stands in the loading.

use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use uuid::Uuid;

use super::azure_model::SeedAzure;
use crate::ids::{AppId, ObjectId, TenantId};

/// The seed of the demo: people and groups of contoso.com.
pub const BUILT_IN: &str = include_str!("contoso.yaml");

/// The first state of a simulated tenant, read from YAML.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Seed {
    /// The tenant's own id, name and domains.
    pub tenant: SeedTenant,
    /// Applications that may ask for tokens, and enterprise applications with roles.
    #[serde(default)]
    pub applications: Vec<SeedApplication>,
    /// The users of the tenant.
    #[serde(default)]
    pub users: Vec<SeedUser>,
    /// Groups that nobody created through the API.
    #[serde(default)]
    pub groups: Vec<SeedGroup>,
    /// Administrative units, which can restrict who manages their members.
    #[serde(default)]
    pub administrative_units: Vec<SeedUnit>,
    /// Authentication contexts of Conditional Access.
    #[serde(default)]
    pub authentication_contexts: Vec<SeedAuthenticationContext>,
    /// Policies of Conditional Access that target authentication contexts.
    #[serde(default)]
    pub conditional_access_policies: Vec<SeedAccessPolicy>,
    /// Custom directory roles, beside the built-in ones.
    #[serde(default)]
    pub custom_roles: Vec<CustomRole>,
    /// Management groups, subscriptions and what lies in them.
    #[serde(default)]
    pub azure: SeedAzure,
    /// Custom roles of Intune, beside the built-in ones.
    #[serde(default)]
    pub intune_roles: Vec<SeedIntuneRole>,
}

/// A custom role of Intune.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedIntuneRole {
    /// The id; made from the name, when left out.
    pub id: Option<Uuid>,
    /// What people call it.
    pub display_name: String,
}

/// The tenant's own properties.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedTenant {
    /// The id of the tenant, a GUID.
    pub id: TenantId,
    /// The name that `GET /organization` shows.
    pub display_name: String,
    /// Its verified domains, the initial one first.
    pub domains: Vec<String>,
}

/// An application with its service principal.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedApplication {
    /// The client id, by which the application asks for tokens.
    pub client_id: AppId,
    /// The display name of the application and its service principal.
    pub display_name: String,
    /// The object id of the service principal.
    pub service_principal_id: Option<ObjectId>,
    /// Client secrets with which the application may sign in.
    #[serde(default)]
    pub secrets: Vec<SeedSecret>,
    /// Certificates in PEM form, with which the application may sign in.
    #[serde(default)]
    pub certificates: Vec<String>,
    /// Foreign issuers that vouch for the application.
    #[serde(default)]
    pub federated_credentials: Vec<SeedFederatedCredential>,
    /// Application permissions of Graph that are granted.
    #[serde(default)]
    pub permissions: SeedPermissions,
    /// Roles that the application declares.
    #[serde(default)]
    pub app_roles: Vec<SeedAppRole>,
    /// Whether it may sign in; default true.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// Granted permissions: `all`, or a list of names.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum SeedPermissions {
    /// Every permission, written as the word `all`.
    Word(AllPermissions),
    /// Names such as `Group.ReadWrite.All`.
    List(Vec<String>),
}

/// The word `all`, which stands for every permission.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AllPermissions {
    /// Every permission that Graph knows.
    All,
}

impl Default for SeedPermissions {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

/// A client secret of an application.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedSecret {
    /// The secret that a token request must show.
    pub value: String,
    /// When it ends; never, when left out.
    pub expires: Option<Timestamp>,
}

/// A foreign issuer whose tokens an application may sign in with.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedFederatedCredential {
    /// The claim `iss` of its tokens.
    pub issuer: String,
    /// The claim `sub`, for instance `system:serviceaccount:namespace:name`.
    pub subject: String,
    /// The claim `aud`.
    #[serde(default = "exchange")]
    pub audience: String,
    /// Its public keys, as its `jwks_uri` shows them.
    pub keys: JwkSet,
}

/// A role that an application declares.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedAppRole {
    /// The id of the role; made from its value, when left out.
    pub id: Option<Uuid>,
    /// The value that tokens carry in `roles`.
    pub value: String,
    /// The display name of the role.
    pub display_name: String,
    /// `User` (groups included), `Application`; default `User`.
    #[serde(default = "user_type")]
    pub allowed_member_types: Vec<String>,
    /// Whether it can be assigned; default true.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// A user of the tenant.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedUser {
    /// The object id; made from the principal name, when left out.
    pub id: Option<ObjectId>,
    /// The display name of the user.
    pub display_name: String,
    /// The user principal name, such as `jose@contoso.com`.
    pub user_principal_name: String,
    /// The mail address; the principal name, when left out.
    pub mail: Option<String>,
    /// The job title of the user.
    pub job_title: Option<String>,
    /// Whether they come from another organization; default false.
    #[serde(default)]
    pub guest: bool,
    /// Whether they may sign in; default true.
    #[serde(default = "yes")]
    pub enabled: bool,
}

impl SeedUser {
    /// A user of whom nothing but the principal name is given.
    pub fn named(user_principal_name: impl Into<String>) -> Self {
        let name = user_principal_name.into();
        Self {
            id: None,
            display_name: name.clone(),
            user_principal_name: name,
            mail: None,
            job_title: None,
            guest: false,
            enabled: true,
        }
    }
}

/// A group that exists before the first request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedGroup {
    /// The object id; made from the name, when left out.
    pub id: Option<ObjectId>,
    /// The display name of the group.
    pub display_name: String,
    /// The description of the group.
    pub description: Option<String>,
    /// The mail nickname; made from the name, when left out.
    pub mail_nickname: Option<String>,
    /// The `uniqueName`, an alternate key that clients may choose.
    pub unique_name: Option<String>,
    /// Whether roles can be assigned to it; default false.
    #[serde(default)]
    pub role_assignable: bool,
    /// Whether an on-premises directory masters it; default false.
    #[serde(default)]
    pub synced: bool,
    /// `security`, `unified` or `distribution`; default `security`.
    #[serde(default)]
    pub kind: SeedGroupKind,
    /// The rule of a dynamic group.
    pub membership_rule: Option<String>,
    /// The application that created it, by client id.
    pub created_by: Option<AppId>,
    /// References to its members.
    #[serde(default)]
    pub members: Vec<String>,
    /// References to its owners.
    #[serde(default)]
    pub owners: Vec<String>,
}

/// What a group is to mail (learn.microsoft.com: groups-overview).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SeedGroupKind {
    /// A security group, which has no mail.
    #[default]
    Security,
    /// A Microsoft 365 group.
    Unified,
    /// A distribution group: it has mail and is none of security. Graph creates none.
    Distribution,
}

/// An administrative unit of the tenant.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedUnit {
    /// The object id; made from the name, when left out.
    pub id: Option<ObjectId>,
    /// The display name of the unit.
    pub display_name: String,
    /// The description of the unit.
    pub description: Option<String>,
    /// Whether its management is restricted; default false.
    #[serde(default)]
    pub restricted: bool,
    /// Users and groups in it.
    #[serde(default)]
    pub members: Vec<String>,
}

/// An authentication context of Conditional Access.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedAuthenticationContext {
    /// The id, `c1` to `c99`.
    pub id: String,
    /// The display name of the context.
    pub display_name: String,
    /// The description of the context.
    pub description: Option<String>,
    /// Whether it is published to applications; default true.
    #[serde(default = "yes")]
    pub available: bool,
}

/// A policy of Conditional Access that targets authentication contexts.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedAccessPolicy {
    /// What people call it.
    pub display_name: String,
    /// `enabled`, `disabled` or `enabledForReportingButNotEnforced`.
    pub state: String,
    /// The ids of the contexts that it targets.
    pub contexts: Vec<String>,
}

/// A directory role that the tenant defines itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomRole {
    /// The id; made from the name, when left out.
    pub id: Option<Uuid>,
    /// The template id; the id, when left out.
    pub template_id: Option<Uuid>,
    /// The display name of the role.
    pub display_name: String,
    /// What it allows, for instance `microsoft.directory/groups/allProperties/read`.
    #[serde(default)]
    pub actions: Vec<String>,
}

fn yes() -> bool {
    true
}

fn exchange() -> String {
    "api://AzureADTokenExchange".to_owned()
}

fn user_type() -> Vec<String> {
    vec!["User".to_owned()]
}

/// Why a seed can not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is no YAML of this shape.
    #[error("the seed can not be read: {0}")]
    Read(String),
    /// A reference names nothing that the seed declares.
    #[error(
        "the seed refers to '{reference}' in {place}, and nothing goes by that name: write an object id, a user \
         principal name, a client id or the display name of a group"
    )]
    Reference {
        /// The reference as the seed writes it.
        reference: String,
        /// The object that holds the reference.
        place: String,
    },
    /// A permission is not one of Graph.
    #[error("'{0}' is no application permission of Microsoft Graph that the simulator knows")]
    Permission(String),
    /// A path is no scope of Azure, or nothing is there.
    #[error(
        "'{0}' is no scope that the seed declares: write a path such as /subscriptions/{{id}}/resourceGroups/{{name}}"
    )]
    Scope(String),
    /// Two objects have one id.
    #[error("the seed gives the id {0} twice")]
    Twice(Uuid),
    /// No application goes by this id.
    #[error("no application of the tenant has the client id {0}")]
    Application(AppId),
}

impl Seed {
    /// Reads a seed from YAML. References are not followed yet.
    pub fn parse(yaml: &str) -> Result<Self, Error> {
        serde_saphyr::from_str(yaml).map_err(|error| Error::Read(error.to_string()))
    }
}

impl Default for Seed {
    #[expect(
        clippy::expect_used,
        reason = "the text is part of the program, and a test holds that it is a seed"
    )]
    fn default() -> Self {
        Self::parse(BUILT_IN).expect("the built-in seed is a seed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_seed_is_read_and_shows_the_people_of_the_demo() {
        let seed = Seed::parse(BUILT_IN).unwrap();
        assert!(
            seed.users
                .iter()
                .any(|user| user.user_principal_name == "jose@contoso.com")
        );
    }

    #[test]
    fn an_unknown_field_is_an_error() {
        let yaml = "tenant: {id: 11111111-1111-4111-8111-111111111111, displayName: x, domains: [x.test]}\nuser: []\n";
        let error = Seed::parse(yaml).unwrap_err().to_string();
        assert!(error.contains("user"), "{error}");
    }
}
