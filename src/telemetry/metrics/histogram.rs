//! Histograms of seconds. All of them have the same buckets, so that they can be put side by side.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

/// Upper ends in seconds.
const BUCKETS: [f64; 13] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

/// A histogram for each set of labels.
pub(super) type Histograms<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

/// Histograms with the common buckets.
pub(super) fn histograms<Labels: Clone + std::hash::Hash + Eq>() -> Histograms<Labels> {
    Family::new_with_constructor(|| Histogram::new(BUCKETS))
}
