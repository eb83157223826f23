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
    THROTTLING "throttling": bool = true, ideal false; from "learn.microsoft.com: throttling-limits";
    /// Resource units that an application may spend on the directory in ten seconds.
    DIRECTORY_UNITS "directoryUnits": u32 = 3500;
        from "learn.microsoft.com: throttling-limits, identity and access, tenant below 50 users";
    /// Directory writes that an application may make in 150 seconds.
    DIRECTORY_WRITES "directoryWrites": u32 = 3000; from "learn.microsoft.com: throttling-limits, identity and access";
    /// Requests a second that the PIM service takes on average; no number is published.
    PIM_RATE "pimRate": u32 = 10;
        from "assumption of the simulator; learn.microsoft.com advises against needless PIM list calls";
    /// Requests that the PIM service takes at once before it throttles; no number is published.
    PIM_BURST "pimBurst": u32 = 30; from "assumption of the simulator; hashicorp/terraform-provider-azuread#1891";
    /// Policy requests that are taken at once before 429 `UnknownError`, inside $batch as well.
    POLICY_BURST "policyBurst": u32 = 10; from "cisagov/ScubaGear#2157: batches of 20 policy reads draw 429";
    /// Policy requests a second on average; no number is published.
    POLICY_RATE "policyRate": u32 = 5; from "assumption of the simulator; cisagov/ScubaGear#2157";
    /// Wait that a 429 of the PIM and policy services names in Retry-After, when the bucket would be full sooner.
    MINIMUM_RETRY_AFTER "minimumRetryAfter": SignedDuration = SignedDuration::from_secs(1);
        from "learn.microsoft.com: throttling";
    /// The answers of a $batch come in another order than asked.
    SHUFFLE_BATCH "shuffleBatch": bool = true, ideal false;
        from "learn.microsoft.com: json-batching, responses may appear in a different order";
    /// Every answer is held against the published types; what departs is listed under violations.
    CHECK_ANSWERS "checkAnswers": bool = true;
        from "microsoftgraph/msgraph-metadata, schemas/v1.0-Prod.csdl; switch it off to measure a client";
    /// Every answer waits this long, as a network would.
    LATENCY "latency": SignedDuration = SignedDuration::ZERO; from "assumption of the simulator, for measurements";
    /// The cloud of the tenant: tokens for the APIs of another cloud are neither issued nor taken. Local addresses are
    /// always good.
    CLOUD "cloud": Cloud = Cloud::Global; from "learn.microsoft.com: deployments, national clouds; AADSTS500011";
    /// How long an access token lives.
    TOKEN_LIFETIME "tokenLifetime": SignedDuration = SignedDuration::from_secs(3599);
        from "learn.microsoft.com: access-tokens, 60 to 90 minutes; the answer of the token endpoint says 3599 seconds";
    /// How long the token of a next page stays good; after it `Directory_ExpiredPageToken`.
    PAGE_TOKEN_LIFETIME "pageTokenLifetime": SignedDuration = SignedDuration::from_mins(30),
        ideal SignedDuration::from_hours(24);
        from "learn.microsoft.com: paging; error code Directory_ExpiredPageToken";
    /// How long a delta token stays good; after it 410 with a fresh start in Location.
    DELTA_TOKEN_LIFETIME "deltaTokenLifetime": SignedDuration = SignedDuration::from_hours(168);
        from "learn.microsoft.com: delta-query-overview, 7 days for directory objects";
}
