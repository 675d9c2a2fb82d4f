//! Subscription, payments and plans. No payment is real.

use serde_json::{Value, json};

use super::security::rows_of;
use crate::{
    make::{OrganizationId, Response},
    sandbox::{
        account::state::Row,
        http::{
            body,
            body::Body,
            query::{Picked, Sorting},
            request::{SandboxRequest, id, wrong},
            response::{SandboxResult, invalid, not_found, ok, unconfirmed},
        },
    },
};

const PAYMENTS: Sorting =
    Sorting { limit: 100, by: "created", descending: true, columns: &["created", "id"] };

pub(crate) fn payments(
    request: &SandboxRequest<'_>,
    organization: OrganizationId,
) -> SandboxResult {
    request.allowed(organization, "payments get")?;
    let paging = PAYMENTS.asked(request)?;
    let rows = rows_of(&request.state.payments, organization, false)
        .into_iter()
        .map(Value::Object)
        .collect();
    ok(&json!({ "payments": paging.cut(rows, &Picked::All), "pg": paging.echo() }))
}

fn prices(request: &SandboxRequest<'_>) -> impl Iterator<Item = (Row, Row)> {
    let products = request.state.products.clone();
    products.into_iter().flat_map(|product| {
        let prices = product["prices"].as_array().cloned().unwrap_or_default();
        prices
            .into_iter()
            .filter_map(move |price| Some((product.clone(), price.as_object()?.clone())))
    })
}

pub(crate) fn products(request: &SandboxRequest<'_>) -> SandboxResult {
    let kind = request.query("type");
    let invisible = request.flag("includeInvisible")?;
    let shown = |product: &&Row| {
        kind.is_none_or(|kind| product["type"] == kind) && (invisible || product["visible"] == true)
    };
    ok(&json!({ "products": request.state.products.iter().filter(shown).collect::<Vec<_>>() }))
}

pub(crate) fn price_of(request: &SandboxRequest<'_>, price: &str) -> SandboxResult {
    let price = id(price)?;
    let found = prices(request).find(|(_, known)| known["id"] == price);
    ok(&Value::Object(found.ok_or_else(not_found)?.1))
}

/// The price that an organization pays.
fn paid(request: &SandboxRequest<'_>, organization: OrganizationId) -> Option<u64> {
    let own =
        request.state.subscriptions.iter().find(|row| row["organizationId"] == organization.0)?;
    own["priceId"].as_u64()
}

pub(crate) fn subscription(
    request: &SandboxRequest<'_>,
    organization: OrganizationId,
) -> SandboxResult {
    request.allowed(organization, "payments get")?;
    let price = paid(request, organization).ok_or_else(not_found)?;
    let (product, price) =
        prices(request).find(|(_, known)| known["id"] == price).ok_or_else(not_found)?;
    ok(&json!({ "product": {
        "id": product["id"], "name": product["name"]["en"], "nextBill": "2026-07-01T00:00:00.000Z",
        "price": { "id": price["id"], "price": price["price"],
        "currencyCode": price["currencyCode"], "period": "1 month" },
        "coupon": null,
    } }))
}

fn asked_price(request: &SandboxRequest<'_>) -> Result<u64, Response> {
    let mut body = Body::of(request)?;
    let price = body.required("priceId", body::number);
    body.checked()?;
    if prices(request).any(|(_, known)| known["id"] == price) {
        Ok(price)
    } else {
        Err(wrong("priceId"))
    }
}

fn pay(request: &mut SandboxRequest<'_>, organization: OrganizationId, price: Option<u64>) {
    request.state.subscriptions.retain(|row| row["organizationId"] != organization.0);
    if let Some(price) = price {
        let row = [("organizationId", organization.0), ("priceId", price)];
        request
            .state
            .subscriptions
            .push(row.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect());
    }
}

pub(crate) fn start(
    request: &mut SandboxRequest<'_>,
    organization: OrganizationId,
) -> SandboxResult {
    request.allowed(organization, "payment edit")?;
    let price = asked_price(request)?;
    if paid(request, organization).is_some() {
        return Err(invalid("The organization has a subscription already."));
    }
    pay(request, organization, Some(price));
    ok(&json!({ "sessionId": 123, "url": "https://checkout.example.com/s/123",
        "subscriptionId": 519 }))
}

pub(crate) fn change(
    request: &mut SandboxRequest<'_>,
    organization: OrganizationId,
) -> SandboxResult {
    request.allowed(organization, "payment edit")?;
    let price = asked_price(request)?;
    paid(request, organization).ok_or_else(not_found)?;
    pay(request, organization, Some(price));
    ok(&json!({ "ok": 1 }))
}

pub(crate) fn cancel(
    request: &mut SandboxRequest<'_>,
    organization: OrganizationId,
) -> SandboxResult {
    request.allowed(organization, "payment edit")?;
    paid(request, organization).ok_or_else(not_found)?;
    pay(request, organization, None);
    ok(&json!({ "ok": 1 }))
}

pub(crate) fn free(
    request: &mut SandboxRequest<'_>,
    organization: OrganizationId,
) -> SandboxResult {
    request.allowed(organization, "payment edit")?;
    if !request.flag("confirmed")? {
        return Err(unconfirmed());
    }
    pay(request, organization, Some(1));
    ok(&json!({ "customerId": 213, "subscriptionId": 371 }))
}

fn is_method(row: &Row, organization: OrganizationId, method: &str) -> bool {
    row["organizationId"] == organization.0 && row["id"] == method
}

pub(crate) fn remove_method(
    request: &mut SandboxRequest<'_>,
    organization: OrganizationId,
    method: &str,
) -> SandboxResult {
    request.allowed(organization, "payment edit")?;
    let before = request.state.payment_methods.len();
    request.state.payment_methods.retain(|row| !is_method(row, organization, method));
    if request.state.payment_methods.len() == before {
        return Err(not_found());
    }
    ok(&json!({ "ok": 1 }))
}

pub(crate) fn choose(
    request: &mut SandboxRequest<'_>,
    organization: OrganizationId,
    method: &str,
) -> SandboxResult {
    request.allowed(organization, "payment edit")?;
    let mut body = Body::of(request)?;
    let target = body.optional("target", body::text).unwrap_or("both");
    body.checked()?;
    let fields: &[&str] = match target {
        "subscription" => &["customerDefaultMethod"],
        "extras" => &["customerDefaultExtrasMethod"],
        "both" => &["customerDefaultMethod", "customerDefaultExtrasMethod"],
        _ => return Err(wrong("target")),
    };
    if !request.state.payment_methods.iter().any(|row| is_method(row, organization, method)) {
        return Err(not_found());
    }
    let mut answer = json!({ "paymentMethodId": method, "paymentMethodType": "card" });
    for row in request
        .state
        .payment_methods
        .iter_mut()
        .filter(|row| row["organizationId"] == organization.0)
    {
        let chosen = row["id"] == method;
        for field in fields {
            row.insert((*field).to_owned(), chosen.into());
        }
        if chosen {
            answer["isDefaultForSubscription"] = row["customerDefaultMethod"].clone();
            answer["isDefaultForExtras"] = row["customerDefaultExtrasMethod"].clone();
        }
    }
    ok(&answer)
}

pub(crate) fn method_types(
    request: &SandboxRequest<'_>,
    organization: OrganizationId,
) -> SandboxResult {
    request.allowed(organization, "payment edit")?;
    ok(&json!({ "paymentMethodTypes": [{ "value": "card", "label": "Card",
        "canBeDefaultForSubscription": true, "canBeDefaultForExtras": true }] }))
}

pub(crate) fn methods(request: &SandboxRequest<'_>, organization: OrganizationId) -> SandboxResult {
    request.allowed(organization, "payment edit")?;
    let rows = rows_of(&request.state.payment_methods, organization, false);
    ok(&json!({ "paymentMethods": rows, "pg": { "limit": 100, "offset": 0 } }))
}

pub(crate) fn discount(
    request: &SandboxRequest<'_>,
    organization: OrganizationId,
) -> SandboxResult {
    request.allowed(organization, "payment edit")?;
    ok(&json!({ "universalDiscount": null }))
}
