"""What a run is billed for, as pure arithmetic. Reading and writing rows is the services'."""
