"""What was used on a day: the arithmetic of paid time, and the reading of the tables. Writing is the services'."""
