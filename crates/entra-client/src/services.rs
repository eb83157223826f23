//! All services of one tenant that the operator speaks to, behind one dispatcher.

use crate::azure::ResourceManager;
use crate::dispatch::{Dispatcher, Wiring};
use crate::graph::Graph;
use crate::service::{GRAPH, RESOURCE_MANAGER};
use crate::session::Session;

/// The clients of one tenant. Cheap to clone; all clones share lanes and limits.
#[derive(Debug, Clone)]
pub struct Services {
    /// Microsoft Graph.
    pub graph: Graph,
    /// The Azure Resource Manager, where the cloud has one.
    pub resource_manager: Option<ResourceManager>,
}

impl Services {
    /// Connects to a tenant. Nothing is sent before the first request.
    pub fn connect(wiring: &Wiring) -> Self {
        let has_resource_manager = wiring.endpoints.resource_manager().is_some();
        let session = Session::new(if has_resource_manager {
            Dispatcher::new(wiring, &[&GRAPH, &RESOURCE_MANAGER])
        } else {
            Dispatcher::new(wiring, &[&GRAPH])
        });
        Self {
            resource_manager: has_resource_manager.then(|| ResourceManager::new(session.clone())),
            graph: Graph { session },
        }
    }
}
