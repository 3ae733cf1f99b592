//! Mentions do not cross workspaces: an id of one is nobody, or somebody else, in the other. They become names here.
//! Called by [`super::mirror`], [`super::outbound`] and [`super::notice`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::walk::{Spot, walk};
use super::{blocks, string, text};

/// Breaks a word for Slack and for nobody else (U+2060 WORD JOINER): an `@here` with it pings no one.
const BREAK: char = '\u{2060}';

/// Names by id, of one workspace. Not escaped. An empty one stands for something that must not be named, whatever its label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Display names by user id.
    pub users: BTreeMap<String, String>,
    /// Channel names, without `#`, by channel id.
    pub channels: BTreeMap<String, String>,
    /// Handles of user groups, without `@`, by group id.
    pub groups: BTreeMap<String, String>,
}

/// The ids that a message mentions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentioned {
    /// User ids.
    pub users: BTreeSet<String>,
    /// Channel ids.
    pub channels: BTreeSet<String>,
    /// User group ids.
    pub groups: BTreeSet<String>,
}

/// Whose names are needed before [`neutralise`] can show them: the ids in text, blocks and attachments.
#[must_use]
pub fn mentioned(message: &Value) -> Mentioned {
    let mut copy = message.clone();
    blocks::inert(&mut copy);
    let mut found = Mentioned::default();
    walk(&mut copy, &mut |spot| match spot {
        Spot::Mrkdwn(text) | Spot::Plain(text) => {
            for token in Pieces(text).filter_map(Piece::mention) {
                found.note(&token);
            }
        }
        Spot::Leaf(leaf) => found.note(&of_leaf(leaf)),
    });
    found
}

/// Rewrites every mention in `text`, `blocks` and `attachments` to the name it stands for, so that nothing pings and no id
/// remains. Everything else stays as it is. An id without a name takes the label that Slack gave it elsewhere in the
/// message, if any.
pub fn neutralise(message: &mut Value, names: &Names) {
    let names = &labelled(message, names);
    walk(message, &mut |spot| match spot {
        Spot::Mrkdwn(text) => *text = neutral_text(text, names),
        // What replaces a mention could form a new one with the text around it; each round leaves fewer `<`.
        Spot::Plain(text) => {
            while Pieces(text).any(|piece| piece.mention().is_some()) {
                *text = rewrite(text, str::to_owned, |mention| mention.named(names).replace(['<', '>'], ""));
            }
        }
        Spot::Leaf(leaf) => {
            let mut plain = json!({"type": "text", "text": of_leaf(leaf).named(names)});
            if let Some(style) = leaf.get("style") {
                plain["style"] = style.clone();
            }
            *leaf = plain;
        }
    });
}

/// [`neutralise`] for one mrkdwn string.
#[must_use]
pub fn neutral_text(mrkdwn: &str, names: &Names) -> String {
    if !["<@", "<#", "<!"].iter().any(|sign| mrkdwn.contains(sign)) {
        return mrkdwn.to_owned();
    }
    // A `<` outside of a token is escaped: it could form a new mention with the text that replaces the next one.
    rewrite(mrkdwn, |stray| stray.replace('<', "&lt;"), |mention| mention.named_in_mrkdwn(names))
}

/// The names, and for ids without one the labels that stand in the text: the leaves of rich text have none.
fn labelled(message: &mut Value, names: &Names) -> Names {
    let mut names = names.clone();
    walk(message, &mut |spot| {
        if let Spot::Mrkdwn(text) = spot {
            for mention in Pieces(text).filter_map(Piece::mention) {
                let (names, id, label) = match mention {
                    Mention::User { id, label } => (&mut names.users, id, label),
                    Mention::Channel { id, label } => (&mut names.channels, id, label),
                    Mention::Group { id, label } => (&mut names.groups, id, label),
                    Mention::Broadcast(_) | Mention::Message(_) => continue,
                };
                if !label.is_empty() && !names.contains_key(id) {
                    names.insert(id.to_owned(), text::unescape(label));
                }
            }
        }
    });
    names
}

fn rewrite(text: &str, stray: impl Fn(&str) -> String, named: impl Fn(&Mention<'_>) -> String) -> String {
    Pieces(text)
        .map(|piece| match &piece {
            Piece::Text(text) => stray(text),
            Piece::Token(token) => piece.mention().map_or_else(|| format!("<{token}>"), |mention| named(&mention)),
        })
        .collect()
}

/// mrkdwn in pieces: `<...>` tokens, and what is between them.
struct Pieces<'t>(&'t str);

#[derive(Clone, Copy)]
enum Piece<'t> {
    Text(&'t str),
    /// What stands between `<` and `>`.
    Token(&'t str),
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        if self.0.is_empty() {
            return None;
        }
        if let Some(inner) = self.0.strip_prefix('<')
            && let Some(end) = inner.find(['<', '>'])
            && inner[end..].starts_with('>')
        {
            self.0 = &inner[end + 1..];
            return Some(Piece::Token(&inner[..end]));
        }
        let end = self.0.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(self.0.len(), |(at, _)| at);
        let (text, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(Piece::Text(text))
    }
}

/// Somebody or something that pings, or that exists in one workspace only.
enum Mention<'m> {
    User {
        id: &'m str,
        label: &'m str,
    },
    Channel {
        id: &'m str,
        label: &'m str,
    },
    Group {
        id: &'m str,
        label: &'m str,
    },
    /// `@here` and its kin.
    Broadcast(&'m str),
    /// A message, with what is known of it.
    Message(&'m str),
}

impl<'t> Piece<'t> {
    /// The mention a token is. `None` for text, links and dates, which mean the same everywhere.
    fn mention(self) -> Option<Mention<'t>> {
        let Self::Token(token) = self else { return None };
        let (name, label) = token.split_once('|').unwrap_or((token, ""));
        if let Some(id) = name.strip_prefix('@') {
            Some(Mention::User { id, label })
        } else if let Some(id) = name.strip_prefix('#') {
            Some(Mention::Channel { id, label })
        } else if let Some(id) = name.strip_prefix("!subteam^") {
            Some(Mention::Group { id, label })
        } else {
            let special = name.strip_prefix('!')?;
            (!special.starts_with("date^")).then_some(Mention::Broadcast(special))
        }
    }
}

/// The mention a leaf of rich text is.
fn of_leaf(leaf: &Value) -> Mention<'_> {
    match string(leaf, "type") {
        "user" => Mention::User { id: string(leaf, "user_id"), label: "" },
        "channel" => Mention::Channel { id: string(leaf, "channel_id"), label: "" },
        "usergroup" => Mention::Group { id: string(leaf, "usergroup_id"), label: "" },
        "broadcast" => Mention::Broadcast(string(leaf, "range")),
        "team" => Mention::Broadcast("team"),
        _ => Mention::Message(string(leaf, "text")),
    }
}

impl Mention<'_> {
    /// The name as literal text.
    fn named(&self, names: &Names) -> String {
        let known = |names: &BTreeMap<String, String>, id: &str, label: &str, unknown: &str| {
            let known = names.get(id).cloned().unwrap_or_else(|| text::unescape(label));
            let name = text::name(known.trim_start_matches(['@', '#']));
            if name.is_empty() { unknown.to_owned() } else { name }
        };
        match self {
            Self::User { id, label } => at(&known(&names.users, id, label, "someone")),
            Self::Group { id, label } => at(&known(&names.groups, id, label, "group")),
            Self::Channel { id, label } => format!("#{}", known(&names.channels, id, label, "channel")),
            Self::Broadcast(range) => at(&text::name(range)),
            Self::Message("") => "[message]".to_owned(),
            Self::Message(text) => text::cut(text, 200),
        }
    }

    fn named_in_mrkdwn(&self, names: &Names) -> String {
        text::escape(&self.named(names))
    }
}

/// `@name`, with a break where it would otherwise ping a whole channel.
fn at(name: &str) -> String {
    let pings = ["here", "channel", "everyone", "group"].iter().any(|word| name.eq_ignore_ascii_case(word));
    if pings { format!("@{BREAK}{name}") } else { format!("@{name}") }
}

impl Mentioned {
    fn note(&mut self, mention: &Mention<'_>) {
        let (ids, id) = match mention {
            Mention::User { id, .. } => (&mut self.users, id),
            Mention::Channel { id, .. } => (&mut self.channels, id),
            Mention::Group { id, .. } => (&mut self.groups, id),
            Mention::Broadcast(_) | Mention::Message(_) => return,
        };
        ids.insert((*id).to_owned());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples;
    use super::*;

    #[test]
    fn mentions_in_text_become_names() {
        let names = samples::names();
        for (given, expected) in [
            ("hi <@U1> and <@U1|old>", "hi @Phil &lt;&amp;&gt; and @Phil &lt;&amp;&gt;"),
            ("<@U9|bob>", "@bob"),
            ("<@U9>", "@someone"),
            ("<#C1|general> <#C9|ops> <#C9>", "#sales #ops #channel"),
            ("<!subteam^S1|@old> <!subteam^S9|@g> <!subteam^S9>", "@finance @g @\u{2060}group"),
            ("<!here> <!channel|channel> <!everyone>", "@\u{2060}here @\u{2060}channel @\u{2060}everyone"),
            ("<!date^1700000000^{date}|then>", "<!date^1700000000^{date}|then>"),
            ("<https://a.example|a> <mailto:a@b.example>", "<https://a.example|a> <mailto:a@b.example>"),
            ("a &lt;!channel&gt; b", "a &lt;!channel&gt; b"),
            ("<<@U9|U1>>", "&lt;@U1>"),
            ("<@U1", "&lt;@U1"),
            ("é<é", "é<é"),
            ("<@U9> <", "@someone &lt;"),
        ] {
            assert_eq!(neutral_text(given, &names), expected, "{given}");
        }
    }

    #[test]
    fn mentions_are_found_and_rewritten_everywhere() {
        let mut message = samples::mentions_everywhere();
        let ids = |ids: &BTreeSet<String>| ids.iter().cloned().collect::<Vec<_>>().join(" ");
        let found = mentioned(&message);
        assert_eq!(ids(&found.users), "U1 U2 U3 U4 U5 U6 U7 U8");
        assert_eq!(ids(&found.channels), "C1 C2");
        assert_eq!(ids(&found.groups), "S1");
        neutralise(&mut message, &samples::names());
        let leaves = &message["blocks"][0]["elements"][0]["elements"];
        assert_eq!(leaves[0], json!({"type": "text", "text": "@Phil <&>", "style": {"bold": true}}));
        assert_eq!(leaves[1], json!({"type": "text", "text": "@\u{2060}here"}));
        assert_eq!(leaves[2], json!({"type": "text", "text": "#sales"}));
        assert_eq!(leaves[3], json!({"type": "text", "text": "@finance"}));
        assert_eq!(leaves[4], json!({"type": "text", "text": "<@U0> stays: literal"}));
        assert_eq!(message["attachments"][0]["fields"][0]["value"], "@someone");
        assert_eq!(message["attachments"][0]["mrkdwn_in"], json!(["text"]));
        assert_eq!(message["unknown"], json!("<@U0>"));
        // What a picker holds is no mention yet; it becomes one when the picker is redrawn.
        blocks::inert(&mut message);
        neutralise(&mut message, &samples::names());
        assert_eq!(mentioned(&message), Mentioned::default());
    }

    #[test]
    fn a_label_names_what_the_leaves_of_rich_text_do_not() {
        let mut message = json!({"text": "<#C9|ops>", "blocks": [{"type": "rich_text", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "channel", "channel_id": "C9"}]}]}]});
        let mut unnamed = message.clone();
        neutralise(&mut message, &Names::default());
        assert_eq!(message["blocks"][0]["elements"][0]["elements"][0]["text"], "#ops");
        // An empty name says that the label must not be shown.
        let hidden = Names { channels: [("C9".to_owned(), String::new())].into(), ..Names::default() };
        neutralise(&mut unnamed, &hidden);
        assert_eq!(unnamed["text"], "#channel");
        assert_eq!(unnamed["blocks"][0]["elements"][0]["elements"][0]["text"], "#channel");
    }

    proptest! {
        #[test]
        fn no_text_mentions_anybody_afterwards(text in r"([<>@#!|&;^a-zU1-3 ]|<@U1>|<!here>|<!channel\|x>|&lt;){0,30}") {
            let neutral = neutral_text(&text, &samples::names());
            for sign in ["<@", "<#", "<!"] {
                prop_assert!(!neutral.contains(sign), "{neutral}");
            }
            prop_assert_eq!(neutral_text(&neutral, &samples::names()), neutral);
        }

        #[test]
        fn any_message_is_neutral_afterwards(message in samples::any_message()) {
            let mut message = message;
            blocks::inert(&mut message);
            neutralise(&mut message, &samples::names());
            prop_assert_eq!(mentioned(&message), Mentioned::default());
        }
    }
}
