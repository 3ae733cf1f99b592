//! How a Slack message looks in a terminal: name, text, and for a card its small print and buttons. Pure; used by `screen`.

use serde_json::json;

use super::wrap::{Ink, Line, Piece, wrap};
use crate::render::as_text;
use crate::render::text::unescape;
use crate::simulator::Seen;

/// The service's name, under which it posts its cards.
const SERVICE: &str = "Megatron";

/// The lines of a message.
pub(super) fn lines(message: &Seen, width: usize) -> Vec<Line> {
    let mut pieces = Vec::new();
    if message.thread_ts.as_ref().is_some_and(|thread| *thread != message.ts) {
        pieces.push((Ink::Dim, "↳ ".to_owned()));
    }
    pieces.push((ink_of(&message.author), message.author.clone()));
    pieces.push((Ink::Dim, ": ".to_owned()));
    for (number, paragraph) in content(message).into_iter().enumerate() {
        if number > 0 {
            pieces.push((Ink::Plain, "\n".to_owned()));
        }
        pieces.extend(paragraph);
    }
    if message.ephemeral {
        pieces.push((Ink::Dim, " (only Jane sees this)".to_owned()));
    }
    let is_card = message.by_app && message.blocks.is_array() && message.author == SERVICE;
    let margin = if is_card { (Ink::Service, "▎ ") } else { (Ink::Plain, "  ") };
    wrap(&pieces, width, &Line::of(&[margin]))
}

/// What a message shows, in paragraphs.
fn content(message: &Seen) -> Vec<Vec<Piece>> {
    let mut paragraphs = Vec::new();
    for block in message.blocks.as_array().into_iter().flatten() {
        let ink = if block["type"] == "context" || block["type"] == "actions" { Ink::Dim } else { Ink::Plain };
        let mut words = block.clone();
        if let Some(elements) = words["elements"].as_array_mut() {
            // A picture says nothing here.
            elements.retain(|element| element["type"] != "image");
        }
        words.as_object_mut().map(|block| block.remove("accessory"));
        paragraphs.push(pieces(&as_text::to_text(&json!({ "blocks": [words] })), ink));
    }
    if paragraphs.is_empty() {
        paragraphs.push(pieces(&message.text, Ink::Plain));
    }
    for file in message.files.as_array().into_iter().flatten() {
        paragraphs.push(vec![(Ink::Dim, format!("[file {}]", file["name"].as_str().unwrap_or("?")))]);
    }
    let marks: Vec<String> = message.reactions.iter().map(|(name, _)| format!(":{name}:")).collect();
    if !marks.is_empty() {
        paragraphs.push(vec![(Ink::Dim, marks.join(" "))]);
    }
    paragraphs
}

/// mrkdwn as a reader sees it: tokens by their labels, `*bold*` in bold.
fn pieces(mrkdwn: &str, ink: Ink) -> Vec<Piece> {
    let shown = unescape(&labels(mrkdwn));
    let bold = if ink == Ink::Plain { Ink::Bold } else { ink };
    if shown.matches('*').count() % 2 == 1 {
        return vec![(ink, shown)];
    }
    shown.split('*').zip([ink, bold].into_iter().cycle()).map(|(text, ink)| (ink, text.to_owned())).collect()
}

/// `<...>` tokens as Slack shows them: channels and people with their signs, dates and links by their labels.
fn labels(mrkdwn: &str) -> String {
    let mut shown = String::new();
    let mut rest = mrkdwn;
    while let Some((before, (token, after))) =
        rest.split_once('<').and_then(|(before, inner)| Some((before, inner.split_once('>')?)))
    {
        let (target, label) = token.split_once('|').unwrap_or((token, token));
        let sign = if target.starts_with('#') { "#" } else { "" };
        shown.push_str(before);
        shown.push_str(sign);
        shown.push_str(label.trim_start_matches(['#', '!']));
        rest = after;
    }
    shown + rest
}

fn ink_of(author: &str) -> Ink {
    match author {
        "Expense Bot" => Ink::Bot,
        SERVICE => Ink::Service,
        "Jane" | "Raj" => Ink::Agent,
        _ => Ink::Customer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_shown_by_their_labels() {
        for (mrkdwn, shown) in [
            ("see <#C1|cs-phil>", "see #cs-phil"),
            ("<@U1>, hello", "@U1, hello"),
            ("<!date^1^{date}|2026-11-20>", "2026-11-20"),
            ("<https://a.example|here> &amp; <https://b.example>", "here & https://b.example"),
            ("2 &lt; 3 < 4", "2 < 3 < 4"),
        ] {
            assert_eq!(unescape(&labels(mrkdwn)), shown);
        }
    }

    #[test]
    fn stars_in_pairs_are_bold() {
        let plain = |text: &str| (Ink::Plain, text.to_owned());
        assert_eq!(pieces("*Phil* of Acme", Ink::Plain), [plain(""), (Ink::Bold, "Phil".into()), plain(" of Acme")]);
        assert_eq!(pieces("2 * 3", Ink::Plain), [plain("2 * 3")]);
    }
}
