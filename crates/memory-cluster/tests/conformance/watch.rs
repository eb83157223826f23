//! Watching collections.

use anyhow::{Context as _, Result, ensure};
use futures::io::{AsyncBufReadExt as _, Lines};
use futures::{AsyncBufRead, StreamExt as _};
use http::Request;
use serde_json::{Value, json};

use crate::wire::{MERGE, Wire, widget};

type Events<R> = Lines<R>;

async fn open(wire: &Wire, query: &str) -> Result<Events<impl AsyncBufRead + Unpin + use<>>> {
    let path = format!(
        "{}?watch=true&allowWatchBookmarks=true&timeoutSeconds=30{query}",
        wire.widgets()
    );
    let stream = wire
        .client
        .request_stream(Request::get(path).body(Vec::new())?)
        .await?;
    Ok(Box::pin(stream).lines())
}

/// The next events that are no bookmarks, recorded.
async fn take<R: AsyncBufRead + Unpin>(
    wire: &mut Wire,
    events: &mut Events<R>,
    count: usize,
) -> Result<Vec<String>> {
    let mut told = Vec::new();
    while told.len() < count {
        let line = tokio::time::timeout(std::time::Duration::from_secs(20), events.next())
            .await
            .context("no event in time")?;
        let event: Value = serde_json::from_str(&line.context("the watch ended")??)?;
        if event["type"] == "BOOKMARK" && event["object"]["metadata"].get("annotations").is_none() {
            continue;
        }
        told.push(format!(
            "{} {}",
            event["type"].as_str().unwrap_or_default(),
            event["object"]["metadata"]["name"]
                .as_str()
                .unwrap_or_default()
        ));
        let bookmark = event["type"] == "BOOKMARK";
        wire.record(if bookmark {
            json!({"mark": event["object"]["metadata"]["annotations"]})
        } else {
            event
        });
    }
    Ok(told)
}

async fn version(wire: &mut Wire) -> Result<String> {
    let path = wire.widgets();
    let list = wire.get(&path).await?.expect(200)?;
    Ok(list["metadata"]["resourceVersion"]
        .as_str()
        .context("a version")?
        .to_owned())
}

pub async fn changes_are_told_in_order(wire: &mut Wire) -> Result<()> {
    let start = version(wire).await?;
    let mut held = widget("one", json!({"color": "Red"}));
    held["metadata"]["finalizers"] = json!(["memory.test/hold"]);
    let (widgets, path, status) = (wire.widgets(), wire.widget("one"), wire.status("one"));
    wire.post(&widgets, held).await?.expect(201)?;
    wire.patch(&path, MERGE, json!({"spec": {"color": "Blue"}}))
        .await?
        .expect(200)?;
    wire.patch(&path, MERGE, json!({"spec": {"color": "Blue"}}))
        .await?
        .expect(200)?;
    wire.patch(&status, MERGE, json!({"status": {"phase": "A"}}))
        .await?
        .expect(200)?;
    let mut events = open(wire, &format!("&resourceVersion={start}")).await?;
    wire.create("two", json!({"color": "Red"})).await?;
    wire.delete(&path, None).await?.expect(200)?;
    wire.patch(&path, MERGE, json!({"metadata": {"finalizers": null}}))
        .await?
        .expect(200)?;
    let told = take(wire, &mut events, 6).await?;
    ensure!(
        told == [
            "ADDED one",
            "MODIFIED one",
            "MODIFIED one",
            "ADDED two",
            "MODIFIED one",
            "DELETED one"
        ],
        "{told:?}"
    );
    Ok(())
}

pub async fn a_selector_turns_changes_into_additions_and_deletions(wire: &mut Wire) -> Result<()> {
    let start = version(wire).await?;
    let mut labelled = open(
        wire,
        &format!("&resourceVersion={start}&labelSelector=team%3Da"),
    )
    .await?;
    let mut coloured = open(
        wire,
        &format!("&resourceVersion={start}&fieldSelector=spec.color%3DBlue"),
    )
    .await?;
    wire.create("one", json!({"color": "Red"})).await?;
    let path = wire.widget("one");
    for patch in [
        json!({"metadata": {"labels": {"team": "a"}}}),
        json!({"spec": {"color": "Blue"}}),
        json!({"metadata": {"labels": {"team": "b"}}}),
        json!({"spec": {"color": "Green"}}),
    ] {
        wire.patch(&path, MERGE, patch).await?.expect(200)?;
    }
    let told = take(wire, &mut labelled, 3).await?;
    ensure!(
        told == ["ADDED one", "MODIFIED one", "DELETED one"],
        "{told:?}"
    );
    let told = take(wire, &mut coloured, 3).await?;
    ensure!(
        told == ["ADDED one", "MODIFIED one", "DELETED one"],
        "{told:?}"
    );
    Ok(())
}

pub async fn a_watch_without_version_starts_with_what_exists(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    wire.create("two", json!({"color": "Red"})).await?;
    let mut events = open(wire, "").await?;
    let told = take(wire, &mut events, 3).await?;
    ensure!(told == ["ADDED one", "ADDED two", "BOOKMARK "], "{told:?}");
    wire.create("three", json!({"color": "Red"})).await?;
    ensure!(take(wire, &mut events, 1).await? == ["ADDED three"]);
    Ok(())
}

pub async fn a_watch_from_long_ago_is_gone(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    let mut events = open(wire, "&resourceVersion=1").await?;
    let line = events.next().await.context("an event")??;
    let event: Value = serde_json::from_str(&line)?;
    ensure!(
        event["type"] == "ERROR" && event["object"]["code"] == 410,
        "{event}"
    );
    wire.record(event);
    Ok(())
}

pub async fn a_streamed_list_ends_with_a_mark(wire: &mut Wire) -> Result<()> {
    wire.create("one", json!({"color": "Red"})).await?;
    wire.create("two", json!({"color": "Red"})).await?;
    let mut events = open(
        wire,
        "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
    )
    .await?;
    let told = take(wire, &mut events, 3).await?;
    ensure!(told == ["ADDED one", "ADDED two", "BOOKMARK "], "{told:?}");
    Ok(())
}
