//! Finds out whom names mean. A name that was looked up before is only confirmed by its id, many at once; a new one is
//! looked up by name.

use std::collections::HashMap;

use entra_client::graph::principals::{
    Principal as Listed, PrincipalKind as ListedKind, ServicePrincipal, User,
};
use entra_client::{Error, Graph};
use pim_core::ids::{AppId, PrincipalId, UserPrincipalName};
use pim_core::principal::{Account, Identity, Names, Principal, PrincipalKind, Resolution};

use super::coalesce::Coalescer;
use super::{GATHER, Reader};

/// How much is found out about people who were looked up before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// That they still exist and bear their names: one read for up to a thousand.
    Confirm,
    /// Also whether their accounts are enabled: needed before anybody is granted anything.
    Full,
}

/// What was found out about some names.
#[derive(Debug)]
pub struct Found {
    /// Whom each one means.
    pub names: Names,
    /// How much was found out about every one of them: a name that nothing was known of is always looked up in full.
    pub depth: Depth,
}

/// Look-ups by what manifests write.
pub struct People {
    by_name: Coalescer<String, Vec<User>>,
    by_id: Coalescer<PrincipalId, User>,
    applications: Coalescer<AppId, ServicePrincipal>,
}

impl People {
    /// Look-ups on top of a client.
    pub fn new(graph: &Graph) -> Self {
        let (names, ids, applications) = (graph.clone(), graph.clone(), graph.clone());
        Self {
            by_name: Coalescer::new(GATHER, move |keys: Vec<String>| {
                let graph = names.clone();
                async move {
                    let keys: Vec<UserPrincipalName> =
                        keys.into_iter().map(UserPrincipalName::new).collect();
                    Ok(under_names(graph.users_by_name(&keys).await?))
                }
            }),
            by_id: Coalescer::new(GATHER, move |keys: Vec<PrincipalId>| {
                let graph = ids.clone();
                async move {
                    Ok(graph
                        .users(&keys)
                        .await?
                        .into_iter()
                        .map(|user| (user.id, user))
                        .collect())
                }
            }),
            applications: Coalescer::new(GATHER, move |keys: Vec<AppId>| {
                let graph = applications.clone();
                async move {
                    Ok(graph
                        .service_principals(&keys)
                        .await?
                        .into_iter()
                        .map(|found| (found.app_id, found))
                        .collect())
                }
            }),
        }
    }
}

fn under_names(users: Vec<User>) -> HashMap<String, Vec<User>> {
    let mut found: HashMap<String, Vec<User>> = HashMap::new();
    for user in users {
        if let Some(name) = &user.user_principal_name {
            found
                .entry(name.as_str().to_lowercase())
                .or_default()
                .push(user);
        }
    }
    found
}

/// Principals by id, with their kinds.
pub fn by_id(graph: &Graph) -> Coalescer<PrincipalId, Listed> {
    let graph = graph.clone();
    Coalescer::new(GATHER, move |ids: Vec<PrincipalId>| {
        let graph = graph.clone();
        async move {
            Ok(graph
                .principals(&ids)
                .await?
                .into_iter()
                .map(|found| (found.id, found))
                .collect())
        }
    })
}

impl Reader {
    /// Looks up names. `known` says whom some of them meant before.
    pub async fn names(
        &self,
        names: &[Principal],
        known: &HashMap<Principal, PrincipalId>,
        depth: Depth,
    ) -> Result<Found, Error> {
        let each = names.iter().map(|name| async move {
            let (resolution, depth) = self.name(name, known.get(name).copied(), depth).await?;
            Ok::<_, Error>((name.clone(), resolution, depth))
        });
        let found = futures::future::try_join_all(each).await?;
        let depth = found.iter().map(|(.., depth)| *depth).min();
        let names = found
            .into_iter()
            .map(|(name, resolution, _)| (name, resolution));
        Ok(Found {
            names: names.collect(),
            depth: depth.unwrap_or(Depth::Full),
        })
    }

    async fn name(
        &self,
        name: &Principal,
        known: Option<PrincipalId>,
        depth: Depth,
    ) -> Result<(Resolution, Depth), Error> {
        if let (Some(id), Depth::Confirm) = (known, depth)
            && let Some(identity) = self.confirm(name, id).await?
        {
            return Ok((Resolution::Found(identity), Depth::Confirm));
        }
        let resolution = match name.kind {
            PrincipalKind::User => self.user(name).await?,
            PrincipalKind::Group => self.group(name).await?,
            PrincipalKind::ServicePrincipal => self.application(name).await?,
        };
        Ok((resolution, Depth::Full))
    }

    /// The principal that a name meant before, if it still bears the name.
    async fn confirm(&self, name: &Principal, id: PrincipalId) -> Result<Option<Identity>, Error> {
        let Some(listed) = self.principals.get(&id).await? else {
            return Ok(None);
        };
        let Some(identity) = identity(listed) else {
            return Ok(None);
        };
        let same = match name.kind {
            PrincipalKind::User => {
                let wanted = UserPrincipalName::new(name.name.clone());
                let by_name = identity
                    .user_principal_name
                    .as_ref()
                    .is_some_and(|bears| bears.matches(&wanted));
                by_name || name.name.parse() == Ok(id)
            }
            PrincipalKind::Group => name.name.parse() == Ok(id),
            // An application id always leads to the same service principal for as long as that exists.
            PrincipalKind::ServicePrincipal => true,
        };
        Ok((same && identity.kind == name.kind).then_some(identity))
    }

    async fn user(&self, name: &Principal) -> Result<Resolution, Error> {
        if let Ok(id) = name.name.parse::<PrincipalId>() {
            return Ok(self
                .people
                .by_id
                .get(&id)
                .await?
                .map_or(Resolution::NotFound, |user| Resolution::Found(person(user))));
        }
        let found = self
            .people
            .by_name
            .get(&name.name.to_lowercase())
            .await?
            .unwrap_or_default();
        Ok(match <[User; 1]>::try_from(found) {
            Ok([user]) => Resolution::Found(person(user)),
            Err(found) if found.is_empty() => Resolution::NotFound,
            Err(found) => Resolution::Ambiguous(found.into_iter().map(|user| user.id).collect()),
        })
    }

    async fn group(&self, name: &Principal) -> Result<Resolution, Error> {
        let Ok(id) = name.name.parse::<PrincipalId>() else {
            return Ok(Resolution::NotFound);
        };
        let found = self.principals.get(&id).await?.and_then(identity);
        Ok(match found {
            Some(identity) if identity.kind == PrincipalKind::Group => Resolution::Found(identity),
            _ => Resolution::NotFound,
        })
    }

    async fn application(&self, name: &Principal) -> Result<Resolution, Error> {
        let Ok(id) = name.name.parse::<AppId>() else {
            return Ok(Resolution::NotFound);
        };
        let found = self.people.applications.get(&id).await?;
        Ok(found.map_or(Resolution::NotFound, |found| {
            Resolution::Found(Identity {
                id: found.id,
                kind: PrincipalKind::ServicePrincipal,
                user_principal_name: None,
                account: account(found.account_enabled),
            })
        }))
    }
}

fn person(user: User) -> Identity {
    Identity {
        id: user.id,
        kind: PrincipalKind::User,
        user_principal_name: user.user_principal_name,
        account: account(user.account_enabled),
    }
}

fn identity(listed: Listed) -> Option<Identity> {
    let kind = match listed.kind {
        ListedKind::User => PrincipalKind::User,
        ListedKind::Group => PrincipalKind::Group,
        ListedKind::ServicePrincipal => PrincipalKind::ServicePrincipal,
        ListedKind::Other(_) => return None,
    };
    // This list does not say whether an account is enabled; before a grant the full look-up does.
    Some(Identity {
        id: listed.id,
        kind,
        user_principal_name: listed.user_principal_name,
        account: Account::Enabled,
    })
}

fn account(enabled: Option<bool>) -> Account {
    if enabled == Some(false) {
        Account::Disabled
    } else {
        Account::Enabled
    }
}
