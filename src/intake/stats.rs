//! `/megatron stats [days] [queue]`: the numbers at once, for whoever asks; the chart follows.

use serde_json::{Value, json};

use crate::config::duration;
use crate::desk::said;
use crate::render::numbers::card;
use crate::render::text::escape;
use crate::store::conversations::{self, By};
use crate::takeover::effect::Effect;
use crate::takeover::handoff::queue::{Queue, Queues};

use super::slack_payload::SlashCommand;
use super::state::Intake;

/// The days of numbers, unless somebody wants others.
const USUAL: u16 = 7;
/// What stands for all queues, in the channel of one.
const ALL: &str = "all";

/// Answers with the numbers, and orders the chart: here, where the channel is a queue's or a room, or else in person.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn stats(intake: &Intake, command: &SlashCommand, words: &str) -> anyhow::Result<Value> {
    let queues = intake.relay.watches.queues();
    let here = queues.iter().find(|queue| queue.channel == command.channel_id);
    let (days, queue) = match read(words, Queues(&queues), here, intake.desk.days_of_numbers()) {
        Ok(wanted) => wanted,
        Err(why) => return Ok(said(&format!("{why} `{} stats 30d support`, for example.", command.command))),
    };
    let scope = intake.desk.up_to_today(queue, days);
    let numbers = intake.desk.numbers(&scope, None).await?;
    let mut answer = card::card(&numbers, Some(&card::headline(&numbers)));
    answer["response_type"] = json!("ephemeral");
    if numbers.asked() > 0 {
        let is_room = conversations::get(&intake.relay.db, By::Room(&command.channel_id)).await?.is_some();
        let is_here = here.is_some() || is_room;
        let place = if is_here { &command.channel_id } else { &command.user_id }.clone();
        let respond_to = command.response_url.clone();
        intake.desk.send(&[Effect::ShowChart { place, scope, respond_to }]).await?;
        let told = if is_here { "The chart follows here." } else { "You get the chart in your messages with the app." };
        if let Some(blocks) = answer["blocks"].as_array_mut() {
            blocks.push(json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": told }] }));
        }
    }
    Ok(answer)
}

/// The days and the queue that somebody wants, or why there are no numbers of them.
fn read<'q>(
    words: &str,
    queues: Queues<'q>,
    here: Option<&'q Queue>,
    most: u16,
) -> Result<(u16, Option<&'q Queue>), String> {
    let (mut days, mut queue) = (USUAL.min(most), here);
    for word in words.split_whitespace() {
        if word.starts_with(|first: char| first.is_ascii_digit()) {
            let count = duration::parse(&word.to_lowercase()).map(|long| long.as_secs() / (24 * 60 * 60));
            let count = count.and_then(|count| u16::try_from(count).ok()).filter(|count| (1..=most).contains(count));
            days = count.ok_or_else(|| format!("There are numbers of 1d to {most}d."))?;
        } else if word.eq_ignore_ascii_case(ALL) {
            queue = None;
        } else {
            queue = Some(queues.find(word).ok_or_else(|| format!("There is no queue “{}”.", escape(word)))?);
        }
    }
    Ok((days, queue))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::takeover::handoff::setup::blank;

    #[test]
    fn days_and_queue_are_read_in_any_order() {
        let queues = [blank("support"), blank("billing")];
        let wanted = |words, here| {
            read(words, Queues(&queues), here, 90).map(|(days, queue)| (days, queue.map(|queue| queue.label.as_str())))
        };
        assert_eq!(wanted("", None), Ok((7, None)));
        assert_eq!(wanted("", Some(&queues[1])), Ok((7, Some("billing"))), "in its channel");
        assert_eq!(wanted("all 30D", Some(&queues[1])), Ok((30, None)));
        assert_eq!(wanted("30d Support", None), Ok((30, Some("support"))));
        assert_eq!(wanted("support 90d", None), Ok((90, Some("support"))));
        for words in ["91d", "0d", "12h", "7", "7dd", "99999999999999999999d"] {
            assert_eq!(wanted(words, None), Err("There are numbers of 1d to 90d.".to_owned()), "{words}");
        }
        assert_eq!(wanted("<x>", None), Err("There is no queue “&lt;x&gt;”.".to_owned()));
    }
}
