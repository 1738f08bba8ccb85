"""Pages of a customer's host: `reading` shows, `drafts` and `profile` also change. Each view is for members only."""
