"""HTTP without Azure: authentication, routes, problem+json, CSV, OpenAPI."""
