//! How much of the tenant's limits is used.

use super::seldom::MaximumAge;
use super::tenant::Reader;

impl Reader {
    /// How many role-assignable groups the tenant has, whoever made them; nothing if that was never told.
    pub async fn role_assignable_groups(&self, oldest: MaximumAge) -> Option<u32> {
        let read = |before: Option<Option<u32>>| async move {
            let counted = self.graph().role_assignable_groups().await;
            counted.ok().or(before.flatten())
        };
        self.role_assignable_groups.get(oldest, read).await
    }
}
