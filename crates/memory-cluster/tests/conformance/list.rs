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
    let request = Request::get(wire.widget("a"))
        .header(
            "accept",
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        )
        .body(Body::empty())?;
    let answer = wire.exchange(request).await?.expect(200)?;
    ensure!(answer.get("spec").is_none());
    wire.record(answer);
    Ok(())
}
