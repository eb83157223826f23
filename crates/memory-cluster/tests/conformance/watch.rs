//! Watching collections.

use anyhow::{Context as _, Result, ensure};
use futures::io::{AsyncBufReadExt as _, Lines};
use futures::{AsyncBufRead, StreamExt as _};
use http::Request;
use serde_json::{Value, json};

use crate::wire::Wire;

type Events<R> = Lines<R>;

async fn open(wire: &Wire, version: &Value) -> Result<Events<impl AsyncBufRead + Unpin + use<>>> {
    let version = version.as_str().context("a version")?;
    let path = format!(
        "{}?watch=true&allowWatchBookmarks=true&timeoutSeconds=30&resourceVersion={version}",
        wire.widgets()
    );
    let request = Request::get(path).body(Vec::new())?;
    let stream = wire.client.request_stream(request).await?;
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
        if event["type"] == "BOOKMARK" {
            continue;
        }
        told.push(format!(
            "{} {}",
            event["type"].as_str().unwrap_or_default(),
            event["object"]["metadata"]["name"]
                .as_str()
                .unwrap_or_default()
        ));
        wire.record(event);
    }
    Ok(told)
}

pub async fn changes_are_told_in_order(wire: &mut Wire) -> Result<()> {
    let (path, status) = (wire.widget("one"), wire.status("one"));
    let list = wire.get(&wire.widgets()).await?.expect(200)?;
    wire.create_held(&["memory.test/hold"]).await?;
    for (path, change) in [
        (&path, json!({"spec": {"color": "Blue"}})),
        (&path, json!({"spec": {"color": "Blue"}})),
        (&status, json!({"status": {"phase": "A"}})),
    ] {
        wire.merge(path, change).await?.expect(200)?;
    }
    let mut events = open(wire, &list["metadata"]["resourceVersion"]).await?;
    wire.create("two", json!({"color": "Red"})).await?;
    wire.delete(&path).await?.expect(200)?;
    wire.merge(&path, json!({"metadata": {"finalizers": null}}))
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
