//! Notes that agents add in a dialog: they stand in the thread of a message in the room, as replies do that are typed there,
//! and never leave it.

use serde_json::{Value, json};

use crate::render::text::{cut, escape};

use super::conversation::{Actor, Agent};
use super::effect::Effect;
use super::handoff::dialog::{about, input, modal, typed};
use super::turn::Turn;

/// Id of the dialog.
pub const VIEW: &str = "megatron.note";

/// The input.
const NOTE: &str = "note";
/// Characters that a note may have.
const LONGEST: usize = 3000;

/// A note as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The room.
    pub room: String,
    /// The message in whose thread it goes.
    pub thread: String,
    /// The words.
    pub text: String,
}

/// The dialog for a note below a message.
#[must_use]
pub fn dialog(room: &str, thread: &str) -> Value {
    let element = json!({ "type": "plain_text_input", "multiline": true, "max_length": LONGEST });
    let mut note = input(NOTE, "Note", element);
    note["hint"] = json!({ "type": "plain_text", "text": "It stays here, in the thread of the message." });
    modal(VIEW, "Add a note", "Add", &format!("{room} {thread}"), &[note])
}

/// What was typed; none where it is not such a dialog.
#[must_use]
pub fn typed_in(view: &Value) -> Option<Note> {
    let (room, thread) = about(view).split_once(' ')?;
    let text = typed(view, NOTE);
    Some(Note { room: room.to_owned(), thread: thread.to_owned(), text: text.to_owned() })
}

/// Whether that is a note: what the service itself says has no name.
#[must_use]
pub fn is_note(body: &Value) -> bool {
    body["thread_ts"].is_string() && body["username"].is_string()
}

/// An agent's note, under the agent's name: it is not the service that says it. The words are as they were typed.
pub fn note(turn: &mut Turn<'_>, by: &Agent, thread: &str, text: &str) {
    if !turn.conversation.is_watched() {
        return turn.refuse("no_room", "There is no open room for this conversation.");
    }
    let name = if by.name.is_empty() { &by.user_id } else { &by.name };
    let words = json!({ "type": "rich_text_section", "elements": [{ "type": "text", "text": text }] });
    let body = json!({
        "text": escape(&cut(text, 500)), "blocks": [{ "type": "rich_text", "elements": [words] }],
        "username": name, "thread_ts": thread,
    });
    turn.then(Effect::Post { body, about_control: false });
    turn.record("note.added", &Actor::Agent(by.clone()), json!({}));
    turn.done_silently();
}
