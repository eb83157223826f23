//! Which resource a token is for.
//!
//! Hosts of the clouds: learn.microsoft.com, "National cloud deployments".

use url::Url;

/// The APIs that tokens are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Graph,
    ResourceManager,
    /// An address of this machine: the simulator itself, which is every API at once.
    Local,
}

const GRAPH: &[&str] = &[
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "00000003-0000-0000-c000-000000000000",
];

const RESOURCE_MANAGER: &[&str] = &[
    "management.azure.com",
    "management.core.windows.net",
    "management.usgovcloudapi.net",
    "management.core.usgovcloudapi.net",
    "management.chinacloudapi.cn",
    "management.core.chinacloudapi.cn",
];

/// The resource that an identifier names. `host` is where the simulator was asked.
pub(crate) fn resource(identifier: &str, host: &str) -> Option<Api> {
    let name = match Url::parse(identifier) {
        Ok(url) => url.host_str().unwrap_or_default().to_ascii_lowercase(),
        Err(_) => identifier.to_ascii_lowercase(),
    };
    let own = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if GRAPH.contains(&name.as_str()) {
        Some(Api::Graph)
    } else if RESOURCE_MANAGER.contains(&name.as_str()) {
        Some(Api::ResourceManager)
    } else if matches!(name.as_str(), "localhost" | "127.0.0.1" | "[::1]")
        || name.eq_ignore_ascii_case(own)
    {
        Some(Api::Local)
    } else {
        None
    }
}

/// Whether Graph takes a token of this audience.
pub(crate) fn is_graph(audience: &str, host: &str) -> bool {
    matches!(resource(audience, host), Some(Api::Graph | Api::Local))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audiences_of_all_clouds_and_of_the_simulator_are_known() {
        for (identifier, expected) in [
            ("https://graph.microsoft.com", Some(Api::Graph)),
            ("https://graph.microsoft.com/", Some(Api::Graph)),
            ("https://dod-graph.microsoft.us", Some(Api::Graph)),
            (
                "https://management.core.windows.net/",
                Some(Api::ResourceManager),
            ),
            ("https://127.0.0.1:8443", Some(Api::Local)),
            ("https://sim.test", Some(Api::Local)),
            ("https://vault.azure.net", None),
        ] {
            assert_eq!(
                resource(identifier, "sim.test:443"),
                expected,
                "{identifier}"
            );
        }
        assert!(!is_graph("https://management.azure.com", "sim.test"));
    }
}
