//! The tenant: everything that handlers read and change.

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

use crate::behaviours::Behaviours;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::ids::{ObjectId, TenantId};
use crate::journal::{Effect, Journal};

/// One simulated tenant.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) clock: Clock,
    pub(crate) behaviours: Behaviours,
    pub(crate) directory: Directory,
    pub(crate) pim: crate::pim::State,
    pub(crate) roles: crate::roles::State,
    pub(crate) journal: Journal,
    random: StdRng,
    seed: u64,
}

impl Tenant {
    /// An empty tenant. `seed` decides every id and every jitter.
    pub(crate) fn new(id: TenantId, clock: Clock, behaviours: Behaviours, seed: u64) -> Self {
        Self {
            id,
            clock,
            behaviours,
            directory: Directory::default(),
            pim: crate::pim::State::default(),
            roles: crate::roles::State::default(),
            journal: Journal::default(),
            random: StdRng::seed_from_u64(seed),
            seed,
        }
    }

    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new random GUID.
    pub(crate) fn new_guid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.random.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A new object id.
    pub(crate) fn new_object_id(&mut self) -> ObjectId {
        ObjectId::new(self.new_guid())
    }

    /// Notes a change of the tenant. Every write says what it did through here, at the instant it took effect.
    pub(crate) fn effect(&mut self, at: Timestamp, effect: Effect) {
        self.journal.note(at, effect);
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
}
