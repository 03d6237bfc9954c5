"""The JSON answers of the API: a file per resource, a struct per answer; OpenAPI is made from them."""
