//! Subscription, payments and plans of an organization.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::make::{
    List, Make, OrganizationId, Page, Record, Result, WritePermit, request::RequestBuilder,
    transport::Segment,
};

/// Subscription, payments and plans of an organization.
#[derive(Debug)]
pub struct Billing<'a> {
    pub(super) make: &'a Make,
}

/// The active subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// The product.
    pub id: Option<u64>,
    /// Its name.
    pub name: Option<String>,
    /// The next bill, ISO 8601 in UTC.
    pub next_bill: Option<String>,
    /// Its price.
    pub price: Option<Map<String, Value>>,
    /// A coupon that is in use.
    pub coupon: Option<Map<String, Value>>,
}

/// A past payment. Its fields are in snake case, unlike everything else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Payment {
    /// The payment.
    pub id: Option<String>,
    /// The invoice.
    pub invoice_number: Option<String>,
    /// When, ISO 8601 in UTC.
    pub created: Option<String>,
    /// Whether it was paid.
    pub status_name: Option<String>,
    /// The currency.
    pub currency_code: Option<String>,
}

/// A stored payment method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethod {
    /// The method.
    pub id: Option<String>,
    /// Its kind, e.g. `card`.
    pub r#type: Option<String>,
    /// Whether it can be charged.
    pub valid: Option<bool>,
    /// Whether the subscription is charged to it.
    pub customer_default_method: Option<bool>,
    /// Whether extras are charged to it.
    pub customer_default_extras_method: Option<bool>,
    /// Brand and last digits.
    pub method_details: Option<Map<String, Value>>,
}

/// What a payment method is charged for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DefaultPaymentMethod {
    /// The method.
    pub payment_method_id: Option<String>,
    /// Its kind, e.g. `card`.
    pub payment_method_type: Option<String>,
    /// Whether the subscription is charged to it.
    pub is_default_for_subscription: Option<bool>,
    /// Whether extras are charged to it.
    pub is_default_for_extras: Option<bool>,
}

/// A plan or an extra on offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Product {
    /// The product.
    pub id: Option<u64>,
    /// `PLAN` or `EXTRA`.
    pub r#type: Option<String>,
    /// Its name by language.
    pub name: Option<Value>,
    /// Its prices.
    pub prices: Option<Vec<Record<Price>>>,
}

/// A price of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// The price.
    pub id: Option<u64>,
    /// Its product.
    pub product_id: Option<u64>,
    /// The currency.
    pub currency_code: Option<String>,
    /// How long it is paid for, e.g. `month`.
    pub period: Option<String>,
}

/// Which products to list.
#[derive(Clone, Debug, Default)]
pub struct ListProducts {
    /// `PLAN` or `EXTRA`.
    pub kind: Option<String>,
    /// Also those that are not on show.
    pub include_invisible: bool,
    /// Those that go with a price.
    pub related_price: Option<u64>,
    /// Those for an organization.
    pub organization: Option<OrganizationId>,
}

/// Who pays.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// E-mail address for invoices.
    pub email: String,
    /// Name of the person or the company.
    pub name: String,
    /// Whether it is a company.
    pub is_business: bool,
    /// An id of the list `countries`.
    pub country_id: u64,
    /// The company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// The company's tax number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    /// More of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// A subscription to start or to change to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSubscription {
    /// The price of a plan.
    pub price_id: u64,
    /// A coupon; only at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupon_code: Option<String>,
    /// Who pays; who paid until now if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
}

impl Billing<'_> {
    /// Fetches the active subscription.
    ///
    /// `GET /organizations/{organizationId}/subscription`.
    pub async fn subscription(&self, organization: OrganizationId) -> Result<Record<Subscription>> {
        let request = self.make.get(&[&"organizations", &organization, &"subscription"]);
        request.quota_of(organization).field("product").await
    }

    /// Starts a paid subscription. Answers with the address at which a person pays.
    ///
    /// `POST /organizations/{organizationId}/subscription`.
    pub async fn start(
        &self,
        permit: &WritePermit,
        organization: OrganizationId,
        new: &NewSubscription,
    ) -> Result<Map<String, Value>> {
        let request = self.make.post(permit, &[&"organizations", &organization, &"subscription"]);
        request.quota_of(organization).body(json!(new)).whole().await
    }

    /// Changes to another price.
    ///
    /// `PATCH /organizations/{organizationId}/subscription`.
    pub async fn change(
        &self,
        permit: &WritePermit,
        organization: OrganizationId,
        new: &NewSubscription,
    ) -> Result<()> {
        let request = self.make.patch(permit, &[&"organizations", &organization, &"subscription"]);
        request.quota_of(organization).body(json!(new)).done().await
    }

    /// Cancels the subscription.
    ///
    /// `DELETE /organizations/{organizationId}/subscription`.
    pub async fn cancel(&self, permit: &WritePermit, organization: OrganizationId) -> Result<()> {
        let request = self.make.delete(permit, &[&"organizations", &organization, &"subscription"]);
        request.quota_of(organization).done().await
    }

    /// Falls back to the free plan at once.
    ///
    /// `POST /organizations/{organizationId}/subscription-free?confirmed=true`.
    pub async fn set_free(
        &self,
        permit: &WritePermit,
        organization: OrganizationId,
    ) -> Result<Map<String, Value>> {
        let request =
            self.make.post(permit, &[&"organizations", &organization, &"subscription-free"]);
        request.quota_of(organization).query("confirmed", true).whole().await
    }

    /// Lists past payments.
    ///
    /// `GET /organizations/{organizationId}/payments`.
    pub async fn payments(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<List<Record<Payment>>> {
        let request = self.make.get(&[&"organizations", &organization, &"payments"]);
        request.quota_of(organization).page(page).list("payments").await
    }

    /// Lists the stored payment methods.
    ///
    /// `GET /organizations/{organizationId}/subscription/payment-methods`.
    pub async fn payment_methods(
        &self,
        organization: OrganizationId,
    ) -> Result<List<Record<PaymentMethod>>> {
        self.methods(organization, &[&"payment-methods"]).list("paymentMethods").await
    }

    /// Lists the kinds of payment methods on offer.
    ///
    /// `GET /organizations/{organizationId}/subscription/payment-method-types`. Not paged.
    pub async fn payment_method_types(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<Map<String, Value>>> {
        let request = self.methods(organization, &[&"payment-method-types"]);
        request.list("paymentMethodTypes").await.map(|list| list.items)
    }

    /// Charges a payment method from now on: for `subscription`, `extras`, or `both`.
    ///
    /// `PATCH /organizations/{organizationId}/subscription/payment-methods/{paymentMethodId}/default`.
    pub async fn set_default_payment_method(
        &self,
        permit: &WritePermit,
        organization: OrganizationId,
        method: &str,
        target: &str,
    ) -> Result<Record<DefaultPaymentMethod>> {
        let path: [Segment<'_>; 6] = [
            &"organizations", &organization, &"subscription", &"payment-methods", &method,
            &"default",
        ];
        let request = self.make.patch(permit, &path).quota_of(organization);
        request.body(json!({ "target": target })).whole().await
    }

    /// Removes a payment method.
    ///
    /// `DELETE /organizations/{organizationId}/subscription/payment-methods/{paymentMethodId}`.
    pub async fn delete_payment_method(
        &self,
        permit: &WritePermit,
        organization: OrganizationId,
        method: &str,
    ) -> Result<()> {
        let path: [Segment<'_>; 5] =
            [&"organizations", &organization, &"subscription", &"payment-methods", &method];
        self.make.delete(permit, &path).quota_of(organization).done().await
    }

    /// Fetches the discount that is on offer; null if there is none.
    ///
    /// `GET /organizations/{organizationId}/universal-discount`.
    pub async fn discount(&self, organization: OrganizationId) -> Result<Value> {
        let request = self.make.get(&[&"organizations", &organization, &"universal-discount"]);
        request.quota_of(organization).field("universalDiscount").await
    }

    /// Lists the plans and extras on offer.
    ///
    /// `GET /cashier/products`. Not paged.
    pub async fn products(&self, asked: &ListProducts) -> Result<Vec<Record<Product>>> {
        let request = self.make.get(&[&"cashier", &"products"]);
        request
            .query_some("type", asked.kind.as_deref())
            .query_some("includeInvisible", asked.include_invisible.then_some(true))
            .query_some("relatedPriceId", asked.related_price)
            .query_some("organizationId", asked.organization)
            .list("products")
            .await
            .map(|list| list.items)
    }

    /// Fetches one price.
    ///
    /// `GET /cashier/prices/{priceId}`.
    pub async fn price(&self, price: u64) -> Result<Record<Price>> {
        self.make.get(&[&"cashier", &"prices", &price]).whole().await
    }

    fn methods(&self, organization: OrganizationId, below: &[Segment<'_>]) -> RequestBuilder<'_> {
        let path: Vec<Segment<'_>> =
            [&"organizations" as Segment<'_>, &organization, &"subscription"]
                .into_iter()
                .chain(below.iter().copied())
                .collect();
        self.make.get(&path).quota_of(organization)
    }
}
