//! What other releases say of one tenant, and what follows from it. Pure: reads no clock and no cluster.

use std::time::Duration;

use pim_api::{ActingOperator, WaitingOperator};
use tokio::time::Instant;

use super::beat::{CLAIM, LONGEST_LEASE, SHORTEST_LEASE};
use super::claims::Release;
use super::observed::Observed;
use crate::adapters::claim::StoredClaim;
use crate::adapters::wish::Uid;

/// What was read of the claims of others on one tenant.
pub(super) struct Rivals {
    release: Release,
    /// How long a claim of ours holds.
    usual: Duration,
    of: Option<Uid>,
    /// Whose claim was there before there was none.
    vanished: Option<ActingOperator>,
    acting: Observed<ActingOperator>,
    waiting: Observed<WaitingOperator>,
}

/// Who acts for a tenant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Occupancy {
    /// Another release does.
    Another {
        /// Its claim, as it stands.
        acting: ActingOperator,
        /// Whether a third one says already that it waits.
        waits: ThirdParty,
    },
    /// Another one did, and need not know yet that its claim is gone.
    Vanished(ActingOperator),
    /// Nobody else does. The other release would, too, and waits.
    Free(Option<WaitingOperator>),
}

/// Whether another release than these two waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ThirdParty {
    Waits,
    Absent,
}

impl Rivals {
    /// Nothing is known yet.
    pub(super) fn new(release: Release, usual: Duration) -> Self {
        Self {
            release,
            usual,
            of: None,
            vanished: None,
            acting: Observed::default(),
            waiting: Observed::default(),
        }
    }

    /// Whether another object stands now under the name of the one that was read before. Its claims are others.
    pub(super) fn begins_anew(&mut self, stored: &StoredClaim) -> bool {
        if self.of.as_ref() == Some(&stored.uid) {
            return false;
        }
        let is_another = self.of.is_some();
        *self = Self::new(self.release.clone(), self.usual);
        self.of = Some(stored.uid.clone());
        is_another
    }

    /// Takes in what was read, and says who acts.
    pub(super) fn judge(&mut self, stored: &StoredClaim, now: Instant) -> Occupancy {
        let acting = stored.acting.as_ref();
        if acting.is_none()
            && let Some(last) = self.acting.last().cloned()
            && !self.is_ours(&last)
        {
            self.vanished = Some(last);
        }
        // Who waits writes there, too, which is no sign of life of whoever acts.
        let alone = acting.cloned().map(|acting| ActingOperator {
            waiting: None,
            ..acting
        });
        let unchanged = self.acting.unchanged_for(alone.as_ref(), now);
        let waiting = self.waiting(acting, now);
        match (acting, self.vanished.take()) {
            (None, Some(last)) if unchanged < self.patience(last.duration_seconds) => {
                self.vanished = Some(last.clone());
                Occupancy::Vanished(last)
            }
            (Some(other), _)
                if !self.is_ours(other) && unchanged < self.patience(other.duration_seconds) =>
            {
                let waits = waiting.map_or(ThirdParty::Absent, |_| ThirdParty::Waits);
                let acting = other.clone();
                Occupancy::Another { acting, waits }
            }
            _ => Occupancy::Free(waiting),
        }
    }

    /// Another release that says that it waits, and did so not long ago.
    fn waiting(
        &mut self,
        acting: Option<&ActingOperator>,
        now: Instant,
    ) -> Option<WaitingOperator> {
        let waiting = acting.and_then(|acting| acting.waiting.as_ref());
        let silent = self.waiting.unchanged_for(waiting, now);
        waiting
            .filter(|waiting| Release::from(*waiting) != self.release)
            .filter(|waiting| silent < self.patience(waiting.duration_seconds))
            .cloned()
    }

    /// How long a claim is believed that asks for so many seconds: no longer than any release would ask for, and where it asks for
    /// less, as long as one of ours.
    fn patience(&self, asked: i64) -> Duration {
        let asked = Duration::from_secs(u64::try_from(asked).unwrap_or_default());
        if asked < SHORTEST_LEASE * CLAIM {
            return self.usual;
        }
        asked.min(LONGEST_LEASE * CLAIM)
    }

    pub(super) fn is_ours(&self, acting: &ActingOperator) -> bool {
        Release::from(acting) == self.release
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    use super::*;

    const USUAL: Duration = Duration::from_mins(1);

    fn release(namespace: &str) -> Release {
        Release {
            namespace: namespace.to_owned(),
            lease: "lease".to_owned(),
        }
    }

    fn time(second: i64) -> Time {
        Time(jiff::Timestamp::from_second(second).unwrap())
    }

    fn acting(namespace: &str, renewed: i64, waiting: Option<(&str, i64)>) -> ActingOperator {
        ActingOperator {
            namespace: namespace.to_owned(),
            lease: "lease".to_owned(),
            since: time(0),
            renewed_at: time(renewed),
            duration_seconds: 60,
            waiting: waiting.map(|(namespace, renewed)| WaitingOperator {
                namespace: namespace.to_owned(),
                lease: "lease".to_owned(),
                renewed_at: time(renewed),
                duration_seconds: 60,
            }),
        }
    }

    /// How we stand after each of these was read, at so many seconds.
    fn standings(reads: &[(u64, Option<ActingOperator>)]) -> Vec<&'static str> {
        let (mut rivals, begin) = (Rivals::new(release("us"), USUAL), Instant::now());
        let stand = |(second, acting): &(u64, Option<ActingOperator>)| {
            let stored = StoredClaim::of(acting.clone(), Uid("uid".to_owned()));
            match rivals.judge(&stored, begin + Duration::from_secs(*second)) {
                Occupancy::Another {
                    waits: ThirdParty::Absent,
                    ..
                } => "another",
                Occupancy::Another { .. } => "another, a third waits",
                Occupancy::Vanished(_) => "vanished",
                Occupancy::Free(None) => "free",
                Occupancy::Free(Some(_)) => "free, another waits",
            }
        };
        reads.iter().map(stand).collect()
    }

    #[test]
    fn a_claim_of_another_stands_for_as_long_as_it_is_renewed_and_who_waits_does_not_renew_it() {
        let waits = |renewed| Some(acting("them", 0, Some(("third", renewed))));
        let reads = [
            (0, waits(0)),
            (30, waits(30)),
            (59, waits(59)),
            (60, waits(60)),
        ];
        let third = "another, a third waits";
        assert_eq!(
            standings(&reads),
            [third, third, third, "free, another waits"]
        );
    }

    #[test]
    fn a_claim_is_believed_for_as_long_as_it_asks_however_long_one_of_ours_holds() {
        for (asked, holds) in [(60, 60), (2400, 2400), (0, 60), (1_000_000, 14_400)] {
            let claim = || {
                let acting = acting("them", 0, None);
                Some(ActingOperator {
                    duration_seconds: asked,
                    ..acting
                })
            };
            let reads = [(0, claim()), (holds - 1, claim()), (holds, claim())];
            assert_eq!(standings(&reads), ["another", "another", "free"], "{asked}");
        }
    }

    #[test]
    fn who_waits_and_says_so_no_more_is_gone_and_who_acts_stays() {
        let waits = |renewed| Some(acting("them", renewed, Some(("third", 0))));
        let reads = [(0, waits(0)), (50, waits(50)), (100, waits(100))];
        let third = "another, a third waits";
        assert_eq!(standings(&reads), [third, third, "another"]);
    }

    #[test]
    fn a_claim_of_another_that_vanished_may_be_held_and_one_of_our_own_is_not() {
        let reads = [
            (0, Some(acting("them", 0, None))),
            (10, None),
            (69, None),
            (70, None),
        ];
        assert_eq!(
            standings(&reads),
            ["another", "vanished", "vanished", "free"]
        );
        let reads = [(0, Some(acting("us", 0, None))), (10, None)];
        assert_eq!(standings(&reads), ["free", "free"]);
    }
}
