"""The program in the agent container: `python -m agents.runtime`.

Owns one customer's agent from its environment to its exit code: who it is, what it reads in Gmail, what it
writes into the customer's schema, how it reports its health and how it stops. It imports no Django and knows
nothing of other customers. Starting it, deciding when it should run and explaining its exit code to a person
are the back office's; only `exits` is meant to be imported from there.
"""
