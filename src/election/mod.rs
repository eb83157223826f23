//! Who may write: of all replicas of a release the one that holds its Lease (coordination.k8s.io), and of all releases the one
//! that has claimed the tenant. Whoever is not sure any more to hold them writes nothing; the fences at the two transports ask
//! [`Term`] before each write. What is read and written is the business of `adapters::lease` and `adapters::claim`.
//!
//! No clock of another machine is believed: a holder is given up when its record did not change for as long as it asked for, by
//! this process's own monotonic clock, as client-go does it (k8s.io/client-go, tools/leaderelection).

mod beat;
pub mod claims;
mod elector;
pub mod keeper;
mod observed;
mod rivals;
mod term;

pub use beat::Beat;
pub use elector::Elector;
pub use term::{LONGEST_WRITE, Term};
