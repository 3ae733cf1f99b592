//! What administrators set in Slack: does it still fit the configuration?

use crate::config::Config;
use crate::store::db::Db;
use crate::store::settings;

use super::{Finding, error, ok, warning};

/// One line for what does not fit, or one for all.
pub(super) async fn examine(config: &Config, db: &Db, findings: &mut Vec<Finding>) {
    let Ok(settings) = settings::list(db).await else {
        return findings.push(error("settings", "cannot be read from the database"));
    };
    let (_, misfits) = config.with_fitting(&settings);
    for (place, reason) in &misfits {
        let found = format!("made in Slack, and left out: expected {}", reason.expected());
        findings.push(warning(format!("setting {place}"), found));
    }
    if misfits.is_empty() && !settings.is_empty() {
        findings.push(ok("settings", format!("{} made in Slack", settings.len())));
    }
}
