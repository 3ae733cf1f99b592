//! Names of rooms: readable, accepted by Slack, and free again after closing.
//!
//! Slack takes lower-case letters, digits, `-` and `_`, 80 characters at most, not punctuation alone
//! (<https://docs.slack.dev/reference/methods/conversations.create>).

use deunicode::deunicode;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Slack's limit.
const MAX: usize = 80;
/// Space for `-closed-20261120-99` behind a name.
const SUFFIX: usize = 20;

/// The name of a customer's room; `tried` names like it were taken.
#[must_use]
pub fn room(prefix: &str, customer: &str, tried: u32) -> String {
    let slug = slug(customer);
    let slug = if slug.is_empty() { "customer".to_owned() } else { slug };
    let mut name = format!("{prefix}{slug}");
    name.truncate(MAX - SUFFIX);
    let name = name.trim_end_matches('-');
    if tried == 0 { name.to_owned() } else { format!("{name}-{}", tried + 1) }
}

/// The name that a closed room gets, so that its own is free again; `tried` names like it were taken.
#[must_use]
pub fn retired(name: &str, closed_at: Timestamp, tried: u32) -> String {
    let day = closed_at.to_zoned(TimeZone::UTC).strftime("%Y%m%d").to_string();
    let mut base = name.to_owned();
    base.truncate(base.floor_char_boundary(MAX - SUFFIX));
    format!("{base}-closed-{day}-{}", tried + 1)
}

/// The number at the end of a retired name, from 0.
#[must_use]
pub fn retired_tries(name: &str) -> u32 {
    name.rsplit('-').next().and_then(|number| number.parse::<u32>().ok()).map_or(0, |number| number.saturating_sub(1))
}

/// Lower-case ASCII with single dashes.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in deunicode(name).chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') && character != '\'' {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_become_names_of_channels() {
        for (customer, expected) in [
            ("Phil", "cs-phil"),
            ("Zoë O'Brien", "cs-zoe-obrien"),
            ("  J. R. -- Smith ", "cs-j-r-smith"),
            ("李雷", "cs-li-lei"),
            ("🦄", "cs-unicorn"),
            ("---", "cs-customer"),
            ("", "cs-customer"),
        ] {
            assert_eq!(room("cs-", customer, 0), expected);
        }
    }

    #[test]
    fn a_taken_name_is_followed_by_the_next() {
        assert_eq!(room("cs-", "Phil", 1), "cs-phil-2");
        assert_eq!(room("cs-", "Phil", 2), "cs-phil-3");
    }

    #[test]
    fn a_long_name_leaves_space_for_every_suffix() {
        let name = room("cs-", &"x".repeat(300), 41);
        let closed = retired(&name, "2026-11-20T10:00:00Z".parse().unwrap(), 8);
        assert!(name.len() <= MAX && closed.len() <= MAX, "{name} {closed}");
    }

    #[test]
    fn a_closed_room_gets_out_of_the_way() {
        let closed = retired("cs-phil", "2026-11-20T23:59:00Z".parse().unwrap(), 0);
        assert_eq!(closed, "cs-phil-closed-20261120-1");
        assert_eq!(retired_tries(&closed), 0);
        assert_eq!(retired_tries("cs-phil-closed-20261120-4"), 3);
    }
}
