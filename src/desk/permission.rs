//! Who may act: the one rule for commands, clicks, shortcuts and what is said in rooms. [`crate::deliver::roster`] finds
//! out what it needs to know.

/// Who somebody is in the support workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A full member who administers the workspace.
    Admin,
    /// A full member.
    Member,
    /// A guest: sees only some channels, and may be from another company.
    Guest,
    /// Of another workspace, or of none that Slack tells of.
    Stranger,
}

/// Why somebody may not act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Not of the support workspace.
    Stranger,
    /// A guest of the support workspace.
    Guest,
    /// Not one of `support.agents`.
    NotAnAgent,
    /// Neither one of `support.admins` nor, without such a list, an administrator of the workspace; nor appointed by one.
    NotAnAdmin,
}

/// To somebody whom Slack cannot be asked about.
pub const CANNOT_TELL: &str =
    "Slack does not say right now who you are, so nothing was changed. Please try again in a moment.";

/// Where everybody may act: everybody who is no guest.
///
/// # Errors
///
/// Why this person may not.
pub fn among_members(standing: Standing) -> Result<(), Denied> {
    match standing {
        Standing::Admin | Standing::Member => Ok(()),
        Standing::Guest => Err(Denied::Guest),
        Standing::Stranger => Err(Denied::Stranger),
    }
}

/// Where the operator named who may act. A guest who is named may.
///
/// # Errors
///
/// Why this person may not.
pub fn among_agents(is_named: bool) -> Result<(), Denied> {
    if is_named { Ok(()) } else { Err(Denied::NotAnAgent) }
}

/// Who may set things up where the operator named nobody: who administers the workspace.
///
/// # Errors
///
/// Why this person may not.
pub fn among_admins(standing: Standing) -> Result<(), Denied> {
    match standing {
        Standing::Admin => Ok(()),
        Standing::Member | Standing::Guest => Err(Denied::NotAnAdmin),
        Standing::Stranger => Err(Denied::Stranger),
    }
}

impl Denied {
    /// To somebody who used a command, a button or a shortcut.
    #[must_use]
    pub fn to_command(self) -> &'static str {
        match self {
            Self::Stranger => "Only members of the support workspace can use this.",
            Self::Guest => "Guests of this workspace cannot use this. Nothing was changed.",
            Self::NotAnAgent => "Only agents can use this, and you are not one of them. Nothing was changed.",
            Self::NotAnAdmin => "Only admins can use this, and you are not one of them. Nothing was changed.",
        }
    }

    /// To somebody who wrote in the room of this customer; mrkdwn.
    #[must_use]
    pub fn to_words(self, customer: &str) -> String {
        let why = match self {
            Self::Stranger | Self::Guest => "guests of this workspace do not write to customers",
            Self::NotAnAgent | Self::NotAnAdmin => "only agents write to customers, and you are not one of them",
        };
        format!("{customer} does not get this: {why}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_list_everybody_of_the_workspace_is_an_agent_but_guests() {
        assert_eq!(among_members(Standing::Member), Ok(()));
        assert_eq!(among_members(Standing::Guest), Err(Denied::Guest));
        assert_eq!(among_members(Standing::Stranger), Err(Denied::Stranger));
    }

    #[test]
    fn without_a_list_only_who_administers_the_workspace_sets_things_up() {
        assert_eq!(among_admins(Standing::Admin), Ok(()));
        assert_eq!(among_admins(Standing::Member), Err(Denied::NotAnAdmin));
        assert_eq!(among_admins(Standing::Stranger), Err(Denied::Stranger));
    }

    #[test]
    fn with_a_list_only_those_who_are_named() {
        assert_eq!(among_agents(true), Ok(()));
        assert_eq!(among_agents(false), Err(Denied::NotAnAgent));
    }
}
