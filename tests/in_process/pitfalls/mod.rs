//! What hurts people who run PIM groups as code with other tools, told in public threads. Each hazard is held by a test;
//! those that the product's own behaviour made one of from the start stand where that behaviour is tested.
//!
//! | Hazard | Told in | Held by |
//! | --- | --- | --- |
//! | access removed by hand is not seen | hashicorp/terraform-provider-azuread#1729, #1651 | `by_hand` |
//! | a run of many groups dies of throttling | azuread#1891, #1784, terraform-provider-azurerm#31893, Azure/azure-service-operator#2591 | `size`, `unreachable` |
//! | requests are purged, and state that rests on them is lost | azuread#1306, azurerm#24118, Azure/AzOps#901 | `by_hand` |
//! | another duration fails, or takes access away for a moment | azuread#1412 | `schedules` |
//! | settings of owners land in the policy of members | azuread#1491, #1769, #1836 | `settings`, `replication` |
//! | access is given before its policy is complete | azuread#1466, #1467, #1517 | `settings`, `placement` |
//! | a policy forbids a window, and the error says nothing | azuread#1450, #1464, azurerm#22766 | `policy` |
//! | a new group or person is not found for minutes | kayasax/EasyPIM#22, microsoftgraph/msgraph-sdk-dotnet#2772, azuread#1541 | `replication`, `names`, `hazards::lag` |
//! | a group with many members takes minutes to read | azuread#862, #1522, #1612, #754, #1656 | `size`, `hazards::silence` |
//! | the same settings differ for ever | azuread#1398, azurerm#26377, #28439, #30953 | `settings`, `first_light` |
//! | a setting that is taken out of the code stays | azurerm#28439, #30953 | `settings` |
//! | what is five minutes old cannot be removed | azuread's own tests of `privileged_access_group` wait for it | `schedules`, `deletion` |
//! | what has expired breaks the next run | azurerm#23432, azuread#1306, #1445 | `expiry` |
//! | names are taken for identities | azuread#697, #531, microsoft/Microsoft365DSC#5800 | `names`, `hazards::twins` |
//! | the last owner cannot go; the tool itself stays as a hidden one | azuread#1435, microsoftgraph/msgraph-metadata#653 | `people`, `owners`, `standing` |
//! | a missing permission is a bare 403, late | azuread#1386, crossplane-contrib/provider-upjet-azuread#273 | `people`, `unreachable` |
//! | whole tenants are read | Microsoft365DSC#5741, #6217, #3946 | `size`, `budget` |
//! | a lost answer makes twins or orphans | azure-service-operator#4079, #4206, azuread#1806 | `placement`, `late`, `repetition` |
//! | an activation is taken for an assignment | EasyPIM#192, microsoft/zerotrustassessment#1208, Microsoft365DSC#6167 | `people`, `hazards::activation` |
//! | people who are deleted keep rights, or break the rest | cisagov/ScubaGear#1303, #1305, #1306 | `people` |
//! | nothing of it can be tried without a licence | provider-upjet-azuread#228, #252, azure-service-operator#5400 | every test here |

mod by_hand;
mod people;
mod schedules;
mod settings;
mod size;

use super::harness::World;

/// How many reconciles of groups have failed.
fn failed(world: &World) -> f64 {
    let metrics = world.metrics();
    let of_groups = |line: &&str| {
        line.starts_with(r#"controller_runtime_reconcile_errors_total{controller="group""#)
    };
    let counts = metrics
        .lines()
        .filter(of_groups)
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    counts.sum()
}

/// The operations that changed something, in their order.
fn changes(world: &World) -> Vec<String> {
    let journal = world.tenant.journal();
    let changing = journal.iter().filter(|entry| !entry.effects.is_empty());
    changing.map(|entry| entry.operation.clone()).collect()
}
