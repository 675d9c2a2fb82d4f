use serde_json::json;

use crate::support::wire::Exact;

const SUBSCRIPTION: (&str, &str, &str) =
    ("GET", "/organizations/11/subscription", "billing/get_subscription");
const PRICE: (&str, &str, &str) = ("GET", "/cashier/prices/10", "billing/get_price");
const METHODS: (&str, &str, &str) =
    ("GET", "/organizations/11/subscription/payment-methods", "billing/list_payment_methods");

#[tokio::test]
async fn what_is_paid_and_how_is_read() {
    let organization = || json!({ "organizationId": 11 });
    Exact::new(
        "make-get-subscription",
        organization(),
        SUBSCRIPTION,
        "GET /organizations/11/subscription",
    )
    .check()
    .await;
    Exact::new(
        "make-list-payments",
        json!({ "organizationId": 11, "sortBy": "created" }),
        ("GET", "/organizations/11/payments", "billing/list_payments"),
        "GET /organizations/11/payments?pg%5Boffset%5D=0&pg%5Blimit%5D=50&pg%5BsortBy%5D=created",
    )
    .check()
    .await;
    Exact::new(
        "make-list-payment-methods",
        organization(),
        METHODS,
        "GET /organizations/11/subscription/payment-methods",
    )
    .check()
    .await;
    Exact::new(
        "make-list-products",
        json!({ "type": "PLAN", "organizationId": 11, "relatedPriceId": 10,
        "includeInvisible": true }),
        ("GET", "/cashier/products", "billing/list_products"),
        "GET /cashier/products?type=PLAN&includeInvisible=true&relatedPriceId=10&organizationId=11",
    )
    .check()
    .await;
    Exact::new("make-list-products", json!({ "priceId": 10 }), PRICE, "GET /cashier/prices/10")
        .under("price")
        .check()
        .await;
    Exact::new(
        "make-get-discount",
        organization(),
        ("GET", "/organizations/11/universal-discount", "billing/get_universal_discount"),
        "GET /organizations/11/universal-discount",
    )
    .check()
    .await;
}

#[tokio::test]
async fn kinds_of_payment_methods_come_on_request() {
    use crate::support::wire::{Wire, fixture};

    let types = (
        "GET",
        "/organizations/11/subscription/payment-method-types",
        "billing/list_payment_method_types",
    );
    let wire = Wire::new(&[METHODS, types]).await;
    let answer = wire
        .host
        .call("make-list-payment-methods", json!({ "organizationId": 11, "includeTypes": true }))
        .await;
    assert_eq!(answer["paymentMethodTypes"], fixture(types.2)["paymentMethodTypes"]);
}

#[tokio::test]
async fn subscriptions_are_started_changed_and_ended() {
    Exact::new(
        "make-start-subscription",
        json!({
            "organizationId": 11, "priceId": 10, "couponCode": "SPRING",
            "customerEmail": "dana@example.com",
            "customerName": "Dana Rivers", "customerIsBusiness": true, "customerCountryId": 202,
            "customerTaxId": "X1"
        }),
        ("POST", "/organizations/11/subscription", "billing/create_subscription"),
        r#"POST /organizations/11/subscription {"priceId":10,"couponCode":"SPRING","customer":{"email":"dana@example.com","name":"Dana Rivers","isBusiness":true,"countryId":202,"taxId":"X1"}}"#,
    )
    .with(&[PRICE])
    .under("checkout")
    .check()
    .await;
    Exact::new(
        "make-change-subscription",
        json!({ "organizationId": 11, "priceId": 10 }),
        ("PATCH", "/organizations/11/subscription", "billing/change_subscription"),
        r#"PATCH /organizations/11/subscription {"priceId":10}"#,
    )
    .with(&[PRICE, SUBSCRIPTION])
    .check()
    .await;
    Exact::new(
        "make-cancel-subscription",
        json!({ "organizationId": 11 }),
        ("DELETE", "/organizations/11/subscription", "billing/cancel_subscription"),
        "DELETE /organizations/11/subscription",
    )
    .with(&[SUBSCRIPTION])
    .check()
    .await;
    Exact::new(
        "make-set-free-subscription",
        json!({ "organizationId": 11 }),
        ("POST", "/organizations/11/subscription-free", "billing/set_free_subscription"),
        "POST /organizations/11/subscription-free?confirmed=true {}",
    )
    .check()
    .await;
}

#[tokio::test]
async fn payment_methods_are_chosen_and_removed() {
    Exact::new(
        "make-set-default-payment-method",
        json!({ "organizationId": 11, "paymentMethodId": "pm_1", "target": "extras" }),
        (
            "PATCH",
            "/organizations/11/subscription/payment-methods/pm_1/default",
            "billing/set_default_payment_method",
        ),
        r#"PATCH /organizations/11/subscription/payment-methods/pm_1/default {"target":"extras"}"#,
    )
    .with(&[METHODS])
    .check()
    .await;
    Exact::new(
        "make-delete-payment-method",
        json!({ "organizationId": 11, "paymentMethodId": "pm_1" }),
        (
            "DELETE",
            "/organizations/11/subscription/payment-methods/pm_1",
            "billing/delete_payment_method",
        ),
        "DELETE /organizations/11/subscription/payment-methods/pm_1",
    )
    .with(&[METHODS])
    .check()
    .await;
}
