//! Finding a customer by what an agent types: any words of the name, the e-mail address or the id, without case and accents.

use deunicode::deunicode;

use crate::takeover::conversation::Profile;

use super::contact::Found;

/// Characters of a word that the database looks for.
const LONGEST_PATTERN: usize = 100;

/// Text without case and accents, and without control characters: PostgreSQL takes no NUL.
#[must_use]
pub fn fold(text: &str) -> String {
    let folded = deunicode(text).to_lowercase();
    let is_gap = |character: char| character.is_whitespace() || character.is_control();
    folded.split(is_gap).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// All that a customer can be found by.
#[must_use]
pub fn fold_profile(user_id: &str, profile: &Profile) -> String {
    [&profile.name, &profile.real_name, &profile.email, user_id].map(fold).join("\n")
}

/// The words of a query, folded; the longest first, since it narrows most.
#[must_use]
pub fn words(query: &str) -> Vec<String> {
    let folded = fold(query.trim_start_matches('@'));
    let mut words: Vec<String> = folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

/// A `LIKE` pattern (escape `\`) for texts that contain this word, or the beginning of a long one: databases bound the pattern.
#[must_use]
pub fn like(word: &str) -> String {
    let mut pattern = String::from("%");
    for character in word.chars().take(LONGEST_PATTERN) {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// Those whom every word fits, best first. An id or e-mail address in full means that one alone.
#[must_use]
pub fn best(query: &str, found: Vec<Found>) -> Vec<Found> {
    let whole = fold(query.trim_start_matches('@'));
    let words = words(query);
    let mut ranked: Vec<(u8, Found)> =
        found.into_iter().filter_map(|one| Some((rank(&whole, &words, &one)?, one))).collect();
    // Stable: those seen last stay first among equals.
    ranked.sort_by_key(|(rank, _)| *rank);
    if ranked.iter().any(|(rank, _)| *rank == 0) {
        ranked.retain(|(rank, _)| *rank == 0);
    }
    ranked.into_iter().map(|(_, one)| one).collect()
}

/// 0 for the very one, higher for worse, `None` where a word does not fit.
fn rank(whole: &str, words: &[String], found: &Found) -> Option<u8> {
    let profile = &found.profile;
    let is_id = whole == fold(&found.contact.user_id);
    // A part of an id means nobody.
    let folded = fold_profile("", profile);
    if !is_id && !words.iter().all(|word| folded.contains(word.as_str())) {
        return None;
    }
    let name = fold(&profile.name);
    let real_name = fold(&profile.real_name);
    let starts_words = |text: &str| {
        words.iter().all(|word| text.split([' ', '-', '.', '@']).any(|part| part.starts_with(word.as_str())))
    };
    Some(if is_id || whole == fold(&profile.email) {
        0
    } else if whole == name || whole == real_name {
        1
    } else if name.starts_with(whole) || real_name.starts_with(whole) {
        2
    } else if starts_words(&name) || starts_words(&real_name) {
        3
    } else {
        4
    })
}

#[cfg(test)]
mod tests {
    use crate::store::contact::Contact;

    use super::*;

    fn customer(user_id: &str, name: &str, email: &str) -> Found {
        let profile = Profile { name: name.into(), email: email.into(), ..Profile::default() };
        let contact = Contact { bot: "b".into(), team: "T1".into(), user_id: user_id.into(), channel: None };
        Found { contact, profile }
    }

    fn search(query: &str) -> Vec<String> {
        let all = vec![
            customer("U3", "Sophilia Grant", "sg@acme.example"),
            customer("U2", "Philippa Long", "pl@acme.example"),
            customer("U1", "Phil", "phil@acme.example"),
            customer("U4", "Zoë Łukasz", "zoe@acme.example"),
        ];
        best(query, all).into_iter().map(|found| found.profile.name).collect()
    }

    #[test]
    fn the_closest_name_comes_first() {
        assert_eq!(search("phil"), ["Phil", "Philippa Long", "Sophilia Grant"]);
    }

    #[test]
    fn case_accents_and_the_order_of_words_do_not_matter() {
        assert_eq!(search("LUKASZ zoe"), ["Zoë Łukasz"]);
        assert_eq!(search("@Zoë"), ["Zoë Łukasz"]);
    }

    #[test]
    fn an_id_or_an_address_in_full_means_one_alone() {
        assert_eq!(search("u2"), ["Philippa Long"]);
        assert_eq!(search("phil@acme.example"), ["Phil"]);
    }

    #[test]
    fn every_word_must_fit() {
        assert_eq!(search("phil nobody"), Vec::<String>::new());
    }

    #[test]
    fn wildcards_are_letters_like_others() {
        assert_eq!(like("50%_a\\"), "%50\\%\\_a\\\\%");
    }
}
