"""The Entra ID endpoints: discovery, keys and the token endpoint for applications."""

import hmac
import re
from typing import Any
from urllib.parse import parse_qsl

import jwt

from infra.local.sandbox.messages import Reply, Request, json_reply
from infra.local.sandbox.tenant.apps import GRAPH_APP_ID, App
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tokens import (
    LIFETIME,
    TokenMint,
    check_certificate_assertion,
    federated_subject,
)

GRAPH_AUDIENCE = "https://graph.microsoft.com"
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_PATH = re.compile(
    r"/(?P<tenant>[^/]+)/(?P<rest>(v2\.0/)?\.well-known/openid-configuration"
    r"|discovery/v2\.0/keys|discovery/instance|oauth2/v2\.0/token)"
)


class EntraError(Exception):
    """An OAuth error answer with its AADSTS number ("AADSTS error codes" reference)."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.error = error
        self.number = number


class Entra:
    """Answers for all tenants of the sandbox. `authority` is `https://localhost:PORT`."""

    def __init__(self, authority: str, tenants: dict[str, Tenant], mint: TokenMint) -> None:
        self._authority = authority
        self._tenants = tenants
        self._mint = mint

    def handle(self, request: Request) -> Reply | None:
        """The answer, or None when the path is not one of Entra's."""
        match = _PATH.fullmatch(request.path)
        if match is None:
            return None
        tenant, rest = match["tenant"], match["rest"]
        try:
            if rest.endswith("openid-configuration"):
                return json_reply(self._configuration(tenant, v2=rest.startswith("v2.0")))
            if rest.startswith("discovery/v2.0"):
                return json_reply(self._mint.key_set())
            if rest == "discovery/instance":
                return json_reply(self._instance())
            return json_reply(self._token(tenant, request))
        except EntraError as error:
            return json_reply(
                {
                    "error": error.error,
                    "error_description": f"AADSTS{error.number}: {error} Trace ID: {request.request_id}",
                    "error_codes": [error.number],
                    "trace_id": request.request_id,
                    "correlation_id": request.headers.get("client-request-id", request.request_id),
                },
                error.status,
            )

    def _find(self, name: str) -> Tenant:
        for tenant in self._tenants.values():
            if name in (tenant.tenant_id, tenant.domain, tenant.people.initial_domain):
                return tenant
        raise EntraError(400, "invalid_tenant", 90002, f"Tenant '{name}' not found.")

    def _configuration(self, name: str, *, v2: bool) -> dict[str, Any]:
        tenant = name if name in ("common", "organizations") else self._find(name).tenant_id
        base = f"{self._authority}/{tenant}"
        issuer = "{tenantid}" if tenant == name and name in ("common", "organizations") else tenant
        return {
            "issuer": f"{self._authority}/{issuer}/v2.0" if v2 else f"{self._authority}/{issuer}/",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "private_key_jwt",
                "client_secret_basic",
            ],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "tid", "oid", "roles", "ver"],
            "tenant_region_scope": "AS",
            "cloud_instance_name": "microsoftonline.com",
            "msgraph_host": self._authority.removeprefix("https://"),
        }

    def _instance(self) -> dict[str, Any]:
        host = self._authority.removeprefix("https://")
        return {
            "tenant_discovery_endpoint": f"{self._authority}/common/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [
                {"preferred_network": host, "preferred_cache": host, "aliases": [host]},
            ],
        }

    def _token(self, name: str, request: Request) -> dict[str, Any]:
        if request.method != "POST":
            raise EntraError(405, "invalid_request", 900561, "The endpoint only accepts POST.")
        tenant = self._find(name)
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        if form.get("grant_type") != "client_credentials":
            raise EntraError(
                400, "unsupported_grant_type", 70003, "Only client_credentials is offered."
            )
        app = tenant.apps.get(form.get("client_id", ""))
        if app is None:
            raise EntraError(
                401,
                "unauthorized_client",
                700016,
                f"Application not found in '{tenant.display_name}'.",
            )
        self._authenticate(app, form, name)
        token = self.token_for(tenant, app, form.get("scope", ""))
        return {
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
            "access_token": token,
        }

    def _authenticate(self, app: App, form: dict[str, str], tenant_name: str) -> None:
        assertion = form.get("client_assertion")
        if assertion is None:
            if not hmac.compare_digest(form.get("client_secret", "").encode(), app.secret.encode()):
                raise EntraError(401, "invalid_client", 7000215, "Invalid client secret provided.")
            return
        if form.get("client_assertion_type") != _ASSERTION_TYPE:
            raise EntraError(400, "invalid_request", 900144, "client_assertion_type is wrong.")
        try:
            if (
                jwt.get_unverified_header(assertion).keys() & {"x5t", "x5t#S256"}
                and app.certificate
            ):
                endpoint = f"{self._authority}/{tenant_name}/oauth2/v2.0/token"
                check_certificate_assertion(assertion, app.certificate, app.app_id, endpoint)
            elif federated_subject(assertion) not in app.federated:
                raise EntraError(
                    401, "invalid_client", 700213, "No matching federated identity record."
                )
        except jwt.InvalidTokenError as error:
            raise EntraError(
                401, "invalid_client", 700027, f"Client assertion failed: {error}."
            ) from error

    def token_for(self, tenant: Tenant, app: App, scope: str) -> str:
        """An application token for the resource of a `/.default` scope."""
        if not scope.endswith("/.default"):
            raise EntraError(400, "invalid_scope", 1002012, f"The scope '{scope}' is not valid.")
        resource = scope.removesuffix("/.default")
        graph = (GRAPH_AUDIENCE, self._authority, self._authority.rpartition(":")[0], GRAPH_APP_ID)
        if resource.rstrip("/") in graph:
            audience, roles = GRAPH_AUDIENCE, list(app.permissions)
        elif resource in app.roles:
            audience, roles = resource, list(app.roles[resource])
        else:
            raise EntraError(
                400, "invalid_resource", 500011, f"The resource '{resource}' was not found."
            )
        claims: dict[str, Any] = {
            "azp": app.app_id,
            "appid": app.app_id,
            "azpacr": "1",
            "app_displayname": app.display_name,
            "idtyp": "app",
            "oid": app.object_id,
            "sub": app.object_id,
        }
        if roles:
            claims["roles"] = roles
        return self._mint.issue(self._authority, tenant.tenant_id, audience, claims)
