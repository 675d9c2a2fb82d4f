//! The API contract, `fixtures/make/openapi.json` (OpenAPI 3.0.3): checks requests and answers against it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use jsonschema::Validator;
use make_admin_mcp::make::{Request, Response, ResponseFuture, Transport};
use serde_json::{Map, Value, json};

/// Query parameters that Make's documentation describes although the operation does not list them.
const UNDECLARED: [(&str, &str); 1] = [
    // On the filtering page, and used by an independent client.
    ("getOrganization", "cols[]"),
];

pub(crate) struct Contract {
    paths: Map<String, Value>,
    components: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    pub(crate) fn load() -> Self {
        let text = include_str!("../../../fixtures/make/openapi.json");
        let mut document: Value = serde_json::from_str(text).unwrap();
        nullable(&mut document);
        Self {
            paths: document["paths"].as_object().unwrap().clone(),
            components: document["components"].take(),
            validators: Mutex::default(),
        }
    }

    /// The operation of a path of segments: literal segments win over parameters.
    fn operation(&self, call: &Request) -> Result<&Value, String> {
        let fits = |template: &str| -> Option<usize> {
            let segments: Vec<_> = template.trim_start_matches('/').split('/').collect();
            let same = segments.len() == call.path.len()
                && segments
                    .iter()
                    .zip(&call.path)
                    .all(|(own, given)| own.starts_with('{') || own == given);
            same.then(|| segments.iter().filter(|segment| segment.starts_with('{')).count())
        };
        let method = call.method.as_str().to_lowercase();
        let known = self
            .paths
            .iter()
            .filter_map(|(template, item)| Some((fits(template)?, item.get(&method)?)));
        known
            .min_by_key(|(parameters, _)| *parameters)
            .map(|(_, operation)| operation)
            .ok_or_else(|| format!("{} is no operation", call.name()))
    }

    /// Path, query names and values, and body of a request.
    pub(crate) fn check_request(&self, call: &Request) -> Result<(), String> {
        let operation = self.operation(call)?;
        let id = operation["operationId"].as_str().unwrap();
        let declared = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        for (name, value) in &call.query {
            let bare = name
                .split_once("[")
                .filter(|(_, index)| index.trim_end_matches(']').parse::<u32>().is_ok());
            let name = bare.map_or(name.as_str(), |(bare, _)| bare);
            if UNDECLARED.contains(&(id, name)) {
                continue;
            }
            let found = declared
                .iter()
                .find(|parameter| parameter["in"] == "query" && parameter["name"] == name);
            let parameter = found.ok_or_else(|| format!("{id} has no query parameter `{name}`"))?;
            let schema = &parameter["schema"];
            let schema = if schema["type"] == "array" { &schema["items"] } else { schema };
            let typed = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
            let fits = |value: &Value| self.check(&format!("{id}?{name}"), schema, value);
            fits(&typed).or_else(|_| fits(&json!(value)))?;
        }
        for parameter in declared
            .iter()
            .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
        {
            let name = parameter["name"].as_str().unwrap();
            if !call.query.iter().any(|(given, _)| given == name) {
                return Err(format!("{id} needs the query parameter `{name}`"));
            }
        }
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        match &call.body {
            Some(body) if schema.is_null() && *body != json!({}) => {
                Err(format!("{id} takes no body"))
            }
            Some(body) if !schema.is_null() => {
                let known = schema["properties"].as_object();
                let unknown = body
                    .as_object()
                    .unwrap()
                    .keys()
                    .find(|key| known.is_some_and(|known| !known.contains_key(*key)));
                match unknown {
                    Some(key) => Err(format!("{id} has no field `{key}`")),
                    None => self.check(&format!("{id} body"), schema, body),
                }
            }
            None if operation["requestBody"]["required"] == true => {
                Err(format!("{id} needs a body"))
            }
            _ => Ok(()),
        }
    }

    /// The body of an answer, for its status.
    pub(crate) fn check_answer(
        &self,
        call: &Request,
        status: u16,
        body: &[u8],
    ) -> Result<(), String> {
        let name = format!("{} {status}", call.name());
        if status != 200 {
            let error: Value =
                serde_json::from_slice(body).map_err(|error| format!("{name}: {error}"))?;
            return self.check("error", &json!({ "$ref": "#/components/schemas/Error" }), &error);
        }
        let operation = self.operation(call)?;
        let id = operation["operationId"].as_str().unwrap();
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            return Ok(());
        }
        let body: Value =
            serde_json::from_slice(body).map_err(|error| format!("{name}: {error}"))?;
        self.check(&format!("{id} {status}"), schema, &body)
    }

    fn check(&self, name: &str, schema: &Value, value: &Value) -> Result<(), String> {
        let validator = {
            let mut validators = self.validators.lock().unwrap();
            let build = || {
                let mut whole = schema.clone();
                whole["components"] = self.components.clone();
                Arc::new(jsonschema::draft202012::new(&whole).unwrap())
            };
            validators.entry(name.to_owned()).or_insert_with(build).clone()
        };
        let errors: Vec<_> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(format!("{name}: {}", errors.join("; "))) }
    }
}

/// OpenAPI 3.0 writes `nullable: true` where JSON Schema has a type `null`.
fn nullable(node: &mut Value) {
    match node {
        Value::Object(map) => {
            map.values_mut().for_each(nullable);
            if map.remove("nullable") == Some(json!(true)) {
                let inner = Value::Object(std::mem::take(map));
                map.insert("anyOf".to_owned(), json!([inner, { "type": "null" }]));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(nullable),
        _ => {}
    }
}

/// Checks everything that passes between the client and `inner`.
pub(crate) struct Checked<T> {
    inner: Arc<T>,
    contract: Arc<Contract>,
    seen: Arc<Mutex<Vec<(Request, u16)>>>,
    problems: Arc<Mutex<Vec<String>>>,
}

impl<T> Clone for Checked<T> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            contract: self.contract.clone(),
            seen: self.seen.clone(),
            problems: self.problems.clone(),
        }
    }
}

impl<T> Checked<T> {
    pub(crate) fn new(inner: T, contract: Arc<Contract>) -> Self {
        Self { inner: Arc::new(inner), contract, seen: Arc::default(), problems: Arc::default() }
    }

    /// Every call so far, with the status of its answer.
    pub(crate) fn seen(&self) -> Vec<(Request, u16)> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        self.problems.lock().unwrap().clone()
    }

    fn look(&self, call: &Request, reply: &Response) {
        self.seen.lock().unwrap().push((call.clone(), reply.status));
        let request = if reply.status == 400 { Ok(()) } else { self.contract.check_request(call) };
        let answer = self.contract.check_answer(call, reply.status, &reply.body);
        self.problems.lock().unwrap().extend([request, answer].into_iter().filter_map(Result::err));
    }
}

impl<T: Transport> Transport for Checked<T> {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
        Box::pin(async move {
            let reply = self.inner.send(call).await;
            if let Ok(reply) = &reply {
                self.look(call, reply);
            }
            reply
        })
    }
}
