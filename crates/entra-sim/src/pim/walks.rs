//! Random walks through a tenant: whatever is asked in whatever order, the journal, the directory and the schedules
//! agree.

use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::access::GroupAccess;
use super::bench::{Bench, PIM, ROLES, Roles};
use super::engine::{Holding, Kind, Lookup, Schedule};
use crate::directory::membership;
use crate::ids::{Access, ObjectId};
use crate::journal::Target;
use crate::roles::privilege::{RoleAt, RoleScope};

const EXCHANGE: &str = "29232cdf-9323-42fd-ade2-1d097af3e4de";
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
const STEPS: usize = 150;

struct RandomWalk {
    bench: Bench,
    random: StdRng,
    groups: Vec<ObjectId>,
    users: Vec<ObjectId>,
}

impl RandomWalk {
    fn new(seed: u64) -> Self {
        let mut bench = Bench::new();
        let groups = vec![bench.group(Roles::Assignable), bench.group(Roles::Not)];
        let users = (0..2).map(|_| bench.user()).collect();
        // Without the role the application could not delete members of role-assignable groups.
        let role = json!({"roleDefinitionId": GLOBAL_ADMINISTRATOR, "directoryScopeId": "/",
            "principalId": bench.operator().to_string()});
        bench
            .post(&format!("{ROLES}/roleAssignments"), role)
            .expect(201);
        Self {
            bench,
            random: StdRng::seed_from_u64(seed),
            groups,
            users,
        }
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *from.choose(&mut self.random).unwrap()
    }

    fn step(&mut self) -> String {
        let (group, user) = (
            self.pick(&self.groups.clone()),
            self.pick(&self.users.clone()),
        );
        let access = self.pick(&[Access::Member, Access::Member, Access::Owner]);
        let action = self.pick(&[
            "adminAssign",
            "adminAssign",
            "adminAssign",
            "adminUpdate",
            "adminRemove",
            "adminExtend",
            "adminRenew",
        ]);
        let kind = self.pick(&["eligibility", "assignment"]);
        match self.random.random_range(0..17) {
            0..=5 => {
                let mut body = json!({"action": action, "accessId": access.as_str(), "groupId": group.to_string(),
                    "principalId": user.to_string(), "justification": "walk"});
                body["scheduleInfo"] = self.window();
                self.post(&format!("{PIM}/{kind}ScheduleRequests"), body)
            }
            6..=8 => {
                let own = self.pick(&["selfActivate", "selfDeactivate"]);
                let body = json!({"action": own, "accessId": access.as_str(), "groupId": group.to_string(),
                    "principalId": user.to_string(), "justification": "walk",
                    "scheduleInfo": {"expiration": {"type": "afterDuration", "duration": "PT2H"}}});
                let path = format!("{PIM}/assignmentScheduleRequests");
                let answer = self.bench.as_user((user, "mfa"), "POST", &path, Some(body));
                format!("{own} {user} of {group}: {}", answer.code())
            }
            9 => {
                let link = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{user}")});
                self.post(
                    &format!("/groups/{group}/{}/$ref", access.navigation()),
                    link,
                )
            }
            10 => self.delete(&format!(
                "/groups/{group}/{}/{user}/$ref",
                access.navigation()
            )),
            11 => {
                let path = self.pick(&["users", "groups"]);
                let id = if path == "users" { user } else { group };
                let gone = self.delete(&format!("/{path}/{id}"));
                let back = self.post(&format!("/directory/deletedItems/{id}/restore"), json!({}));
                format!("{gone}; {back}")
            }
            12 => self.role(group, action, kind),
            13 => self.put_off(),
            _ => {
                let minutes = self.pick(&[1, 6, 90, 60 * 24, 60 * 24 * 20]);
                self.bench.pass(SignedDuration::from_mins(minutes));
                format!("{minutes} minutes pass")
            }
        }
    }

    /// The next requests are accepted and carried out later or never.
    fn put_off(&mut self) -> String {
        let effect = self.pick(&[
            r#"{"accept": {"status": "Granted", "after": "5m"}}"#,
            r#"{"accept": {"status": "PendingProvisioning", "after": "3h"}}"#,
            r#"{"accept": {"status": "Granted"}}"#,
        ]);
        let rule = format!(
            r#"{{"match": {{"operation": "*Requests.create"}}, "count": 2, "effect": {effect}}}"#
        );
        let rule = serde_json::from_str(&rule).unwrap();
        self.bench.tenant.faults.add(rule);
        format!("two requests wait: {effect}")
    }

    fn role(&mut self, group: ObjectId, action: &str, kind: &str) -> String {
        if self.random.random_range(0..3) == 0 {
            let body = json!({"roleDefinitionId": EXCHANGE, "principalId": group.to_string(), "directoryScopeId": "/"});
            return self.post(&format!("{ROLES}/roleAssignments"), body);
        }
        let word = if kind == "eligibility" {
            "Eligibility"
        } else {
            "Assignment"
        };
        let mut body = json!({"action": action, "roleDefinitionId": EXCHANGE, "principalId": group.to_string(),
            "directoryScopeId": "/", "justification": "walk"});
        body["scheduleInfo"] = self.window();
        self.post(&format!("{ROLES}/role{word}ScheduleRequests"), body)
    }

    /// A window that starts now or later and lasts hours or weeks.
    fn window(&mut self) -> Value {
        let ahead = self.pick(&[0, 0, 0, 3, 30]);
        let start = self
            .bench
            .tenant
            .now()
            .checked_add(SignedDuration::from_hours(ahead))
            .unwrap();
        let duration = self.pick(&["PT1H", "P1D", "P30D", "P170D"]);
        json!({"startDateTime": start.to_string(), "expiration": {"type": "afterDuration", "duration": duration}})
    }

    fn post(&mut self, path: &str, body: Value) -> String {
        let told = format!("POST {path} {body}");
        format!("{told}: {}", self.bench.post(path, body).code())
    }

    fn delete(&mut self, path: &str) -> String {
        format!("DELETE {path}: {}", self.bench.delete(path).code())
    }

    /// What must hold at every instant.
    fn check(&self) {
        let tenant = &self.bench.tenant;
        let holdings = tenant.journal.holdings();
        for group in &self.groups {
            for access in [Access::Member, Access::Owner] {
                for user in &self.users {
                    let stands = membership::holds(tenant, *group, access, *user);
                    assert_eq!(
                        holdings.is_direct(*group, access, *user),
                        stands,
                        "{group} {access} {user}"
                    );
                }
            }
        }
        let (mut eligible, mut active) = (0, 0);
        for schedule in tenant.pim.store.schedules(&Lookup::Everything) {
            if schedule.is_orphaned() {
                continue;
            }
            let Holding {
                kind,
                privilege: GroupAccess { group, access },
                principal,
            } = schedule.holding;
            if kind == Kind::Active && schedule.in_force() {
                assert!(
                    membership::holds(tenant, group, access, principal),
                    "{group} {access} {principal}"
                );
            }
            let target = (Target::Group { group, access }, principal);
            match kind {
                Kind::Eligible => {
                    assert_eq!(holdings.eligible()[&target].end, schedule.window.end);
                    eligible += 1;
                }
                Kind::Active if schedule.is_assigned() => {
                    assert!(holdings.active().contains_key(&target));
                    active += 1;
                }
                Kind::Active => assert_eq!(
                    holdings.activations().contains_key(&target),
                    schedule.in_force()
                ),
            }
        }
        let told = |target: &Target| matches!(target, Target::Group { .. });
        assert_eq!(
            holdings
                .eligible()
                .keys()
                .filter(|(target, _)| told(target))
                .count(),
            eligible
        );
        assert_eq!(
            holdings
                .active()
                .keys()
                .filter(|(target, _)| told(target))
                .count(),
            active
        );
        self.check_roles();
    }

    fn check_roles(&self) {
        let tenant = &self.bench.tenant;
        let grant = RoleAt {
            role: EXCHANGE.parse().unwrap(),
            scope: RoleScope::Tenant,
        };
        for group in &self.groups {
            let told = tenant.journal.holdings().roles().contains(&(
                EXCHANGE.to_owned(),
                *group,
                "/".to_owned(),
            ));
            let living = tenant.directory.group(*group).is_some();
            let holding = Holding::active(grant, *group);
            let by_pim = tenant
                .roles
                .store
                .of_holding(&holding)
                .any(Schedule::in_force);
            assert_eq!(
                told,
                living && crate::roles::held::holds(tenant, grant, *group),
                "{group}"
            );
            assert!(!by_pim || told, "{group}");
        }
    }
}

#[test]
fn journal_directory_and_schedules_agree_after_every_step_of_a_random_walk() {
    for seed in 0..8 {
        let mut walk = RandomWalk::new(seed);
        let mut told = Vec::new();
        for _ in 0..STEPS {
            told.push(walk.step());
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| walk.check()));
            assert!(outcome.is_ok(), "seed {seed}:\n{}", told.join("\n"));
        }
        let granted = told.iter().filter(|line| line.ends_with(": 201")).count();
        assert!(granted > 5, "the walk of seed {seed} goes somewhere");
    }
}
