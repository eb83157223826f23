//! What the directory tells of changed groups (learn.microsoft.com: group-delta): names, members and owners, which is also
//! where activations and active assignments show. Eligibility and settings do not.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use pim_core::ids::GroupId;

use super::asked::AskedTenant;
use super::unseen::UnseenChanges;
use crate::reader::{
    ChangeStream, Class, Error, GROUPS_IN_STREAM, GroupChange, OperationName, StreamStart,
};
use crate::telemetry::metrics::HintSource;

const SOURCE: HintSource = HintSource::GroupChanges;

/// The streams of changes of one tenant, and what they told that no look has seen yet.
#[derive(Default)]
pub(super) struct Changes {
    streams: Vec<ChangeStream>,
    /// Whether the tenant begins no stream with what happens from now on.
    refuses_now: bool,
    unseen: UnseenChanges,
}

/// What became of one stream.
type Followed = Result<(BTreeMap<GroupId, GroupChange>, ChangeStream), Error>;

impl Changes {
    /// Asks for what has changed, and has the groups looked at of which that is news.
    pub(super) async fn ask(&mut self, asked: &AskedTenant<'_>) {
        if !asked.may(OperationName::ListGroupChanges) {
            *self = Self::default();
            return;
        }
        let mut failure = self.follow(asked).await;
        if let Err(error) = self.cover(asked).await {
            failure = Some(error);
        }
        asked.tell(SOURCE, failure.as_ref());
        for group in self.unseen.due(asked) {
            for name in asked.names(group) {
                asked.connected.reader.doubt_people(name);
            }
            asked.look(group, SOURCE);
        }
    }

    /// Reads on in every stream. One whose token is lost ends, and is begun anew; one that fails is asked again next time.
    async fn follow(&mut self, asked: &AskedTenant<'_>) -> Option<Error> {
        let graph = asked.connected.reader.graph();
        let streams = std::mem::take(&mut self.streams);
        let followed = join_all(streams.iter().map(|stream| graph.group_changes(stream)));
        let mut failure = None;
        let followed: Vec<Followed> = followed.await;
        for (stream, followed) in streams.into_iter().zip(followed) {
            match followed {
                Ok((changes, next)) => {
                    for (group, change) in changes {
                        asked.context.metrics.hint(asked.tenant, SOURCE);
                        self.unseen.tell(group, change);
                    }
                    self.streams.push(next);
                }
                Err(error) if is_passing(&error) => {
                    failure = Some(error);
                    self.streams.push(stream);
                }
                Err(error) if error.class == Class::Expired => {}
                Err(error) => failure = Some(error),
            }
        }
        failure
    }

    /// Begins streams for the groups that none is about.
    async fn cover(&mut self, asked: &AskedTenant<'_>) -> Result<(), Error> {
        self.streams.retain(|stream| {
            stream
                .groups()
                .iter()
                .any(|id| asked.groups.contains_key(id))
        });
        let fewest = asked.groups.len().div_ceil(GROUPS_IN_STREAM);
        if self.streams.len() > fewest + 1 {
            // Many groups have gone: few large streams cost less than many small ones.
            self.streams.clear();
        }
        let covered: BTreeSet<GroupId> = self
            .streams
            .iter()
            .flat_map(|stream| stream.groups().iter().copied())
            .collect();
        let all = asked.groups.keys().copied();
        let mut missing: BTreeSet<GroupId> = all.filter(|id| !covered.contains(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        // The set of a stream cannot change, so one that has room is begun anew with more in it.
        let room = |stream: &ChangeStream| stream.groups().len() < GROUPS_IN_STREAM;
        if let Some(place) = self.streams.iter().position(room) {
            let stream = self.streams.swap_remove(place);
            let stand = |id: &&GroupId| asked.groups.contains_key(*id);
            missing.extend(stream.groups().iter().filter(stand));
        }
        let missing: Vec<GroupId> = missing.into_iter().collect();
        for groups in missing.chunks(GROUPS_IN_STREAM) {
            let groups = groups.iter().copied().collect();
            let stream = self.begin(asked, &groups).await?;
            self.streams.push(stream);
        }
        Ok(())
    }

    /// Begins a stream with what happens from now on; where the tenant refuses that, with everything that stands.
    async fn begin(
        &mut self,
        asked: &AskedTenant<'_>,
        groups: &BTreeSet<GroupId>,
    ) -> Result<ChangeStream, Error> {
        let graph = asked.connected.reader.graph();
        if !self.refuses_now {
            match graph.begin_group_changes(groups, StreamStart::Now).await {
                Err(error) if !is_passing(&error) => self.refuses_now = true,
                answer => return answer,
            }
        }
        graph
            .begin_group_changes(groups, StreamStart::FullRound)
            .await
    }
}

/// Whether an error says nothing of the question itself.
fn is_passing(error: &Error) -> bool {
    matches!(
        error.class,
        Class::Unreachable | Class::Throttled | Class::CredentialInvalid
    )
}
