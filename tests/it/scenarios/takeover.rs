//! Phil's story: open, mirror, pause, answer, close.

use megatron::demo::cast::JANE;

use crate::support::scenarios;

scenarios! {
    async fn an_agent_takes_over_and_hands_back(house: House) {
        house.knows_acme().await;
        house.phil_says("My expense is stuck").await;
        house.bot_says("I did not understand that.").await;

        assert_eq!(house.jane_types("open phil").await, "Opening a room for Phil …");
        house.phil_says("hello?").await;
        assert_eq!(house.types(JANE, "cs-phil", "pause").await, "Expense Bot is being paused for Phil.");
        house.jane_writes("cs-phil", "Hi Phil, this is Jane.").await;
        house.phil_says("Finally!").await;
        assert_eq!(house.types(JANE, "cs-phil", "close").await, "Closing the room for Phil.");

        assert_eq!(
            house.room("cs-phil-closed-20261120-1"),
            [
                "Megatron ▸ [card] *Phil* of *Acme*: talks with Expense Bot · Phil Harris · phil@acme.example · Europe/Berlin · user U0PHIL in T0ACME",
                "Megatron ▸ [card] *<!date^1795168800^{date_short_pretty} at {time}|2026-11-20 10:00 UTC>*",
                "Phil: My expense is stuck",
                "Expense Bot: I did not understand that.",
                "Phil: hello?",
                "Megatron ▸ [card] ⏸️ *Jane paused Expense Bot.* ✅ Expense Bot knows.",
                "Jane: Hi Phil, this is Jane. :white_check_mark:",
                "Phil: Finally!",
                "Megatron ▸ [card] 🗄️ *Jane closed this room.* Expense Bot answers again.",
            ]
        );
        assert_eq!(
            house.dm(),
            [
                "Phil: My expense is stuck",
                "Expense Bot ▸ I did not understand that.",
                "Phil: hello?",
                "Expense Bot ▸ Jane from Initech is now talking with you. Expense Bot will tell you when it is back.",
                "Expense Bot ▸ [card] Hi Phil, this is Jane.",
                "Phil: Finally!",
                "Expense Bot ▸ Jane has left the conversation. Expense Bot is back.",
            ]
        );
        assert_eq!(
            house.bot.heard_types(),
            ["conversation.opened", "conversation.paused", "conversation.unpaused", "conversation.closed"]
        );
    }
}
