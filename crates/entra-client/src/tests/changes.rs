//! The changes of some groups: what is asked for, what is made of the answers, and what is refused.

use std::collections::BTreeSet;

use pim_core::ids::GroupId;
use pim_core::schedule::Access;

use super::*;
use crate::Class;
use crate::graph::{ChangeDetails, GroupChange, LinkChange, StreamStart};

const OTHER: &str = "bbbbbbbb-1111-4111-8111-111111111111";
const JOSE: &str = "cccccccc-1111-4111-8111-111111111111";
const DELTA: &str = "https://graph.test/v1.0/groups/delta?$deltatoken=a%27b";

fn groups(ids: &[&str]) -> BTreeSet<GroupId> {
    ids.iter().map(|id| id.parse().unwrap()).collect()
}

fn round(rows: &Value, link: &str, address: &str) -> Reply {
    Reply::json(200, json!({"value": rows, link: address}))
}

fn last(rows: &Value) -> Reply {
    round(rows, "@odata.deltaLink", DELTA)
}

fn jose(change: LinkChange) -> GroupChange {
    GroupChange::Details(ChangeDetails {
        properties: None,
        links: [((Access::Member, JOSE.parse().unwrap()), change)].into(),
    })
}

/// What a stream tells that was just begun.
async fn told(service: &Arc<Service>) -> Result<Vec<(GroupId, GroupChange)>, Error> {
    let graph = graph(service);
    let stream = graph
        .begin_group_changes(&groups(&[GROUP, OTHER]), StreamStart::Now)
        .await?;
    let (changes, next) = graph.group_changes(&stream).await?;
    assert_eq!(next.groups(), stream.groups());
    Ok(changes.into_iter().collect())
}

#[tokio::test(start_paused = true)]
async fn a_stream_begins_now_and_goes_on_where_the_service_says() {
    let service = Service::new(|_| last(&json!([])));
    assert!(told(&service).await.unwrap().is_empty());
    let sent = service.sent();
    let paths: Vec<&str> = sent
        .iter()
        .map(|sent| sent.operations[0].path.as_str())
        .collect();
    let filter = format!("id%20eq%20%27{GROUP}%27%20or%20id%20eq%20%27{OTHER}%27");
    let select = "displayName%2Cdescription%2Cmembers%2Cowners";
    let first = format!("/groups/delta?$deltatoken=latest&$filter={filter}&$select={select}");
    assert_eq!(paths, [first.as_str(), "/groups/delta?$deltatoken=a%27b"]);
}

#[tokio::test(start_paused = true)]
async fn rows_of_one_group_are_joined_whatever_their_order() {
    let gone = json!({"id": JOSE, "@removed": {"reason": "deleted"}});
    let service = Service::new(move |seen| match seen.path.as_str() {
        "/groups/delta?$deltatoken=a%27b" => round(
            &json!([{"id": GROUP, "members@delta": [{"id": JOSE}]}, {"id": OTHER, "@removed": {"reason": "changed"}}]),
            "@odata.nextLink",
            "https://graph.test/v1.0/groups/delta?$skiptoken=2",
        ),
        "/groups/delta?$skiptoken=2" => last(&json!([{"id": GROUP, "members@delta": [gone]}])),
        _ => last(&json!([])),
    });
    let told = told(&service).await.unwrap();
    let both = [
        (GROUP.parse().unwrap(), jose(LinkChange::Both)),
        (OTHER.parse().unwrap(), GroupChange::Deleted),
    ];
    assert_eq!(told, both);
}

#[tokio::test(start_paused = true)]
async fn an_odd_row_says_that_something_changed_and_rows_of_other_groups_say_nothing() {
    let service = Service::new(|seen| {
        if seen.path.contains("latest") {
            return last(&json!([]));
        }
        last(&json!([
            {"id": GROUP, "members@delta": "odd"}, {"id": JOSE, "displayName": "Another"}, {"members@delta": []}, 7,
            {"id": OTHER, "displayName": "Other", "description": ""},
        ]))
    });
    let told = told(&service).await.unwrap();
    let named = GroupChange::Details(ChangeDetails {
        properties: Some(("Other".to_owned(), None)),
        ..ChangeDetails::default()
    });
    let expected = [
        (GROUP.parse().unwrap(), GroupChange::Unclear),
        (OTHER.parse().unwrap(), named),
    ];
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn a_lost_token_is_told_as_such() {
    for (status, code) in [
        (410, "syncStateNotFound"),
        (404, "resyncRequired"),
        (410, "x"),
    ] {
        let service = Service::new(move |seen| {
            if seen.path.contains("latest") {
                return last(&json!([]));
            }
            Reply::json(status, json!({"error": {"code": code}}))
        });
        let error = told(&service).await.unwrap_err();
        assert_eq!(error.class, Class::Expired, "{status} {code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_round_without_an_end_or_on_another_host_is_given_up() {
    let circle = "https://graph.test/v1.0/groups/delta?$skiptoken=1";
    let service = Service::new(move |_| round(&json!([]), "@odata.nextLink", circle));
    assert_eq!(told(&service).await.unwrap_err().class, Class::ReadRefused);
    assert!(service.sent().len() <= 200);
    let evil = "https://evil.test/v1.0/groups/delta?$deltatoken=1";
    let service = Service::new(move |_| round(&json!([]), "@odata.deltaLink", evil));
    assert_eq!(told(&service).await.unwrap_err().class, Class::Bug);
    let service = Service::new(|_| Reply::ok());
    assert_eq!(told(&service).await.unwrap_err().class, Class::Bug);
    assert_eq!(service.sent().len(), 1);
}
