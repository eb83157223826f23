//! The tenant: everything that handlers read and change.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

use crate::behaviours::Behaviours;
use crate::clock::Clock;
use crate::directory::registry::Directory;
use crate::error::GraphError;
use crate::faults::{FaultDecision, FaultEffect, Scripts, Traffic, glob};
use crate::ids::{Access, AppId, ObjectId, TenantId};
use crate::journal::{Effect, Entry, Journal};
use crate::protocol::buckets::Throttle;
use crate::protocol::paging::Cursors;
use crate::token::application::Application;
use crate::token::keys::Sessions;

/// What the tenant tells the areas. They know nothing of each other; each does its part.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event<'a> {
    Clock(Timestamp),
    /// Something has changed at an instant.
    Noted(Timestamp, &'a Effect),
    /// The groups API took a member or owner out.
    HolderRemoved {
        group: ObjectId,
        access: Access,
        principal: ObjectId,
    },
    GroupDeleted(ObjectId),
    /// A user or group went to the deleted items.
    PrincipalDeleted(ObjectId),
    /// A user or group came back from the deleted items.
    PrincipalRestored(ObjectId),
}

/// What an area does when the tenant tells something.
pub(crate) type Reaction = fn(&mut Tenant, &Event<'_>);

#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) clock: Clock,
    pub(crate) behaviours: Behaviours,
    pub(crate) directory: Directory,
    pub(crate) pim: crate::pim::state::PimState,
    pub(crate) roles: crate::roles::state::RoleState,
    pub(crate) azure: crate::resource_manager::state::AzureState,
    pub(crate) intune: crate::intune::state::IntuneState,
    pub(crate) applications: BTreeMap<AppId, Application>,
    pub(crate) sessions: Sessions,
    pub(crate) journal: Journal,
    pub(crate) audit: crate::audit::log::Log,
    pub(crate) faults: Scripts,
    pub(crate) throttle: Throttle,
    pub(crate) cursors: Cursors,
    /// Answers that departed from the published types.
    pub(crate) violations: Vec<String>,
    lags: Vec<Lag>,
    reactions: &'static [Reaction],
    objects: StdRng,
    requests: StdRng,
    seed: u64,
}

/// Reads of this kind show the tenant as it was.
#[derive(Debug)]
struct Lag {
    until: Timestamp,
    reads: Option<String>,
    world: Box<World>,
}

/// What a read can see of a tenant.
#[derive(Debug)]
struct World {
    directory: Directory,
    pim: crate::pim::state::PimState,
    roles: crate::roles::state::RoleState,
    azure: crate::resource_manager::state::AzureState,
    intune: crate::intune::state::IntuneState,
}

impl Tenant {
    /// An empty tenant. `seed` decides every id and every jitter; `reactions` are those of the areas.
    pub(crate) fn new(
        id: TenantId,
        clock: Clock,
        behaviours: Behaviours,
        seed: u64,
        reactions: &'static [Reaction],
    ) -> Self {
        Self {
            id,
            clock,
            behaviours,
            directory: Directory::default(),
            pim: crate::pim::state::PimState::default(),
            roles: crate::roles::state::RoleState::default(),
            azure: crate::resource_manager::state::AzureState::default(),
            intune: crate::intune::state::IntuneState::default(),
            applications: BTreeMap::new(),
            sessions: Sessions::default(),
            journal: Journal::default(),
            audit: crate::audit::log::Log::default(),
            faults: Scripts::default(),
            throttle: Throttle::default(),
            cursors: Cursors::default(),
            violations: Vec::new(),
            lags: Vec::new(),
            reactions,
            objects: StdRng::seed_from_u64(seed),
            requests: StdRng::seed_from_u64(!seed),
            seed,
        }
    }

    /// Whether the tenant goes by a name: its id or one of its domains.
    pub(crate) fn goes_by(&self, name: &str) -> bool {
        name.parse() == Ok(self.id)
            || self
                .directory
                .organization
                .domains
                .iter()
                .any(|one| one.eq_ignore_ascii_case(name))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new random GUID. Reads draw none, so what is created does not depend on how often somebody has read.
    pub(crate) fn new_guid(&mut self) -> Uuid {
        random_guid(&mut self.objects)
    }

    pub(crate) fn new_object_id(&mut self) -> ObjectId {
        ObjectId::new(self.new_guid())
    }

    pub(crate) fn new_request_id(&mut self) -> String {
        random_guid(&mut self.requests).to_string()
    }

    /// A token for a next link.
    pub(crate) fn new_token(&mut self) -> Uuid {
        random_guid(&mut self.requests)
    }

    /// Notes a change of the tenant. Every write says what it did through here, at the instant it took effect.
    pub(crate) fn effect(&mut self, at: Timestamp, effect: Effect) {
        self.directory.changes.note(at, &effect);
        self.tell(&Event::Noted(at, &effect));
        self.journal.note(at, effect);
    }

    pub(crate) fn tell(&mut self, event: &Event<'_>) {
        for react in self.reactions {
            react(self, event);
        }
    }

    /// Lets time do its work: schedules start and end, deleted items are purged. What it did is one entry of the
    /// journal.
    pub(crate) fn catch_up(&mut self) {
        let now = self.now();
        self.lags.retain(|lag| now < lag.until);
        self.tell(&Event::Clock(now));
        if self.journal.has_pending() {
            self.journal.close(Entry::of_clock(now));
        }
    }

    /// A number from 0 to 1 that depends on nothing but the seed and the words given: jitter that can be replayed.
    pub(crate) fn jitter(&self, words: &[&str]) -> f64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.seed.hash(&mut hasher);
        words.hash(&mut hasher);
        let [a, b, c, d, ..] = hasher.finish().to_be_bytes();
        f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
    }

    /// Runs a handler: a read under the oldest lag that covers it, a write so that a scripted lag hides it from later
    /// reads.
    pub(crate) fn under_lag<T>(
        &mut self,
        traffic: Traffic,
        operation: &str,
        fault: Option<&FaultDecision>,
        run: impl FnOnce(&mut Self) -> Result<T, GraphError>,
    ) -> Result<T, GraphError> {
        if traffic == Traffic::Reads {
            return self.reading(operation, run);
        }
        let Some(FaultEffect::Lag { duration, reads }) = fault.map(|fault| &fault.effect) else {
            return run(self);
        };
        let before = World {
            directory: self.directory.clone(),
            pim: self.pim.clone(),
            roles: self.roles.clone(),
            azure: self.azure.clone(),
            intune: self.intune.clone(),
        };
        let result = run(self);
        if result.is_ok() {
            let now = self.now();
            self.lags.push(Lag {
                until: now.saturating_add(*duration).unwrap_or(now),
                reads: reads.clone(),
                world: Box::new(before),
            });
        }
        result
    }

    fn reading<T>(&mut self, operation: &str, run: impl FnOnce(&mut Self) -> T) -> T {
        let stale = self.lags.iter().position(|lag| {
            lag.reads
                .as_ref()
                .is_none_or(|pattern| glob(pattern, operation))
        });
        let Some(index) = stale else {
            return run(self);
        };
        let mut lag = self.lags.remove(index);
        self.exchange(&mut lag.world);
        let result = run(self);
        self.exchange(&mut lag.world);
        self.lags.insert(index, lag);
        result
    }

    fn exchange(&mut self, world: &mut World) {
        std::mem::swap(&mut self.directory, &mut world.directory);
        std::mem::swap(&mut self.pim, &mut world.pim);
        std::mem::swap(&mut self.roles, &mut world.roles);
        std::mem::swap(&mut self.azure, &mut world.azure);
        std::mem::swap(&mut self.intune, &mut world.intune);
    }
}

fn random_guid(random: &mut StdRng) -> Uuid {
    let mut bytes = [0; 16];
    random.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
