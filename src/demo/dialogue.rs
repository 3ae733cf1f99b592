//! What the demo bot says. It knows three things about expenses and gets stuck on the rest, as bots do.

/// What the bot remembers of a conversation.
#[derive(Debug, Default)]
pub(super) struct Memory {
    misunderstood: usize,
}

impl Memory {
    /// The bot's answer.
    pub(super) fn answer(&mut self, text: &str) -> &'static str {
        const KNOWN: [(&str, &str); 3] = [
            ("hotel", "Hotels: up to 180 € a night, breakfast included."),
            ("receipt", "Please send me a photo of the receipt, and I file it for you."),
            ("thank", "You are welcome!"),
        ];
        const STUCK: [&str; 3] = [
            "I did not understand that. Is this about a receipt?",
            "Sorry, I still do not understand. Is this about a receipt?",
            "Let us start again. Is this about a receipt?",
        ];
        let text = text.to_lowercase();
        if let Some((_, answer)) = KNOWN.iter().find(|(word, _)| text.contains(word)) {
            self.misunderstood = 0;
            return answer;
        }
        let answer = STUCK[self.misunderstood % STUCK.len()];
        self.misunderstood += 1;
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bot_gets_stuck_until_it_hears_a_word_that_it_knows() {
        let mut memory = Memory::default();
        let answers = ["It is pending!", "Help!", "What may a HOTEL cost?", "Why?"].map(|text| memory.answer(text));
        assert_eq!(
            answers,
            [
                "I did not understand that. Is this about a receipt?",
                "Sorry, I still do not understand. Is this about a receipt?",
                "Hotels: up to 180 € a night, breakfast included.",
                "I did not understand that. Is this about a receipt?",
            ]
        );
    }
}
