"""Approvals: what waits for a second person, with the exact effect that he approves of or not."""

from shared.web.endpoint import Endpoint

LIST = Endpoint("http_approvals", "GET", "v1/approvals")
READ = Endpoint("http_approval", "GET", "v1/approvals/{id}")
APPROVE = Endpoint(
    "http_approval_approve", "POST", "v1/approvals/{id}/approve", queues=("collect",)
)
REJECT = Endpoint("http_approval_reject", "POST", "v1/approvals/{id}/reject")
WITHDRAW = Endpoint("http_approval_withdraw", "POST", "v1/approvals/{id}/withdraw")
