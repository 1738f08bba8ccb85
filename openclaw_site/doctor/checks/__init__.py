"""The checks, a module for each thing that is looked at: functions from the process to findings."""
