//! Configured texts with placeholders, such as the footer under an agent's words. Called by `takeover` and `deliver`, and by
//! `config`, which knows the placeholders of each text.

/// Fills `{placeholder}` with its value, which is mrkdwn. `None` where nothing is to be read then: the text is switched off.
///
/// A placeholder that is not among `values` stays as it stands. Values are never filled again.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &str)]) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, tail)| {
            values.iter().find(|(placeholder, _)| *placeholder == name).map(|(_, value)| (value, tail))
        });
        rest = if let Some((value, tail)) = known {
            filled.push_str(value);
            tail
        } else {
            filled.push('{');
            after
        };
    }
    filled.push_str(rest);
    (!filled.trim().is_empty()).then_some(filled)
}

/// What stands in braces and looks like the name of a value.
pub fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    let inner = template.split('{').skip(1).filter_map(|after| after.split_once('}')).map(|(inner, _)| inner);
    inner.filter(|inner| {
        let name = inner.trim();
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_once_and_unknown_placeholders_stay() {
        let values = [("agent", "Jane & {company}"), ("company", "Acme")];
        assert_eq!(
            fill("sent by *{agent}* from {company} {on} {", &values).unwrap(),
            "sent by *Jane & {company}* from Acme {on} {"
        );
        assert_eq!(fill("{{agent}", &[("agent", "J")]).unwrap(), "{J");
    }

    #[test]
    fn an_empty_template_is_switched_off() {
        assert_eq!(fill(" ", &[]), None);
        assert_eq!(fill("{summary} ", &[("summary", "")]), None);
    }

    #[test]
    fn placeholders_are_told_from_other_braces() {
        let found: Vec<&str> = placeholders("{agnet} of {{company}, { bot } {} {so, what} } {").collect();
        assert_eq!(found, ["agnet", "company", " bot "]);
    }
}
