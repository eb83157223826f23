//! Which resource a token is for.
//!
//! Hosts of the clouds: learn.microsoft.com, "National cloud deployments".

use url::Url;

use crate::behaviours::protocol::Cloud;
use crate::ids::GRAPH_APP;

/// The APIs that tokens are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Graph,
    ResourceManager,
    /// An address of this machine: the simulator itself, which is every API at once.
    Local,
}

/// The names by which one cloud calls its APIs.
struct Hosts {
    cloud: Cloud,
    graph: &'static str,
    resource_manager: [&'static str; 2],
}

const CLOUDS: [Hosts; 4] = [
    Hosts {
        cloud: Cloud::Global,
        graph: "graph.microsoft.com",
        resource_manager: ["management.azure.com", "management.core.windows.net"],
    },
    Hosts {
        cloud: Cloud::UsGovernment,
        graph: "graph.microsoft.us",
        resource_manager: US_RESOURCE_MANAGER,
    },
    Hosts {
        cloud: Cloud::UsGovernmentDod,
        graph: "dod-graph.microsoft.us",
        resource_manager: US_RESOURCE_MANAGER,
    },
    Hosts {
        cloud: Cloud::China,
        graph: "microsoftgraph.chinacloudapi.cn",
        resource_manager: [
            "management.chinacloudapi.cn",
            "management.core.chinacloudapi.cn",
        ],
    },
];

/// Both clouds of the US government have one Resource Manager.
const US_RESOURCE_MANAGER: [&str; 2] = [
    "management.usgovcloudapi.net",
    "management.core.usgovcloudapi.net",
];

impl Hosts {
    fn api(&self, name: &str) -> Option<Api> {
        if name == self.graph {
            Some(Api::Graph)
        } else if self.resource_manager.contains(&name) {
            Some(Api::ResourceManager)
        } else {
            None
        }
    }
}

/// The resource that an identifier names. `host` is where the simulator was asked. The names of other clouds are
/// unknown, even where the simulator is asked by such a name: their tokens are not interchangeable.
pub(crate) fn resource(identifier: &str, host: &str, cloud: Cloud) -> Option<Api> {
    let name = match Url::parse(identifier) {
        Ok(url) => url.host_str().unwrap_or_default().to_ascii_lowercase(),
        Err(_) => identifier.to_ascii_lowercase(),
    };
    if name == GRAPH_APP.to_string() {
        return Some(Api::Graph);
    }
    if CLOUDS.iter().any(|hosts| hosts.api(&name).is_some()) {
        let mut own = CLOUDS.iter().filter(|hosts| hosts.cloud == cloud);
        return own.find_map(|hosts| hosts.api(&name));
    }
    let own = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let local = matches!(name.as_str(), "localhost" | "127.0.0.1" | "[::1]")
        || name.eq_ignore_ascii_case(own);
    local.then_some(Api::Local)
}

pub(crate) fn is_graph(audience: &str, host: &str, cloud: Cloud) -> bool {
    matches!(
        resource(audience, host, cloud),
        Some(Api::Graph | Api::Local)
    )
}

pub(crate) fn is_resource_manager(audience: &str, host: &str, cloud: Cloud) -> bool {
    matches!(
        resource(audience, host, cloud),
        Some(Api::ResourceManager | Api::Local)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audiences_of_the_cloud_and_of_the_simulator_are_known() {
        for (identifier, cloud, expected) in [
            (
                "https://graph.microsoft.com",
                Cloud::Global,
                Some(Api::Graph),
            ),
            (
                "https://graph.microsoft.com/",
                Cloud::Global,
                Some(Api::Graph),
            ),
            ("https://graph.microsoft.us", Cloud::Global, None),
            (
                "https://graph.microsoft.us",
                Cloud::UsGovernment,
                Some(Api::Graph),
            ),
            ("https://dod-graph.microsoft.us", Cloud::UsGovernment, None),
            (
                "https://dod-graph.microsoft.us",
                Cloud::UsGovernmentDod,
                Some(Api::Graph),
            ),
            ("https://graph.microsoft.com", Cloud::China, None),
            (
                "00000003-0000-0000-c000-000000000000",
                Cloud::China,
                Some(Api::Graph),
            ),
            (
                "https://management.core.windows.net/",
                Cloud::Global,
                Some(Api::ResourceManager),
            ),
            ("https://management.chinacloudapi.cn", Cloud::Global, None),
            ("https://127.0.0.1:8443", Cloud::China, Some(Api::Local)),
            ("https://sim.test", Cloud::Global, Some(Api::Local)),
            ("https://vault.azure.net", Cloud::Global, None),
        ] {
            assert_eq!(
                resource(identifier, "sim.test:443", cloud),
                expected,
                "{identifier} in {cloud:?}"
            );
        }
        let graph = |audience, host| is_graph(audience, host, Cloud::Global);
        assert!(!graph("https://management.azure.com", "sim.test"));
        assert!(!graph("https://graph.microsoft.us", "graph.microsoft.us"));
    }
}
