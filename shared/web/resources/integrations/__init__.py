"""What Kanri is connected to, and how it fares: Graph and Entra of each tenant, database, storage, keys."""

from shared.web.endpoint import Endpoint

LIST = Endpoint("http_integrations", "GET", "v1/integrations")
