//! The ticket that something is recorded under.

/// Number and system of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The number of the ticket, as its system writes it.
    pub number: String,
    /// The system that it belongs to.
    pub system: Option<String>,
}
