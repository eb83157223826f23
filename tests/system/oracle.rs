//! What must hold in every journal of a tenant that only the operator writes to, whatever happened in between.

use entra_sim::Simulator;
use entra_sim::ids::{Access, ObjectId};
use entra_sim::journal::{Effect, Target};

/// Every change of a tenant, in order.
pub fn effects(simulator: &Simulator) -> Vec<Effect> {
    let entries = simulator.journal().into_iter();
    entries
        .flat_map(|entry| entry.effects)
        .map(|recorded| recorded.effect)
        .collect()
}

/// Every group was made once, nothing was given in it before its policy was written, and nothing was given twice. The
/// group's declared policies differ from the service's defaults, so each of them is written before the first grant.
pub fn assert_guarded_and_once(simulator: &Simulator) {
    let mut guarded: Vec<(ObjectId, Access)> = Vec::new();
    let mut made: Vec<ObjectId> = Vec::new();
    let mut given: Vec<(Target, ObjectId)> = Vec::new();
    let grown = simulator.journal().into_iter();
    for effect in grown
        .filter(|entry| entry.operation != "seed")
        .flat_map(|entry| entry.effects)
        .map(|recorded| recorded.effect)
    {
        match effect {
            Effect::GroupCreated { group, .. } => made.push(group),
            Effect::GroupPolicyChanged { group, access, .. } => guarded.push((group, access)),
            Effect::EligibilityCreated(grant) | Effect::ActiveCreated(grant) => {
                let guard = match grant.target {
                    Target::Group { group, access } => (group, access),
                    Target::DirectoryRole { .. } | Target::AzureRole { .. } => {
                        (grant.principal, Access::Member)
                    }
                };
                assert!(
                    guarded.contains(&guard),
                    "given before its guard: {grant:?}"
                );
                let key = (grant.target, grant.principal);
                assert!(!given.contains(&key), "given twice: {key:?}");
                given.push(key);
            }
            Effect::EligibilityEnded(grant) | Effect::ActiveEnded(grant) => {
                let key = (grant.target, grant.principal);
                given.retain(|known| *known != key);
            }
            _ => {}
        }
    }
    assert_eq!(made.len(), 1, "one group, made once");
    assert_eq!(simulator.violations(), Vec::<String>::new());
}
