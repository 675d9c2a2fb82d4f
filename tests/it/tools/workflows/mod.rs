mod access_review;
mod audit_export;
mod audit_summary;
mod interrupted;
mod offboard;
mod rotate;
