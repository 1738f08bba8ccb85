"""Sign-up: from a stranger's form on the public host to a customer with its owner. Money and trials are billing's."""
