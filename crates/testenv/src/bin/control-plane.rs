//! A control plane to try things on: starts one, says how to reach it, and stops it at Ctrl-C.

use testenv::binaries::Binary;
use testenv::control_plane::{ControlPlane, Options};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let control_plane = ControlPlane::start(&Options::default()).await?;
    println!("export KUBECONFIG={}", control_plane.kubeconfig().display());
    println!(
        "# kubectl: {}",
        control_plane.binary(Binary::Kubectl)?.display()
    );
    println!(
        "# helm:    {}",
        control_plane.binary(Binary::Helm)?.display()
    );
    println!("# It serves {} until Ctrl-C.", control_plane.url());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
