//! Builds a call, sends it and opens the envelope: everything that all endpoints share.

use std::{fmt::Display, sync::Arc};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Credential, Error, List, Make, Method, OrganizationId, Page, Request, RequestName, Response,
    Result, WritePermit,
    cache::{CacheTtl, Weighed},
    decode::{decode, in_envelope, in_envelope_mut, typed, typed_row},
    model::Echo,
    transport::{Segment, retry},
    weight,
};
use crate::sync::blocking;

/// Lists of so many rows are typed beside the other work of the process.
const MANY: usize = 500;

/// A call being built by an endpoint. A wrong path shows when it is sent.
pub(super) struct RequestBuilder<'p> {
    make: Make,
    permit: Option<&'p WritePermit>,
    call: Result<Request>,
    cached: CacheTtl,
}

/// A method; one that writes comes with its permit.
pub(super) enum Verb<'p> {
    Get,
    Post(&'p WritePermit),
    Put(&'p WritePermit),
    Patch(&'p WritePermit),
    Delete(&'p WritePermit),
}

impl<'p> RequestBuilder<'p> {
    pub(super) fn new(make: &Make, verb: Verb<'p>, path: &[Segment<'_>]) -> Self {
        let (method, permit) = match verb {
            Verb::Get => (Method::Get, None),
            Verb::Post(permit) => (Method::Post, Some(permit)),
            Verb::Put(permit) => (Method::Put, Some(permit)),
            Verb::Patch(permit) => (Method::Patch, Some(permit)),
            Verb::Delete(permit) => (Method::Delete, Some(permit)),
        };
        let call = Request::new(method, path).map_err(Error::from).map(|call| Request {
            credential: make.credential.clone(),
            organization: make.bulk.map(|bulk| bulk.organization),
            ..call
        });
        Self { make: make.clone(), permit, call, cached: CacheTtl::Never }
    }

    fn change(mut self, change: impl FnOnce(&mut Request)) -> Self {
        if let Ok(call) = &mut self.call {
            change(call);
        }
        self
    }

    /// Names the organization whose quota the call uses.
    pub(super) fn quota_of(self, organization: OrganizationId) -> Self {
        self.change(|call| call.organization = Some(organization))
    }

    /// Lets the answer be kept.
    pub(super) fn cached(mut self, cached: CacheTtl) -> Self {
        self.cached = cached;
        self
    }

    /// Adds `name=value`.
    pub(super) fn query(self, name: &str, value: impl Display) -> Self {
        self.change(|call| call.query.push((name.to_owned(), value.to_string())))
    }

    /// Adds `name=value` if there is a value.
    pub(super) fn query_some(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Adds `name[0]=a&name[1]=b`.
    pub(super) fn indexed<T: Display>(self, name: &str, values: &[T]) -> Self {
        let indexed = values.iter().enumerate();
        self.change(|call| {
            call.query.extend(
                indexed.map(|(place, value)| (format!("{name}[{place}]"), value.to_string())),
            )
        })
    }

    /// Adds `cols[]=a&cols[]=b`.
    pub(super) fn cols<T: AsRef<str>>(self, cols: &[T]) -> Self {
        self.change(|call| {
            call.query.extend(cols.iter().map(|col| ("cols[]".to_owned(), col.as_ref().to_owned())))
        })
    }

    /// Adds the `pg[…]` parameters.
    pub(super) fn page(self, page: &Page) -> Self {
        self.query_some("pg[offset]", page.offset)
            .query_some("pg[limit]", page.limit)
            .query_some("pg[sortBy]", page.sort_by.as_deref())
            .query_some("pg[sortDir]", page.sort_dir.map(|dir| dir.as_str()))
            .query_some("pg[returnTotalCount]", page.count.then_some(true))
    }

    /// Sets the JSON body.
    pub(super) fn body(self, body: Value) -> Self {
        self.change(|call| call.body = Some(body))
    }

    /// Sends the request and returns the response undecoded.
    pub(super) async fn reply(self) -> Result<Response> {
        self.make.send(&self.call?, self.permit).await
    }

    /// Nothing of the answer but that it is one.
    pub(super) async fn done(self) -> Result<()> {
        self.value().await.map(drop)
    }

    /// The whole answer as one value.
    pub(super) async fn whole<T: DeserializeOwned>(self) -> Result<T> {
        let (name, value) = self.value().await?;
        typed(&name, &value)
    }

    /// The value in the envelope's `field`.
    pub(super) async fn field<T: DeserializeOwned>(self, field: &str) -> Result<T> {
        let (name, value) = self.value().await?;
        typed(&name, in_envelope(&name, &value, field)?)
    }

    /// What was deleted, from the envelope's `field`; `own` where Make says nothing but that it succeeded.
    pub(super) async fn deleted<T: DeserializeOwned>(self, field: &str, own: T) -> Result<T> {
        match self.value().await? {
            (_, value) if value.is_null() => Ok(own),
            (name, value) => typed(&name, in_envelope(&name, &value, field)?),
        }
    }

    /// The rows in the envelope's `field`, with what Make says of the whole list.
    pub(super) async fn list<T: DeserializeOwned>(self, field: &str) -> Result<List<T>> {
        let (name, value) = self.value().await?;
        let rows = value.get(field).and_then(Value::as_array).map_or(0, Vec::len);
        let read = || Self::rows(&name, value, field);
        if rows > MANY { blocking(read) } else { read() }
    }

    fn rows<T: DeserializeOwned>(
        name: &RequestName,
        value: Arc<Value>,
        field: &str,
    ) -> Result<List<T>> {
        let echo: Echo = value
            .get("pg")
            .and_then(|pg| serde::Deserialize::deserialize(pg).ok())
            .unwrap_or_default();
        let items = match Arc::try_unwrap(value) {
            // Nobody else has the answer: each row is taken out of it, so that not all is in memory twice.
            Ok(mut value) => match in_envelope_mut(name, &mut value, field)?.take() {
                Value::Array(rows) => {
                    rows.into_iter().map(|row| typed_row(name, row)).collect::<Result<_>>()?
                }
                // Some published examples show one row without its brackets.
                row @ Value::Object(_) => vec![typed_row(name, row)?],
                other => typed(name, &other)?,
            },
            Err(shared) => match in_envelope(name, &shared, field)? {
                row @ Value::Object(_) => vec![typed(name, row)?],
                rows => typed(name, rows)?,
            },
        };
        Ok(List { items, limit: echo.limit, total: echo.total_count })
    }

    async fn value(self) -> Result<(RequestName, Arc<Value>)> {
        let (make, permit, call, cached) = (self.make, self.permit, self.call?, self.cached);
        let name = call.name();
        let value = if let Some(permit) = permit {
            permit.sending(&name).await?;
            let _writing = make.inner.cache.writing();
            let reply = make.send(&call, Some(permit)).await?;
            // A delete that says nothing was carried out.
            if call.method == Method::Delete && reply.body.trim_ascii().is_empty() {
                Arc::new(Value::Null)
            } else {
                decode(&name, &reply)?
            }
        } else if make.uncached {
            decode(&name, &make.send(&call, None).await?)?
        } else {
            let key = (call.credential.clone(), call.target());
            let call = Arc::new(call);
            let cache = make.inner.cache.clone();
            let read = || {
                let (make, call) = (make.clone(), call.clone());
                async move {
                    let reply = make.send(&call, None).await?;
                    let bytes = weight::in_memory(&reply.body);
                    Ok(Weighed { value: decode(&call.name(), &reply)?, bytes })
                }
            };
            cache.get(key, cached, read).await?
        };
        Ok((name, value))
    }
}

impl Make {
    pub(super) fn get(&self, path: &[Segment<'_>]) -> RequestBuilder<'static> {
        RequestBuilder::new(self, Verb::Get, path)
    }

    pub(super) fn post<'p>(
        &self,
        permit: &'p WritePermit,
        path: &[Segment<'_>],
    ) -> RequestBuilder<'p> {
        RequestBuilder::new(self, Verb::Post(permit), path)
    }

    pub(super) fn put<'p>(
        &self,
        permit: &'p WritePermit,
        path: &[Segment<'_>],
    ) -> RequestBuilder<'p> {
        RequestBuilder::new(self, Verb::Put(permit), path)
    }

    pub(super) fn patch<'p>(
        &self,
        permit: &'p WritePermit,
        path: &[Segment<'_>],
    ) -> RequestBuilder<'p> {
        RequestBuilder::new(self, Verb::Patch(permit), path)
    }

    pub(super) fn delete<'p>(
        &self,
        permit: &'p WritePermit,
        path: &[Segment<'_>],
    ) -> RequestBuilder<'p> {
        RequestBuilder::new(self, Verb::Delete(permit), path)
    }

    async fn send(&self, call: &Request, permit: Option<&WritePermit>) -> Result<Response> {
        if call.credential.is_none() {
            return Err(Error::NoCredential);
        }
        let Some(renewal) = &self.renewal else {
            return self.send_once(call, permit).await;
        };
        let speaking_as = |credential: Option<Credential>| Request { credential, ..call.clone() };
        let first = speaking_as(renewal(None).await?);
        let reply = self.send_once(&first, permit).await;
        if !matches!(&reply, Err(Error::Refused(refusal)) if refusal.status == 401) {
            return reply;
        }
        // A 401 is a refusal, so a write was not carried out either.
        match renewal(first.credential).await? {
            Some(newer) => self.send_once(&speaking_as(Some(newer)), permit).await,
            None => reply,
        }
    }

    async fn send_once(&self, call: &Request, permit: Option<&WritePermit>) -> Result<Response> {
        let inner = &self.inner;
        tracing::debug!(call = %call.name(), "asking Make");
        let reply = retry::send(
            &*inner.transport,
            &inner.gates,
            call,
            &self.budget.begun(),
            self.bulk,
            inner.jitter,
        )
        .await;
        let status = match &reply {
            Ok(reply) => Some(reply.status),
            Err(error) => error.status(),
        };
        if let (Some(permit), Some(status)) = (permit, status) {
            permit.answered(status);
        }
        reply
    }
}
