//! Reading collections.

use anyhow::{Context as _, Result, ensure};
use http::Request;
use kube::client::Body;
use serde_json::{Value, json};

use crate::wire::{Wire, widget};

fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().into_iter().flatten();
    items
        .filter_map(|item| item["metadata"]["name"].as_str().map(str::to_owned))
        .collect()
}

async fn create_three(wire: &mut Wire) -> Result<()> {
    for (name, color, team) in [("b", "Red", "x"), ("c", "Blue", "y"), ("a", "Red", "y")] {
        let mut object = widget(name, json!({"color": color}));
        object["metadata"]["labels"] = json!({"team": team, "space": wire.namespace});
        let path = wire.widgets();
        wire.post(&path, object).await?.expect(201)?;
    }
    Ok(())
}

pub async fn lists_are_ordered_and_paged(wire: &mut Wire) -> Result<()> {
    let path = wire.widgets();
    let empty = wire.get(&path).await?.expect(200)?;
    ensure!(empty["items"] == json!([]) && empty["kind"] == "WidgetList");
    create_three(wire).await?;
    ensure!(names(&wire.get(&path).await?.expect(200)?) == ["a", "b", "c"]);
    let first = wire.get(&format!("{path}?limit=2")).await?.expect(200)?;
    ensure!(names(&first) == ["a", "b"] && first["metadata"]["remainingItemCount"] == 1);
    wire.create("d", json!({"color": "Red"})).await?;
    let token = first["metadata"]["continue"].as_str().context("a token")?;
    let rest = wire
        .unrecorded(
            http::Method::GET,
            &format!("{path}?limit=2&continue={token}"),
            crate::wire::JSON,
            None,
        )
        .await?
        .expect(200)?;
    ensure!(
        names(&rest) == ["c"],
        "a later page shows what stood at the first"
    );
    ensure!(rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]);
    ensure!(
        rest["metadata"]
            .get("continue")
            .is_none_or(|token| token == "")
    );
    wire.get(&format!("{path}?continue=nonsense"))
        .await?
        .refused(400, "BadRequest")?;
    Ok(())
}

pub async fn labels_select(wire: &mut Wire) -> Result<()> {
    create_three(wire).await?;
    let path = wire.widgets();
    let cases: [(&str, &[&str]); 7] = [
        ("team%3Dy", &["a", "c"]),
        ("team!%3Dy", &["b"]),
        ("team+in+(x,z)", &["b"]),
        ("team+notin+(x)", &["a", "c"]),
        ("team", &["a", "b", "c"]),
        ("!team", &[]),
        ("team%3Dy,team%3Dx", &[]),
    ];
    for (selector, expected) in cases {
        let list = wire
            .get(&format!("{path}?labelSelector={selector}"))
            .await?
            .expect(200)?;
        ensure!(names(&list) == expected, "{selector}");
    }
    let everywhere = format!(
        "/apis/memory.test/v1/widgets?labelSelector=space%3D{}",
        wire.namespace
    );
    ensure!(names(&wire.get(&everywhere).await?.expect(200)?) == ["a", "b", "c"]);
    let page = wire
        .get(&format!("{path}?labelSelector=team%3Dy&limit=1"))
        .await?
        .expect(200)?;
    ensure!(page["metadata"].get("remainingItemCount").is_none());
    Ok(())
}

pub async fn fields_select_where_the_kind_offers_them(wire: &mut Wire) -> Result<()> {
    create_three(wire).await?;
    let path = wire.widgets();
    let cases: [(&str, &[&str]); 4] = [
        ("metadata.name%3Db", &["b"]),
        ("metadata.name!%3Db", &["a", "c"]),
        ("spec.color%3DRed", &["a", "b"]),
        ("spec.color%3DRed,metadata.name%3Da", &["a"]),
    ];
    for (selector, expected) in cases {
        let list = wire
            .get(&format!("{path}?fieldSelector={selector}"))
            .await?
            .expect(200)?;
        ensure!(names(&list) == expected, "{selector}");
    }
    wire.get(&format!("{path}?fieldSelector=spec.size%3D3"))
        .await?
        .refused(400, "BadRequest")?;
    Ok(())
}

pub async fn metadata_can_be_read_alone(wire: &mut Wire) -> Result<()> {
    create_three(wire).await?;
    let (widgets, path) = (wire.widgets(), wire.widget("a"));
    for (path, accept) in [
        (path, "PartialObjectMetadata"),
        (widgets, "PartialObjectMetadataList"),
    ] {
        let accept = format!("application/json;as={accept};g=meta.k8s.io;v=v1");
        let request = Request::get(&path)
            .header("accept", accept)
            .body(Body::empty())?;
        let answer = wire.exchange(request).await?.expect(200)?;
        ensure!(answer.get("spec").is_none());
        wire.record(answer);
    }
    Ok(())
}

pub async fn an_older_version_can_be_listed(wire: &mut Wire) -> Result<()> {
    create_three(wire).await?;
    let path = wire.widgets();
    let list = wire.get(&path).await?.expect(200)?;
    let version = list["metadata"]["resourceVersion"]
        .as_str()
        .context("a version")?
        .to_owned();
    let doomed = wire.widget("b");
    wire.delete(&doomed, None).await?.expect(200)?;
    let exact = format!("{path}?resourceVersion={version}&resourceVersionMatch=Exact");
    let then = wire
        .unrecorded(http::Method::GET, &exact, crate::wire::JSON, None)
        .await?
        .expect(200)?;
    ensure!(names(&then) == ["a", "b", "c"]);
    let newer = format!("{path}?resourceVersion={version}&resourceVersionMatch=NotOlderThan");
    wire.unrecorded(http::Method::GET, &newer, crate::wire::JSON, None)
        .await?
        .expect(200)?;
    ensure!(names(&wire.get(&path).await?.expect(200)?) == ["a", "c"]);
    Ok(())
}
