//! The whole operator in one process: real controllers, planner and client against the simulated tenant called as a
//! function and the in-memory API server, with paused time. Made for placing faults at every write; what needs a real
//! API server, helm or kubectl stands in `tests/system`.

mod budget;
mod first_light;
mod harness;
mod oracle;
mod placement;
mod story;
