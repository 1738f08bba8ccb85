"""What stands before emulate, and does or refuses what Stripe would where emulate does not.

emulate plays customers, products, prices and checkout sessions with their page (it would play payment intents,
charges and customer sessions too, which are passed on to it). It tells the front of what it completed by webhooks.

The front:

- Keys: 401 for a missing or wrong one. Ids that are not there: 404 in a path, 400 in a parameter. Addresses that it
  does not know: 404. Parameters of a subscription, customer, product, price or portal that it does not know: 400.
- Idempotency-Key: the same answer for the same POST (Idempotent-Replayed), 400 for another body or path, 409 while
  the first still runs. As with Stripe, what was refused may be tried again under its key.
- Keeps what emulate drops: a price's rhythm and lookup_key (one price a key), a customer's address and the like, a
  session's client_reference_id, amounts and subscription_data; changes products and prices; merges metadata.
- Refuses sessions that Stripe refuses: without success_url or line_items, with inactive or one-time prices in mode
  subscription, a trial_end within two days, an anchor beyond the first period or together with a trial.
- Subscriptions (flexible billing mode), their items and invoices, in the shapes of API_VERSION: begun by a completed
  session, changed with prorations by share of time, canceled; trials; an anchor in the future. Invoices stand before
  the session's completion in the order of events, so nobody can rely on the opposite.
- Events with id, previous_attributes and pending_webhooks; the list of the last 30 days.
- Webhooks signed as Stripe signs them, in order, each tried four times within 5 s.
- Billing portal and hosted_invoice_url: a small page each. The portal sets cancel_at, not cancel_at_period_end.
- `expand[]` and lists with `limit`, `starting_after`, `ending_before` and `created`.

Still not as Stripe: time does nothing (see `Stripe.renew` and `now`); all is forgotten when the world stops; cards
are never asked for nor declined at checkout, and payment methods, payment intents of sessions, taxes, discounts,
customer balances, credit notes, refunds and receipts do not exist; a subscription begins only by checkout, in one
currency, and checkout's page writes every currency as dollars, and the full price where a trial makes it nothing;
an invoice is finalized at once and a failed one is neither retried nor given up by itself (see `Stripe.retry`);
one webhook address gets every type of event, and gives up after seconds; an event's `request` is empty;
idempotency keys never expire; other API versions are answered like this one; no search, no rates (see `fault`).
"""
