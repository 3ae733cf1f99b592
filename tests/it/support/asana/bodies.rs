//! What calls of the simulated Asana may say, and how much of a resource its answers show.

use serde_json::{Map, Value, json};

use super::Answer;

/// A field that a body may have, and its type.
pub(super) type Field = (&'static str, fn(&Value) -> bool);

/// The fields of a body, which stand in `data`.
pub(super) fn data(body: &[u8], fields: &[Field]) -> Result<Map<String, Value>, (u16, String)> {
    let body: Value = serde_json::from_slice(body).map_err(|_| (400, "could not parse request data".to_owned()))?;
    let Value::Object(mut body) = body else { return Err((400, "not an object".to_owned())) };
    let Some(Value::Object(data)) = body.remove("data").filter(|_| body.is_empty()) else {
        return Err((400, "the fields must stand in data".to_owned()));
    };
    for (name, value) in &data {
        match fields.iter().find(|(known, _)| known == name) {
            Some((_, fits)) if fits(value) => {}
            Some(_) => return Err((400, format!("{name}: not of the right type"))),
            None => return Err((400, format!("{name}: Unknown field"))),
        }
    }
    Ok(data)
}

pub(super) fn is_text(value: &Value) -> bool {
    value.is_string()
}

pub(super) fn is_gid(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
}

pub(super) fn is_gids(value: &Value) -> bool {
    value.as_array().is_some_and(|gids| gids.iter().all(is_gid))
}

/// `resource_type`, `resource_subtype`, `action` and, with `changed` alone, `fields`.
pub(super) fn is_filters(value: &Value) -> bool {
    let is_filter = |filter: &Value| {
        let known = ["resource_type", "resource_subtype", "action", "fields"];
        filter.as_object().is_some_and(|fields| fields.keys().all(|name| known.contains(&name.as_str())))
            && filter["resource_type"].is_string()
            && (filter["fields"].is_null() || filter["action"] == "changed" && filter["fields"].is_array())
    };
    value.as_array().is_some_and(|filters| !filters.is_empty() && filters.iter().all(is_filter))
}

pub(super) type Query = Vec<(String, String)>;

pub(super) fn parameters(query: Option<&str>, known: &[&str]) -> Result<Query, (u16, String)> {
    let pairs: Query = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err((400, format!("{name}: Unknown parameter"))),
        None => Ok(pairs),
    }
}

pub(super) fn value_of<'q>(query: &'q Query, name: &str) -> Option<&'q str> {
    query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Of a resource, what was asked for; by itself `gid`, `name` and `resource_type`.
pub(super) fn chosen(resource: &Map<String, Value>, query: &[(String, String)]) -> Value {
    let wanted = query.iter().find(|(name, _)| name == "opt_fields").map_or("name,resource_type", |(_, value)| value);
    let names = wanted.split(',').map(|field| field.split('.').next().unwrap()).chain(["gid"]);
    names.filter_map(|name| Some((name.to_owned(), resource.get(name)?.clone()))).collect::<Map<_, _>>().into()
}

/// A page of two: whoever looks for something must turn it.
pub(super) fn page(list: &[&Map<String, Value>], query: &Query) -> Answer {
    let limit: usize = value_of(query, "limit").unwrap_or("20").parse().unwrap();
    if !(1..=100).contains(&limit) {
        return Err((400, "limit: must be from 1 to 100".to_owned()));
    }
    let from: usize = value_of(query, "offset").map_or(0, |offset| offset.parse().unwrap());
    let data: Vec<Value> = list.iter().skip(from).take(2).map(|one| chosen(one, query)).collect();
    let next = (from + 2 < list.len()).then(|| json!({ "offset": (from + 2).to_string() }));
    Ok(json!({ "data": data, "next_page": next }))
}
