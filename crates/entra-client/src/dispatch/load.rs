//! How much of its budget a service says is used, as answers tell it in their headers.

use http::HeaderMap;

/// What Graph reports from 80% on: a share of the budget (learn.microsoft.com: "Microsoft Graph throttling guidance").
const SHARE: &str = "x-ms-throttle-limit-percentage";

/// What begins the headers in which the Resource Manager reports how many operations of a kind are left
/// (learn.microsoft.com: "Understand how Azure Resource Manager throttles requests").
const LEFT: &str = "x-ms-ratelimit-remaining-";

/// How many operations the bucket of a kind holds when it is full, by the end of the header's name. A report of more is one of
/// the larger budgets of an hour that the service had before.
const BUCKETS: [(&str, f64); 3] = [("-reads", 250.0), ("-writes", 200.0), ("-deletes", 200.0)];

/// The largest share of any budget that an answer reports as used; 1.0 is all of it.
pub(super) fn reported(headers: &HeaderMap) -> Option<f64> {
    let number = |value: &http::HeaderValue| {
        let number: f64 = value.to_str().ok()?.trim().parse().ok()?;
        number.is_finite().then_some(number)
    };
    let share = headers.get(SHARE).and_then(number);
    let left = headers.iter().filter_map(|(name, value)| {
        let kind = name.as_str().strip_prefix(LEFT)?;
        let (_, size) = BUCKETS.iter().find(|(end, _)| kind.ends_with(end))?;
        Some(1.0 - (number(value)? / size).clamp(0.0, 1.0))
    });
    share.into_iter().chain(left).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        let all = all.iter();
        all.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn the_fullest_budget_counts() {
        let of_manager = headers(&[
            ("x-ms-ratelimit-remaining-subscription-reads", "249"),
            ("x-ms-ratelimit-remaining-subscription-writes", "20"),
        ]);
        assert_eq!(reported(&of_manager), Some(0.9));
        let of_graph = headers(&[("x-ms-throttle-limit-percentage", "0.85")]);
        assert_eq!(reported(&of_graph), Some(0.85));
    }

    #[test]
    fn what_is_no_number_or_no_budget_says_nothing() {
        for odd in ["", "many", "NaN", "inf"] {
            let odd = headers(&[("x-ms-ratelimit-remaining-tenant-reads", odd)]);
            assert_eq!(reported(&odd), None);
        }
        let other = headers(&[(
            "x-ms-ratelimit-remaining-subscription-resource-requests",
            "0",
        )]);
        assert_eq!(reported(&other), None);
        let of_an_hour = headers(&[("x-ms-ratelimit-remaining-subscription-writes", "1199")]);
        assert_eq!(reported(&of_an_hour), Some(0.0));
    }
}
