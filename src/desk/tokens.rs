//! Bots' tokens that Slack does not take any more: who is told, and who is asked for another.

use jiff::Timestamp;

use crate::relay::Target;
use crate::store::conversations::{self, By};
use crate::store::{outbox, workspaces};
use crate::takeover::effect::Effect;
use crate::takeover::event::Event;

use super::Desk;

impl Desk {
    /// Asks the bot for a token of a workspace, unless that is under way.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn ask_for_token(&self, bot: &str, team: &str) -> anyhow::Result<()> {
        let ask = Effect::RefreshToken { bot: bot.to_owned(), team: team.to_owned() };
        let mut tx = self.relay.db.begin().await?;
        if !outbox::is_waiting(&mut tx, &ask.lane(None)).await? {
            self.append(&mut tx, &[ask]).await?;
            tx.commit().await?;
            self.relay.bell.ring();
        }
        Ok(())
    }

    /// Slack says that the bot's token in a workspace is dead, as of this time. Unless the bot has brought another since,
    /// the token is forgotten, the rooms are told and the bot is asked; true then.
    ///
    /// # Errors
    ///
    /// When the database fails; then nothing was changed.
    pub async fn lost_token(&self, bot: &str, team: &str, at: Timestamp) -> anyhow::Result<bool> {
        let mut tx = self.relay.db.begin().await?;
        if !workspaces::forget_token(&mut tx, bot, team, at).await? {
            return Ok(false);
        }
        let (bot, team) = (bot.to_owned(), team.to_owned());
        let ask = Effect::RefreshToken { bot: bot.clone(), team: team.clone() };
        let mut effects = vec![Effect::TellTokenLost { bot, team }];
        if !outbox::is_waiting(&mut tx, &ask.lane(None)).await? {
            effects.push(ask);
        }
        self.append(&mut tx, &effects).await?;
        tx.commit().await?;
        self.relay.bell.ring();
        Ok(true)
    }

    /// Tells the rooms of a workspace that the bot's token there is gone.
    ///
    /// # Errors
    ///
    /// When the database fails; rooms that were told are told again then.
    pub async fn tell_token_lost(&self, bot: &str, team: &str) -> anyhow::Result<()> {
        for conversation in conversations::alive(&self.relay.db, Some(bot)).await? {
            if conversation.key.team == team {
                self.relay.handle(Target::Of(By::Id(&conversation.id)), Event::TokenLost, None).await?;
            }
        }
        Ok(())
    }
}
