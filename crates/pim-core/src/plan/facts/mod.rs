//! What follows from what is declared and what is in the tenant, before anything is decided: first which notes count
//! and which windows and policies are wanted, then who holds which claim, whether the group may be taken up, what there
//! is to take away from, and what has to go. No fact knows a rule, and none makes a write.

pub mod administrative_unit;
pub mod admission;
pub mod adopted;
pub mod adoption;
pub mod claims;
pub mod cleanup;
pub mod last_owner;
pub mod nesting;
pub mod ownership;
pub mod pending_revocation;
pub mod remembered;
pub mod renewal;
pub mod retention;
pub mod target;
pub mod violation;
pub mod window;
