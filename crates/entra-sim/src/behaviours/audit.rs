//! Switches of the audit log.

use jiff::SignedDuration;

use super::switches;

switches! { SWITCHES;
    /// The audit log shows a change only after this long.
    AUDIT_DELAY "auditDelay": SignedDuration = SignedDuration::from_mins(3), ideal SignedDuration::ZERO;
        from "learn.microsoft.com: reference-reports-latencies, audit logs appear after minutes";
    /// The audit log forgets after this long.
    AUDIT_RETENTION "auditRetention": SignedDuration = SignedDuration::from_hours(720);
        from "learn.microsoft.com: reference-reports-data-retention, 30 days with P1 or P2";
}
