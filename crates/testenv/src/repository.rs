//! Where the files of this repository are that tests and the demo use as they are: the chart, the examples.

use std::path::{Path, PathBuf};

/// The root of the checkout that this crate was built from.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = manifest.ancestors().nth(2).unwrap_or(manifest);
    root.to_owned()
}

/// The chart that users install.
pub fn chart() -> PathBuf {
    root().join("charts").join("entra-pim-operator")
}

/// The manifests that users read first.
pub fn examples() -> PathBuf {
    root().join("examples")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chart_and_examples_are_there() {
        assert!(chart().join("Chart.yaml").is_file());
        assert!(examples().join("tenants").is_dir());
    }
}
