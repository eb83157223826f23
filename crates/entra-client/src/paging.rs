//! Reads a list to its end.
//!
//! A list is whole or it failed: a truncated one would look like drift. A row that cannot be read is told as such. The
//! address of the next page is the service's own, followed as it is, and only on the host that the token is for.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::Url;

use crate::dispatch::Dispatcher;
use crate::error::{Class, Error};
use crate::listed::Listed;
use crate::operation::{Operation, Place};

/// More pages than any list of ours can have: the service is going in circles.
const MOST_PAGES: usize = 10_000;

#[derive(Deserialize)]
struct Page {
    value: Vec<Box<RawValue>>,
    /// Graph and the Azure Resource Manager name it differently.
    #[serde(rename = "@odata.nextLink", alias = "nextLink")]
    next: Option<String>,
}

/// All rows of a list. A page token that expired on the way starts the list over, once.
pub(crate) async fn list<T: DeserializeOwned>(
    dispatcher: &Dispatcher,
    first: Operation,
) -> Result<Listed<T>, Error> {
    let listed = list_within(dispatcher, &first, MOST_PAGES).await?;
    listed.ok_or_else(|| first.failure(Class::Bug).saying("the list does not end"))
}

/// The same, if it has no more pages than some; nothing if it has.
pub(crate) async fn list_within<T: DeserializeOwned>(
    dispatcher: &Dispatcher,
    first: &Operation,
    most: usize,
) -> Result<Option<Listed<T>>, Error> {
    match pages(dispatcher, first, most).await {
        Err(error) if error.class == Class::Expired => pages(dispatcher, first, most).await,
        result => result,
    }
}

async fn pages<T: DeserializeOwned>(
    dispatcher: &Dispatcher,
    first: &Operation,
    most: usize,
) -> Result<Option<Listed<T>>, Error> {
    let mut listed = Listed::default();
    let mut operation = first.clone();
    for _ in 0..most {
        let response = dispatcher.submit(operation).await?;
        let page: Page = response.json()?;
        listed.extend(Listed::read(&page.value));
        let Some(link) = page.next else {
            return Ok(Some(listed));
        };
        let base = dispatcher.base(first.service());
        let place = base.and_then(|base| next_place(base, &link));
        operation = first.follow(place.ok_or_else(|| {
            response.fault("the next page is on another host; it is not followed")
        })?);
    }
    Ok(None)
}

/// Where the next page is, if it is on the same host and scheme. Below the same base address it may travel in a batch.
pub(crate) fn next_place(base: &str, link: &str) -> Option<Place> {
    if let Some(rest) = link.strip_prefix(base)
        && rest.starts_with('/')
    {
        return Some(Place::Relative(rest.to_owned()));
    }
    let (base, next) = (Url::parse(base).ok()?, Url::parse(link).ok()?);
    let same =
        base.origin() == next.origin() && next.username().is_empty() && next.password().is_none();
    same.then(|| Place::Absolute(link.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://graph.microsoft.com/v1.0";

    #[test]
    fn a_next_page_is_followed_only_where_the_token_belongs() {
        for refused in [
            "https://evil.example/v1.0/groups?$skiptoken=x",
            "http://graph.microsoft.com/v1.0/groups",
            "https://graph.microsoft.com:444/v1.0/groups",
            "https://graph.microsoft.com.evil.example/v1.0/groups",
            "https://graph.microsoft.com@evil.example/v1.0/groups",
            "https://u:p@graph.microsoft.com/v1.0/groups",
            "/groups",
            "",
        ] {
            assert_eq!(next_place(BASE, refused), None, "{refused}");
        }
    }

    #[test]
    fn a_next_page_is_taken_as_it_is() {
        assert_eq!(
            next_place(
                BASE,
                "https://graph.microsoft.com/v1.0/groups?$skiptoken=a%27b"
            ),
            Some(Place::Relative("/groups?$skiptoken=a%27b".into()))
        );
        let other = "https://GRAPH.microsoft.com/v1.0/groups?x";
        assert_eq!(next_place(BASE, other), Some(Place::Absolute(other.into())));
    }
}
