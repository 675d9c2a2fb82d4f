//! Managed organizations. All operations of a parent are there to be given.

use serde_json::{Value, json};

use crate::{
    make::{OrganizationId, Response},
    sandbox::{
        account::state::Row,
        http::{
            body,
            body::Body,
            request::{SandboxRequest, id},
            response::{SandboxResult, invalid, not_found, ok},
        },
    },
};

/// What a parent starts with.
const POOL: u64 = 1_000_000;

fn own(request: &SandboxRequest<'_>, parent: OrganizationId) -> Result<Vec<Row>, Response> {
    request.allowed(parent, "organization edit")?;
    let rows = request.state.managed.iter().filter(|row| row["parentId"] == parent.0);
    Ok(rows
        .cloned()
        .map(|mut row| {
            row.shift_remove("parentId");
            row
        })
        .collect())
}

/// What the parent has left.
fn left(request: &SandboxRequest<'_>, parent: OrganizationId) -> u64 {
    let rows = request.state.managed.iter().filter(|row| row["parentId"] == parent.0);
    let given: u64 = rows.filter_map(|row| row["operationsAllocated"].as_u64()).sum();
    POOL.saturating_sub(given)
}

pub(crate) fn list(request: &SandboxRequest<'_>, parent: OrganizationId) -> SandboxResult {
    let rows = own(request, parent)?;
    ok(&json!({ "managedOrganizations": rows, "pg": { "sortBy": "name", "limit": 10000,
        "sortDir": "asc", "offset": 0 } }))
}

pub(crate) fn consumption(request: &SandboxRequest<'_>, parent: OrganizationId) -> SandboxResult {
    let used = |row: &Row| {
        json!({
            "organizationId": row["organizationId"], "centicreditsConsumed": "12345",
            "centicreditsExtra": "0",
            "operationsConsumed": 123, "operationsExtra": 0, "transferConsumed": "12345",
            "transferExtra": "0",
        })
    };
    let rows: Vec<_> = own(request, parent)?.iter().map(used).collect();
    ok(&json!({ "managedOrganizationsConsumption": rows }))
}

fn operations(value: &Value) -> Result<u64, &'static str> {
    let number = body::number(value)?;
    if number.is_multiple_of(10_000) { Ok(number) } else { Err("expected a multiple of 10000") }
}

pub(crate) fn create(request: &mut SandboxRequest<'_>, parent: OrganizationId) -> SandboxResult {
    request.allowed(parent, "organization edit")?;
    let mut body = Body::of(request)?;
    let email = body.required("userEmail", body::email).to_owned();
    let user = body.required("userName", body::name).to_owned();
    let name = body.required("organizationName", body::name).to_owned();
    body.required("regionId", body::number);
    let country = body.required("countryId", body::number);
    let given = body.required("operations", operations);
    body.checked()?;
    if given > left(request, parent) {
        return Err(invalid("Invalid value of parameter 'operations': more than the parent has."));
    }
    let child = request.state.next_managed();
    let row = json!({
        "parentId": parent, "organizationId": child, "organizationName": name,
        "operationsAllocated": given,
        "countryId": country, "timezoneId": 113, "zoneId": 1, "zoneDomain": "eu1.make.com",
        "zoneName": "EU1",
    });
    if let Value::Object(row) = row {
        request.state.managed.push(row);
    }
    let owner = request.state.next_user();
    ok(&json!({
        "userId": owner, "userEmail": email, "userName": user, "userLanguage": "en",
        "userExisted": false,
        "childOrganizationId": child, "newParentOperations": left(request, parent),
        "domain": "eu1.make.com",
    }))
}

pub(crate) fn set(
    request: &mut SandboxRequest<'_>,
    parent: OrganizationId,
    child: &str,
) -> SandboxResult {
    request.allowed(parent, "organization edit")?;
    let child = id(child)?;
    let mut body = Body::of(request)?;
    let given = body.required("operations", operations);
    body.checked()?;
    let mut rows = request.state.managed.iter_mut();
    let row = rows
        .find(|row| row["parentId"] == parent.0 && row["organizationId"] == child)
        .ok_or_else(not_found)?;
    let before = row["operationsAllocated"].as_u64().unwrap_or_default();
    row.insert("operationsAllocated".to_owned(), given.into());
    ok(&json!({
        "newParentOperations": left(request, parent), "newChildOperations": given,
        "operationsDiff": given.abs_diff(before), "limitIncreased": given > before,
    }))
}
