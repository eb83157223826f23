//! Token buckets: what is left of a budget, and how long who found one empty has to wait.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::ids::{AppId, ObjectId};

#[derive(Debug, Default)]
pub(crate) struct Throttle {
    buckets: BTreeMap<(Meter, Account), TokenBucket>,
}

/// Whose budget it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Account {
    /// All applications of the tenant have one.
    Tenant,
    Application(AppId),
    /// Of somebody in a subscription; without one, in what belongs to the tenant.
    Principal {
        id: ObjectId,
        subscription: Option<String>,
    },
}

impl From<Option<AppId>> for Account {
    fn from(app: Option<AppId>) -> Self {
        app.map_or(Self::Tenant, Self::Application)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meter {
    DirectoryUnits,
    DirectoryWrites,
    Pim,
    Policy,
    ConditionalAccess,
    Audit,
    Intune,
    AzureReads,
    AzureWrites,
    AzureDeletes,
    /// The provider of roles has a limit of its own.
    AzureProvider,
}

/// How large a bucket is and how fast it fills.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    pub(crate) capacity: f64,
    pub(crate) per_second: f64,
    /// The shortest wait that is named.
    pub(crate) minimum: SignedDuration,
    pub(crate) early: Early,
}

/// What becomes of somebody who was told to wait and asks sooner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Early {
    /// They are refused for what remains of the wait.
    Remains,
    /// The request counts, and the wait begins anew.
    Restarts,
}

impl Rate {
    pub(super) const fn over(amount: f64, seconds: f64) -> Self {
        Self {
            capacity: amount,
            per_second: amount / seconds,
            minimum: SignedDuration::ZERO,
            early: Early::Remains,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct TokenBucket {
    level: f64,
    filled: Timestamp,
    closed_until: Timestamp,
}

impl TokenBucket {
    fn full(rate: Rate, now: Timestamp) -> Self {
        Self {
            level: rate.capacity,
            filled: now,
            closed_until: now,
        }
    }

    fn fill(&mut self, rate: Rate, now: Timestamp) {
        let elapsed = now.duration_since(self.filled).as_secs_f64().max(0.0);
        self.level = (self.level + elapsed * rate.per_second).min(rate.capacity);
        self.filled = now;
    }

    /// Takes an amount, or says how long to wait.
    fn take(&mut self, amount: f64, rate: Rate, now: Timestamp) -> Result<(), SignedDuration> {
        self.fill(rate, now);
        let is_early = now < self.closed_until;
        if is_early && rate.early == Early::Remains {
            return Err(self.closed_until.duration_since(now));
        }
        if is_early {
            self.level = (self.level - amount).max(0.0);
        } else if self.level >= amount {
            self.level -= amount;
            return Ok(());
        }
        let missing = (amount - self.level).max(0.0) / rate.per_second;
        let missing = SignedDuration::try_from_secs_f64(missing).unwrap_or(rate.minimum);
        // Retry-After counts whole seconds.
        let whole =
            SignedDuration::from_secs(missing.as_secs() + i64::from(missing.subsec_nanos() > 0));
        let wait = whole.max(rate.minimum);
        self.closed_until = now.saturating_add(wait).unwrap_or(now);
        Err(wait)
    }
}

impl Throttle {
    /// Takes from a bucket; `Ok` holds what is left in it.
    pub(crate) fn take(
        &mut self,
        meter: Meter,
        account: impl Into<Account>,
        amount: f64,
        rate: Rate,
        now: Timestamp,
    ) -> Result<f64, SignedDuration> {
        let bucket = self
            .buckets
            .entry((meter, account.into()))
            .or_insert_with(|| TokenBucket::full(rate, now));
        bucket.take(amount, rate, now)?;
        Ok(bucket.level)
    }

    /// How long a meter goes on refusing some application; `None` when it does not.
    pub(super) fn wait(&self, wanted: Meter, now: Timestamp) -> Option<SignedDuration> {
        let buckets = self.buckets.iter();
        let closed =
            buckets.filter(|((meter, _), bucket)| *meter == wanted && now < bucket.closed_until);
        closed
            .map(|(_, bucket)| bucket.closed_until.duration_since(now))
            .max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate_and_judges_who_comes_early() {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let rate = Rate {
            capacity: 2.0,
            per_second: 0.5,
            minimum: SignedDuration::from_secs(1),
            early: Early::Remains,
        };
        let mut bucket = TokenBucket::full(rate, start);
        assert!(bucket.take(1.0, rate, start).is_ok());
        assert!(bucket.take(1.0, rate, start).is_ok());
        assert_eq!(
            bucket.take(1.0, rate, start),
            Err(SignedDuration::from_secs(2))
        );
        let early = start + SignedDuration::from_millis(1500);
        assert_eq!(
            bucket.take(1.0, rate, early),
            Err(SignedDuration::from_millis(500))
        );
        let due = start + SignedDuration::from_secs(2);
        assert!(bucket.take(1.0, rate, due).is_ok());
    }

    #[test]
    fn a_wait_begins_anew_for_who_comes_early_where_the_service_says_so() {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let rate = Rate {
            capacity: 1.0,
            per_second: 10.0,
            minimum: SignedDuration::from_secs(5),
            early: Early::Restarts,
        };
        let mut bucket = TokenBucket::full(rate, start);
        assert!(bucket.take(1.0, rate, start).is_ok());
        let five = Err(SignedDuration::from_secs(5));
        assert_eq!(bucket.take(1.0, rate, start), five);
        let early = start + SignedDuration::from_secs(4);
        assert_eq!(bucket.take(1.0, rate, early), five);
        let too_early = start + SignedDuration::from_secs(6);
        assert_eq!(bucket.take(1.0, rate, too_early), five);
        let due = start + SignedDuration::from_secs(11);
        assert!(bucket.take(1.0, rate, due).is_ok());
    }
}
