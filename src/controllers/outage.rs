//! A tenant that does not answer: one pass at a time asks whether it is back, all others say so at once. Otherwise every
//! group would wait a minute for the same silence, and the workers of a tenant would do nothing else.

use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use pim_core::reason::Reason;
use tokio::time::Instant;

use super::failure::Failure;

/// The wait before the first probe, which doubles.
const FIRST: Duration = Duration::from_secs(2);

/// The longest wait between two probes.
const LONGEST: Duration = Duration::from_mins(1);

/// Whether a tenant answers, as far as the last passes tell.
#[derive(Default)]
pub struct Outage(Mutex<OutageState>);

#[derive(Default)]
struct OutageState {
    failure: Option<Failure>,
    failed: u32,
    next_probe: Option<Instant>,
    probing: bool,
}

impl Outage {
    /// Lets a pass begin, unless the tenant was silent a moment ago or another pass is asking whether it is back.
    pub fn enter(&self) -> Result<Probe<'_>, Box<Failure>> {
        let mut state = self.state();
        let Some(failure) = state.failure.clone() else {
            return Ok(Probe { outage: self });
        };
        let is_due = state.next_probe.is_none_or(|at| at <= Instant::now());
        if state.probing || !is_due {
            return Err(Box::new(failure));
        }
        state.probing = true;
        Ok(Probe { outage: self })
    }

    /// Whether it did not answer when it was last asked.
    pub fn is_silent(&self) -> bool {
        self.state().failure.is_some()
    }

    fn state(&self) -> MutexGuard<'_, OutageState> {
        self.0.lock()
    }
}

/// A pass that was let in. What it found out counts for the others; one that is cut off found out nothing.
pub struct Probe<'a> {
    outage: &'a Outage,
}

impl Probe<'_> {
    /// The pass has ended; says what changed by that.
    pub fn ended(self, failure: Option<&Failure>) -> Turn {
        let mut state = self.outage.state();
        let was_silent = state.failure.is_some();
        match failure.map(|failure| (failure, failure.reason)) {
            Some((failure, Reason::TenantUnreachable | Reason::CredentialInvalid)) => {
                let wait = FIRST
                    .saturating_mul(2_u32.saturating_pow(state.failed.min(8)))
                    .min(LONGEST);
                state.failed = state.failed.saturating_add(1);
                state.next_probe = Some(Instant::now() + wait);
                state.failure = Some(failure.clone());
                if was_silent { Turn::Stayed } else { Turn::Fell }
            }
            // It ended before the tenant was asked.
            Some((_, Reason::Progressing | Reason::InternalError)) => Turn::Stayed,
            _ => {
                *state = OutageState::default();
                if was_silent {
                    Turn::Returned
                } else {
                    Turn::Stayed
                }
            }
        }
    }
}

/// What a pass changed in what is known of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The tenant does not answer any more.
    Fell,
    /// The tenant answers again.
    Returned,
    /// Nothing changed.
    Stayed,
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        self.outage.state().probing = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controllers::failure::Retry;

    fn silence() -> Failure {
        Failure::local(Reason::TenantUnreachable, "no answer", Retry::Backoff)
    }

    #[tokio::test(start_paused = true)]
    async fn one_pass_at_a_time_asks_a_silent_tenant() {
        let outage = Outage::default();
        let (one, other) = (outage.enter().unwrap(), outage.enter().unwrap());
        one.ended(Some(&silence()));
        drop(other);
        assert!(outage.enter().is_err(), "it was silent a moment ago");
        tokio::time::advance(FIRST).await;
        let probe = outage.enter().unwrap();
        assert!(outage.enter().is_err(), "somebody asks already");
        probe.ended(None);
        assert!(outage.enter().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_cut_off_makes_room_for_the_next() {
        let outage = Outage::default();
        outage.enter().unwrap().ended(Some(&silence()));
        tokio::time::advance(LONGEST).await;
        drop(outage.enter().unwrap());
        assert!(outage.enter().is_ok());
    }
}
