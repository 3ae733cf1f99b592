//! Administrators set what else the configuration says. Whoever may do it was asked before.

use anyhow::Result;
use serde_json::json;

use crate::config::{Change, ConfigError, Place};
use crate::store::settings;
use crate::store::wake::{self, Announcement};
use crate::takeover::conversation::Actor;

use super::Desk;

/// Why nothing was changed.
#[derive(Debug)]
pub struct Misfit {
    /// Where it does not fit.
    pub place: Place,
    /// What is expected there.
    pub error: ConfigError,
}

impl Desk {
    /// The first of these changes that does not fit.
    #[must_use]
    pub fn misfit(&self, changes: &[Change]) -> Option<Misfit> {
        let config = self.relay.in_force();
        changes.iter().find_map(|change| {
            let Change::To(setting) = change else { return None };
            let error = config.with(std::slice::from_ref(setting)).err()?;
            Some(Misfit { place: setting.place.clone(), error })
        })
    }

    /// Changes all of these places, or none. What holds there already is left alone; the others are noted in the journal.
    ///
    /// # Errors
    ///
    /// When the database fails; then nothing was changed.
    pub async fn set(&self, changes: &[Change], by: &Actor) -> Result<Result<(), Misfit>> {
        if let Some(misfit) = self.misfit(changes) {
            return Ok(Err(misfit));
        }
        let before = self.relay.in_force();
        let mut tx = self.relay.db.begin().await?;
        let mut done = Vec::new();
        for change in changes {
            let (kind, place, to) = match change {
                Change::To(setting) if before.value(&setting.place) == setting.value => continue,
                Change::To(setting) => {
                    settings::put(&mut tx, setting, by, self.relay.clock.now()).await?;
                    ("setting.changed", &setting.place, Some(&setting.value))
                }
                Change::Back(place) if settings::remove(&mut tx, place).await? => ("setting.reset", place, None),
                Change::Back(_) => continue,
            };
            let Place { key, bot, queue } = place;
            let detail = json!({ "key": key, "bot": bot, "queue": queue, "from": before.value(place), "to": to });
            self.record(&mut tx, kind, by, detail).await?;
            done.push(place);
        }
        if done.is_empty() {
            return Ok(Ok(()));
        }
        wake::announce(&mut tx, &Announcement::Settings).await?;
        tx.commit().await?;
        self.relay.watches.load_settings(&self.relay.db).await?;
        if done.iter().any(|place| place.key.starts_with("reminders.")) {
            // Timers that are later than they should be now are set when a conversation is looked at.
            self.relay.resume().await?;
        }
        Ok(Ok(()))
    }
}
