//! The services that a dispatcher can serve, each described by one value: where it answers in each cloud, whom its
//! tokens are for, which budgets it has, and how many operations one request to it carries.
//!
//! Here belongs what `dispatch` must know of a service before it sends anything, as data. Requests and what their
//! answers mean belong to the typed client of the service (`graph`), and decisions to `dispatch`, which knows a service
//! by this value only.

use crate::cloud::Endpoints;

macro_rules! lanes {
    ($($(#[$doc:meta])* $Lane:ident = $label:literal, $meaning:literal;)+) => {
        /// A kind of budget. A service judges each item of a batch by the budget of its kind, so a batch never mixes two, and
        /// no service draws on the budgets of another.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Lane {
            $(#[doc = $meaning] $(#[$doc])* $Lane,)+
        }

        impl Lane {
            /// Every lane.
            pub const ALL: &'static [Self] = &[$(Self::$Lane,)+];

            /// The value of the metric label.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$Lane => $label,)+ }
            }

            /// What draws on it, as Markdown of one line.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$Lane => $meaning,)+ }
            }
        }
    };
}

lanes! {
    Directory = "directory", "users, groups, service principals, role definitions, plain role assignments";
    Schedules = "schedules", "PIM schedules of groups and of directory roles";
    /// Five requests in ten seconds (learn.microsoft.com: "Microsoft Graph service-specific throttling limits", identity and
    /// access reports).
    Audit = "audit", "the audit log";
    /// The tightest store of all (cisagov/ScubaGear#2157).
    Policies = "policies", "role management policies";
    /// One request a second for a whole tenant (learn.microsoft.com: "Microsoft Graph service-specific throttling limits").
    ConditionalAccess = "conditional_access", "authentication contexts and policies of Conditional Access";
    /// See learn.microsoft.com: "Microsoft Graph service-specific throttling limits".
    Intune = "intune", "roles of Intune and who holds them";
    /// The Resource Manager limits it to 120 a minute at some scopes (Azure/alzlib#168).
    AzureRoles = "azure_roles", "role definitions and assignments of Azure";
}

/// What a lane of a service may have under way, as far as it is known before the first answer. The rest is learned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LaneProfile {
    pub(crate) lane: Lane,
    /// Operations under way at once at first,
    pub(crate) start: usize,
    /// and at most, after many clean answers.
    pub(crate) maximum: usize,
}

/// One service. Those of the product are statics, and an operation names one of them by its address.
#[derive(Debug)]
pub(crate) struct ServiceDescription {
    /// The value of the metric label `api`. No two services share one.
    pub(crate) name: &'static str,
    /// The root that paths of its operations are relative to.
    pub(crate) base: fn(&Endpoints) -> String,
    /// The scope of a token for it, which names its audience.
    pub(crate) scope: fn(&Endpoints) -> String,
    /// Its budgets: every operation that goes to it has a lane that is listed here.
    pub(crate) lanes: &'static [LaneProfile],
    /// The part of the service that a path or URL belongs to, where each part has budgets of its own; empty where there is one
    /// budget for all. Each part has its own lanes.
    pub(crate) part: fn(&str) -> String,
    /// How many operations one request carries. More than 1 means that it takes `$batch`.
    pub(crate) batch: usize,
    /// What every operation carries beyond what all services get, also inside a batch.
    pub(crate) headers: &'static [(&'static str, &'static str)],
}

/// Microsoft Graph v1.0.
pub(crate) static GRAPH: ServiceDescription = ServiceDescription {
    name: "graph",
    base: Endpoints::graph_base,
    scope: Endpoints::graph_scope,
    lanes: &[
        // Thousands in a few seconds are within its published budget (learn.microsoft.com: "Microsoft Graph service-specific
        // throttling limits", identity and access).
        LaneProfile {
            lane: Lane::Directory,
            start: 80,
            maximum: 640,
        },
        LaneProfile {
            lane: Lane::Schedules,
            start: 20,
            // As many batches as requests may be under way.
            maximum: 1280,
        },
        // Batches of 20 policy reads drew 429 in real tenants (cisagov/ScubaGear#2157).
        LaneProfile {
            lane: Lane::Policies,
            start: 5,
            maximum: 320,
        },
        LaneProfile {
            lane: Lane::ConditionalAccess,
            start: 1,
            maximum: 1,
        },
        LaneProfile {
            lane: Lane::Audit,
            start: 2,
            maximum: 5,
        },
        LaneProfile {
            lane: Lane::Intune,
            start: 5,
            maximum: 40,
        },
    ],
    part: |_| String::new(),
    // learn.microsoft.com "Combine multiple HTTP requests using JSON batching".
    batch: 20,
    // A reconciler gives way to whoever works interactively (learn.microsoft.com "Microsoft Graph throttling guidance").
    headers: &[("x-ms-throttle-priority", "Low")],
};

/// The Azure Resource Manager.
pub(crate) static RESOURCE_MANAGER: ServiceDescription = ServiceDescription {
    name: "azure",
    base: Endpoints::resource_manager_base,
    scope: Endpoints::resource_manager_scope,
    lanes: &[LaneProfile {
        lane: Lane::AzureRoles,
        start: 5,
        maximum: 40,
    }],
    part: subscription,
    // Its own batch endpoint is not documented for other clients than the portal.
    batch: 1,
    headers: &[],
};

/// The subscription that a path lies in, in lower case: the Resource Manager counts by subscription, and by tenant what lies in
/// none (learn.microsoft.com: "Understand how Azure Resource Manager throttles requests").
fn subscription(place: &str) -> String {
    let path = place.split('?').next().unwrap_or_default().to_lowercase();
    let mut after = path.split("/subscriptions/").skip(1);
    let id = after.next().and_then(|rest| rest.split('/').next());
    id.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::subscription;

    #[test]
    fn a_path_belongs_to_its_subscription_however_it_is_written() {
        for inside in [
            "/subscriptions/5AB5/resourceGroups/a?api-version=1",
            "https://management.azure.com/Subscriptions/5ab5/providers/x?$skiptoken=/subscriptions/2",
            "/subscriptions/5ab5",
        ] {
            assert_eq!(subscription(inside), "5ab5", "{inside}");
        }
        for outside in [
            "/providers/Microsoft.Management/managementGroups/x",
            "/",
            "",
        ] {
            assert_eq!(subscription(outside), "", "{outside}");
        }
    }
}
