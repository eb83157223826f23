//! How many groups of each tenant are worked on at once. Nobody waits for another tenant's turn, and a pass that takes access
//! away waits for none that gives: while hundreds of groups wait for the limits of a tenant, there are slots for it alone.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;

use parking_lot::Mutex;
use pim_core::ids::ObjectName;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::reader::Precedence;

/// One in so many slots again is kept for passes that take away.
const KEPT: usize = 4;

/// The slots of all tenants.
pub struct Slots {
    concurrency: usize,
    tenants: Mutex<HashMap<String, TenantSlots>>,
    /// The groups that wait, each with what tells that something about it has changed.
    waiting: Mutex<HashMap<ObjectName, Arc<Notify>>>,
}

#[derive(Clone)]
struct TenantSlots {
    all: Arc<Semaphore>,
    /// Those beside them for passes that take away.
    kept: Arc<Semaphore>,
}

/// A group that waits; whoever changes something about it is heard as long as this lives.
struct Waiting<'a> {
    slots: &'a Slots,
    group: &'a ObjectName,
    changed: Arc<Notify>,
}

impl Slots {
    /// So many for each tenant.
    pub fn new(concurrency: u16) -> Self {
        Self {
            concurrency: usize::from(concurrency),
            tenants: Mutex::default(),
            waiting: Mutex::default(),
        }
    }

    /// Waits until a group of a tenant may be worked on; its turn lasts as long as what is returned. Its precedence is asked
    /// again whenever something about the group has changed.
    pub async fn turn(
        &self,
        tenant: &str,
        group: &ObjectName,
        precedence: impl Fn() -> Precedence,
    ) -> Option<OwnedSemaphorePermit> {
        let slots = self.of(tenant);
        if let Ok(free) = Arc::clone(&slots.all).try_acquire_owned() {
            return Some(free);
        }
        let waiting = self.wait(group);
        let mut usual = pin!(slots.all.acquire_owned());
        loop {
            let changed = waiting.changed.notified();
            // Neither is ever closed.
            if precedence() == Precedence::Reducing {
                return tokio::select! {
                    slot = &mut usual => slot.ok(),
                    slot = slots.kept.acquire_owned() => slot.ok(),
                };
            }
            tokio::select! {
                slot = &mut usual => return slot.ok(),
                () = changed => {}
            }
        }
    }

    /// Something about a group has changed: if it waits, its precedence is judged anew.
    pub fn changed(&self, group: &ObjectName) {
        if let Some(changed) = self.waiting.lock().get(group) {
            changed.notify_one();
        }
    }

    /// Forgets a tenant that is gone.
    pub fn forget(&self, tenant: &str) {
        self.tenants.lock().remove(tenant);
    }

    fn of(&self, tenant: &str) -> TenantSlots {
        let mut all = self.tenants.lock();
        let kept = self.concurrency.div_ceil(KEPT);
        let known = all.entry(tenant.to_owned());
        let slots = known.or_insert_with(|| TenantSlots {
            all: Arc::new(Semaphore::new(self.concurrency)),
            kept: Arc::new(Semaphore::new(kept)),
        });
        slots.clone()
    }

    fn wait<'a>(&'a self, group: &'a ObjectName) -> Waiting<'a> {
        let changed = Arc::new(Notify::new());
        let mut all = self.waiting.lock();
        all.insert(group.clone(), Arc::clone(&changed));
        Waiting {
            slots: self,
            group,
            changed,
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.slots.waiting.lock().remove(self.group);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures::FutureExt;

    use super::*;

    const TENANT: &str = "contoso";

    fn group(name: &str) -> ObjectName {
        ObjectName::new("payments", name)
    }

    #[tokio::test]
    async fn who_takes_away_waits_for_nobody_who_gives() {
        let slots = Slots::new(1);
        let (first, second, third) = (group("first"), group("second"), group("third"));
        let usual = || Precedence::Usual;
        let held = slots.turn(TENANT, &first, usual).await;
        let mut waits = Box::pin(slots.turn(TENANT, &second, usual));
        assert!((&mut waits).now_or_never().is_none());
        let urgent = slots.turn(TENANT, &third, || Precedence::Reducing);
        assert!(urgent.now_or_never().is_some());
        drop(held);
        assert!(waits.now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_waits_and_then_takes_away_goes_at_once() {
        let slots = Slots::new(1);
        let (first, second) = (group("first"), group("second"));
        let _held = slots.turn(TENANT, &first, || Precedence::Usual).await;
        let takes_away = AtomicBool::new(false);
        let precedence = || {
            if takes_away.load(Ordering::SeqCst) {
                Precedence::Reducing
            } else {
                Precedence::Usual
            }
        };
        let mut waits = Box::pin(slots.turn(TENANT, &second, precedence));
        assert!((&mut waits).now_or_never().is_none());
        takes_away.store(true, Ordering::SeqCst);
        slots.changed(&second);
        assert!((&mut waits).now_or_never().is_some());
    }

    #[tokio::test]
    async fn nobody_waits_for_the_groups_of_another_tenant() {
        let slots = Slots::new(1);
        let (first, second) = (group("first"), group("second"));
        let _held = slots.turn(TENANT, &first, || Precedence::Usual).await;
        let other = slots.turn("fabrikam", &second, || Precedence::Usual);
        assert!(other.now_or_never().is_some());
    }
}
