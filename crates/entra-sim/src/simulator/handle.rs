//! The handle of a tenant: made, scripted and inspected. How it answers requests stands in the endpoints, which are
//! built on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use parking_lot::{Mutex, MutexGuard};
use serde_json::Value;

use super::dump::dump;
use crate::areas;
use crate::behaviours::{self, Behaviours, Profile};
use crate::clock::Clock;
use crate::faults::{Rule, Script};
use crate::ids::{AppId, TenantId};
use crate::journal::{Counters, Entry, Holdings};
use crate::seed::{self, Seed};
use crate::state::Tenant;
use crate::token;

/// The settings with which a simulated tenant is made.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The tenant; `None` = the one that the seed names.
    pub tenant_id: Option<TenantId>,
    /// The profile that gives behaviours their default values.
    pub profile: Profile,
    /// Behaviours set over the profile, by name.
    pub overrides: BTreeMap<String, String>,
    /// What the tenant holds at the start.
    pub seed: Seed,
    /// Decides every id and every jitter.
    pub random_seed: u64,
    /// The time of the tenant.
    pub clock: Clock,
}

/// Why a tenant could not be made or told something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The seed is not consistent.
    #[error(transparent)]
    Seed(#[from] seed::Error),
    /// A behaviour was set wrongly.
    #[error(transparent)]
    Behaviour(#[from] behaviours::Error),
    /// No application goes by this id.
    #[error("no application of the tenant has the client id {0}; the seed lists them")]
    UnknownApplication(AppId),
    /// A token could not be signed.
    #[error("no token could be made: {0}")]
    Token(String),
}

/// The connection was dropped by a scripted fault: there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection was dropped by a scripted fault")]
pub struct Dropped;

/// A simulated tenant. Clones are the same tenant.
#[derive(Clone, Debug)]
pub struct Simulator {
    tenant: Arc<Mutex<Tenant>>,
}

impl Simulator {
    /// Makes a tenant and loads its seed.
    pub fn new(config: Config) -> Result<Self, Error> {
        let mut behaviours = Behaviours::new(config.profile);
        for (name, value) in &config.overrides {
            behaviours.set(name, value)?;
        }
        let id = config.tenant_id.unwrap_or(config.seed.tenant.id);
        let mut tenant = areas::tenant(id, config.clock, behaviours, config.random_seed);
        seed::load(&mut tenant, &config.seed)?;
        Ok(Self {
            tenant: Arc::new(Mutex::new(tenant)),
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Tenant> {
        self.tenant.lock()
    }

    /// The id of the tenant.
    pub fn tenant_id(&self) -> TenantId {
        self.lock().id
    }

    /// The clock of the tenant.
    pub fn clock(&self) -> Clock {
        self.lock().clock.clone()
    }

    /// Moves the clock and lets everything happen that became due.
    pub fn advance(&self, by: SignedDuration) {
        let mut tenant = self.lock();
        tenant.clock.advance(by);
        tenant.catch_up();
    }

    /// Lets everything happen that is due. Requests do this on their own.
    pub fn tick(&self) {
        self.lock().catch_up();
    }

    /// The journal since the start or the last reset.
    pub fn journal(&self) -> Vec<Entry> {
        self.lock().journal.entries().to_vec()
    }

    /// The entries after a sequence number.
    pub fn journal_after(&self, sequence: u64) -> Vec<Entry> {
        let tenant = self.lock();
        let entries = tenant.journal.entries();
        let start = entries.partition_point(|entry| entry.sequence <= sequence);
        entries[start..].to_vec()
    }

    /// The totals of all requests since the start or the last reset.
    pub fn counters(&self) -> Counters {
        self.lock().journal.counters
    }

    /// How often each operation was asked for.
    pub fn operations(&self) -> BTreeMap<String, u64> {
        self.lock().journal.by_operation().clone()
    }

    /// Forgets journal and counters. The tenant stays as it is.
    pub fn reset_journal(&self) {
        self.lock().journal.reset();
    }

    /// Everything that principals hold now.
    pub fn holdings(&self) -> Holdings {
        self.lock().journal.holdings().clone()
    }

    /// Calls back after every change, before the answer is sent, with the entry and who holds what after it. The
    /// callback runs while the tenant is held: it must not ask the simulator anything.
    pub fn on_effect(&self, callback: impl Fn(&Entry, &Holdings) + Send + Sync + 'static) {
        self.lock().journal.listen(Box::new(callback));
    }

    /// The rules for scripted faults, to add and remove.
    pub fn faults(&self) -> Faults {
        Faults {
            simulator: self.clone(),
        }
    }

    /// Where answers departed from the published types. Empty, unless the simulator is wrong.
    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    /// Every behaviour with the value that is in force.
    pub fn behaviours(&self) -> BTreeMap<&'static str, String> {
        self.lock().behaviours.values()
    }

    /// Sets a behaviour to a value, written as on the command line.
    pub fn set_behaviour(&self, name: &str, value: &str) -> Result<(), Error> {
        Ok(self.lock().behaviours.set(name, value)?)
    }

    /// Makes an access token of an application without asking for its credential.
    pub fn token(&self, app: AppId, audience: &str) -> Result<String, Error> {
        let mut tenant = self.lock();
        if !tenant.applications.contains_key(&app) {
            return Err(Error::UnknownApplication(app));
        }
        token::issue(&mut tenant, app, audience).map_err(|error| Error::Token(error.to_string()))
    }

    /// Grants an application exactly these permissions; tokens issued from now on carry them.
    pub fn set_permissions(&self, app: AppId, permissions: &[&str]) -> Result<(), Error> {
        Ok(seed::grant(&mut self.lock(), app, permissions)?)
    }

    /// A second administrator agrees to every change of Intune's roles that waits for that; says how many those were.
    pub fn approve_in_intune(&self) -> usize {
        crate::intune::approve(&mut self.lock())
    }

    /// The state of the tenant, for people.
    pub fn dump(&self) -> Value {
        let mut tenant = self.lock();
        tenant.catch_up();
        dump(&tenant)
    }

    pub(crate) fn count_handshake(&self) {
        self.lock().journal.counters.handshakes += 1;
    }
}

/// The scripted faults of a simulator.
#[derive(Clone, Debug)]
pub struct Faults {
    simulator: Simulator,
}

impl Faults {
    /// Adds a rule and says its number. The first rule that strikes an operation wins.
    pub fn add(&self, rule: Rule) -> u64 {
        self.simulator.lock().faults.add(rule)
    }

    /// The rules and what they did.
    pub fn list(&self) -> Vec<Script> {
        self.simulator.lock().faults.list()
    }

    /// Removes a rule; `false` when there is none of that number.
    pub fn remove(&self, id: u64) -> bool {
        self.simulator.lock().faults.remove(id)
    }

    /// Removes all rules, so that no more operations are struck.
    pub fn clear(&self) {
        self.simulator.lock().faults.clear();
    }
}
