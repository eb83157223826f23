//! Look-ups of principals: users by name and by id, applications by theirs, whatever else an id leads to. Names of one
//! namespace never share a filter with another's: what the service refuses for one text must not fail anybody else.

use std::collections::HashMap;

use entra_client::graph::DirectoryObject;
use entra_client::{Class, Error, Graph};
use pim_core::ids::{AppId, PrincipalId, UserPrincipalName};
use pim_core::principal::Identity;

use super::coalesce::{Coalescer, Found};
use super::lookup::{asking, grouped, single, unknown};

/// A name in the namespace whose objects write it.
type Named = (String, String);

/// Look-ups of principals, which send the requests of many callers together.
pub struct Principals {
    /// Users by name, with their accounts.
    pub by_name: Coalescer<Named, Vec<Identity>>,
    /// Users by object id, with their accounts.
    pub users: Coalescer<PrincipalId, Identity>,
    /// Service principals by the id of their application, with their accounts.
    pub applications: Coalescer<AppId, Identity>,
    /// Any object by its id.
    pub objects: Coalescer<PrincipalId, DirectoryObject>,
}

impl Principals {
    /// Look-ups on top of a client.
    pub fn new(graph: &Graph) -> Self {
        Self {
            by_name: asking(graph, by_name),
            users: asking(graph, users_by_id),
            applications: asking(graph, applications),
            objects: asking(graph, objects),
        }
    }
}

/// Users by name, namespace by namespace. The look-ups of all namespaces travel together, each in filters of its own.
async fn by_name(graph: Graph, keys: Vec<Named>) -> Result<Found<Named, Vec<Identity>>, Error> {
    let graph = &graph;
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
async fn one_by_one_if_refused(graph: &Graph, names: &[String]) -> Found<String, Vec<Identity>> {
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

async fn users(graph: &Graph, names: &[String]) -> Result<Found<String, Vec<Identity>>, Error> {
    let wanted: Vec<UserPrincipalName> =
        names.iter().cloned().map(UserPrincipalName::new).collect();
    let listed = graph.users_by_name(&wanted).await?;
    let unknown = unknown(names, &listed, |_, _| true);
    let rows = listed.rows.into_iter().filter_map(|user| {
        let name = user.user_principal_name.as_ref()?.as_str().to_lowercase();
        Some((name, user))
    });
    Ok(grouped(rows, unknown))
}

async fn users_by_id(
    graph: Graph,
    ids: Vec<PrincipalId>,
) -> Result<Found<PrincipalId, Identity>, Error> {
    let listed = graph.users(&ids).await?;
    let unknown = unknown(&ids, &listed, |id, row| row.may_have_id(&id.to_string()));
    let rows = listed.rows.into_iter().map(|user| (user.id, user));
    Ok(single(rows, unknown))
}

async fn applications(graph: Graph, ids: Vec<AppId>) -> Result<Found<AppId, Identity>, Error> {
    let listed = graph.service_principals(&ids).await?;
    let unknown = unknown(&ids, &listed, |_, _| true);
    Ok(single(listed.rows, unknown))
}

async fn objects(
    graph: Graph,
    ids: Vec<PrincipalId>,
) -> Result<Found<PrincipalId, DirectoryObject>, Error> {
    let listed = graph.principals(&ids).await?;
    let unknown = unknown(&ids, &listed, |id, row| row.may_have_id(&id.to_string()));
    let rows = listed.rows.into_iter().map(|object| (object.id, object));
    Ok(single(rows, unknown))
}
