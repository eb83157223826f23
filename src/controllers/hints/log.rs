//! What the audit log tells: who changed eligibility, active access and PIM settings, which the directory does not tell, and
//! whose doing a difference was that is put right already. It comes minutes late. What we did ourselves, what time does, and
//! alerts are nobody's change.

use std::collections::{BTreeSet, HashMap};

use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use pim_core::audit_log::{AuthorKind, Deed, Matter};
use pim_core::event::EventReason;
use pim_core::ids::GroupId;
use pim_core::knowledge::later;

use super::asked::AskedTenant;
use crate::reader::{AuditRecord, Error, LoggedBy, OperationName};
use crate::telemetry::metrics::HintSource;

const SOURCE: HintSource = HintSource::AuditLog;

/// How far back is read each time: records come late, and in no order.
const BACK: SignedDuration = SignedDuration::from_mins(30);

/// How far back is read at first, to know whose doing it is what is found then.
const AT_FIRST: SignedDuration = SignedDuration::from_hours(2);

/// How far back access reviews are read at first: what they took away must not come back after an outage.
const REVIEWS_AT_FIRST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long before a look ended it may have read what it saw, and how late lists are.
const MARGIN: SignedDuration = SignedDuration::from_mins(2);

/// How many groups are asked about one by one in a round: the log takes five questions in ten seconds.
const ONE_BY_ONE: usize = 3;

/// The records of one tenant that were read before.
#[derive(Default)]
pub(super) struct Log {
    /// When it was last read.
    read: Option<Timestamp>,
    /// The records that are known, and when their change was made.
    known: HashMap<String, Timestamp>,
}

impl Log {
    /// Reads what is new in the log, and has the groups looked at that others have changed.
    pub(super) async fn ask(&mut self, asked: &AskedTenant<'_>) {
        let deeds = asked.connected.reader.deeds();
        if !asked.may(OperationName::ListAuditRecords) {
            deeds.forget();
            *self = Self::default();
            return;
        }
        let now = asked.connected.reader.now();
        let records = match self.records(asked, now).await {
            Ok(records) => records,
            Err(error) => return asked.tell(SOURCE, Some(&error)),
        };
        asked.tell(SOURCE, None);
        let is_first = self.read.replace(now).is_none();
        let new = self.new_of(asked, records);
        deeds.keep(new.iter().map(|(group, deed)| (*group, deed.clone())), now);
        explain(asked, &new).await;
        if !is_first {
            look(asked, &new, now);
        }
        let oldest = now.checked_sub(REVIEWS_AT_FIRST).unwrap_or(now);
        self.known.retain(|_, at| *at >= oldest);
    }

    /// What the log shows of the last minutes. Where it is not known whose doing a difference was, everything about that group.
    async fn records(
        &self,
        asked: &AskedTenant<'_>,
        now: Timestamp,
    ) -> Result<Vec<AuditRecord>, Error> {
        let back = |at_first| if self.read.is_some() { BACK } else { at_first };
        let unexplained = asked.groups.iter().filter(|(_, names)| {
            let mut names = names.iter();
            names.any(|name| asked.context.notes.is_unexplained(name))
        });
        let mut questions = vec![
            (LoggedBy::Pim, back(AT_FIRST)),
            (LoggedBy::AccessReviews, back(REVIEWS_AT_FIRST)),
        ];
        questions.extend(
            unexplained
                .take(ONE_BY_ONE)
                .map(|(group, _)| (LoggedBy::Anybody(*group), AT_FIRST)),
        );
        let graph = asked.connected.reader.graph();
        let asking = questions.into_iter().map(|(by, back)| {
            let since = now.checked_sub(back).unwrap_or(Timestamp::MIN);
            graph.audit_records(by, since)
        });
        Ok(try_join_all(asking).await?.into_iter().flatten().collect())
    }

    /// What others did in our groups that was not known before.
    fn new_of(
        &mut self,
        asked: &AskedTenant<'_>,
        records: Vec<AuditRecord>,
    ) -> Vec<(GroupId, Deed)> {
        let mut new = Vec::new();
        for record in records {
            let author = &record.deed.author;
            let is_ours = author.id.is_some() && author.id == asked.ourselves;
            // PIM itself has no object id: time has brought that about.
            let is_of_time = author.id.is_none() && author.kind == AuthorKind::Principal;
            let is_known = self.known.insert(record.id, record.deed.at).is_some();
            if is_ours || is_of_time || is_known {
                continue;
            }
            let groups = record.groups.into_iter();
            let groups = groups.filter(|group| asked.groups.contains_key(group));
            new.extend(groups.map(|group| (group, record.deed.clone())));
        }
        new
    }
}

/// Has those groups looked at that were changed after the last look, with their settings where these were changed.
fn look(asked: &AskedTenant<'_>, new: &[(GroupId, Deed)], now: Timestamp) {
    let mut due: BTreeSet<GroupId> = BTreeSet::new();
    for (group, deed) in new {
        asked.context.metrics.hint(asked.tenant, SOURCE);
        let is_settings = matches!(deed.about, Matter::Settings(_));
        let mut names = asked.names(*group);
        let seen = |name| {
            let age = asked.context.notes.last_look(name)?;
            now.checked_sub(SignedDuration::try_from(age).ok()?).ok()
        };
        let is_seen =
            names.all(|name| seen(name).is_some_and(|seen| seen > later(deed.at, MARGIN)));
        if is_settings {
            for name in asked.names(*group) {
                asked.connected.reader.doubt_policies(name);
            }
        }
        if is_settings || !is_seen {
            due.insert(*group);
        }
    }
    for group in due {
        asked.look(group, SOURCE);
    }
}

/// Tells who did what was put right before the log showed it.
async fn explain(asked: &AskedTenant<'_>, new: &[(GroupId, Deed)]) {
    for (group, deed) in new {
        for name in asked.names(*group) {
            let explained = asked
                .context
                .notes
                .explained(name, |touched| deed.about.is_about(touched));
            for (about, note) in explained {
                let note = format!(
                    "it was {} who changed it in the tenant, says its audit log: {note}",
                    deed.author
                );
                let events = &asked.context.events;
                events
                    .publish(about, EventReason::ChangeAttributed, &note)
                    .await;
            }
        }
    }
}
