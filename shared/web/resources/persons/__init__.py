"""A person's data: having all of it told, having it erased, and the certificate of that."""

from shared.web.endpoint import Endpoint

_OF = "v1/tenants/{tenant}/persons"
EXPORT = Endpoint("http_person_export", "POST", f"{_OF}/exports")
ERASE = Endpoint("http_person_erase", "POST", f"{_OF}/erasures", queues=("collect",))
ERASURE = Endpoint("http_person_erasure", "GET", f"{_OF}/erasures/{{id}}")
VERIFY = Endpoint("http_certificate_verify", "POST", f"{_OF}/certificates/verification")
