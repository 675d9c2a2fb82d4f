mod cases;
mod forms;
mod journal;
mod plans;
mod policy;
mod standing;
