//! Tests of finding and building binaries, with a build that is only pretended.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::compile::{Compile, Module};
use super::*;

#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl Progress for Lines {
    fn say(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

/// Writes a file instead of compiling; the first `failures` times it stops half-way.
#[derive(Default)]
struct Fake {
    key: &'static str,
    failures: AtomicUsize,
    compiled: AtomicUsize,
}

impl Compile for Fake {
    fn key(&self, module: Module) -> String {
        format!("{:?}-{}", module, self.key)
    }

    fn compile(
        &self,
        binary: Binary,
        directory: &Path,
        tick: &mut dyn FnMut(),
    ) -> Result<(), Error> {
        let path = directory.join(binary.file_name());
        fs::write(&path, "ha").unwrap();
        tick();
        if self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
        {
            return Err(Error::Build {
                binary: binary.file_name(),
                log: "stopped half-way".into(),
            });
        }
        fs::write(&path, "whole").unwrap();
        self.compiled.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[test]
fn what_is_built_once_is_not_built_again() {
    let root = tempfile::tempdir().unwrap();
    let (fake, lines) = (Fake::default(), Lines::default());
    let cache = Cache::new(root.path(), &fake, &lines);
    let first = cache.provide(&Binary::ALL).unwrap();
    assert_eq!(cache.provide(&Binary::ALL).unwrap(), first);
    assert_eq!(fake.compiled.load(Ordering::SeqCst), 5);
    assert!(
        first
            .values()
            .all(|path| fs::read_to_string(path).unwrap() == "whole")
    );
    assert_eq!(
        lines.0.lock().unwrap()[..2],
        ["building etcd (1 of 5), 0 s", "built etcd (1 of 5) in 0 s"]
    );
}

#[test]
fn only_what_lacks_is_built() {
    let root = tempfile::tempdir().unwrap();
    let (fake, lines) = (Fake::default(), Lines::default());
    let cache = Cache::new(root.path(), &fake, &lines);
    cache.provide(&Binary::CLIENTS).unwrap();
    cache.provide(&Binary::ALL).unwrap();
    assert_eq!(fake.compiled.load(Ordering::SeqCst), 5);
    assert_eq!(
        lines.0.lock().unwrap().last().unwrap(),
        "built kube-controller-manager (3 of 3) in 0 s"
    );
}

#[test]
fn another_key_is_another_build() {
    let root = tempfile::tempdir().unwrap();
    let (old, new) = (
        Fake {
            key: "old",
            ..Fake::default()
        },
        Fake {
            key: "new",
            ..Fake::default()
        },
    );
    let old_path = Cache::new(root.path(), &old, &crate::progress::Silent)
        .provide(&[Binary::Etcd])
        .unwrap();
    let new_path = Cache::new(root.path(), &new, &crate::progress::Silent)
        .provide(&[Binary::Etcd])
        .unwrap();
    assert_ne!(old_path, new_path);
    assert_eq!(new.compiled.load(Ordering::SeqCst), 1);
}

#[test]
fn a_half_finished_build_is_never_taken_for_a_finished_one() {
    let root = tempfile::tempdir().unwrap();
    let fake = Fake {
        failures: AtomicUsize::new(1),
        ..Fake::default()
    };
    let cache = Cache::new(root.path(), &fake, &crate::progress::Silent);
    let error = cache.provide(&[Binary::KubeApiserver]).unwrap_err();
    assert!(
        error.to_string().contains("kube-apiserver")
            && error.to_string().contains("stopped half-way"),
        "{error}"
    );
    assert!(!cache.finished(Binary::KubeApiserver).exists());

    let paths = cache.provide(&[Binary::KubeApiserver]).unwrap();
    assert_eq!(
        fs::read_to_string(&paths[&Binary::KubeApiserver]).unwrap(),
        "whole"
    );
}

#[test]
fn what_a_killed_build_left_is_swept_and_not_used() {
    let root = tempfile::tempdir().unwrap();
    let fake = Fake::default();
    let cache = Cache::new(root.path(), &fake, &crate::progress::Silent);
    let home = cache.finished(Binary::Etcd).parent().unwrap().to_owned();
    let left = home.join(".build-killed");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("etcd"), "ha").unwrap();

    cache.provide(&[Binary::Etcd]).unwrap();

    assert!(!left.exists());
    assert_eq!(fake.compiled.load(Ordering::SeqCst), 1);
    let names: Vec<_> = fs::read_dir(home)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["etcd"]);
}

#[test]
fn two_builders_at_once_build_once_and_the_second_says_that_it_waits() {
    let root = tempfile::tempdir().unwrap();
    let (fake, first, second) = (Fake::default(), Lines::default(), Lines::default());
    let lock = fs::File::create(root.path().join("build.lock")).unwrap();
    lock.lock().unwrap();
    std::thread::scope(|scope| {
        let builders = [&first, &second].map(|lines| {
            let fake = &fake;
            let root = root.path();
            scope.spawn(move || Cache::new(root, fake, lines).provide(&Binary::ALL).unwrap())
        });
        // Both stand before the lock before either may build.
        while first.0.lock().unwrap().is_empty() || second.0.lock().unwrap().is_empty() {
            std::thread::yield_now();
        }
        drop(lock);
        let [one, two] = builders.map(|builder| builder.join().unwrap());
        assert_eq!(one, two);
    });
    assert_eq!(fake.compiled.load(Ordering::SeqCst), 5);
    for lines in [first, second] {
        assert!(lines.0.lock().unwrap()[0].starts_with("waiting for another process"));
    }
}

#[test]
fn assets_are_used_as_far_as_they_go() {
    let assets = tempfile::tempdir().unwrap();
    fs::write(assets.path().join("etcd"), "binary").unwrap();
    fs::create_dir(assets.path().join("kubectl")).unwrap();
    let (found, lacking) = among_assets(
        Some(assets.path()),
        &[Binary::Etcd, Binary::Kubectl, Binary::Helm],
    );
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), [Binary::Etcd]);
    assert_eq!(lacking, [Binary::Kubectl, Binary::Helm]);
    assert_eq!(among_assets(None, &[Binary::Helm]).1, [Binary::Helm]);
}

#[test]
fn the_cache_is_where_the_user_keeps_caches() {
    let directory = |cache: Option<&str>, home: Option<&str>| {
        let value = |name: &str| {
            if name == "XDG_CACHE_HOME" {
                cache
            } else {
                home
            }
        };
        cache_directory(|name| value(name).map(OsString::from)).ok()
    };
    let below = |base: &str| Some(Path::new(base).join("entra-pim-operator/control-plane"));
    assert_eq!(
        directory(Some("/caches"), Some("/home/me")),
        below("/caches")
    );
    assert_eq!(
        directory(Some("relative"), Some("/home/me")),
        below("/home/me/.cache")
    );
    assert_eq!(directory(None, Some("/home/me")), below("/home/me/.cache"));
    assert_eq!(directory(None, None), None);
}
