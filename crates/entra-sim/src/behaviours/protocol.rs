//! Switches of the protocol: tokens, throttling, paging, delays of the transport.

use jiff::SignedDuration;

use super::{choice, switches};

choice! {
    /// The clouds of Microsoft, each with hosts and tokens of its own.
    Cloud {
        /// Microsoft Entra and Azure worldwide.
        Global = "global",
        /// US Government L4.
        UsGovernment = "usgov",
        /// US Government L5 (`DoD`).
        UsGovernmentDod = "usgovdod",
        /// China, operated by 21Vianet.
        China = "china",
    }
}

switches! { SWITCHES;
    /// Requests draw on token buckets and get 429 when these are empty.
    THROTTLING: bool {
        name: "throttling",
        source: "learn.microsoft.com: throttling-limits",
        service: true, ideal: false,
    }
    /// Resource units that an application may spend on the directory in ten seconds.
    DIRECTORY_UNITS: u32 {
        name: "directoryUnits",
        source: "learn.microsoft.com: throttling-limits, identity and access, tenant below 50 users",
        service: 3500, ideal: 3500,
    }
    /// Directory writes that an application may make in 150 seconds.
    DIRECTORY_WRITES: u32 {
        name: "directoryWrites",
        source: "learn.microsoft.com: throttling-limits, identity and access",
        service: 3000, ideal: 3000,
    }
    /// Requests a second that the PIM service takes on average; no number is published.
    PIM_RATE: u32 {
        name: "pimRate",
        source: "assumption of the simulator; learn.microsoft.com advises against needless PIM list calls",
        service: 10, ideal: 10,
    }
    /// Requests that the PIM service takes at once before it throttles; no number is published.
    PIM_BURST: u32 {
        name: "pimBurst",
        source: "assumption of the simulator; hashicorp/terraform-provider-azuread#1891",
        service: 30, ideal: 30,
    }
    /// Policy requests that are taken at once before 429 `UnknownError`, inside $batch as well.
    POLICY_BURST: u32 {
        name: "policyBurst",
        source: "cisagov/ScubaGear#2157: batches of 20 policy reads draw 429",
        service: 10, ideal: 10,
    }
    /// Policy requests a second on average; no number is published.
    POLICY_RATE: u32 {
        name: "policyRate",
        source: "assumption of the simulator; cisagov/ScubaGear#2157",
        service: 5, ideal: 5,
    }
    /// Wait that a 429 of the PIM and policy services names in Retry-After, when the bucket would be full sooner.
    MINIMUM_RETRY_AFTER: SignedDuration {
        name: "minimumRetryAfter",
        source: "learn.microsoft.com: throttling",
        service: SignedDuration::from_secs(1), ideal: SignedDuration::from_secs(1),
    }
    /// The answers of a $batch come in another order than asked.
    SHUFFLE_BATCH: bool {
        name: "shuffleBatch",
        source: "learn.microsoft.com: json-batching, responses may appear in a different order",
        service: true, ideal: false,
    }
    /// Every answer is held against the published types; what departs is listed under violations.
    CHECK_ANSWERS: bool {
        name: "checkAnswers",
        source: "microsoftgraph/msgraph-metadata, schemas/v1.0-Prod.csdl; switch it off to measure a client",
        service: true, ideal: true,
    }
    /// Every answer waits this long, as a network would.
    LATENCY: SignedDuration {
        name: "latency",
        source: "assumption of the simulator, for measurements",
        service: SignedDuration::ZERO, ideal: SignedDuration::ZERO,
    }
    /// The cloud of the tenant: tokens for the APIs of another cloud are neither issued nor taken. Local addresses are always good.
    CLOUD: Cloud {
        name: "cloud",
        source: "learn.microsoft.com: deployments, national clouds; AADSTS500011",
        service: Cloud::Global, ideal: Cloud::Global,
    }
    /// How long an access token lives.
    TOKEN_LIFETIME: SignedDuration {
        name: "tokenLifetime",
        source: "learn.microsoft.com: access-tokens, 60 to 90 minutes; the answer of the token endpoint says 3599 seconds",
        service: SignedDuration::from_secs(3599), ideal: SignedDuration::from_secs(3599),
    }
    /// How long the token of a next page stays good; after it `Directory_ExpiredPageToken`.
    PAGE_TOKEN_LIFETIME: SignedDuration {
        name: "pageTokenLifetime",
        source: "learn.microsoft.com: paging; error code Directory_ExpiredPageToken",
        service: SignedDuration::from_mins(30), ideal: SignedDuration::from_hours(24),
    }
    /// How long a delta token stays good; after it 410 with a fresh start in Location.
    DELTA_TOKEN_LIFETIME: SignedDuration {
        name: "deltaTokenLifetime",
        source: "learn.microsoft.com: delta-query-overview, 7 days for directory objects",
        service: SignedDuration::from_hours(168), ideal: SignedDuration::from_hours(168),
    }
}
