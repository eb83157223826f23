//! Finds out whom names mean. A name that was looked up before is only confirmed by its id, many at once; a new one is
//! looked up by name. Whether somebody may be granted anything is not decided here.

use std::collections::{BTreeMap, HashMap};

use entra_client::Error;
use entra_client::graph::DirectoryObject;
use pim_core::ids::{AppId, ObjectName, PrincipalId, UserPrincipalName};
use pim_core::principal::{Identity, Names, Principal, PrincipalKind, Resolution};

use super::tenant::Reader;

/// How much is found out about people who were looked up before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// That they still exist and bear their names: one read for up to a thousand.
    Confirm,
    /// Also whether their accounts are enabled: needed before anybody is granted anything.
    Full,
}

/// The names to resolve in the tenant, and how thoroughly.
pub struct Ask<'a> {
    /// The namespace whose objects name them.
    pub namespace: &'a str,
    /// The principals to look up, as manifests name them.
    pub names: &'a [Principal],
    /// Whom some of them meant before.
    pub known: &'a HashMap<Principal, PrincipalId>,
    /// Who may have left the tenant: of them only that is found out.
    pub doubtful: &'a [PrincipalId],
    /// How much to find out.
    pub depth: Depth,
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
            self.principals.objects.get_all(ask.doubtful)
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

    /// What people call some principals: by the names that sign in, else by those that portals show.
    pub async fn names_of(
        &self,
        ids: &[PrincipalId],
    ) -> Result<HashMap<PrincipalId, String>, Error> {
        let found = self.principals.objects.get_all(ids).await?;
        let named = found.into_iter().filter_map(|(id, object)| {
            let identity = object.identity.as_ref();
            let signs_in = identity.and_then(|one| one.user_principal_name.as_ref());
            let name = signs_in.map(|name| name.as_str().to_owned());
            Some((id, name.or(object.display_name)?))
        });
        Ok(named.collect())
    }

    /// What was kept for a group of those whom no object names.
    pub fn strangers(&self, group: &ObjectName) -> BTreeMap<PrincipalId, String> {
        self.notes.with(group, |notes| notes.strangers.clone())
    }

    /// Keeps for a group what those are called whom no object names.
    pub fn keep_strangers(&self, group: &ObjectName, names: BTreeMap<PrincipalId, String>) {
        self.notes.with(group, |notes| notes.strangers = names);
    }

    /// Which of some ids lead to nobody. A name that leads nowhere may belong to somebody who was renamed.
    async fn missing(
        &self,
        ids: impl Iterator<Item = PrincipalId>,
    ) -> Result<Vec<PrincipalId>, Error> {
        let ids: Vec<PrincipalId> = ids.collect();
        let there = self.principals.objects.get_all(&ids).await?;
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
            // The group of an object is proved by what it bears, which `resolve` asks for.
            PrincipalKind::PrivilegedGroup => Resolution::Unread,
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
        let hint = if let Some(object) = self.principals.objects.get(&id).await? {
            other_kind(&object)
        } else {
            let app = AppId(id.0);
            let found = self.principals.applications.get(&app).await?;
            found.map(|_| {
                format!(
                    "is the application id of a service principal; write kind: ServicePrincipal with this id, or name a {} by another id than {app}",
                    name.kind
                )
            })
        };
        Ok(hint.map_or(Resolution::NotFound, Resolution::Elsewhere))
    }

    /// The principal that a name meant before, if it still bears the name.
    async fn confirm(&self, name: &Principal, id: PrincipalId) -> Result<Option<Identity>, Error> {
        let object = self.principals.objects.get(&id).await?;
        let Some(identity) = object.and_then(|object| object.identity) else {
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
            PrincipalKind::PrivilegedGroup => false,
            // An application id always leads to the same service principal for as long as that exists.
            PrincipalKind::ServicePrincipal => true,
        };
        Ok((same && identity.kind == name.kind).then_some(identity))
    }

    async fn user(&self, namespace: &str, name: &Principal) -> Result<Resolution, Error> {
        if let Ok(id) = name.name.parse::<PrincipalId>() {
            let found = self.principals.users.get(&id).await?;
            return Ok(found.map_or(Resolution::NotFound, Resolution::Found));
        }
        let named = (namespace.to_owned(), name.name.to_lowercase());
        let found = self.principals.by_name.get(&named).await?;
        let found = found.unwrap_or_default();
        Ok(match <[Identity; 1]>::try_from(found) {
            Ok([user]) => Resolution::Found(user),
            Err(found) if found.is_empty() => Resolution::NotFound,
            Err(found) => Resolution::Ambiguous(found.into_iter().map(|user| user.id).collect()),
        })
    }

    async fn group(&self, name: &Principal) -> Result<Resolution, Error> {
        let Ok(id) = name.name.parse::<PrincipalId>() else {
            return Ok(Resolution::NotFound);
        };
        let object = self.principals.objects.get(&id).await?;
        Ok(match object.and_then(|object| object.identity) {
            Some(identity) if identity.kind == PrincipalKind::Group => Resolution::Found(identity),
            _ => Resolution::NotFound,
        })
    }

    async fn application(&self, name: &Principal) -> Result<Resolution, Error> {
        let Ok(id) = name.name.parse::<AppId>() else {
            return Ok(Resolution::NotFound);
        };
        let found = self.principals.applications.get(&id).await?;
        Ok(found.map_or(Resolution::NotFound, Resolution::Found))
    }
}

/// What a text leads to that leads to nothing of the kind that was named, and what to write instead.
fn other_kind(object: &DirectoryObject) -> Option<String> {
    let called = object
        .display_name
        .as_ref()
        .map(|name| format!(" {name}"))
        .unwrap_or_default();
    Some(match (object.identity.as_ref()?.kind, object.app_id) {
        (PrincipalKind::User, _) => {
            format!("is the object id of the user{called}; write kind: User")
        }
        (PrincipalKind::Group | PrincipalKind::PrivilegedGroup, _) => {
            format!("is the object id of the group{called}; write kind: Group")
        }
        (PrincipalKind::ServicePrincipal, Some(app)) => format!(
            "is the object id of the application{called}; write kind: ServicePrincipal with its application id {app}"
        ),
        (PrincipalKind::ServicePrincipal, None) => format!(
            "is the object id of the application{called}; write kind: ServicePrincipal with its application (client) id"
        ),
    })
}
