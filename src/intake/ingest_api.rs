//! `POST /ingest`: what the customer and the bot say.
//!
//! Nearly every message belongs to a conversation that nobody watches; it is answered from memory.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::config::Bot;
use crate::metrics::Ingested as Outcome;
use crate::relay::{Handled, Target};
use crate::render::mentions::Names;
use crate::render::{clicks, mark, notice};
use crate::store::conversations::By;
use crate::store::copies::{self, Place};
use crate::store::watch::Watch;
use crate::store::{customers, uploads};
use crate::takeover::conversation::{Customer, Holder, Key};
use crate::takeover::event::{Event, Reaction, Said, Speaker, Utterance};
use crate::takeover::rules::EffectiveControl;
use crate::takeover::triggers::matching::{self, Facts};

use super::What;
use super::access;
use super::caller::Caller;
use super::ingest::{Direction, Element, Ingested, Parsed, Peek, parse, peek, speaker};
use super::problem::Problem;
use super::state::{Intake, json_only, unavailable};

/// Takes in one message, or an array.
pub(super) async fn ingest(
    State(intake): State<Intake>,
    Caller(bot): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    json_only(&headers)?;
    take(&intake, &bot, &body).await
}

/// Takes in a body that is known to come from this bot.
pub(super) async fn take(intake: &Intake, bot: &Bot, body: &[u8]) -> Result<Response, Problem> {
    if let Some(peek) = peek(body)
        && let Some(facts) = facts(intake, bot, &peek)
    {
        let watch = intake.relay.watch(&bot.id, peek.team_id, peek.channel_id).await;
        if !watch.watched && !sets_off(intake, bot, &watch, &facts) {
            let words = (facts.speaker == Speaker::Customer).then_some(facts.words);
            intake.contacts.note(bot, [peek.team_id, peek.user_id, peek.channel_id], words);
            intake.relay.metrics.ingested(&bot.id, Outcome::Unwatched);
            return Ok(accepted(&answer(false, false, watch.control).to_value()));
        }
    }
    access::take(intake, bot, body).await?;
    match parse(body).inspect_err(|_| intake.relay.metrics.ingested(&bot.id, Outcome::Refused))? {
        Parsed::One(element) => Ok(accepted(&take_one(intake, bot, element).await?.to_value())),
        Parsed::Many(elements) => {
            let mut answers = Vec::with_capacity(elements.len());
            for element in elements {
                answers.push(match take_one(intake, bot, element).await {
                    Ok(answer) => {
                        let mut answer = answer.to_value();
                        answer["status"] = json!(StatusCode::ACCEPTED.as_u16());
                        answer
                    }
                    Err(problem) => problem.to_value(),
                });
            }
            Ok(accepted(&Value::Array(answers)))
        }
    }
}

async fn take_one(intake: &Intake, bot: &Bot, element: Element) -> Result<Answer, Problem> {
    let answer = answer_one(intake, bot, element).await;
    intake.relay.metrics.ingested(&bot.id, answer.as_ref().map_or(Outcome::Refused, |answer| answer.outcome()));
    answer
}

async fn answer_one(intake: &Intake, bot: &Bot, element: Element) -> Result<Answer, Problem> {
    let Some(mut ingested) = element? else {
        let nobody = intake.relay.watches.switch(&bot.id).applied_to(crate::takeover::conversation::Control::default());
        return Ok(answer(false, false, nobody));
    };
    let watch = intake.relay.watch(&bot.id, &ingested.team_id, &ingested.channel_id).await;
    let key = Key { bot: bot.id.clone(), team: ingested.team_id.clone(), channel: ingested.channel_id.clone() };
    let facts = ingested.facts();
    if !watch.watched
        && let Some(user_id) = &ingested.user_id
    {
        let words = facts.filter(|facts| facts.speaker == Speaker::Customer).map(|facts| facts.words);
        intake.contacts.note(bot, [&key.team, user_id, &key.channel], words);
    }
    if !watch.watched && !facts.is_some_and(|facts| sets_off(intake, bot, &watch, &facts)) {
        return Ok(answer(false, false, watch.control));
    }
    if is_ours(intake, &ingested).await.map_err(|error| unavailable(&error))? {
        return Ok(answer(watch.watched, true, watch.control));
    }
    let customer = if watch.watched { None } else { customer(intake, &key, &ingested).await? };
    let target = customer.as_ref().map_or(Target::Of(By::Key(&key)), |customer| Target::With(&key, customer));
    intake.relay.config.redaction.redact(&mut ingested.event);
    let identity = format!("{} {}", bot.id, ingested.identity());
    let handled = intake.relay.handle(target, Event::Said(said(ingested)), Some(&identity)).await;
    match handled.map_err(|error| unavailable(&error))? {
        Handled::Taken(conversation, control, _) => Ok(answer(conversation.is_attended(), false, control)),
        Handled::Duplicate(conversation, control) => Ok(answer(conversation.is_attended(), true, control)),
        Handled::Unknown => Ok(answer(false, false, watch.control)),
    }
}

/// What a message gives rules to go by; none where it has to be read in full for that.
fn facts<'a>(intake: &Intake, bot: &Bot, peek: &Peek<'a>) -> Option<Facts<'a>> {
    let speaker = speaker(Some(peek.direction));
    let config = &intake.relay.config;
    let begins = speaker == Speaker::Customer && config.triage.welcomes();
    let is_read = begins || matching::reads(bot, &config.rules, speaker);
    Some(Facts {
        speaker,
        words: if is_read { peek.words? } else { "" },
        sentiment: peek.sentiment,
        event: peek.event,
        unanswered: u32::from(peek.unanswered == Some(true)),
    })
}

/// Whether a message matters although nobody has to do with its conversation so far.
fn sets_off(intake: &Intake, bot: &Bot, watch: &Watch, facts: &Facts<'_>) -> bool {
    let ends = watch.control.holder != Holder::Bot && facts.speaker == Speaker::Customer;
    matching::matters(bot, &intake.relay.config.rules, facts) || (ends && bot.end_phrases.is(facts.words))
}

/// Whose conversation it is, where the message says so or the directory knows.
async fn customer(intake: &Intake, key: &Key, ingested: &Ingested) -> Result<Option<Customer>, Problem> {
    let known = customers::of_channel(&intake.relay.db, key).await.map_err(|error| unavailable(&error))?;
    let known = known.map(|found| found.customer());
    let Some(user_id) = &ingested.user_id else { return Ok(known) };
    let fresh = || Customer { user_id: user_id.clone(), ..Customer::default() };
    Ok(Some(known.filter(|known| known.user_id == *user_id).unwrap_or_else(fresh)))
}

/// Whether the service itself said this for the bot, or changed what it had said, and it is only on its way back.
async fn is_ours(intake: &Intake, ingested: &Ingested) -> anyhow::Result<bool> {
    let Some(ts) = ingested.what.ts() else { return Ok(false) };
    let (db, team) = (&intake.relay.db, ingested.team_id.as_str());
    let place = Place { team, channel: &ingested.channel_id, ts };
    match &ingested.what {
        What::Message { .. } if ingested.direction == Some(Direction::Incoming) => Ok(false),
        What::Message { .. } if mark::is_ours(&ingested.event) => Ok(true),
        What::Message { .. } => {
            let files = notice::files_of(&ingested.event);
            Ok(copies::is_ours(db, place).await? || uploads::are_ours(db, team, &files).await?)
        }
        // The bot may change what it had the service say; an agent's words only the agent changes.
        What::Changed { .. } | What::Deleted { .. } => Ok(copies::is_copy(db, place).await?),
        What::Reaction { .. } | What::Clicked { .. } | What::Other { .. } => Ok(false),
    }
}

fn said(ingested: Ingested) -> Said {
    let speaker = match ingested.direction {
        None if ingested.author.is_bot => Speaker::Bot,
        direction => speaker(direction),
    };
    let signals = ingested.signals;
    let ts = ingested.what.ts().unwrap_or_default().to_owned();
    let what = match &ingested.what {
        What::Message { .. } => Utterance::Message(ingested.event),
        What::Changed { change_ts, .. } if notice::is_edit(&ingested.event) => {
            Utterance::Edited { message: notice::edited(&ingested.event), stamp: change_ts.clone() }
        }
        What::Changed { .. } => Utterance::Nothing,
        What::Deleted { .. } => Utterance::Deleted { files: notice::files_of(&ingested.event["previous_message"]) },
        What::Reaction { added, user, name, event_ts, .. } => Utterance::Reacted(Reaction {
            by: user.clone(),
            name: name.clone(),
            added: *added,
            stamp: event_ts.clone(),
        }),
        What::Clicked { .. } => {
            clicks::line(&ingested.event, &Names::default()).map_or(Utterance::Nothing, Utterance::Line)
        }
        What::Other { .. } => {
            notice::happening(&ingested.event, &Names::default()).map_or(Utterance::Nothing, Utterance::Line)
        }
    };
    Said { signals, ..Said::new(speaker, ts, what) }
}

/// What the bot is told about one message.
#[derive(Debug, Clone, Copy)]
struct Answer {
    watched: bool,
    duplicate: bool,
    control: EffectiveControl,
}

fn answer(watched: bool, duplicate: bool, control: EffectiveControl) -> Answer {
    Answer { watched, duplicate, control }
}

impl Answer {
    fn to_value(self) -> Value {
        json!({ "watched": self.watched, "duplicate": self.duplicate, "control": self.control.to_json() })
    }

    fn outcome(self) -> Outcome {
        match self {
            Self { duplicate: true, .. } => Outcome::Duplicate,
            Self { watched: true, .. } => Outcome::Watched,
            Self { .. } => Outcome::Unwatched,
        }
    }
}

fn accepted(answer: &Value) -> Response {
    (StatusCode::ACCEPTED, axum::Json(answer)).into_response()
}
