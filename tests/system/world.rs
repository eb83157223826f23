//! What tests share: the control plane and the operator that runs on it from the installed chart.

use std::path::{Path, PathBuf};

use testenv::ControlPlane;
use testenv::control_plane::Options;
use testenv::installation::{self, Chosen, Installation, NAMESPACE};
use testenv::simulated::SimulatedTenant;
use tokio::sync::{Mutex, MutexGuard, OnceCell};

/// The operator that was built with these tests.
pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_entra-pim-operator"))
}

/// A control plane with the product on it.
pub struct World {
    pub control_plane: &'static ControlPlane,
    pub installation: &'static Installation,
}

/// The world of all tests that leave the operator alone.
pub async fn shared() -> World {
    static INSTALLATION: OnceCell<Installation> = OnceCell::const_new();
    let control_plane = ControlPlane::shared().await.unwrap();
    let installation = INSTALLATION.get_or_init(|| install(control_plane)).await;
    World {
        control_plane,
        installation,
    }
}

/// Runs kubectl in no namespace that is not named, and insists that it succeeds.
pub async fn kubectl(control_plane: &ControlPlane, arguments: &[&str]) -> String {
    let output = control_plane.kubectl(arguments).await.unwrap();
    output.succeeded().unwrap()
}

/// A control plane whose operator belongs to the caller while the guard lives: it may be killed and started again.
pub async fn exclusive() -> (&'static ControlPlane, MutexGuard<'static, Installation>) {
    static CONTROL_PLANE: OnceCell<ControlPlane> = OnceCell::const_new();
    static INSTALLATION: OnceCell<Mutex<Installation>> = OnceCell::const_new();
    let control_plane = CONTROL_PLANE
        .get_or_init(async || ControlPlane::start(&Options::default()).await.unwrap())
        .await;
    let installation = INSTALLATION
        .get_or_init(async || Mutex::new(install(control_plane).await))
        .await;
    let mut installation = installation.lock().await;
    // Whoever came before may have failed half-way.
    if installation
        .operator
        .process()
        .exit_status()
        .unwrap()
        .is_some()
    {
        installation.operator.restart().unwrap();
        installation.wait_ready().await.unwrap();
    }
    (control_plane, installation)
}

/// A control plane that belongs to one test, which may do to its operator what it likes.
pub async fn own() -> (&'static ControlPlane, Installation) {
    static CONTROL_PLANE: OnceCell<ControlPlane> = OnceCell::const_new();
    let control_plane = CONTROL_PLANE
        .get_or_init(async || ControlPlane::start(&Options::default()).await.unwrap())
        .await;
    (control_plane, install(control_plane).await)
}

async fn install(control_plane: &ControlPlane) -> Installation {
    let log = log(control_plane);
    let chosen = Chosen::usual(binary(), &log, "json");
    let installation = Installation::start(control_plane, chosen).await.unwrap();
    // Every simulated tenant knows the same application and secret.
    let tenant = SimulatedTenant::start(entra_sim::Config::default())
        .await
        .unwrap();
    let secret = tenant.secret(NAMESPACE).to_string();
    installation::apply(control_plane, &secret).await.unwrap();
    installation
}

/// Where the operator logs to.
pub fn log(control_plane: &ControlPlane) -> PathBuf {
    control_plane.directory().join("operator.log")
}
