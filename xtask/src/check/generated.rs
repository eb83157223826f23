//! Generated files are committed, and are exactly what the generators write.

use crate::finding::Finding;
use crate::generate;
use crate::workspace::Workspace;

/// Generates everything in memory and compares.
pub fn findings(workspace: &Workspace) -> anyhow::Result<Vec<Finding>> {
    generate::drift(workspace, &generate::all(workspace)?)
}
