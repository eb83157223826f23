//! Schedules of role bindings, as manifests write them.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::World;

/// A schedule of so many days.
pub fn days(days: u32) -> Value {
    json!({"expiration": {"afterDuration": format!("P{days}D")}})
}

impl World {
    /// A schedule that ends so many hours from now.
    pub fn hours(&self, hours: i64) -> Value {
        let end = self.tenant.clock().now() + SignedDuration::from_hours(hours);
        let end = end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        json!({"expiration": {"endTime": end}})
    }

    /// Gives a binding another schedule.
    pub fn reschedule(&self, binding: &str, schedule: Value) {
        self.edit("RoleBinding", binding, |manifest| {
            manifest["spec"]["schedule"] = schedule;
        });
    }
}
