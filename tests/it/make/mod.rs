//! The client below the endpoints; what each endpoint sends is in `tests/it/tools`.

mod cache;
mod contract;
mod hostile;
mod https;
mod paths;
mod rate;
mod trail;
