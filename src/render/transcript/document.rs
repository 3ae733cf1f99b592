//! The chapters of a conversation in the form that was asked for.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Chapter, Message, markdown, plain};

/// The forms of a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For programs.
    Json,
    /// Markdown.
    Md,
    /// Plain text.
    Txt,
}

impl Format {
    /// The form of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Self::Json),
            "md" => Some(Self::Md),
            "txt" => Some(Self::Txt),
            _ => None,
        }
    }

    /// Its MIME type.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Md => "text/markdown; charset=utf-8",
            Self::Txt => "text/plain; charset=utf-8",
        }
    }
}

/// A whole conversation: its chapters in order, and the rooms of which nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Whose conversation it is.
    pub about: About,
    /// The chapters, oldest first.
    pub chapters: Vec<Chapter>,
    /// Rooms whose words are not here: closed before transcripts were kept, or kept no more.
    pub missing: Vec<Missing>,
}

/// Whose conversation it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The bot's id.
    pub bot: String,
    /// The bot's name.
    pub bot_name: String,
    /// The customer's workspace.
    pub team: String,
    /// The DM.
    pub channel: String,
    /// The customer's id.
    pub user_id: String,
    /// The customer's name.
    pub customer: String,
}

/// A closed room of which nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its channel.
    pub room: String,
    /// Its name while it was open.
    pub name: String,
    /// When it was closed.
    pub closed_at: Timestamp,
}

impl Document {
    /// In the form that was asked for.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Json => self.json().to_string(),
            Format::Md => self.written(&MARKDOWN),
            Format::Txt => self.written(&PLAIN),
        }
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let about = &self.about;
        let kept = self.chapters.iter().map(|chapter| {
            json!({
                "id": chapter.room, "name": chapter.name, "kept": true, "complete": chapter.complete,
                "opened_at": chapter.opened_at.map(|at| format!("{at:.3}")),
                "closed_at": chapter.closed_at.map(|at| format!("{at:.3}")),
            })
        });
        let missing = self.missing.iter().map(|past| {
            json!({
                "id": past.room, "name": past.name, "kept": false, "complete": false, "opened_at": null,
                "closed_at": format!("{:.3}", past.closed_at),
            })
        });
        let all = |of: fn(&Chapter) -> &[Message]| -> Vec<Value> {
            self.chapters.iter().flat_map(|chapter| of(chapter).iter().map(|message| entry(chapter, message))).collect()
        };
        json!({
            "bot": about.bot,
            "team_id": about.team,
            "channel_id": about.channel,
            "customer": { "user_id": about.user_id, "name": about.customer },
            "rooms": missing.chain(kept).collect::<Vec<_>>(),
            "messages": all(|chapter| &chapter.messages),
            "notes": all(|chapter| &chapter.notes),
        })
    }

    fn written(&self, style: &Style) -> String {
        let About { bot_name, team, user_id, customer: name, .. } = &self.about;
        let mut lines = vec![
            style.title(1, &format!("Conversation with {name}")),
            style.paragraph(&format!("{name} ({user_id} in {team}) and {bot_name}")),
        ];
        for past in &self.missing {
            lines.push(style.paragraph(&format!("Nothing is kept of what was said in #{}.", past.name)));
        }
        for chapter in &self.chapters {
            let closed = chapter.closed_at.map_or_else(|| "open".to_owned(), |at| format!("closed {at:.0}"));
            lines.push(style.title(2, &format!("#{} ({closed})", chapter.name)));
            if !chapter.complete {
                lines.push(style.paragraph("Slack did not hand out all of it."));
            }
            lines.extend(chapter.messages.iter().map(|message| style.message(message)));
            if !chapter.notes.is_empty() {
                lines.push(style.title(2, &format!("Notes in #{}, which {name} never saw", chapter.name)));
                lines.extend(chapter.notes.iter().map(|message| style.message(message)));
            }
        }
        lines.concat()
    }
}

fn entry(chapter: &Chapter, message: &Message) -> Value {
    let mut entry = json!({
        "room": chapter.room,
        "at": format!("{:.3}", message.at),
        "ts": message.ts,
        "from": message.from.as_str(),
        "user_id": message.user_id,
        "name": message.name,
        "text": plain::text(&message.mrkdwn),
        "mrkdwn": message.mrkdwn,
        "edited": message.edited,
        "deleted": message.deleted,
        "files": message.files.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
    });
    if let Some(about) = &message.about {
        entry["about"] = json!(about);
    }
    entry
}

/// How a text file is written.
struct Style {
    literal: fn(&str) -> String,
    words: fn(&str) -> String,
    is_markdown: bool,
}

const MARKDOWN: Style = Style { literal: markdown::escape, words: markdown::text, is_markdown: true };
const PLAIN: Style = Style { literal: str::to_owned, words: plain::text, is_markdown: false };

impl Style {
    fn title(&self, level: usize, text: &str) -> String {
        let literal = (self.literal)(text);
        if self.is_markdown {
            return format!("{} {literal}\n\n", "#".repeat(level));
        }
        let line = if level == 1 { "=" } else { "-" };
        format!("{literal}\n{}\n\n", line.repeat(literal.chars().count()))
    }

    fn paragraph(&self, text: &str) -> String {
        format!("{}\n\n", (self.literal)(text))
    }

    fn message(&self, message: &Message) -> String {
        let mark = match (message.deleted, message.edited) {
            (true, _) => ", deleted",
            (_, true) => ", edited",
            _ => "",
        };
        let (bold, from) = (if self.is_markdown { "**" } else { "" }, message.from.as_str());
        let name = (self.literal)(&message.name);
        let mut shown = format!("{bold}{name}{bold} ({from}), {:.0}{mark}\n\n", message.at);
        if !message.mrkdwn.is_empty() {
            shown.extend([&(self.words)(&message.mrkdwn), "\n\n"]);
        }
        for file in &message.files {
            shown.extend(["📎 ", &(self.literal)(file), "\n\n"]);
        }
        shown
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::From;
    use super::*;

    fn phil() -> About {
        About {
            bot_name: "Expense Bot".into(),
            team: "T1".into(),
            user_id: "U7".into(),
            customer: "Phil *the* <b>".into(),
            ..About::default()
        }
    }

    fn said(from: From, name: &str, mrkdwn: &str) -> Message {
        Message {
            at: Timestamp::from_second(1_700_000_000).unwrap(),
            ts: "1700000000.000100".into(),
            from,
            user_id: None,
            name: name.into(),
            mrkdwn: mrkdwn.into(),
            edited: false,
            deleted: false,
            files: Vec::new(),
            about: None,
        }
    }

    fn document() -> Document {
        let mut form = said(From::Bot, "Expense Bot", "1 &lt; 2");
        form.files = vec!["a_b.pdf".into()];
        let gone = Message { deleted: true, ..said(From::Customer, "Phil", "") };
        Document {
            about: phil(),
            chapters: vec![Chapter {
                room: "C1".into(),
                name: "cs-phil".into(),
                opened_at: None,
                closed_at: None,
                complete: true,
                messages: vec![said(From::Customer, "Phil", "*help* <https://a.example|here>"), form, gone],
                notes: vec![said(From::Agent, "Jane", "careful")],
            }],
            missing: Vec::new(),
        }
    }

    #[test]
    fn markdown_reads_as_it_was_meant() {
        insta::assert_snapshot!(document().render(Format::Md), @r"
        # Conversation with Phil \*the\* \<b\>

        Phil \*the\* \<b\> (U7 in T1) and Expense Bot

        ## \#cs\-phil (open)

        **Phil** (customer), 2023-11-14T22:13:20Z

        **help** [here](https://a.example)

        **Expense Bot** (bot), 2023-11-14T22:13:20Z

        1 \< 2

        📎 a\_b\.pdf

        **Phil** (customer), 2023-11-14T22:13:20Z, deleted

        ## Notes in \#cs\-phil, which Phil \*the\* \<b\> never saw

        **Jane** (agent), 2023-11-14T22:13:20Z

        careful
        ");
    }

    #[test]
    fn plain_text_has_no_marks_of_its_own() {
        let text = document().render(Format::Txt);
        assert!(text.starts_with("Conversation with Phil *the* <b>\n================================\n"), "{text}");
        for line in ["Phil (customer), 2023-11-14T22:13:20Z", "*help* here (https://a.example)", "1 < 2", "📎 a_b.pdf"]
        {
            assert!(text.contains(&format!("\n{line}\n")), "{line}: {text}");
        }
    }

    #[test]
    fn programs_get_words_and_notes_apart() {
        let json = document().json();
        assert_eq!(json["messages"][0]["text"], "*help* here (https://a.example)");
        assert_eq!((json["messages"].as_array().unwrap().len(), &json["notes"][0]["text"]), (3, &json!("careful")));
        assert_eq!(json["rooms"][0]["kept"], true);
    }
}
