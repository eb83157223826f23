//! Lists are whole, or they failed.

use super::*;
use crate::Class;

fn page(rows: &Value, next: Option<&str>) -> Reply {
    let mut body = json!({ "value": rows });
    if let Some(next) = next {
        body["@odata.nextLink"] = next.into();
    }
    Reply::json(200, body)
}

fn row() -> Value {
    json!([{"id": GROUP, "somethingNew": {"a": 1}}])
}

#[tokio::test(start_paused = true)]
async fn all_pages_are_read_in_order_and_an_empty_one_ends_nothing() {
    let service = Service::new(|seen| match seen.path.as_str() {
        "/p?$skiptoken=2" => page(
            &json!([]),
            Some("https://graph.test/v1.0/p?$skiptoken=3%27x"),
        ),
        "/p?$skiptoken=3%27x" => page(&row(), None),
        _ => page(&row(), Some("https://graph.test/v1.0/p?$skiptoken=2")),
    });
    let groups = graph(&service)
        .groups(&[GROUP.parse().unwrap()])
        .await
        .unwrap();
    assert_eq!(groups.rows.len(), 2);
    assert_eq!(service.sent().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_page_on_another_host_is_refused_and_gets_no_token() {
    let service =
        Service::new(|_| page(&row(), Some("https://evil.test/v1.0/groups?$skiptoken=2")));
    let error = graph(&service)
        .groups(&[GROUP.parse().unwrap()])
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::Bug);
    assert!(error.to_string().contains("another host"));
    assert_eq!(service.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_page_fails_the_whole_list() {
    let service = Service::new(|seen| {
        if seen.path.contains("skiptoken") {
            Reply::json(
                403,
                json!({"error": {"code": "Authorization_RequestDenied"}}),
            )
        } else {
            page(&row(), Some("https://graph.test/v1.0/p?$skiptoken=2"))
        }
    });
    let error = graph(&service)
        .groups(&[GROUP.parse().unwrap()])
        .await
        .unwrap_err();
    assert!(matches!(error.class, Class::PermissionDenied { .. }));
}

#[tokio::test(start_paused = true)]
async fn an_expired_page_token_starts_the_list_over() {
    let calls = AtomicUsize::new(0);
    let service = Service::new(move |seen| match seen.path.contains("skiptoken") {
        true if calls.fetch_add(1, Ordering::SeqCst) == 0 => Reply::json(
            400,
            json!({"error": {"code": "Directory_ExpiredPageToken"}}),
        ),
        true => page(&json!([]), None),
        false => page(&row(), Some("https://graph.test/v1.0/p?$skiptoken=2")),
    });
    let groups = graph(&service)
        .groups(&[GROUP.parse().unwrap()])
        .await
        .unwrap();
    assert_eq!(groups.rows.len(), 1);
    assert_eq!(service.sent().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_list_without_its_rows_is_no_empty_list() {
    let service = Service::new(|_| Reply::json(200, json!({})));
    let error = graph(&service)
        .groups(&[GROUP.parse().unwrap()])
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::Bug);
}
