//! Forgets a customer.

use serde_json::json;

use crate::relay::Target;
use crate::store::contact::Contact;
use crate::store::conversations::By;
use crate::store::{customers, erase};
use crate::takeover::conversation::{Actor, RoomChannel};
use crate::takeover::event::Event;

use super::Desk;

impl Desk {
    /// Forgets a customer. Returns the rooms that they had or have, which stay in Slack; none for somebody unknown.
    ///
    /// Where a room is open, the rest is forgotten as soon as it is archived.
    ///
    /// # Errors
    ///
    /// When the database fails; then it may be asked for again.
    pub async fn erase(&self, contact: &Contact, by: &Actor) -> anyhow::Result<Option<Vec<RoomChannel>>> {
        let Contact { bot, team, user_id, .. } = contact;
        let known = customers::get(&self.relay.db, bot, team, user_id).await?.is_some();
        let conversations = erase::conversations_of(&self.relay.db, contact).await?;
        if !known && conversations.is_empty() {
            return Ok(None);
        }
        let mut rooms = Vec::new();
        for conversation in &conversations {
            let past = conversation.past_rooms.iter();
            rooms.extend(past.map(|past| RoomChannel { id: past.id.clone(), name: past.name.clone() }));
            rooms.extend(conversation.room_channel().cloned());
            let event = Event::Erase { by: by.clone() };
            self.relay.handle(Target::Of(By::Id(&conversation.id)), event, None).await?;
        }
        let mut tx = self.relay.db.begin().await?;
        erase::customer(&mut tx, contact).await?;
        if conversations.is_empty() {
            let of = json!({ "bot": bot, "team_id": team, "user_id": user_id });
            self.record(&mut tx, "customer.erased", by, of).await?;
        }
        tx.commit().await?;
        Ok(Some(rooms))
    }
}
