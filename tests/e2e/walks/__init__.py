"""A new company's way through the product and the staff's day, in a real browser on the whole stack."""
