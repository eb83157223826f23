//! The application permissions of Microsoft Graph: names and ids of its app roles.

use uuid::Uuid;

const TABLE: &str = include_str!("permissions.tsv");

/// Name and, where it is published, id of every permission.
pub(super) fn all() -> impl Iterator<Item = (&'static str, Option<Uuid>)> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, id)| (name, Uuid::try_parse(id).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_permissions_that_operators_need_have_their_published_ids() {
        for (name, id) in [
            (
                "Group.ReadWrite.All",
                "62a82d76-70ea-41e2-9197-370581804d09",
            ),
            ("Group.Create", "bf7b1a76-6e77-406b-b258-bf5c7720e98f"),
            (
                "RoleManagement.ReadWrite.Directory",
                "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
            ),
            (
                "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
                "618b6020-bca8-4de6-99f6-ef445fa4d857",
            ),
            ("AuditLog.Read.All", "b0afded3-3588-46d8-8b3d-9842eff778da"),
        ] {
            let found = all().find(|(one, _)| *one == name).unwrap();
            assert_eq!(found.1.unwrap().to_string(), id, "{name}");
        }
    }

    #[test]
    fn every_permission_that_a_route_asks_for_is_in_the_table() {
        for route in crate::areas::routes() {
            for permission in route.permissions.iter().copied().flatten() {
                assert!(
                    all().any(|(name, _)| name == *permission),
                    "{}: {permission}",
                    route.operation
                );
            }
        }
    }
}
