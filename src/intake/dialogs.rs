//! How dialogs are opened and followed, whatever they are about.

use serde_json::{Value, json};
use tracing::warn;

use super::state::Intake;

/// What somebody reads for whom no dialog opens.
pub(super) const NOT_OPEN: &str = "Slack did not open the dialog. Please try again.";

/// Opens a dialog for whoever has just clicked or typed; false where Slack does not.
pub(super) async fn open(intake: &Intake, trigger_id: Option<&str>, dialog: &Value) -> bool {
    let Some(trigger_id) = trigger_id else { return false };
    let opened = intake.tools.open_view(trigger_id, dialog).await;
    opened.inspect_err(|refusal| warn!(reason = refusal.code, "Slack does not open a dialog")).is_ok()
}

/// Another dialog on top of the one that was sent; closing it leads back.
pub(super) fn on_top(dialog: &Value) -> Value {
    json!({ "response_action": "push", "view": dialog })
}

/// Another dialog in place of the one that was sent.
pub(super) fn next(dialog: &Value) -> Value {
    json!({ "response_action": "update", "view": dialog })
}
