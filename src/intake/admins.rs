//! Who may set things up in Slack: those whom the configuration names, and those whom these have appointed.

use tracing::warn;

use crate::desk::permission::{CANNOT_TELL, Denied};
use crate::takeover::settings::admins;

use super::slack_payload::Interaction;
use super::state::Intake;

/// What an administrator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    /// Everything.
    Appointing,
    /// Everything but appoint others.
    Appointed,
}

/// What this user of the support workspace may set up.
///
/// # Errors
///
/// When Slack cannot say so now.
pub(super) async fn rank(intake: &Intake, user_id: &str) -> anyhow::Result<Result<Rank, Denied>> {
    match intake.roster.administration(user_id).await? {
        Ok(()) => Ok(Ok(Rank::Appointing)),
        Err(denied) => {
            let appointed = &intake.relay.in_force().support.further_admins;
            let is_named = denied == Denied::NotAnAdmin && intake.roster.is_among(appointed, user_id).await?;
            // A guest may have come into a group since it was appointed.
            let is_appointed = is_named && intake.roster.outsiders(&[user_id.to_owned()]).await?.is_empty();
            Ok(if is_appointed { Ok(Rank::Appointed) } else { Err(denied) })
        }
    }
}

/// To somebody who may not, with whom to ask; mrkdwn.
pub(super) fn refused(intake: &Intake, denied: Denied) -> String {
    match denied {
        Denied::NotAnAdmin => format!("{} {}.", denied.to_command(), admins::who(&intake.relay.in_force())),
        _ => denied.to_command().to_owned(),
    }
}

/// What somebody may set up who uses a shortcut or sends a dialog; else why they may not.
pub(super) async fn rank_of(intake: &Intake, interaction: &Interaction) -> Result<Rank, String> {
    let team = interaction.user.team_id.as_ref().or(interaction.team_id.as_ref());
    if intake.hub.get().zip(team).is_none_or(|(hub, team)| hub.team_id != *team) {
        return Err(Denied::Stranger.to_command().to_owned());
    }
    match rank(intake, &interaction.user.id).await {
        Ok(rank) => rank.map_err(|denied| refused(intake, denied)),
        Err(error) => {
            warn!(error = %error, "nobody knows whether somebody may set things up");
            Err(CANNOT_TELL.to_owned())
        }
    }
}
