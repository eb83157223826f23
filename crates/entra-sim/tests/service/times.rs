//! How precisely times are written.

use entra_sim::{Clock, Config, Profile, Seed, Simulator};
use serde_json::{Value, json};

use super::client::Client;

/// A tenant whose clock stands between two hundredths of a microsecond.
fn client() -> Client {
    let mut seed = Seed::default();
    seed.applications[0].permissions =
        entra_sim::seed::SeedPermissions::Word(entra_sim::seed::AllPermissions::All);
    let config = Config {
        profile: Profile::Ideal,
        seed,
        clock: Clock::manual("2026-11-28T14:29:06.123456789Z".parse().unwrap()),
        ..Config::default()
    };
    Client::of(Simulator::new(config).unwrap())
}

fn digits(value: &Value) -> usize {
    let text = value.as_str().unwrap();
    let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
    fraction.trim_end_matches('Z').len()
}

#[tokio::test]
async fn the_directory_writes_whole_seconds() {
    let client = client();
    let group = client.group("Now").await;
    let shown = client.get(&format!("/groups/{group}")).await.expect(200);
    assert_eq!(shown.body["createdDateTime"], "2026-11-28T14:29:06Z");
    assert_eq!(shown.body["renewedDateTime"], "2026-11-28T14:29:06Z");
    let users = client
        .get("/users?$select=createdDateTime")
        .await
        .expect(200);
    for created in users.column("createdDateTime") {
        assert_eq!(digits(&json!(created)), 0, "{created}");
    }
    client.delete(&format!("/groups/{group}")).await.expect(204);
    let path = format!("/directory/deletedItems/{group}");
    let deleted = client.get(&path).await.expect(200);
    assert_eq!(deleted.body["deletedDateTime"], "2026-11-28T14:29:06Z");
}

#[tokio::test]
async fn pim_writes_seven_digits_of_a_second() {
    let client = client();
    let (group, user) = (client.group("Now").await, client.user("jose").await);
    let asked = json!({
        "accessId": "member", "principalId": user, "groupId": group, "action": "adminAssign", "createdBy": null,
        "scheduleInfo": {"startDateTime": null, "expiration": {"type": "afterDuration", "duration": "P10D"}},
        "justification": "for ten days",
    });
    let path = "/identityGovernance/privilegedAccess/group/assignmentScheduleRequests";
    let made = client.post(path, asked).await.expect(201).body;
    let start = &made["scheduleInfo"]["startDateTime"];
    assert_eq!(start, "2026-11-28T14:29:06.1234567Z");
    assert_eq!(digits(&made["createdDateTime"]), 7);
    let list = "/identityGovernance/privilegedAccess/group/assignmentSchedules";
    let listed = client
        .get(&format!("{list}?$filter=groupId eq '{group}'"))
        .await
        .expect(200);
    let schedule = &listed.body["value"][0];
    assert_eq!(digits(&schedule["createdDateTime"]), 7);
    let end = &schedule["scheduleInfo"]["expiration"]["endDateTime"];
    assert_eq!(end, "2026-12-08T14:29:06.1234567Z");
}
