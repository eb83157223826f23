//! The image: one static binary that needs nothing of the system around it but certificates of public authorities, in a
//! last stage that can be built without pulling anything. It is a test binary of its own because the static binary is
//! linked in it.
//!
//! An empty root directory and a build of the stage take a superuser and buildah; where they are lacking, the test says
//! so and leaves that part out.

#![expect(
    clippy::unwrap_used,
    reason = "in a test a failed unwrap is a failed test, in its helpers as well"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use testenv::process::{Program, Supervised};
use testenv::{ControlPlane, ports};

const OPERATOR: &str = "entra-pim-operator";
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";
/// The user of the image.
const USER: u32 = 65532;
/// ELF (System V ABI, program header): the segment that names a dynamic linker.
const PT_INTERP: u32 = 3;
const PATIENCE: Duration = Duration::from_secs(30);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Past the test harness, which holds back what is printed until a test has failed.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "image: {line}");
}

fn is_superuser() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Links the binary as the image's first stage does, apart from the optimizer. What other tests run is put back in its
/// place, where cargo leaves the one that it made last.
fn compile(directory: &Path) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let made = target.join("debug").join(OPERATOR);
    say("link the static binary");
    let begun = Instant::now();
    let dynamic = tempfile::tempdir_in(target).unwrap();
    let dynamic = dynamic.path().join(OPERATOR);
    let was_made = made.exists();
    if was_made {
        fs::hard_link(&made, &dynamic).unwrap();
    }
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["rustc", "--quiet", "--locked", "--package", OPERATOR])
        .args(["--bin", OPERATOR, "--target-dir"])
        .arg(target)
        .args(["--", "-C", "target-feature=+crt-static"])
        .current_dir(root())
        .status()
        .unwrap();
    let binary = directory.join(OPERATOR);
    let copied = fs::copy(&made, &binary);
    if was_made {
        fs::rename(&dynamic, &made).unwrap();
    }
    assert!(status.success());
    copied.unwrap();
    say(&format!("linked in {} s", begun.elapsed().as_secs()));
    binary
}

/// The types of the program headers of a 64-bit little-endian ELF file.
fn segments(file: &[u8]) -> Vec<u32> {
    assert_eq!(file[..6], *b"\x7fELF\x02\x01");
    let number = |at: usize, length: usize| {
        let bytes = file[at..at + length].iter().rev();
        bytes.fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let (offset, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    let headers = (0..count).map(|index| number(offset + index * size, 4));
    headers.map(|kind| u32::try_from(kind).unwrap()).collect()
}

#[tokio::test]
async fn the_binary_needs_nothing_around_it_and_the_last_stage_holds_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let binary = compile(directory.path());
    let segments = segments(&fs::read(&binary).unwrap());
    assert!(
        !segments.is_empty() && !segments.contains(&PT_INTERP),
        "it is linked dynamically"
    );

    if !is_superuser() {
        say("left out without a superuser: an empty root directory, the last stage of the image");
        return;
    }
    it_runs_in_an_empty_root(&binary, &directory.path().join("empty")).await;
    if Command::new("buildah").arg("--version").output().is_err() {
        say("left out without buildah: the last stage of the image");
        return;
    }
    the_last_stage_is_built(&binary, &directory.path().join("stage"));
}

/// What the first stage leaves behind, under `directory`.
fn lay_out(binary: &Path, directory: &Path) {
    fs::create_dir_all(directory.join("etc/ssl/certs")).unwrap();
    fs::copy(binary, directory.join(OPERATOR)).unwrap();
    fs::copy(
        Path::new("/").join(CERTIFICATES),
        directory.join(CERTIFICATES),
    )
    .unwrap();
    let readable = fs::Permissions::from_mode(0o644);
    fs::set_permissions(directory.join(CERTIFICATES), readable).unwrap();
}

/// Without a shell, a library, a user database or a temporary directory it reads from a real API server.
async fn it_runs_in_an_empty_root(binary: &Path, directory: &Path) {
    let control_plane = ControlPlane::shared().await.unwrap();
    let definitions = root().join("crds");
    let arguments = [
        "apply",
        "--server-side",
        "-f",
        &definitions.to_string_lossy(),
    ];
    let applied = control_plane.kubectl(&arguments).await.unwrap();
    applied.succeeded().unwrap();
    lay_out(binary, directory);
    random_devices(directory);
    let inside = |path: &Path| {
        let copy = directory.join(path.strip_prefix("/").unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(path, &copy).unwrap();
        chown(&copy, Some(USER), Some(USER)).unwrap();
    };
    // The file names the certificate by its path.
    inside(control_plane.kubeconfig());
    control_plane.ca().into_iter().for_each(inside);
    for above in control_plane.kubeconfig().ancestors().skip(1) {
        let above = directory.join(above.strip_prefix("/").unwrap());
        fs::set_permissions(above, fs::Permissions::from_mode(0o755)).unwrap();
    }

    let [metrics, probes] = ports::hold::<2>().unwrap().release().unwrap();
    let log = directory.with_file_name("log");
    let program = Program::new("/usr/sbin/chroot", &log)
        .arg(format!("--userspec={USER}:{USER}"))
        .arg(directory)
        .arg(format!("/{OPERATOR}"))
        .arg("--namespace=default")
        .arg(format!("--metrics-address=127.0.0.1:{metrics}"))
        .arg(format!("--probes-address=127.0.0.1:{probes}"))
        .env("KUBECONFIG", control_plane.kubeconfig());
    let process = Supervised::spawn(&program).unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap();
    let begun = Instant::now();
    let ready = format!("http://127.0.0.1:{probes}/readyz");
    while !client
        .get(&ready)
        .send()
        .await
        .is_ok_and(|answer| answer.status() == 200)
    {
        let late = begun.elapsed() > PATIENCE || process.exit_status().unwrap().is_some();
        assert!(!late, "it is not ready:\n{}", process.log_tail(20));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    process.terminate().unwrap();
    let ended = process.wait_at_most(PATIENCE).await.unwrap();
    assert!(
        ended.is_some_and(|status| status.success()),
        "{}",
        process.log_tail(20)
    );
}

/// Every container has these devices (opencontainers/runtime-spec: config-linux, "Default Devices"). Files with random
/// bytes stand in for them, because making devices may be forbidden.
fn random_devices(directory: &Path) {
    let mut bytes = vec![0; 1 << 20];
    let mut urandom = fs::File::open("/dev/urandom").unwrap();
    urandom.read_exact(&mut bytes).unwrap();
    fs::create_dir(directory.join("dev")).unwrap();
    for device in ["random", "urandom"] {
        fs::write(directory.join("dev").join(device), &bytes).unwrap();
    }
}

/// One buildah with storage of its own, so that nothing of this machine's images is touched.
struct Buildah<'a>(&'a Path);

impl Buildah<'_> {
    fn run(&self, arguments: &[&str]) -> String {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new("buildah")
            .args(["--storage-driver", "vfs"])
            .arg("--root")
            .arg(self.0.join("storage"))
            .arg("--runroot")
            .arg(self.0.join("run"))
            .args(arguments)
            .current_dir(root())
            .env("BUILDAH_ISOLATION", "chroot")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&stderr);
        assert!(status.success(), "buildah {}: {said}", arguments.join(" "));
        String::from_utf8(stdout).unwrap().trim().to_owned()
    }

    /// Builds the last stage on top of a directory in place of the first one.
    fn build(&self, stage: &Path, name: &str) -> String {
        let context = format!("build={}", stage.display());
        let arguments = ["bud", "--timestamp", "0", "--build-context", &context];
        self.run(&[&arguments[..], &["--tag", name, "."]].concat());
        self.run(&[
            "inspect",
            "--type",
            "image",
            "--format",
            "{{.FromImageDigest}}",
            name,
        ])
    }
}

fn the_last_stage_is_built(binary: &Path, directory: &Path) {
    lay_out(binary, &directory.join("context/out"));
    let buildah = Buildah(directory);
    let context = directory.join("context");
    let first = buildah.build(&context, "first");
    assert_eq!(
        first,
        buildah.build(&context, "second"),
        "one content, one digest"
    );
    assert!(first.starts_with("sha256:"), "{first}");

    let shown = buildah.run(&["inspect", "--type", "image", "first"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let config = &shown["OCIv1"]["config"];
    assert_eq!(config["User"], "65532:65532");
    assert_eq!(
        config["Entrypoint"],
        serde_json::json!([format!("/{OPERATOR}")])
    );
    for label in ["title", "description", "licenses"] {
        let label = format!("org.opencontainers.image.{label}");
        assert!(config["Labels"][&label].is_string(), "{label}");
    }
    let container = buildah.run(&["from", "--pull-never", "localhost/first"]);
    let mounted = PathBuf::from(buildah.run(&["mount", &container]));
    let mut files = Vec::new();
    list(&mounted, &mounted, &mut files);
    files.sort();
    assert_eq!(files, [OPERATOR, CERTIFICATES]);
    let mode = fs::metadata(mounted.join(OPERATOR))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0o111, "anybody may execute it");
    buildah.run(&["umount", &container]);
    buildah.run(&["rm", &container]);
}

/// The files below a directory, by their path in it.
fn list(top: &Path, directory: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(top, &path, files);
        } else {
            let inside = path.strip_prefix(top).unwrap();
            files.push(inside.to_string_lossy().into_owned());
        }
    }
}
