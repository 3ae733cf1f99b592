//! What the demo bot says. It knows what is paid, files receipts and looks expenses up; where an expense waits for somebody who has
//! left, it is stuck, as bots are. Pure.

/// What the bot remembers of a conversation.
#[derive(Debug, Default)]
pub(super) struct Memory {
    topic: Topic,
    misunderstood: usize,
}

/// What the bot has asked.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Topic {
    #[default]
    None,
    /// Which expense it is.
    Number,
    /// Whether Dana should be reminded.
    Remind,
    /// How much a receipt is over.
    Amount,
}

/// What the bot answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The words, in mrkdwn.
    pub(super) text: String,
    /// Buttons below them: what stands on each is what the customer says with it.
    pub(super) buttons: &'static [&'static str],
    /// Whether the bot has understood.
    pub(super) understood: bool,
}

/// What customers can do, as buttons.
const OFFERS: &[&str] = &["Look up an expense", "File a receipt", "What is paid?"];
const YES_OR_NO: &[&str] = &["Yes, remind Dana", "No"];

impl Memory {
    /// The answer to some words of a customer, or to files that they sent.
    pub(super) fn answer(&mut self, text: &str, files: usize) -> Answer {
        let understood = if files > 0 { Some(self.receipt()) } else { self.understand(&text.to_lowercase()) };
        self.misunderstood = if understood.is_some() { 0 } else { self.misunderstood + 1 };
        understood.unwrap_or_else(|| self.stuck())
    }

    fn understand(&mut self, text: &str) -> Option<Answer> {
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if let Some(number) = expense(text) {
            return Some(self.look_up(&number));
        }
        let is_yes = text.starts_with("yes");
        let is_no = text.trim_matches(|sign: char| !sign.is_alphanumeric()) == "no";
        match self.topic {
            Topic::Remind if is_yes => {
                return Some(self.on(Topic::None, "I have reminded Dana Cole. Anything else?", OFFERS));
            }
            Topic::Remind if is_no => {
                return Some(self.on(Topic::None, "All right, it stays as it is. Anything else?", OFFERS));
            }
            Topic::Amount if text.contains(|sign: char| sign.is_ascii_digit()) => {
                return Some(self.on(Topic::None, "Filed, thank you. You hear from me when it is paid.", &[]));
            }
            _ => {}
        }
        if says(&["look up", "expense", "stuck", "pending", "status"]) && self.topic != Topic::Remind {
            return Some(self.on(Topic::Number, "Which expense is it? Its number looks like EXP-1042.", &[]));
        }
        if says(&["hotel"]) {
            return Some(self.on(self.topic, "Hotels: up to 180 € a night, breakfast included.", &[]));
        }
        if says(&["paid?", "meal", "mileage", "taxi", "limit"]) {
            let limits = "Hotels: up to 180 € a night. Meals: 42 € a day. Your own car: 0.30 € a kilometre.";
            return Some(self.on(self.topic, limits, &[]));
        }
        if says(&["receipt"]) {
            return Some(self.on(Topic::None, "Please send me a photo of the receipt, and I file it for you.", &[]));
        }
        if says(&["thank"]) {
            return Some(self.on(self.topic, "You are welcome!", &[]));
        }
        if says(&["hello", "hi!", "hey"]) || text.trim() == "hi" {
            let greeting = "Hello! I look up expenses, file receipts, and know what is paid.";
            return Some(self.on(self.topic, greeting, OFFERS));
        }
        None
    }

    fn look_up(&mut self, number: &str) -> Answer {
        if number == "EXP-1042" {
            let found = "EXP-1042, hotel in Lyon, 214.80 €: *pending*. It waits for the approval of Dana Cole. Shall I remind Dana?";
            return self.on(Topic::Remind, found, YES_OR_NO);
        }
        self.on(Topic::None, &format!("{number}: *paid* last Friday."), &[])
    }

    fn receipt(&mut self) -> Answer {
        self.on(Topic::Amount, "Got it. How much is it over?", &[])
    }

    fn stuck(&self) -> Answer {
        let sorry =
            if self.misunderstood > 1 { "Sorry, I still do not understand." } else { "I did not understand that." };
        let (again, buttons) = match self.topic {
            Topic::Remind => ("Shall I remind Dana: yes or no?", YES_OR_NO),
            Topic::Number => ("Which expense is it? Its number looks like EXP-1042.", &[][..]),
            Topic::Amount => ("How much is the receipt over?", &[][..]),
            Topic::None => ("What can I do for you?", OFFERS),
        };
        Answer { text: format!("{sorry} {again}"), buttons, understood: false }
    }

    fn on(&mut self, topic: Topic, text: &str, buttons: &'static [&'static str]) -> Answer {
        self.topic = topic;
        Answer { text: text.to_owned(), buttons, understood: true }
    }
}

/// The number of an expense in the text.
fn expense(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("exp-")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).take(9).collect();
    (!digits.is_empty()).then(|| format!("EXP-{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<const N: usize>(said: [&str; N]) -> [String; N] {
        let mut memory = Memory::default();
        said.map(|text| memory.answer(text, 0).text)
    }

    #[test]
    fn the_bot_is_stuck_where_an_expense_waits_for_somebody_who_has_left() {
        let said =
            ["Hi! My expense EXP-1042 is stuck.", "Dana left in March.", "But nobody can approve it then!", "no?"];
        assert_eq!(
            texts(said),
            [
                "EXP-1042, hotel in Lyon, 214.80 €: *pending*. It waits for the approval of Dana Cole. Shall I remind Dana?",
                "I did not understand that. Shall I remind Dana: yes or no?",
                "Sorry, I still do not understand. Shall I remind Dana: yes or no?",
                "All right, it stays as it is. Anything else?",
            ]
        );
    }

    #[test]
    fn the_bot_looks_up_files_and_knows_what_is_paid() {
        let said = ["Look up an expense", "exp-7", "What may a HOTEL cost?", "Nonsense", "Thank you"];
        assert_eq!(
            texts(said),
            [
                "Which expense is it? Its number looks like EXP-1042.",
                "EXP-7: *paid* last Friday.",
                "Hotels: up to 180 € a night, breakfast included.",
                "I did not understand that. What can I do for you?",
                "You are welcome!",
            ]
        );
        let mut memory = Memory::default();
        assert_eq!(memory.answer("", 1).text, "Got it. How much is it over?");
        assert_eq!(memory.answer("42 €", 0).text, "Filed, thank you. You hear from me when it is paid.");
    }

    #[test]
    fn what_stands_on_a_button_is_understood() {
        for offer in OFFERS {
            assert!(Memory::default().answer(offer, 0).understood, "{offer}");
        }
        for answer in YES_OR_NO {
            let mut memory = Memory::default();
            memory.answer("exp-1042", 0);
            assert!(memory.answer(answer, 0).understood, "{answer}");
        }
    }
}
