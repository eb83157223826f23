//! Next links.

use entra_sim::Profile;
use jiff::SignedDuration;

use crate::client::{ideal, tenant};

#[tokio::test]
async fn next_links_lead_through_all_rows_once() {
    let client = ideal();
    for n in 0..7 {
        client.group(&format!("Paged-{n}")).await;
    }
    let mut names = Vec::new();
    let mut link =
        "/groups?$filter=startswith(displayName,'Paged')&$top=3&$select=displayName".to_owned();
    let mut pages = 0;
    loop {
        let page = client.get(&link).await.expect(200);
        names.extend(page.column("displayName"));
        pages += 1;
        match page.body["@odata.nextLink"].as_str() {
            Some(next) => next.clone_into(&mut link),
            None => break,
        }
    }
    names.sort();
    assert_eq!((pages, names.len(), names[0].as_str()), (3, 7, "Paged-0"));
    client.assert_shapes();
}

#[tokio::test]
async fn a_list_that_changes_in_between_loses_no_row() {
    let client = ideal();
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(client.group(&format!("Paged-{n}")).await);
    }
    let first = client
        .get("/groups?$filter=startswith(displayName,'Paged')&$top=2&$select=id")
        .await;
    let seen = first.column("id");
    client.delete(&format!("/groups/{}", seen[0])).await;
    let second = client
        .get(first.body["@odata.nextLink"].as_str().unwrap())
        .await;
    let all: std::collections::BTreeSet<String> =
        seen.into_iter().chain(second.column("id")).collect();
    assert_eq!(all, ids.into_iter().collect());
}

#[tokio::test]
async fn page_tokens_expire_and_belong_to_their_address() {
    let client = tenant(Profile::Ideal, &[("pageTokenLifetime", "5m")]);
    let page = client.get("/groups?$top=1").await;
    let next = page.body["@odata.nextLink"].as_str().unwrap().to_owned();
    let elsewhere = next.replace("/groups?", "/users?");
    client.get(&elsewhere).await.expect(400);
    client.get("/groups?$skiptoken=nonsense").await.expect(400);
    client.advance(SignedDuration::from_mins(6));
    assert_eq!(client.get(&next).await.code(), "Directory_ExpiredPageToken");
}

#[tokio::test]
async fn page_sizes_have_limits() {
    let client = ideal();
    for top in ["0", "1000"] {
        assert_eq!(
            client.get(&format!("/groups?$top={top}")).await.status,
            400,
            "{top}"
        );
    }
    client.get("/groups?$top=999").await.expect(200);
}
