//! Make's answers that are the same everywhere: success, and every way to refuse.

use serde_json::{Value, json};

use crate::make::Response;

/// What an endpoint answers; a refusal is an answer that `?` can pass on.
pub(crate) type SandboxResult = Result<Response, Response>;

/// 200 with a JSON body.
pub(crate) fn ok(body: &Value) -> SandboxResult {
    Ok(Response::json(200, body))
}

/// 400 for one parameter.
pub(crate) fn invalid(problem: impl Into<String>) -> Response {
    invalid_all(&[problem.into()])
}

/// 400 for several parameters.
pub(crate) fn invalid_all(problems: &[String]) -> Response {
    let suberrors: Vec<Value> =
        problems.iter().map(|problem| json!({ "message": problem, "name": "Error" })).collect();
    let body = json!({
        "detail": format!("Validation failed for {} parameter(s).", problems.len()),
        "message": "Bad Request",
        "code": "SC400",
        "suberrors": suberrors,
    });
    Response::json(400, &body)
}

/// 401: no credential, an unknown one, or a revoked one.
pub(crate) fn not_logged_in() -> Response {
    Response::json(401, &json!({ "message": "User is not logged in.", "code": "IM015" }))
}

/// 402: the plan lacks `feature`.
pub(crate) fn upgrade(feature: &str) -> Response {
    let message = format!("For {feature} feature upgrade your plan.");
    Response::json(402, &json!({ "message": message, "code": "SC402" }))
}

/// 403: the token lacks the scope, or the caller the role.
pub(crate) fn denied() -> Response {
    let body =
        json!({ "detail": "Access denied.", "message": "Permission denied", "code": "SC403" });
    Response::json(403, &body)
}

/// 404: missing, or hidden from the caller.
pub(crate) fn not_found() -> Response {
    let body = json!({ "detail": "Resource not found.", "message": "Not Found", "code": "SC404" });
    Response::json(404, &body)
}

/// 406: the call has to be repeated with `confirmed=true`.
pub(crate) fn unconfirmed() -> Response {
    let body = json!({
        "detail": "Confirm the action by the parameter 'confirmed'.",
        "message": "Confirmation required",
        "code": "IM004",
    });
    Response::json(406, &body)
}
