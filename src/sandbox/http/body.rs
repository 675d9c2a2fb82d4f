//! Reads the body of a write and says everything that is wrong with it at once.

use serde_json::{Map, Value};

use super::{
    request::SandboxRequest,
    response::{invalid, invalid_all},
};
use crate::make::Response;

/// The fields of a body, and what was wrong with those read so far.
pub(crate) struct Body<'a> {
    fields: Option<&'a Map<String, Value>>,
    problems: Vec<String>,
}

impl<'a> Body<'a> {
    /// The body of `visit`; none at all counts as an empty object.
    pub(crate) fn of(request: &SandboxRequest<'a>) -> Result<Self, Response> {
        let fields = match &request.call.body {
            None | Some(Value::Null) => None,
            Some(Value::Object(fields)) => Some(fields),
            Some(_) => return Err(invalid("The body is not an object.")),
        };
        Ok(Self { fields, problems: Vec::new() })
    }

    /// A field that may be absent or null.
    pub(crate) fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&'a Value) -> Result<T, &'static str>,
    ) -> Option<T> {
        let value = self.fields?.get(name).filter(|value| !value.is_null())?;
        let read = read(value).map_err(|problem| {
            self.problems.push(format!("Invalid value of parameter '{name}': {problem}."));
        });
        read.ok()
    }

    /// A field that must be there. Where it is not, a stand-in comes back and [`checked`](Self::checked) refuses.
    pub(crate) fn required<T: Default>(
        &mut self,
        name: &str,
        read: impl FnOnce(&'a Value) -> Result<T, &'static str>,
    ) -> T {
        let known = self.problems.len();
        let value = self.optional(name, read);
        if value.is_none() && self.problems.len() == known {
            self.problems.push(format!("Missing value of required parameter '{name}'."));
        }
        value.unwrap_or_default()
    }

    /// 400 if any field was wrong.
    pub(crate) fn checked(self) -> Result<(), Response> {
        if self.problems.is_empty() { Ok(()) } else { Err(invalid_all(&self.problems)) }
    }
}

/// Any text that is not empty.
pub(crate) fn text(value: &Value) -> Result<&str, &'static str> {
    value.as_str().filter(|text| !text.is_empty()).ok_or("expected a text")
}

/// An id or a number.
pub(crate) fn number(value: &Value) -> Result<u64, &'static str> {
    value.as_u64().ok_or("expected an integer")
}

/// A list of ids.
pub(crate) fn numbers(value: &Value) -> Result<Vec<u64>, &'static str> {
    let values = value.as_array().ok_or("expected a list of integers")?;
    values.iter().map(number).collect()
}

/// A list of texts that is not empty.
pub(crate) fn texts(value: &Value) -> Result<Vec<String>, &'static str> {
    let values = value.as_array().ok_or("expected a list of texts")?;
    values.iter().map(|value| text(value).map(str::to_owned)).collect()
}

/// A name of a person or an organization.
pub(crate) fn name(value: &Value) -> Result<&str, &'static str> {
    let name = text(value)?;
    let is_plain = |letter: char| letter.is_alphanumeric() || " '-.()*+,@_/".contains(letter);
    if !name.chars().all(is_plain) {
        Err("only letters, digits, spaces and ' - . ( ) * + , @ _ / are allowed")
    } else if name.trim() != name {
        Err("a space at the start or the end is not allowed")
    } else if name.chars().count() > 250 {
        Err("at most 250 characters are allowed")
    } else {
        Ok(name)
    }
}

/// An address of a person.
pub(crate) fn email(value: &Value) -> Result<&str, &'static str> {
    let email = text(value)?;
    let well_formed = email.split_once('@').is_some_and(|(local, domain)| {
        let labels = domain.split('.');
        !local.is_empty()
            && domain.contains('.')
            && labels.into_iter().all(|label| !label.is_empty())
    });
    let no_blank = !email.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if well_formed && no_blank && email.matches('@').count() == 1 && email.len() <= 254 {
        Ok(email)
    } else {
        Err("expected an e-mail address")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_follow_makes_rule() {
        for good in ["Dana Rivers", "Lucía Fernández (Acme)", "a_b/c@d, e+f*"] {
            assert!(name(&json!(good)).is_ok(), "{good}");
        }
        for bad in ["", " Dana", "Dana ", "<script>", "a&b", "a\nb", &"a".repeat(251)] {
            assert!(name(&json!(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_are_checked_roughly() {
        assert!(email(&json!("tom@example.com")).is_ok());
        for bad in ["tom", "tom@", "@example.com", "a@b", "a@b..c", "a b@c.d", "a@b@c.d"] {
            assert!(email(&json!(bad)).is_err(), "{bad}");
        }
    }
}
