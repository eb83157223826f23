//! What of all that waits in a lane goes first: what takes access away, and what is read to find out what has to be taken
//! away. The precedence of a write is its own; that of a read is the one of the work that it is read for, and travels with
//! that work as a span does.

tokio::task_local! {
    static READS: Precedence;
}

/// Which of the operations of a lane that wait for their turn goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precedence {
    /// It only takes away, or is read to do so: nothing that gives keeps it waiting.
    Reducing,
    /// It waits for those before it.
    Usual,
}

impl Precedence {
    /// That of what is read in the work that is being done.
    pub fn of_reads() -> Self {
        READS
            .try_with(|precedence| *precedence)
            .unwrap_or(Self::Usual)
    }

    /// Does some work; what is read in it has this precedence. What is spawned in it is work of its own.
    pub async fn reads_of<T>(self, work: impl Future<Output = T>) -> T {
        READS.scope(self, work).await
    }
}
