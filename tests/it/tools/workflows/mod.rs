mod audit_export;
mod audit_summary;
mod rotate;
