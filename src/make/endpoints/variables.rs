//! Custom variables of organizations and teams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::make::{
    Make, Place, Record, Result, WritePermit,
    request::{RequestBuilder, Verb},
    transport::Segment,
};

/// Custom variables of organizations and teams.
#[derive(Debug)]
pub struct Variables<'a> {
    pub(super) make: &'a Make,
}

/// A variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// Its name; never changes.
    pub name: Option<String>,
    /// 1 number, 2 text, 3 true or false, 4 date (ISO 8601).
    pub type_id: Option<u8>,
    /// Its value.
    #[serde(default)]
    pub value: Value,
    /// Whether Make made it: it cannot be changed.
    pub is_system: Option<bool>,
}

/// One change of a variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VariableChange {
    /// The change.
    pub id: Option<u64>,
    /// What it was and what it became.
    pub diff_object: Option<Map<String, Value>>,
    /// When, ISO 8601 in UTC.
    pub changed: Option<String>,
    /// What was done, e.g. `team_variable_edited`.
    pub action: Option<String>,
    /// Who did it, by name.
    pub author: Option<String>,
}

/// What to set in a variable; absent fields stay.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateVariable {
    /// New type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_id: Option<u8>,
    /// New value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl Variables<'_> {
    /// Lists the variables, those of the system included.
    ///
    /// `GET /organizations/{organizationId}/variables` or `GET /teams/{teamId}/variables`. Not paged.
    pub async fn list(&self, place: Place) -> Result<Vec<Record<Variable>>> {
        let request = self.at(Verb::Get, place, &[]);
        request.list(named(place, "Variables")).await.map(|list| list.items)
    }

    /// Creates a variable. 404 where the plan has none.
    ///
    /// `POST /organizations/{organizationId}/variables` or `POST /teams/{teamId}/variables`.
    pub async fn create(
        &self,
        permit: &WritePermit,
        place: Place,
        name: &str,
        type_id: u8,
        value: &Value,
    ) -> Result<Record<Variable>> {
        self.at(Verb::Post(permit), place, &[])
            .body(json!({ "name": name, "typeId": type_id, "value": value }))
            .field(named(place, "Variable"))
            .await
    }

    /// Changes type or value of a variable.
    ///
    /// `PATCH …/variables/{variableName}`.
    pub async fn update(
        &self,
        permit: &WritePermit,
        place: Place,
        name: &str,
        change: &UpdateVariable,
    ) -> Result<Record<Variable>> {
        self.at(Verb::Patch(permit), place, &[&name])
            .body(json!(change))
            .field(named(place, "Variable"))
            .await
    }

    /// Deletes a variable; scenarios that use it fail.
    ///
    /// `DELETE …/variables/{variableName}?confirmed=true`.
    pub async fn delete(&self, permit: &WritePermit, place: Place, name: &str) -> Result<()> {
        let request = self.at(Verb::Delete(permit), place, &[&name]);
        request.query("confirmed", true).done().await
    }

    /// Lists the changes of a variable, newest first.
    ///
    /// `GET …/variables/{variableName}/history`. Not paged.
    pub async fn history(&self, place: Place, name: &str) -> Result<Vec<Record<VariableChange>>> {
        let request = self.at(Verb::Get, place, &[&name, &"history"]);
        request.list(named(place, "VariableHistory")).await.map(|list| list.items)
    }

    fn at<'p>(&self, verb: Verb<'p>, place: Place, below: &[Segment<'_>]) -> RequestBuilder<'p> {
        let (kind, id): (&str, Segment<'_>) = match &place {
            Place::Organization(id) => ("organizations", id),
            Place::Team(id) => ("teams", id),
        };
        let path: Vec<Segment<'_>> = [&kind as Segment<'_>, id, &"variables"]
            .into_iter()
            .chain(below.iter().copied())
            .collect();
        let request = RequestBuilder::new(self.make, verb, &path);
        match place {
            Place::Organization(id) => request.quota_of(id),
            Place::Team(_) => request,
        }
    }
}

/// The envelope's key: `organizationVariables`, `teamVariable`, …
fn named(place: Place, what: &str) -> &'static str {
    match (place, what) {
        (Place::Organization(_), "Variables") => "organizationVariables",
        (Place::Organization(_), "Variable") => "organizationVariable",
        (Place::Organization(_), _) => "organizationVariableHistory",
        (Place::Team(_), "Variables") => "teamVariables",
        (Place::Team(_), "Variable") => "teamVariable",
        (Place::Team(_), _) => "teamVariableHistory",
    }
}
