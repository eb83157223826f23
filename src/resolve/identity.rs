//! The identity that a group bears in its tenant: derived from where its manifest stands, so that a rebuilt cluster
//! finds its groups again.

use data_encoding::BASE32_NOPAD;
use pim_core::ids::{GroupKey, ObjectName};
use sha2::{Digest, Sha256};

/// `epim-` and the first 32 characters of the lower-case base32 (RFC 4648) of SHA-256 over
/// `installation/namespace/name`.
pub fn group_key(installation: &str, name: &ObjectName) -> GroupKey {
    let digest = Sha256::digest(format!("{installation}/{}/{}", name.namespace, name.name));
    let text = BASE32_NOPAD.encode(&digest).to_lowercase();
    GroupKey::new(format!("epim-{}", text.get(..32).unwrap_or(&text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_depends_on_installation_namespace_and_name_only() {
        let key = group_key("demo", &ObjectName::new("exchange", "admins"));
        assert_eq!(
            key,
            group_key("demo", &ObjectName::new("exchange", "admins"))
        );
        assert_eq!(key.as_str().len(), 37);
        for other in [
            ("prod", "exchange", "admins"),
            ("demo", "sales", "admins"),
            ("demo", "exchange", "helpdesk"),
        ] {
            assert_ne!(key, group_key(other.0, &ObjectName::new(other.1, other.2)));
        }
    }

    #[test]
    fn a_key_is_the_published_function_of_its_parts() {
        // printf 'demo/exchange/admins' | sha256sum | xxd -r -p | base32 | tr A-Z a-z | cut -c1-32
        let key = group_key("demo", &ObjectName::new("exchange", "admins"));
        assert_eq!(key.as_str(), "epim-k5g4l7vyuhsgxu7pwm4k46oq6dezusvt");
    }
}
