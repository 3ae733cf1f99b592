//! Finds out whether somebody may act, and remembers it for a while. The rule is [`crate::desk::permission`]'s; the intake
//! asks for each command, click and message, the courier for what it finds in the history of a room.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::bail;
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::warn;

use crate::clock::{Clock, after};
use crate::config::Config;
use crate::desk::permission::{Denied, Standing, among_admins, among_agents, among_members};

use super::method::Method;
use super::outcome::{Class, Refusal};
use super::people::{self, People};
use super::slack::SlackClient;

/// Slack waits three seconds for an answer; this is what asking may take of them.
const PATIENCE: Duration = Duration::from_secs(2);
/// After so long the members of a user group are asked for anew.
const GROUP_LASTS: Duration = Duration::from_mins(5);
/// The name under which the hub app's account is known to [`People`].
pub(super) const HUB_ACCOUNT: &str = "hub";

/// Who may act. Clones share what they know.
#[derive(Debug, Clone)]
pub struct Roster {
    config: Arc<Config>,
    clock: Clock,
    slack: SlackClient,
    people: People,
    groups: Arc<Mutex<BTreeMap<String, Group>>>,
}

/// The members of a user group, as Slack told.
#[derive(Debug, Clone)]
struct Group {
    members: Arc<BTreeSet<String>>,
    asked_at: Timestamp,
}

impl Roster {
    /// A roster that knows nobody yet.
    ///
    /// # Errors
    ///
    /// When a client cannot be made of the configuration.
    pub fn new(config: &Arc<Config>, clock: Clock) -> anyhow::Result<Self> {
        Ok(Self {
            slack: SlackClient::new(&config.slack.api_url, config.slack.timeout)?,
            config: Arc::clone(config),
            clock,
            people: People::default(),
            groups: Arc::default(),
        })
    }

    /// Whose profiles were asked for lately.
    pub(super) fn people(&self) -> &People {
        &self.people
    }

    /// Whether this user of the support workspace may act.
    ///
    /// # Errors
    ///
    /// When Slack cannot say so now.
    pub async fn permission(&self, user_id: &str) -> anyhow::Result<Result<(), Denied>> {
        let agents = &self.config.support.agents;
        if agents.is_empty() {
            return Ok(among_members(self.standing(user_id).await?));
        }
        Ok(among_agents(self.is_among(agents, user_id).await?))
    }

    /// Whether the configuration lets this user of the support workspace set things up.
    ///
    /// # Errors
    ///
    /// When Slack cannot say so now.
    pub async fn administration(&self, user_id: &str) -> anyhow::Result<Result<(), Denied>> {
        let admins = &self.config.support.admins;
        if admins.is_empty() {
            return Ok(among_admins(self.standing(user_id).await?));
        }
        Ok(if self.is_among(admins, user_id).await? { Ok(()) } else { Err(Denied::NotAnAdmin) })
    }

    /// Those of these users and members of groups who are guests, or not of the support workspace at all.
    ///
    /// # Errors
    ///
    /// When Slack cannot say so now.
    pub async fn outsiders(&self, people: &[String]) -> anyhow::Result<Vec<String>> {
        let mut users = BTreeSet::new();
        for one in people {
            if one.starts_with('S') {
                users.extend(self.members(one).await?.iter().cloned());
            } else {
                users.insert(one.clone());
            }
        }
        let mut outsiders = Vec::new();
        for user in users {
            if among_members(self.standing(&user).await?).is_err() {
                outsiders.push(user);
            }
        }
        Ok(outsiders)
    }

    /// Why a channel cannot be that of a queue, if it cannot.
    ///
    /// # Errors
    ///
    /// When Slack cannot say so now.
    pub async fn unfit(&self, channel: &str) -> anyhow::Result<Option<&'static str>> {
        const DM: &str = "is a direct message, not a channel";
        if channel.starts_with('D') {
            // Slack tells the app nothing of others' DMs.
            return Ok(Some(DM));
        }
        let channel = match self.ask(Method::CONVERSATIONS_INFO, &json!({ "channel": channel })).await {
            Ok(answer) => answer["channel"].clone(),
            Err(refusal) if is_final(&refusal) => Value::Null,
            Err(refusal) => bail!("Slack does not say what a channel is: {}", refusal.explain()),
        };
        let is = |field: &str| channel[field] == true;
        Ok(match () {
            () if is("is_im") || is("is_mpim") => Some(DM),
            () if is("is_archived") => Some("is archived"),
            () if is("is_ext_shared") => Some("is shared with another company"),
            () if !is("is_member") => Some("is a channel that the app is not a member of: invite it there first"),
            () => None,
        })
    }

    /// Whether this user is one of these users, or a member of one of these user groups.
    ///
    /// # Errors
    ///
    /// When Slack cannot say so now.
    pub async fn is_among(&self, who: &[String], user_id: &str) -> anyhow::Result<bool> {
        if who.iter().any(|one| one == user_id) {
            return Ok(true);
        }
        let mut unknown = None;
        for group in who.iter().filter(|one| one.starts_with('S')) {
            match self.members(group).await {
                Ok(members) if members.contains(user_id) => return Ok(true),
                Ok(_) => {}
                Err(error) => unknown = Some(error),
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    /// The name that people see of a user of the support workspace, where Slack was asked for it lately.
    pub async fn name(&self, user_id: &str) -> Option<String> {
        let person = self.people.persons.get(&(HUB_ACCOUNT.to_owned(), user_id.to_owned())).await.flatten()?;
        Some(person.profile.name).filter(|name| !name.is_empty())
    }

    async fn standing(&self, user_id: &str) -> anyhow::Result<Standing> {
        let key = (HUB_ACCOUNT.to_owned(), user_id.to_owned());
        let person = if let Some(known) = self.people.persons.get(&key).await {
            known
        } else {
            let person = match self.ask(Method::USERS_INFO, &json!({ "user": user_id })).await {
                Ok(answer) => Some(people::read(&answer["user"])),
                Err(refusal) if refusal.class == Class::Permission => {
                    warn!(reason = refusal.code, "Slack does not tell who is a guest: nobody is taken for one");
                    return Ok(Standing::Member);
                }
                Err(refusal) if is_final(&refusal) => None,
                Err(refusal) => bail!("Slack does not say who somebody is: {}", refusal.explain()),
            };
            self.people.persons.insert(key, person.clone()).await;
            person
        };
        Ok(match person {
            None => Standing::Stranger,
            Some(person) if person.is_stranger => Standing::Stranger,
            Some(person) if person.is_guest => Standing::Guest,
            Some(person) if person.is_admin => Standing::Admin,
            Some(_) => Standing::Member,
        })
    }

    /// The members of a user group; nobody, where Slack will not tell. What was known before is better than nothing.
    async fn members(&self, group: &str) -> anyhow::Result<Arc<BTreeSet<String>>> {
        let now = self.clock.now();
        let known = self.groups.lock().unwrap_or_else(PoisonError::into_inner).get(group).cloned();
        if let Some(known) = known.as_ref().filter(|known| after(known.asked_at, GROUP_LASTS) > now) {
            return Ok(Arc::clone(&known.members));
        }
        let members = match (self.ask(Method::USERGROUPS_USERS_LIST, &json!({ "usergroup": group })).await, known) {
            (Ok(answer), _) => Arc::new(ids(&answer["users"])),
            (Err(refusal), known) if is_final(&refusal) => {
                warn!(group.id = group, reason = refusal.code, "Slack does not tell who is in a group");
                known.map(|known| known.members).unwrap_or_default()
            }
            // Not for long: Slack is asked again the next time.
            (Err(_), Some(known)) => return Ok(known.members),
            (Err(refusal), None) => bail!("Slack does not say who is in a group of agents: {}", refusal.explain()),
        };
        let group_now = Group { members: Arc::clone(&members), asked_at: now };
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).insert(group.to_owned(), group_now);
        Ok(members)
    }

    async fn ask(&self, method: Method, body: &Value) -> Result<Value, Refusal> {
        let call = self.slack.call(&self.config.slack.bot_token, method, body);
        tokio::time::timeout(PATIENCE, call).await.unwrap_or_else(|_| Err(Refusal::new(method, "no_answer")))
    }
}

/// Whether asking again would give the same.
fn is_final(refusal: &Refusal) -> bool {
    !refusal.is_temporary() && refusal.class != Class::TokenDead
}

fn ids(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
