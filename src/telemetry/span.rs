//! Spans: what is said inside one carries its fields, so a line names the object and the pass that it belongs to. They
//! are there at every level of the log.

use pim_core::desired::ObjectKind;
use pim_core::ids::ObjectName;
use tracing::Span;
use tracing::field::{Empty, display};

use super::logs::AUDIT;

/// A pass over an object. A random number, between 0 and 1, tells it from other passes.
pub fn reconcile(kind: ObjectKind, object: &ObjectName, random: f64) -> Span {
    // All that differs between numbers of that range, apart from how small they are.
    let id = random.to_bits() & ((1 << 52) - 1);
    let span = tracing::error_span!(
        "reconcile",
        kind = kind.as_str(),
        namespace = %object.namespace,
        name = Empty,
        reconcile_id = %format_args!("{id:013x}"),
    );
    named(span, object)
}

/// A write for an object, perhaps another one than that of the pass.
pub fn write(kind: ObjectKind, object: &ObjectName) -> Span {
    let span = tracing::info_span!(
        target: AUDIT,
        "write",
        kind = kind.as_str(),
        namespace = %object.namespace,
        name = Empty,
    );
    named(span, object)
}

/// A span begins under a name of its own, which JSON lines show in this field unless it is recorded later
/// (json-subscriber: `on_new_span`).
fn named(span: Span, object: &ObjectName) -> Span {
    span.record("name", display(&object.name));
    span
}
