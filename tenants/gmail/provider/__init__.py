"""allauth's provider `gmail`: OAuth with Google for one purpose, reading a mailbox. It has no login."""
