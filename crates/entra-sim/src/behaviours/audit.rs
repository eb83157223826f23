//! Switches of the audit log.

use jiff::SignedDuration;

use super::switches;

switches! { SWITCHES;
    /// The audit log shows a change only after this long.
    AUDIT_DELAY: SignedDuration {
        name: "auditDelay",
        source: "learn.microsoft.com: reference-reports-latencies, audit logs appear after minutes",
        service: SignedDuration::from_mins(3), ideal: SignedDuration::ZERO,
    }
    /// The audit log forgets after this long.
    AUDIT_RETENTION: SignedDuration {
        name: "auditRetention",
        source: "learn.microsoft.com: reference-reports-data-retention, 30 days with P1 or P2",
        service: SignedDuration::from_hours(720), ideal: SignedDuration::from_hours(720),
    }
}
