//! `megatron keys rotate`: seals the customers' tokens, the kept transcripts and events anew, so that an old encryption key can go. Called by `main`; the
//! service may run meanwhile.

use std::process::ExitCode;

use crate::config::Config;
use crate::store::db::Db;
use crate::store::seal::Sealer;
use crate::store::workspaces::{self, Resealed};
use crate::store::{events, transcripts};

/// Seals every token with the present key and prints how many. The exit code is 1 when a token could not be opened.
///
/// # Errors
///
/// When a key is not valid or the database fails.
#[allow(clippy::print_stdout)] // The operator waits for the number.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let sealer = Sealer::new(&config.security.encryption_key, &config.security.old_encryption_keys)?;
    let db = Db::connect(&config.database.url, 1).await?;
    let tokens = workspaces::reseal(&db, &sealer).await;
    let kept = transcripts::reseal(&db, &sealer).await;
    let published = events::reseal(&db, &sealer).await;
    db.close().await;
    let (tokens, kept, published) = (tokens?, kept?, published?);
    print!("{}", report(&tokens, &kept, &published));
    let all = tokens.unopened.is_empty() && kept.1.is_empty() && published.1.is_empty();
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(
    tokens: &Resealed,
    (transcripts, unread): &(usize, Vec<String>),
    (events, lost): &(usize, Vec<String>),
) -> String {
    let Resealed { anew, current, unopened } = tokens;
    let mut lines = vec![format!("sealed anew: {anew}; sealed with the present key before: {current}")];
    if *transcripts > 0 {
        lines.push(format!("transcripts sealed anew: {transcripts}"));
    }
    if *events > 0 {
        lines.push(format!("events sealed anew: {events}"));
    }
    for event in lost {
        lines.push(format!("error: event {event}: sealed with a key that is gone"));
    }
    for conversation in unread {
        lines.push(format!("error: a transcript of conversation {conversation}: sealed with a key that is gone"));
    }
    for (bot, team) in unopened {
        lines.push(format!(
            "error: workspace {team} of bot {bot}: sealed with a key that is gone: put it into \
             security.old_encryption_keys, or let the bot register again"
        ));
    }
    if unopened.is_empty() && unread.is_empty() && lost.is_empty() {
        lines.push("security.old_encryption_keys are not needed any more".to_owned());
    }
    format!("{}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_reads_whether_the_old_keys_can_go() {
        let mut resealed = Resealed { anew: 2, current: 1, unopened: Vec::new() };
        assert_eq!(
            report(&resealed, &(0, Vec::new()), &(0, Vec::new())),
            "sealed anew: 2; sealed with the present key before: 1\nsecurity.old_encryption_keys are not needed any more\n"
        );
        resealed.unopened.push(("expenses".to_owned(), "T1".to_owned()));
        assert!(
            report(&resealed, &(0, Vec::new()), &(0, Vec::new()))
                .contains("error: workspace T1 of bot expenses: sealed with a key that is gone")
        );
        assert!(!report(&resealed, &(0, Vec::new()), &(0, Vec::new())).contains("not needed any more"));
        let gone = (3, vec!["7".to_owned()]);
        let told = report(&Resealed::default(), &gone, &(0, Vec::new()));
        assert!(
            told.contains("transcripts sealed anew: 3") && told.contains("error: a transcript of conversation 7"),
            "{told}"
        );
    }
}
