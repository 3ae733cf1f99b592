//! The chapter of one room, out of what Slack has of it and what the service knows of copies. Called by `deliver`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::render::author::Author;
use crate::render::mentions::Names;
use crate::render::ts::Ts;
use crate::render::{as_text, content, items, mark, string, text, thread};

use super::{From, Message};

/// What is known of a message of the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It shows what was said in the DM.
    Shows {
        /// Who said it there.
        from: From,
        /// `ts` there.
        ts: String,
        /// Whether the words stand with files.
        is_caption: bool,
    },
    /// It was said to the customer.
    Sent,
    /// A card of the service's own.
    Own,
}

/// A message that was deleted or taken back on either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// `ts` where it was written.
    pub ts: String,
    /// Whose it was.
    pub from: From,
}

/// What a chapter is made of.
#[derive(Debug, Clone, Default)]
pub struct Material {
    /// The messages of the room, oldest first, replies in threads among them.
    pub posts: Vec<Value>,
    /// What is known of them, by `ts`.
    pub known: BTreeMap<String, Known>,
    /// What was deleted.
    pub gone: Vec<Gone>,
    /// Names of whom the messages mention, and of who wrote them.
    pub names: Names,
    /// The bot user and the bot of the hub app.
    pub us: Vec<String>,
    /// The customer's id and name.
    pub customer: (String, String),
    /// The bot's name.
    pub bot: String,
}

/// What was relayed, and what stayed in the room.
#[must_use]
pub fn build(material: &Material) -> (Vec<Message>, Vec<Message>) {
    let (mut messages, mut notes): (Vec<Message>, Vec<Message>) = (Vec::new(), Vec::new());
    for post in &material.posts {
        let ts = string(post, "ts");
        match material.known.get(ts) {
            None | Some(Known::Own) if material.is_note_of_ours(post) => notes.push(Message {
                from: From::Agent,
                about: Some(string(post, "thread_ts").to_owned()),
                ..material.written(post)
            }),
            Some(Known::Own) => {}
            Some(Known::Shows { from, ts, is_caption }) => {
                let part = material.shown(post, *from, ts, *is_caption);
                match messages.last_mut().filter(|last| last.ts == *ts && last.from == *from) {
                    Some(whole) => join(whole, part),
                    None => messages.push(part),
                }
            }
            _ if material.is_ours(post) || is_housekeeping(post) => {}
            Some(Known::Sent) => messages.push(material.written(post)),
            None if thread::is_reply(post) => {
                notes.push(Message { about: Some(string(post, "thread_ts").to_owned()), ..material.written(post) });
            }
            None if material.gone.iter().any(|gone| gone.ts == ts) => {}
            None => notes.push(material.written(post)),
        }
    }
    for gone in &material.gone {
        material.insert_gone(&mut messages, gone);
    }
    (messages, notes)
}

impl Material {
    /// A message of the DM as the room shows it.
    fn shown(&self, post: &Value, from: From, ts: &str, is_caption: bool) -> Message {
        let (user_id, current) = match from {
            From::Customer => (Some(self.customer.0.clone()), &self.customer.1),
            _ => (None, &self.bot),
        };
        let name = match string(post, "username") {
            "" => current.clone(),
            name => text::unescape(name),
        };
        let mut body = content::read(post, &self.names);
        let edited = strip_mark(&mut body);
        let mut mrkdwn = as_text::to_text(&body);
        if is_caption {
            mrkdwn = without_speaker(&mrkdwn, &name);
        }
        let edited = edited || is_edited(post);
        let deleted = false;
        Message {
            at: time(ts),
            ts: ts.to_owned(),
            from,
            user_id,
            name,
            mrkdwn,
            edited,
            deleted,
            files: files(post),
            about: None,
        }
    }

    /// A message of somebody in the support workspace.
    fn written(&self, post: &Value) -> Message {
        let author = Author::of(post);
        let person = author.person().map(str::to_owned);
        let named = person.as_ref().and_then(|id| self.names.users.get(id)).cloned();
        let name = named.or_else(|| Some(text::unescape(string(post, "username"))).filter(|name| !name.is_empty()));
        let ts = string(post, "ts");
        Message {
            at: time(ts),
            ts: ts.to_owned(),
            from: if person.is_some() { From::Agent } else { From::App },
            name: name.or_else(|| person.clone()).unwrap_or_else(|| "An app".to_owned()),
            user_id: person,
            mrkdwn: as_text::to_text(&content::read(post, &self.names)),
            edited: is_edited(post),
            deleted: false,
            files: files(post),
            about: None,
        }
    }

    fn is_ours(&self, post: &Value) -> bool {
        let author = Author::of(post);
        let ours = |id: &Option<String>| id.as_ref().is_some_and(|id| self.us.contains(id));
        mark::is_ours(post) || ours(&author.user) || ours(&author.bot_id)
    }

    /// Whether it is an agent's note that was added in a dialog: alone of the service's own it bears a name.
    fn is_note_of_ours(&self, post: &Value) -> bool {
        self.is_ours(post) && thread::is_reply(post) && !string(post, "username").is_empty()
    }

    /// Puts a deletion where the message was.
    fn insert_gone(&self, messages: &mut Vec<Message>, gone: &Gone) {
        if let Some(message) = messages.iter_mut().find(|message| message.ts == gone.ts && message.from == gone.from) {
            (message.mrkdwn, message.files, message.deleted) = (String::new(), Vec::new(), true);
            return;
        }
        let at = time(&gone.ts);
        let (user_id, name) = match gone.from {
            From::Customer => (Some(self.customer.0.clone()), self.customer.1.clone()),
            From::Bot => (None, self.bot.clone()),
            From::Agent | From::App => (None, "An agent".to_owned()),
        };
        let message = Message {
            at,
            ts: gone.ts.clone(),
            from: gone.from,
            user_id,
            name,
            mrkdwn: String::new(),
            edited: false,
            deleted: true,
            files: Vec::new(),
            about: None,
        };
        let place = messages.iter().position(|other| other.at > at).unwrap_or(messages.len());
        messages.insert(place, message);
    }
}

/// A message that was shown in several parts.
fn join(whole: &mut Message, part: Message) {
    if !part.mrkdwn.is_empty() {
        if !whole.mrkdwn.is_empty() {
            whole.mrkdwn.push('\n');
        }
        whole.mrkdwn.push_str(&part.mrkdwn);
    }
    whole.files.extend(part.files);
    whole.edited |= part.edited;
}

/// Takes off the line that [`crate::render::mirror::edited`] puts below an edited message.
fn strip_mark(body: &mut Value) -> bool {
    let is_mark = |block: &Value| {
        let line = block["elements"][0]["text"].as_str().unwrap_or_default();
        string(block, "type") == "context" && line.starts_with('*') && line.ends_with("* · edited")
    };
    let marked = items(body, "blocks").last().is_some_and(is_mark);
    if marked && let Some(blocks) = body["blocks"].as_array_mut() {
        blocks.pop();
    }
    marked
}

/// Takes off who speaks, as [`crate::render::mirror::caption`] puts it.
fn without_speaker(mrkdwn: &str, name: &str) -> String {
    let name = text::escape(&text::name(name));
    let rest = mrkdwn.strip_prefix(&format!("*{name}:*")).or_else(|| mrkdwn.strip_prefix(&format!("*{name}*")));
    rest.unwrap_or(mrkdwn).trim_start().to_owned()
}

fn is_edited(post: &Value) -> bool {
    post.get("edited").is_some_and(Value::is_object)
}

/// Slack's own lines: who joined, what the topic is.
fn is_housekeeping(post: &Value) -> bool {
    let subtype = string(post, "subtype");
    subtype.starts_with("channel_") || subtype.starts_with("group_") || subtype == "tombstone"
}

fn files(post: &Value) -> Vec<String> {
    let name = |file: &Value| match (string(file, "name"), string(file, "title")) {
        ("", "") => string(file, "id").to_owned(),
        ("", title) => text::unescape(title),
        (name, _) => text::unescape(name),
    };
    items(post, "files").iter().filter(|file| string(file, "mode") != "tombstone").map(name).collect()
}

fn time(ts: &str) -> Timestamp {
    Ts::parse(ts).map_or(Timestamp::UNIX_EPOCH, Ts::as_timestamp)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shows(from: From, ts: &str, is_caption: bool) -> Known {
        Known::Shows { from, ts: ts.to_owned(), is_caption }
    }

    fn material(posts: Vec<Value>, known: &[(&str, Known)]) -> Material {
        let mut names = Names::default();
        names.users.insert("U1".into(), "Jane".into());
        Material {
            posts,
            known: known.iter().map(|(ts, known)| ((*ts).to_owned(), known.clone())).collect(),
            names,
            us: vec!["B9".into()],
            customer: ("U7".into(), "Phil".into()),
            bot: "Expense Bot".into(),
            ..Material::default()
        }
    }

    fn lines(messages: &[Message]) -> Vec<String> {
        let line = |message: &Message| {
            let marks = if message.deleted {
                " (deleted)"
            } else if message.edited {
                " (edited)"
            } else {
                ""
            };
            format!("{}: {}{marks}{}", message.name, message.mrkdwn, message.files.concat())
        };
        messages.iter().map(line).collect()
    }

    #[test]
    fn both_sides_and_the_notes_are_told_apart() {
        let material = material(
            vec![
                json!({ "ts": "20.1", "bot_id": "B9", "username": "Phil", "text": "a &lt; b", "subtype": "bot_message" }),
                json!({ "ts": "20.2", "bot_id": "B9", "text": "a card" }),
                json!({ "ts": "20.3", "user": "U1", "text": "hi", "edited": { "ts": "20.9" } }),
                json!({ "ts": "20.4", "user": "U1", "thread_ts": "20.1", "text": "careful, <@U1>" }),
                json!({ "ts": "20.5", "user": "U1", "text": "never sent" }),
                json!({ "ts": "20.6", "user": "U1", "subtype": "channel_join", "text": "joined" }),
            ],
            &[("20.1", shows(From::Customer, "10.1", false)), ("20.2", Known::Own), ("20.3", Known::Sent)],
        );
        let (messages, notes) = build(&material);
        assert_eq!(lines(&messages), ["Phil: a &lt; b", "Jane: hi (edited)"]);
        assert_eq!(lines(&notes), ["Jane: careful, @Jane", "Jane: never sent"]);
        assert_eq!((notes[0].about.as_deref(), notes[1].about.as_deref()), (Some("20.1"), None));
        assert_eq!(messages[0].ts, "10.1");
    }

    #[test]
    fn parts_are_one_message_and_a_caption_loses_the_name_before_it() {
        let post = |ts: &str, text: &str| json!({ "ts": ts, "bot_id": "B9", "username": "Phil", "text": text });
        let material = material(
            vec![
                post("20.1", "one"),
                post("20.2", "two"),
                json!({ "ts": "20.3", "bot_id": "B9", "text": "*Phil:* the form", "files": [{ "name": "a.pdf" }] }),
            ],
            &[
                ("20.1", shows(From::Customer, "10.1", false)),
                ("20.2", shows(From::Customer, "10.1", false)),
                ("20.3", shows(From::Customer, "10.2", true)),
            ],
        );
        assert_eq!(lines(&build(&material).0), ["Phil: one\ntwo", "Phil: the forma.pdf"]);
    }

    #[test]
    fn what_was_deleted_is_told_without_its_words_in_its_place() {
        let post = |ts: &str, text: &str| json!({ "ts": ts, "bot_id": "B9", "username": "Phil", "text": text });
        let mut material = material(
            vec![post("20.1", "first"), post("20.5", "last"), json!({ "ts": "20.6", "user": "U1", "text": "wrong" })],
            &[("20.1", shows(From::Customer, "10.1", false)), ("20.5", shows(From::Customer, "10.5", false))],
        );
        let gone = |ts: &str, from| Gone { ts: ts.to_owned(), from };
        material.gone = vec![gone("10.3", From::Customer), gone("20.6", From::Agent)];
        let (messages, notes) = build(&material);
        assert_eq!(lines(&messages), ["Phil: first", "Phil:  (deleted)", "Phil: last", "An agent:  (deleted)"]);
        assert!(notes.is_empty(), "what was taken back is no note: {notes:?}");
    }

    #[test]
    fn an_edited_copy_shows_its_words_alone() {
        let blocks = json!([
            { "type": "section", "text": { "type": "mrkdwn", "text": "the form" } },
            { "type": "context", "elements": [{ "type": "mrkdwn", "text": "*Phil* · edited" }] },
        ]);
        let material = material(
            vec![json!({ "ts": "20.1", "bot_id": "B9", "text": "the form", "blocks": blocks })],
            &[("20.1", shows(From::Customer, "10.1", false))],
        );
        assert_eq!(lines(&build(&material).0), ["Phil: the form (edited)"]);
    }
}
