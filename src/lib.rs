//! Make.com administration as MCP tools.

pub mod guard;
pub mod make;
pub mod tools;
