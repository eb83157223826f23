//! Reading collections and metadata.

use anyhow::{Result, ensure};
use http::Request;
use kube::client::Body;
use serde_json::{Value, json};

use crate::wire::Wire;

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().into_iter().flatten();
    items
        .filter_map(|item| item["metadata"]["name"].as_str())
        .collect()
}

pub async fn lists_are_ordered(wire: &mut Wire) -> Result<()> {
    let path = wire.widgets();
    let empty = wire.get(&path).await?.expect(200)?;
    ensure!(empty["items"] == json!([]) && empty["kind"] == "WidgetList");
    for name in ["b", "c", "a"] {
        wire.create(name, json!({"color": "Red"})).await?;
    }
    let list = wire.get(&path).await?.expect(200)?;
    ensure!(names(&list) == ["a", "b", "c"]);
    let few = wire.get(&format!("{path}?limit=500")).await?.expect(200)?;
    ensure!(names(&few) == names(&list));
    Ok(())
}

pub async fn metadata_can_be_read_alone(wire: &mut Wire) -> Result<()> {
    wire.create("a", json!({"color": "Red"})).await?;
    let (one, all) = (wire.widget("a"), wire.widgets());
    let one = metadata(wire, &one, "PartialObjectMetadata").await?;
    ensure!(one.get("spec").is_none());
    let all = metadata(wire, &all, "PartialObjectMetadataList").await?;
    ensure!(names(&all) == ["a"] && all["items"][0] == one);
    wire.record(one);
    wire.record(all);
    Ok(())
}

async fn metadata(wire: &mut Wire, path: &str, view: &str) -> Result<Value> {
    let accept = format!("application/json;as={view};g=meta.k8s.io;v=v1");
    let request = Request::get(path).header("accept", accept);
    let answer = wire.exchange(request.body(Body::empty())?).await?;
    answer.expect(200)
}
