//! Where the clouds answer: authority, Graph and the Azure Resource Manager, and the scope of a token.
//!
//! Hosts are those of learn.microsoft.com "National cloud deployments". Tokens of one cloud are worth nothing in another.

use url::Url;

/// A cloud that Microsoft runs. A custom one is described by [`Endpoints::custom`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cloud {
    /// The world-wide cloud, with GCC.
    Public,
    /// US Government L4 (GCC High).
    UsGovernment,
    /// US Government L5 (`DoD`).
    UsGovernmentDod,
    /// China, run by 21Vianet.
    China,
}

/// An endpoint that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is no URL.
    #[error("the {which} endpoint {text:?} is no URL: {reason}")]
    Malformed {
        /// The endpoint that was given, by the name of its field.
        which: &'static str,
        /// The text that was given for it.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The URL is one that a credential must not be sent to.
    #[error(
        "the {which} endpoint must be https with a host, without user, query, fragment or path"
    )]
    NotAnOrigin {
        /// The endpoint that was given, by the name of its field.
        which: &'static str,
    },
}

/// The addresses of one cloud. All are origins (`https://host[:port]`) without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    authority: String,
    graph: String,
    resource_manager: Option<String>,
}

impl Endpoints {
    /// The addresses of a cloud that Microsoft runs.
    pub fn of(cloud: Cloud) -> Self {
        let (authority, graph, resource_manager) = match cloud {
            Cloud::Public => (
                "login.microsoftonline.com",
                "graph.microsoft.com",
                "management.azure.com",
            ),
            Cloud::UsGovernment => (
                "login.microsoftonline.us",
                "graph.microsoft.us",
                "management.usgovcloudapi.net",
            ),
            Cloud::UsGovernmentDod => (
                "login.microsoftonline.us",
                "dod-graph.microsoft.us",
                "management.usgovcloudapi.net",
            ),
            Cloud::China => (
                "login.chinacloudapi.cn",
                "microsoftgraph.chinacloudapi.cn",
                "management.chinacloudapi.cn",
            ),
        };
        let https = |host: &str| format!("https://{host}");
        Self {
            authority: https(authority),
            graph: https(graph),
            resource_manager: Some(https(resource_manager)),
        }
    }

    /// The addresses of a cloud of one's own, for example a simulated tenant; it may have no Azure Resource Manager. Each must
    /// be an https origin: the sign-in library drops the path of an authority, and a credential is never sent in the clear.
    pub fn custom(
        authority: &str,
        graph: &str,
        resource_manager: Option<&str>,
    ) -> Result<Self, Error> {
        Ok(Self {
            authority: origin("authority", authority)?,
            graph: origin("graph", graph)?,
            resource_manager: resource_manager
                .map(|text| origin("resourceManager", text))
                .transpose()?,
        })
    }

    /// The origin of the service that issues tokens.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The origin of Microsoft Graph.
    pub fn graph(&self) -> &str {
        &self.graph
    }

    /// The origin of the Azure Resource Manager, if the cloud has one.
    pub fn resource_manager(&self) -> Option<&str> {
        self.resource_manager.as_deref()
    }

    /// What paths of operations of the Resource Manager are relative to. A cloud without one has no such operations.
    pub fn resource_manager_base(&self) -> String {
        self.resource_manager.clone().unwrap_or_default()
    }

    /// The scope of a token for the Resource Manager.
    pub fn resource_manager_scope(&self) -> String {
        format!("{}/.default", self.resource_manager_base())
    }

    /// The root of the version of Graph that is used; paths of operations are relative to it.
    pub fn graph_base(&self) -> String {
        format!("{}/v1.0", self.graph)
    }

    /// The scope of a token for Graph.
    pub fn graph_scope(&self) -> String {
        format!("{}/.default", self.graph)
    }
}

fn origin(which: &'static str, text: &str) -> Result<String, Error> {
    let url = Url::parse(text).map_err(|reason| Error::Malformed {
        which,
        text: text.chars().take(200).collect(),
        reason: reason.to_string(),
    })?;
    let plain = url.scheme() == "https"
        && url.host_str().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && matches!(url.path(), "" | "/");
    if plain {
        Ok(url.origin().ascii_serialization())
    } else {
        Err(Error::NotAnOrigin { which })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_asks_for_a_token_of_its_own_graph() {
        assert_eq!(
            Endpoints::of(Cloud::UsGovernmentDod).graph_scope(),
            "https://dod-graph.microsoft.us/.default"
        );
        assert_eq!(
            Endpoints::of(Cloud::China).graph_base(),
            "https://microsoftgraph.chinacloudapi.cn/v1.0"
        );
    }

    #[test]
    fn a_custom_endpoint_is_an_https_origin() {
        let sim = "https://127.0.0.1:8443/";
        let endpoints = Endpoints::custom(sim, sim, Some(sim)).unwrap();
        assert_eq!(endpoints.graph_base(), "https://127.0.0.1:8443/v1.0");
        assert_eq!(
            endpoints.resource_manager_scope(),
            "https://127.0.0.1:8443/.default"
        );
        for refused in [
            "http://127.0.0.1",
            "https://u:p@host",
            "https://host/path",
            "https://host?x=1",
        ] {
            assert_eq!(
                Endpoints::custom(sim, refused, None),
                Err(Error::NotAnOrigin { which: "graph" })
            );
        }
        assert!(matches!(
            Endpoints::custom("nonsense", sim, None),
            Err(Error::Malformed { .. })
        ));
    }
}
