//! The clock, and the end of the credential.

use entra_sim::Profile;
use entra_sim::seed::SeedSecret;
use jiff::SignedDuration;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd};
use serde_json::{Value, json};

use super::{stands, status, until};
use crate::harness::{HOME, NAMESPACE, OPERATOR, Setup, World, demo};
use crate::story;

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_minutes_off_is_told_and_stops_nothing() {
    let world = World::with(Setup {
        ahead: SignedDuration::from_mins(3),
        ..Setup::default()
    });
    story::comes_true(&world).await;
    until(&world, "ClockSkewed", "True", "ClockDiffers").await;
    let seconds = status(&world)["clockDifferenceSeconds"].as_i64().unwrap();
    assert!((-182..=-178).contains(&seconds), "{seconds}");
    let message = world
        .condition("EntraTenant", "contoso", "ClockSkewed")
        .unwrap()
        .message;
    assert!(message.contains("behind"), "{message}");
    assert!(
        world
            .metrics()
            .contains(r#"entra_pim_clock_difference_seconds{tenant="contoso"} -1"#)
    );
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_right_is_nothing_to_tell() {
    let world = story::standing().await;
    assert_eq!(stands(&world, "ClockSkewed").0, "");
    assert_eq!(status(&world)["clockDifferenceSeconds"], Value::Null);
}

/// A world in which the secrets of the operator's application begin with these words and end then; it signs in by the first.
fn with_secrets(secrets: &[(&str, &str)]) -> World {
    let mut seed = demo();
    let usual = seed.applications[0].secrets[0].value.clone();
    seed.applications[0].secrets = secrets
        .iter()
        .map(|(begin, end)| SeedSecret {
            value: format!("{begin}{usual}"),
            expires: Some(end.parse().unwrap()),
        })
        .collect();
    let signs_in_by = seed.applications[0].secrets[0].value.clone();
    let world = World::seeded(seed, Profile::Ideal, &[]);
    world.apply(&json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "entra-credential", "namespace": HOME},
        "stringData": {"clientSecret": signs_in_by},
    }));
    world
}

#[tokio::test(start_paused = true)]
async fn a_client_secret_that_ends_within_a_month_is_told_and_not_taken_for_another_one() {
    let world = with_secrets(&[
        ("a~1", "2026-12-10T00:00:00Z"),
        ("b~1", "2026-11-30T00:00:00Z"),
    ]);
    story::comes_true(&world).await;
    until(&world, "Expiring", "True", "EndsSoon").await;
    assert_eq!(
        status(&world)["credential"]["expires"],
        "2026-12-10T00:00:00Z"
    );
    let message = world
        .condition("EntraTenant", "contoso", "Expiring")
        .unwrap()
        .message;
    assert!(
        message.contains("spec.credential ends on 2026-12-10"),
        "{message}"
    );
    assert!(world.is_ready("EntraTenant", "contoso"));
}

#[tokio::test(start_paused = true)]
async fn of_two_client_secrets_that_begin_alike_nobody_is_told_an_end() {
    let world = with_secrets(&[
        ("a~1", "2026-12-10T00:00:00Z"),
        ("a~1x", "2030-01-01T00:00:00Z"),
    ]);
    story::comes_true(&world).await;
    world.until_tenant_ready().await;
    assert_eq!(status(&world)["credential"], Value::Null);
    assert_eq!(stands(&world, "Expiring").0, "");
}

/// A world in which the operator signs in by a certificate that ends on this day.
fn signed_in_until(year: i32, month: u8, day: u8) -> World {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let mut parameters = CertificateParams::default();
    parameters.not_after = date_time_ymd(year, month, day);
    let certificate = parameters.self_signed(&key).unwrap().pem();
    let mut seed = demo();
    seed.applications[0].certificates = vec![certificate.clone()];
    let world = World::seeded(seed, Profile::Ideal, &[]);
    world.apply(&json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "entra-credential", "namespace": HOME},
        "stringData": {"certificate": format!("{}{certificate}", key.serialize_pem())},
    }));
    world.edit("EntraTenant", "contoso", |manifest| {
        manifest["spec"]["credential"] = json!({"clientCertificate": {
            "clientId": OPERATOR,
            "secretRef": {"name": "entra-credential", "key": "certificate"},
        }});
    });
    world
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_ends_within_a_month_is_told_while_everything_works() {
    // The world begins on 2026-11-21.
    let world = signed_in_until(2026, 12, 10);
    story::comes_true(&world).await;
    until(&world, "Expiring", "True", "EndsSoon").await;
    assert_eq!(
        status(&world)["credential"]["expires"],
        "2026-12-10T00:00:00Z"
    );
    assert_eq!(world.notes("CredentialEndsSoon", "contoso").len(), 1);
    assert!(world.is_ready("EntraTenant", "contoso"));
    let series = r#"entra_pim_credential_expiry_timestamp_seconds{tenant="contoso"} 1796860800"#;
    assert!(world.metrics().contains(series), "{}", world.metrics());
    assert!(world.all_ready(NAMESPACE));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_lasts_for_years_is_shown_and_not_warned_of() {
    let world = signed_in_until(2029, 1, 1);
    story::comes_true(&world).await;
    world.until_tenant_ready().await;
    assert_eq!(
        status(&world)["credential"]["expires"],
        "2029-01-01T00:00:00Z"
    );
    assert_eq!(stands(&world, "Expiring").0, "");
}
