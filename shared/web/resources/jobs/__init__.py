"""Jobs: what callers have asked for and takes longer than an answer may."""

from shared.web.endpoint import Endpoint

LIST = Endpoint("http_jobs", "GET", "v1/jobs")
READ = Endpoint("http_job", "GET", "v1/jobs/{id}")
CANCEL = Endpoint("http_job_cancel", "POST", "v1/jobs/{id}/cancel")
