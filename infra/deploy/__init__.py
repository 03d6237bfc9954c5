"""Steps of a deployment that talk to what was provisioned: migrate the database, try the API."""
