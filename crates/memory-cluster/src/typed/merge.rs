//! Merging what is applied over what stands.
//!
//! Fields of maps and items of keyed lists are merged one by one; the order of a merged list follows the
//! applied one, with items of others kept near their place.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::shape::{Shape, child, item_schema, item_step, keys_of, pair_shape};
use crate::fields::Step;
use crate::schema::Schema;

/// The live value with the applied one merged over it.
pub(crate) fn merge(
    schema: Option<&Schema>,
    live: Option<&Value>,
    applied: Option<&Value>,
) -> Option<Value> {
    match pair_shape(schema, live, applied) {
        Shape::Leaf => applied.or(live).cloned(),
        Shape::Map => {
            let mut merged = Map::new();
            for name in keys_of(live).union(&keys_of(applied)) {
                let (live, applied) = (
                    live.and_then(|live| live.get(name)),
                    applied.and_then(|applied| applied.get(name)),
                );
                if let Some(value) = merge(child(schema, name), live, applied) {
                    merged.insert((*name).clone(), value);
                }
            }
            (!merged.is_empty()).then_some(Value::Object(merged))
        }
        Shape::List => merge_lists(schema, items(live), items(applied)),
    }
}

fn items(list: Option<&Value>) -> &[Value] {
    list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn merge_lists(schema: Option<&Schema>, live: &[Value], applied: &[Value]) -> Option<Value> {
    let live: Vec<(Step, &Value)> = live
        .iter()
        .map(|item| (item_step(schema, item), item))
        .collect();
    let applied: Vec<(Step, &Value)> = applied
        .iter()
        .map(|item| (item_step(schema, item), item))
        .collect();
    let order = merged_order(&live, &applied);
    let live: BTreeMap<&Step, &Value> = live.iter().map(|(step, item)| (step, *item)).collect();
    let applied: BTreeMap<&Step, &Value> =
        applied.iter().map(|(step, item)| (step, *item)).collect();
    let merged: Vec<Value> = order
        .into_iter()
        .filter_map(|step| {
            merge(
                item_schema(schema),
                live.get(step).copied(),
                applied.get(step).copied(),
            )
        })
        .collect();
    (!merged.is_empty()).then_some(Value::Array(merged))
}

/// Applied items keep their order; an item that only the live list has comes before the applied item that
/// follows it there.
fn merged_order<'s>(live: &'s [(Step, &Value)], applied: &'s [(Step, &Value)]) -> Vec<&'s Step> {
    let in_live: BTreeSet<&Step> = live.iter().map(|(step, _)| step).collect();
    let in_applied: BTreeSet<&Step> = applied.iter().map(|(step, _)| step).collect();
    let mut shared: VecDeque<&Step> = applied
        .iter()
        .map(|(step, _)| step)
        .filter(|step| in_live.contains(step))
        .collect();
    let mut next_shared = shared.pop_front();
    let mut taken: BTreeSet<&Step> = BTreeSet::new();
    let mut order = Vec::new();
    let (mut left, mut right) = (
        live.iter().map(|(step, _)| step).peekable(),
        applied.iter().map(|(step, _)| step).peekable(),
    );
    while left.peek().is_some() || right.peek().is_some() {
        if let (Some(mine), Some(theirs)) = (left.peek().copied(), right.peek().copied()) {
            if mine == theirs {
                order.push(mine);
                taken.insert(mine);
                left.next();
                right.next();
                next_shared = shared.pop_front();
                continue;
            }
            if in_applied.contains(mine) && next_shared.is_some_and(|shared| shared != mine) {
                left.next();
                continue;
            }
        }
        if let Some(mine) = left.peek().copied() {
            if !in_applied.contains(mine) {
                order.push(mine);
                left.next();
                continue;
            }
            if taken.contains(mine) {
                left.next();
            }
        }
        if let Some(theirs) = right.next() {
            order.push(theirs);
            taken.insert(theirs);
            if next_shared == Some(theirs) {
                next_shared = shared.pop_front();
            }
        }
    }
    order
}
