//! Conversations that agents should look at and nobody has, for `/megatron list`.

use crate::render::text::escape;
use crate::store::conversations;
use crate::takeover::cards;
use crate::takeover::triage;

use super::state::Intake;

/// One line each, with a link to its card in the triage channel; what has waited longest comes first.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn lines(intake: &Intake) -> anyhow::Result<Vec<String>> {
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
