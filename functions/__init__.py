"""Triggers: one file per function. Each binds, parses, calls one use case, binds the answer."""

from azure.functions import Blueprint

from functions.http_collect_now import blueprint as http_collect_now
from functions.http_collections import blueprint as http_collections
from functions.http_consent import blueprint as http_consent
from functions.http_datasets import blueprint as http_datasets
from functions.http_dead_letters import blueprint as http_dead_letters
from functions.http_health_live import blueprint as http_health_live
from functions.http_health_ready import blueprint as http_health_ready
from functions.http_key_create import blueprint as http_key_create
from functions.http_key_revoke import blueprint as http_key_revoke
from functions.http_keys import blueprint as http_keys
from functions.http_ledger import blueprint as http_ledger
from functions.http_openapi import blueprint as http_openapi
from functions.http_report import blueprint as http_report
from functions.http_reports import blueprint as http_reports
from functions.http_tenant import blueprint as http_tenant
from functions.http_tenant_connect import blueprint as http_tenant_connect
from functions.http_tenant_pause import blueprint as http_tenant_pause
from functions.http_tenant_remove import blueprint as http_tenant_remove
from functions.http_tenant_resume import blueprint as http_tenant_resume
from functions.http_tenants import blueprint as http_tenants
from functions.queue_collect import blueprint as queue_collect
from functions.queue_collect_poison import blueprint as queue_collect_poison
from functions.timer_collect import blueprint as timer_collect
from functions.timer_maintain import blueprint as timer_maintain

BLUEPRINTS: tuple[Blueprint, ...] = (
    http_collect_now,
    http_collections,
    http_consent,
    http_datasets,
    http_dead_letters,
    http_health_live,
    http_health_ready,
    http_key_create,
    http_key_revoke,
    http_keys,
    http_ledger,
    http_openapi,
    http_report,
    http_reports,
    http_tenant,
    http_tenant_connect,
    http_tenant_pause,
    http_tenant_remove,
    http_tenant_resume,
    http_tenants,
    queue_collect,
    queue_collect_poison,
    timer_collect,
    timer_maintain,
)
