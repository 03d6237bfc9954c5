"""The audit log: who did what, who was refused, who read personal data. A chain for each tenant, and
one for the deployment itself.
"""

from shared.web.endpoint import Endpoint

READ = Endpoint("http_audit", "GET", "v1/tenants/{tenant}/audit")
VERIFY = Endpoint("http_audit_verification", "GET", "v1/tenants/{tenant}/audit/verification")
VERIFY_DEPLOYMENT = Endpoint("http_audit_verify", "GET", "v1/audit/verification")
READ_DEPLOYMENT = Endpoint("http_audit_deployment", "GET", "v1/audit")
