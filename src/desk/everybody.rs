//! What every conversation is told: that a bot was switched on or off, that the service is back.

use serde_json::json;

use crate::relay::Target;
use crate::store::conversations::{self, By};
use crate::store::home;
use crate::store::switches;
use crate::store::wake::{self, Announcement};
use crate::takeover::conversation::Actor;
use crate::takeover::effect::Effect;
use crate::takeover::event::Event;

use super::Desk;

impl Desk {
    /// Turns a bot's switch; every conversation that somebody has to do with is told.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn switch(&self, bot: &str, active: bool, by: Actor) -> anyhow::Result<()> {
        let mut tx = self.relay.db.begin().await?;
        let (switch, changed) = switches::turn(&mut tx, bot, active).await?;
        wake::announce(&mut tx, &Announcement::Switch(bot.to_owned(), switch.active, switch.turns)).await?;
        if changed {
            let kind = if active { "bot.switched_on" } else { "bot.switched_off" };
            self.record(&mut tx, kind, &by, json!({ "bot": bot })).await?;
            self.append(&mut tx, &[Effect::TellSwitch { bot: bot.to_owned(), active, by }]).await?;
            home::changed(&mut tx, &self.relay.ids, self.relay.clock.now()).await?;
        }
        tx.commit().await?;
        self.relay.watches.switched(bot, switch);
        self.relay.bell.ring();
        Ok(())
    }

    /// Tells the conversations of a bot that its switch was turned.
    ///
    /// # Errors
    ///
    /// When the database fails; the conversations that were told are not told again.
    pub async fn tell_switch(&self, bot: &str, active: bool, by: &Actor) -> anyhow::Result<()> {
        for conversation in conversations::alive(&self.relay.db, Some(bot)).await? {
            let event = Event::BotSwitched { active, by: by.clone() };
            self.relay.handle(Target::Of(By::Id(&conversation.id)), event, None).await?;
        }
        Ok(())
    }

    /// Tells every conversation with a room or a pause that the service is back.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn resume(&self) -> anyhow::Result<()> {
        const PAGE: i64 = 100;
        let mut last = String::new();
        loop {
            let attended = conversations::attended(&self.relay.db, &last, PAGE).await?;
            let Some(newest) = attended.last().cloned() else { return Ok(()) };
            for id in attended {
                self.relay.handle(Target::Of(By::Id(&id)), Event::Resumed, None).await?;
            }
            last = newest;
        }
    }
}
