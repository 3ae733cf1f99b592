//! Configured texts with placeholders, such as the footer under an agent's words. Called by `takeover` and `deliver`.

use super::text::escape;

/// Fills `{placeholder}` with its value, escaped for mrkdwn. `None` for an empty template: the text is switched off.
///
/// A placeholder that is not among `values` stays as it stands. Values are never filled again.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &str)]) -> Option<String> {
    if template.trim().is_empty() {
        return None;
    }
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, tail)| {
            values.iter().find(|(placeholder, _)| *placeholder == name).map(|(_, value)| (value, tail))
        });
        rest = if let Some((value, tail)) = known {
            filled.push_str(&escape(value));
            tail
        } else {
            filled.push('{');
            after
        };
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_unknown_placeholders_stay() {
        let values = [("agent", "Jane <J> & {company}"), ("company", "Acme")];
        assert_eq!(
            fill("sent by *{agent}* from {company} {on} {", &values).unwrap(),
            "sent by *Jane &lt;J&gt; &amp; {company}* from Acme {on} {"
        );
        assert_eq!(fill("{{agent}", &[("agent", "J")]).unwrap(), "{J");
    }

    #[test]
    fn an_empty_template_is_switched_off() {
        assert_eq!(fill(" ", &[]), None);
    }
}
