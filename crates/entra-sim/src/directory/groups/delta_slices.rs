//! Large groups in a delta: a group with many links comes in several rows, each with some of them
//! (learn.microsoft.com: delta-query-groups).

use serde_json::Value;

/// The rows, each with this many members and owners at most. What does not fit comes in further rows of the same group.
pub(super) fn slices(rows: Vec<Value>, most: usize) -> Vec<Value> {
    rows.into_iter()
        .flat_map(|row| slices_of(row, most.max(1)))
        .collect()
}

fn slices_of(mut row: Value, most: usize) -> Vec<Value> {
    let mut further = Vec::new();
    for list in ["members@delta", "owners@delta"] {
        let Some(links) = row.get_mut(list).and_then(Value::as_array_mut) else {
            continue;
        };
        let rest = links.split_off(links.len().min(most));
        further.extend(rest.chunks(most).map(|some| (list, some.to_vec())));
    }
    let mut bare = row.clone();
    if let Some(fields) = bare.as_object_mut() {
        fields.retain(|name, _| !name.ends_with("@delta"));
    }
    let further = further.into_iter().map(|(list, some)| {
        let mut slice = bare.clone();
        slice[list] = Value::Array(some);
        slice
    });
    std::iter::once(row.clone()).chain(further).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_group_with_many_members_comes_in_several_rows() {
        let row = json!({"id": "g", "displayName": "G", "members@delta": [1, 2, 3], "owners@delta": [4, 5]});
        assert_eq!(
            slices(vec![row, json!({"id": "h"})], 2),
            [
                json!({"id": "g", "displayName": "G", "members@delta": [1, 2], "owners@delta": [4, 5]}),
                json!({"id": "g", "displayName": "G", "members@delta": [3]}),
                json!({"id": "h"}),
            ]
        );
    }
}
