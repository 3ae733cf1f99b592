//! Conversations that agents should look at: clicks on their cards in the triage channel, and `/megatron list`.

use crate::desk::spoken;
use crate::relay::Target;
use crate::render::text::escape;
use crate::store::conversations::{self, By};
use crate::takeover::cards::{self, action};
use crate::takeover::conversation::{Actor, Agent};
use crate::takeover::event::Event;
use crate::takeover::triage::{self, Step};

use super::state::Intake;

/// A click on the card of a conversation; returns what only the one who clicked should read.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn clicked(
    intake: &Intake,
    action_id: &str,
    conversation: &str,
    by: Agent,
    respond_to: Option<String>,
) -> anyhow::Result<String> {
    let event = match action_id {
        action::REVIEWED => Event::Triage { by, step: Step::Reviewed },
        action::TRIAGE_SPAM => Event::Triage { by, step: Step::Spam },
        action::TRIAGE_NOT_SPAM => Event::Triage { by, step: Step::NotSpam },
        _ => Event::Open { by: Actor::Agent(by), respond_to },
    };
    Ok(spoken(intake.relay.handle(Target::Of(By::Id(conversation)), event, None).await?))
}

/// One line for each that nobody has looked at, with a link to its card; what has waited longest comes first.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn outstanding(intake: &Intake) -> anyhow::Result<Vec<String>> {
    let hub = intake.hub.get();
    let mut lines = Vec::new();
    for (conversation, card) in conversations::outstanding(&intake.relay.db, triage::CARD).await? {
        let bot = intake.relay.config.bot(&conversation.key.bot).map_or("the bot", |bot| bot.name.as_str());
        let mut facts = vec![format!("*{}* with {}", escape(conversation.customer.name()), escape(bot))];
        if let Some(triage) = &conversation.triage {
            facts.extend(triage.tags.iter().map(|tag| format!("`{}`", escape(tag))));
            let since = triage.since;
            facts.push(format!("<!date^{}^since {{date_short_pretty}}, {{time}}|since {since:.0}>", since.as_second()));
        }
        facts.extend(conversation.room_channel().map(cards::channel));
        let link = hub.as_ref().zip(card).and_then(|(hub, card)| hub.permalink(&card.channel, &card.ts));
        facts.extend(link.map(|link| format!("<{link}|card>")));
        lines.push(facts.join(", "));
    }
    Ok(lines)
}
