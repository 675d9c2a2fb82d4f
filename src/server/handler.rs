//! What the protocol asks of a server, method by method.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams,
        CompleteResult, ContentBlock, CustomRequest, CustomResult, ErrorCode,
        GetPromptRequestParams, GetPromptResponse, Implementation, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
        ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig,
    },
    service::RequestContext,
};
use serde_json::{Value, json};

use super::{Server, call::CallOutcome, completion, file_links, prompts, resources};
use crate::tools::registry::{Effect, Tool, ToolError};

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let own = Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
            .with_title("Make administration");
        ServerConfig::new(
            ServerCapabilities::builder()
                .enable_tools()
                .enable_resources()
                .enable_prompts()
                .enable_completions()
                .build(),
        )
        .with_server_info(own)
        .with_instructions(self.instructions())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        guarded(async {
            self.decide().await;
            Ok(ListToolsResult::with_all_items(self.visible()))
        })
        .await
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        host: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        guarded(async {
            let tool = self.find(&request.name)?;
            Ok(match self.answer(tool, request, &host).await? {
                CallOutcome::Answer(answer) => answered(tool, answer).into(),
                CallOutcome::Answers(Ok(answers)) => CallToolResult::structured(answers).into(),
                CallOutcome::Answers(Err(failures)) => {
                    CallToolResult::structured_error(failures).into()
                }
                CallOutcome::Asks(asking) => asking,
            })
        })
        .await
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        guarded(async { Ok(ListResourcesResult::with_all_items(resources::list_resources(self))) })
            .await
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        guarded(async {
            let templates = resources::list_templates(self);
            Ok(ListResourceTemplatesResult::with_all_items(templates))
        })
        .await
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        guarded(async { Ok(resources::read(self, &request.uri).await?.into()) }).await
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        guarded(async { Ok(ListPromptsResult::with_all_items(prompts::list_prompts(self))) }).await
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        guarded(async { Ok(prompts::get_prompt(self, &request)?.into()) }).await
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        guarded(completion::complete(self, &request)).await
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        // A known method arrives here when its parameters have the wrong form.
        Err(match request.method.as_str() {
            method @ ("tools/call"
            | "tools/list"
            | "resources/read"
            | "prompts/get"
            | "completion/complete") => ErrorData::invalid_params(
                format!("the parameters of `{method}` are malformed"),
                None,
            ),
            method => ErrorData::new(
                ErrorCode::METHOD_NOT_FOUND,
                format!("unknown method: {method:?}"),
                None,
            ),
        })
    }

    fn get_tool(&self, name: &str) -> Option<rmcp::model::Tool> {
        let tool = self.0.catalog.iter().find(|tool| tool.spec.name == name)?;
        self.described(tool)
    }
}

/// Runs a handler to its answer: a panic would leave the host without one.
async fn guarded<T>(handler: impl Future<Output = Result<T, ErrorData>>) -> Result<T, ErrorData> {
    AssertUnwindSafe(handler).catch_unwind().await.unwrap_or_else(|_| {
        let message = "this server has a fault: it could not answer; the log has the place";
        Err(ErrorData::internal_error(message, None))
    })
}

fn answered(tool: &Tool, result: Result<Value, ToolError>) -> CallToolResult {
    match result {
        Ok(answer) if tool.effect() == Effect::Report => {
            let files = file_links::to_files(&answer);
            let mut result = CallToolResult::structured(answer);
            result.content.extend(files);
            result
        }
        Ok(answer) => CallToolResult::structured(answer),
        Err(error) => {
            let mut result = CallToolResult::error(vec![ContentBlock::text(error.to_string())]);
            result.structured_content = Some(json!({ "error": error }));
            result
        }
    }
}
