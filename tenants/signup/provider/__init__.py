"""allauth's provider `google`, for signing up and in. It shares nothing with the provider `gmail` but the client."""
