//! Finds out whom names mean. A name that was looked up before is only confirmed by its id, many at once; a new one is
//! looked up by name. Names of one namespace never share a filter with another's: what the service refuses for one text
//! must not fail anybody else.

use std::collections::HashMap;

use entra_client::graph::principals::{
    Principal as Listed, PrincipalKind as ListedKind, ServicePrincipal, User,
    UserType as ListedType,
};
use entra_client::{Class, Error, Graph};
use pim_core::ids::{AppId, PrincipalId, UserPrincipalName};
use pim_core::principal::{
    Account, Identity, Names, Principal, PrincipalKind, Resolution, UserType,
};

use super::coalesce::{Coalescer, Found};
use super::{GATHER, Reader};

/// How much is found out about people who were looked up before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// That they still exist and bear their names: one read for up to a thousand.
    Confirm,
    /// Also whether their accounts are enabled: needed before anybody is granted anything.
    Full,
}

/// Whom to look up.
pub struct Ask<'a> {
    /// The namespace whose objects name them.
    pub namespace: &'a str,
    /// The names.
    pub names: &'a [Principal],
    /// Whom some of them meant before.
    pub known: &'a HashMap<Principal, PrincipalId>,
    /// Who may have left the tenant: of them only that is found out.
    pub doubtful: &'a [PrincipalId],
    /// How much to find out.
    pub depth: Depth,
}

/// A name in the namespace whose objects write it.
type Named = (String, String);

/// Look-ups by what manifests write.
pub struct People {
    by_name: Coalescer<Named, Vec<User>>,
    by_id: Coalescer<PrincipalId, User>,
    applications: Coalescer<AppId, ServicePrincipal>,
}

impl People {
    /// Look-ups on top of a client.
    pub fn new(graph: &Graph) -> Self {
        let (names, ids, applications) = (graph.clone(), graph.clone(), graph.clone());
        Self {
            by_name: Coalescer::new(GATHER, move |keys: Vec<Named>| {
                let graph = names.clone();
                async move { by_name(&graph, keys).await }
            }),
            by_id: Coalescer::new(GATHER, move |keys: Vec<PrincipalId>| {
                let graph = ids.clone();
                async move {
                    let listed = graph.users(&keys).await?;
                    let bad =
                        super::each(&keys, &listed, |id, row| row.may_have_id(&id.to_string()));
                    let found = listed.rows.into_iter().map(|user| (user.id, Ok(user)));
                    Ok(found.chain(bad).collect())
                }
            }),
            applications: Coalescer::new(GATHER, move |keys: Vec<AppId>| {
                let graph = applications.clone();
                async move {
                    let listed = graph.service_principals(&keys).await?;
                    let bad = super::each(&keys, &listed, |_, _| true);
                    let found = listed
                        .rows
                        .into_iter()
                        .map(|found| (found.app_id, Ok(found)));
                    Ok(found.chain(bad).collect())
                }
            }),
        }
    }
}

/// Users by name, namespace by namespace. The look-ups of all namespaces travel together, each in filters of its own.
async fn by_name(graph: &Graph, keys: Vec<Named>) -> Result<Found<Named, Vec<User>>, Error> {
    let mut namespaces: HashMap<String, Vec<String>> = HashMap::new();
    for (namespace, name) in keys {
        namespaces.entry(namespace).or_default().push(name);
    }
    let each = namespaces.into_iter().map(|(namespace, names)| async move {
        let answers = one_by_one_if_refused(graph, &names).await;
        answers
            .into_iter()
            .map(|(name, answer)| ((namespace.clone(), name), answer))
            .collect::<Vec<_>>()
    });
    let found = futures::future::join_all(each).await;
    Ok(found.into_iter().flatten().collect())
}

/// What was found under the names of one namespace. Where the service refuses them together, each is asked for alone: one
/// odd text must not hide the others.
async fn one_by_one_if_refused(graph: &Graph, names: &[String]) -> Found<String, Vec<User>> {
    match users(graph, names).await {
        Ok(found) => found,
        Err(error) if error.class == Class::ReadRefused && names.len() > 1 => {
            let each = names.iter().map(|name| async move {
                let answer = users(graph, std::slice::from_ref(name)).await;
                answer.unwrap_or_else(|error| HashMap::from([(name.clone(), Err(error))]))
            });
            let answers = futures::future::join_all(each).await;
            answers.into_iter().flatten().collect()
        }
        Err(error) => names
            .iter()
            .map(|name| (name.clone(), Err(error.clone())))
            .collect(),
    }
}

async fn users(graph: &Graph, names: &[String]) -> Result<Found<String, Vec<User>>, Error> {
    let wanted: Vec<UserPrincipalName> =
        names.iter().cloned().map(UserPrincipalName::new).collect();
    let listed = graph.users_by_name(&wanted).await?;
    let bad = super::each(names, &listed, |_, _| true);
    Ok(super::grouped(listed.rows, bad, |user| {
        let name = user.user_principal_name.as_ref()?;
        Some(name.as_str().to_lowercase())
    }))
}

/// Principals by id, with their kinds.
pub fn by_id(graph: &Graph) -> Coalescer<PrincipalId, Listed> {
    let graph = graph.clone();
    Coalescer::new(GATHER, move |ids: Vec<PrincipalId>| {
        let graph = graph.clone();
        async move {
            let listed = graph.principals(&ids).await?;
            let bad = super::each(&ids, &listed, |id, row| row.may_have_id(&id.to_string()));
            let found = listed.rows.into_iter().map(|found| (found.id, Ok(found)));
            Ok(found.chain(bad).collect())
        }
    })
}

impl Reader {
    /// Looks up names, and who of those of whom that is doubtful has left the tenant.
    pub async fn names(&self, ask: &Ask<'_>) -> Result<Names, Error> {
        let each = ask.names.iter().map(|name| async move {
            let known = ask.known.get(name).copied();
            let resolution = self.name(ask, name, known).await?;
            Ok::<_, Error>((name.clone(), known, resolution))
        });
        let (found, there) = futures::try_join!(
            futures::future::try_join_all(each),
            self.principals.get_all(ask.doubtful)
        )?;
        let left = ask
            .doubtful
            .iter()
            .filter(|id| !there.contains_key(id))
            .copied();
        let lost = found.iter().filter_map(|(_, known, resolution)| {
            known.filter(|_| *resolution == Resolution::NotFound)
        });
        let gone: Vec<PrincipalId> = left.chain(self.missing(lost).await?).collect();
        let names: Names = found
            .into_iter()
            .map(|(name, _, resolution)| (name, resolution))
            .collect();
        Ok(names.without(gone))
    }

    /// Which of some ids lead to nobody. A name that leads nowhere may belong to somebody who was renamed.
    async fn missing(
        &self,
        ids: impl Iterator<Item = PrincipalId>,
    ) -> Result<Vec<PrincipalId>, Error> {
        let ids: Vec<PrincipalId> = ids.collect();
        let there = self.principals.get_all(&ids).await?;
        Ok(ids
            .into_iter()
            .filter(|id| !there.contains_key(id))
            .collect())
    }

    async fn name(
        &self,
        ask: &Ask<'_>,
        name: &Principal,
        known: Option<PrincipalId>,
    ) -> Result<Resolution, Error> {
        if let (Some(id), Depth::Confirm) = (known, ask.depth)
            && let Some(identity) = self.confirm(name, id).await?
        {
            return Ok(Resolution::Found(identity));
        }
        let resolution = match name.kind {
            PrincipalKind::User => self.user(ask.namespace, name).await?,
            PrincipalKind::Group => self.group(name).await?,
            PrincipalKind::ServicePrincipal => self.application(name).await?,
        };
        match resolution {
            Resolution::NotFound if known.is_none() => self.elsewhere(name).await,
            resolution => Ok(resolution),
        }
    }

    /// What a name leads to that leads to nothing of its kind: an application has three ids, and all look alike.
    async fn elsewhere(&self, name: &Principal) -> Result<Resolution, Error> {
        let Ok(id) = name.name.parse::<PrincipalId>() else {
            return Ok(Resolution::NotFound);
        };
        let listed = self.principals.get(&id).await?;
        let hint = match listed {
            Some(listed) => other_kind(&listed),
            None => self
                .people
                .applications
                .get(&AppId(id.0))
                .await?
                .map(|found| {
                    format!(
                        "is the application id of a service principal; write kind: ServicePrincipal with this id, or name a {} by another id than {}",
                        name.kind, found.app_id
                    )
                }),
        };
        Ok(hint.map_or(Resolution::NotFound, Resolution::Elsewhere))
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

    async fn user(&self, namespace: &str, name: &Principal) -> Result<Resolution, Error> {
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
            .get(&(namespace.to_owned(), name.name.to_lowercase()))
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
                user_type: None,
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
        user_type: match user.user_type {
            Some(ListedType::Guest) => Some(UserType::Guest),
            Some(ListedType::Member) => Some(UserType::Member),
            Some(ListedType::Other(_)) | None => None,
        },
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
        account: Account::Unknown,
        user_type: None,
    })
}

fn other_kind(listed: &Listed) -> Option<String> {
    let called = listed
        .display_name
        .as_ref()
        .map(|name| format!(" {name}"))
        .unwrap_or_default();
    match (&listed.kind, listed.app_id) {
        (ListedKind::User, _) => Some(format!(
            "is the object id of the user{called}; write kind: User"
        )),
        (ListedKind::Group, _) => Some(format!(
            "is the object id of the group{called}; as an approver write kind: Group, as a subject list its people"
        )),
        (ListedKind::ServicePrincipal, Some(app)) => Some(format!(
            "is the object id of the application{called}; write kind: ServicePrincipal with its application id {app}"
        )),
        (ListedKind::ServicePrincipal, None) => Some(format!(
            "is the object id of the application{called}; write kind: ServicePrincipal with its application (client) id"
        )),
        (ListedKind::Other(_), _) => None,
    }
}

fn account(enabled: Option<bool>) -> Account {
    match enabled {
        Some(true) => Account::Enabled,
        Some(false) => Account::Disabled,
        None => Account::Unknown,
    }
}
