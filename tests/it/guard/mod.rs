mod cases;
mod forms;
mod plans;
