"""English dates as the back office's lists show them, to be sorted by eye."""
