//! `megatron keys rotate`: seals the customers' tokens anew, so that an old encryption key can go. Called by `main`; the
//! service may run meanwhile.

use std::process::ExitCode;

use crate::config::Config;
use crate::store::db::Db;
use crate::store::seal::Sealer;
use crate::store::workspaces::{self, Resealed};

/// Seals every token with the present key and prints how many. The exit code is 1 when a token could not be opened.
///
/// # Errors
///
/// When a key is not valid or the database fails.
#[allow(clippy::print_stdout)] // The operator waits for the number.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let sealer = Sealer::new(&config.security.encryption_key, &config.security.old_encryption_keys)?;
    let db = Db::connect(&config.database.url, 1).await?;
    let resealed = workspaces::reseal(&db, &sealer).await;
    db.close().await;
    let resealed = resealed?;
    print!("{}", report(&resealed));
    Ok(if resealed.unopened.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(Resealed { anew, current, unopened }: &Resealed) -> String {
    let mut lines = vec![format!("sealed anew: {anew}; sealed with the present key before: {current}")];
    for (bot, team) in unopened {
        lines.push(format!(
            "error: workspace {team} of bot {bot}: sealed with a key that is gone: put it into \
             security.old_encryption_keys, or let the bot register again"
        ));
    }
    if unopened.is_empty() {
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
            report(&resealed),
            "sealed anew: 2; sealed with the present key before: 1\nsecurity.old_encryption_keys are not needed any more\n"
        );
        resealed.unopened.push(("expenses".to_owned(), "T1".to_owned()));
        assert!(report(&resealed).contains("error: workspace T1 of bot expenses: sealed with a key that is gone"));
        assert!(!report(&resealed).contains("not needed any more"));
    }
}
