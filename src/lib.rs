//! Make.com administration as MCP tools.

pub mod make;
