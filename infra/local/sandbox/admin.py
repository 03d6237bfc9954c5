"""The admin endpoint below `/sandbox`: what tests and operators do to the sandbox."""

import hmac
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from infra.local.sandbox.areas.member_objects import groups_claims
from infra.local.sandbox.clock import Clock, stamp
from infra.local.sandbox.faults import Faults, Rule
from infra.local.sandbox.journal import lives, state_at
from infra.local.sandbox.life import Life
from infra.local.sandbox.messages import ApiError, Reply, Request, json_reply
from infra.local.sandbox.scan import united
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.throttling import Throttle
from infra.local.sandbox.tokens import LIFETIME, TokenMint
from infra.local.sandbox.wirelog import WireLog

ADMIN_HEADER = "x-sandbox-admin"


class Admin:
    """POST /sandbox/{verb} with a JSON object; GET /sandbox/stats. All need the admin token."""

    def __init__(
        self,
        token: str,
        origin: str,
        tenants: dict[str, Tenant],
        changes: dict[str, Changes],
        clock: Clock,
        mint: TokenMint,
        throttle: Throttle,
        faults: Faults,
        wire_log: WireLog,
    ) -> None:
        self._token = token
        self._origin = origin
        self._tenants = tenants
        self._clock = clock
        self._mint = mint
        self._throttle = throttle
        self._faults = faults
        self._wire_log = wire_log
        self._changes = changes
        self._lives = {key: Life(what) for key, what in changes.items()}
        self._verbs = self._by_name()

    def _by_name(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        return {
            "stats": self._stats,
            "faults": self._set_faults,
            "advance": self._advance,
            "life": self._live,
            "journal": self._journal,
            "lives": self._told_lives,
            "patch": self._patch,
            "create": self._create,
            "delete": self._delete,
            "restore": self._restore,
            "member": self._member,
            "event": self._tell,
            "tenant": self._tenant_facts,
            "app": self._app,
            "token": self._issue,
            "throttle": self._set_throttle,
            "wirelog": self._log_to,
        }

    def handle(self, request: Request) -> Reply:
        """One admin request."""
        sent = request.headers.get(ADMIN_HEADER, "")
        if not hmac.compare_digest(sent.encode(), self._token.encode()):
            return json_reply({"error": f"the header {ADMIN_HEADER} is missing or wrong"}, 401)
        verb = self._verbs.get(request.path.removeprefix("/sandbox").strip("/"))
        if verb is None:
            return json_reply({"error": "unknown verb", "verbs": sorted(self._verbs)}, 404)
        try:
            given = request.json() if request.body else {}
            return json_reply(verb(given))
        except ApiError as error:
            return json_reply({"error": error.message}, 400)
        except (KeyError, ValueError, TypeError, msgspec.ValidationError) as error:
            return json_reply({"error": f"{type(error).__name__}: {error}"}, 400)

    def _of(self, given: dict[str, Any]) -> Tenant:
        """The tenant a request is about; the first one when it names none."""
        name = given.get("tenant")
        return self._tenants[name] if name else next(iter(self._tenants.values()))

    def _change(self, given: dict[str, Any]) -> Changes:
        return self._changes[self._of(given).tenant_id]

    # ---- the sandbox as a whole

    def _stats(self, _given: dict[str, Any]) -> Any:
        self._wire_log.flush()
        return {
            "now": stamp(self._clock.now()),
            "throttle": {
                "scale": self._throttle.scale,
                "refused": self._throttle.refused,
                "budgets": {name: asdict(one) for name, one in self._throttle.spent.items()},
            },
            "faults": [
                {**msgspec.to_builtins(armed.rule), "seen": armed.seen, "struck": armed.struck}
                for armed in self._faults.armed
            ],
            "tenants": {
                key: {
                    "displayName": tenant.display_name,
                    "sequence": tenant.timeline.sequence,
                    "users": tenant.people.count,
                    "groups": tenant.groups_made.count,
                    "signIns": len(tenant.sign_ins.log),
                    "audits": len(tenant.audits.log),
                    "apps": list(tenant.apps),
                }
                for key, tenant in self._tenants.items()
            },
        }

    def _set_faults(self, given: dict[str, Any]) -> Any:
        rules = msgspec.convert(given.get("rules", []), list[Rule])
        self._faults.set(rules, int(given.get("seed", 0)))
        return {"rules": len(rules)}

    def _advance(self, given: dict[str, Any]) -> Any:
        return {"now": stamp(self._clock.advance(float(given["seconds"])))}

    def _set_throttle(self, given: dict[str, Any]) -> Any:
        self._throttle.scale = float(given.get("scale", self._throttle.scale))
        self._throttle.reset()
        return {"scale": self._throttle.scale}

    def _log_to(self, given: dict[str, Any]) -> Any:
        self._wire_log.open(Path(given["file"]) if given.get("file") else None)
        return {"active": self._wire_log.active}

    # ---- one tenant

    def _live(self, given: dict[str, Any]) -> Any:
        tenant = self._of(given)
        return {
            "events": self._lives[tenant.tenant_id].steps(int(given["steps"]), given.get("seed"))
        }

    def _journal(self, given: dict[str, Any]) -> Any:
        tenant = self._of(given)
        at = given.get("at")
        moment = datetime.fromisoformat(at) if at else None
        return state_at(
            tenant,
            given["dataset"],
            moment,
            wall=given.get("clock", "wall") == "wall",
            select=given.get("select"),
        )

    def _told_lives(self, given: dict[str, Any]) -> Any:
        return {"objects": lives(self._of(given), given["dataset"], given.get("select"))}

    def _patch(self, given: dict[str, Any]) -> Any:
        return self._change(given).patch(given["collection"], given["id"], given["changes"])

    def _create(self, given: dict[str, Any]) -> Any:
        return self._change(given).create(given["collection"], given["object"])

    def _delete(self, given: dict[str, Any]) -> Any:
        self._change(given).delete(given["collection"], given["id"], final=bool(given.get("final")))
        return {"deleted": given["id"]}

    def _restore(self, given: dict[str, Any]) -> Any:
        return self._change(given).restore(given["collection"], given["id"])

    def _member(self, given: dict[str, Any]) -> Any:
        tenant = self._of(given)
        self._change(given).member(given["group"], given["member"], present=bool(given["present"]))
        return {"members": len(tenant.memberships.members(given["group"]))}

    def _tell(self, given: dict[str, Any]) -> Any:
        """Add a late event, or tell of one again."""
        tenant = self._of(given)
        logs = {"sign_ins": tenant.sign_ins.log, "directory_audits": tenant.audits.log}
        logs |= {name: tenant.part(make) for name, make in united("LOGS").items()}
        log, age, twice = logs[given["log"]], float(given.get("age", 0)), bool(given.get("twice"))
        return log.tell(given["event"], age, tenant.clock.now(), twice=twice)

    def _tenant_facts(self, given: dict[str, Any]) -> Any:
        tenant = self._of(given)
        if "premium" in given:
            if given["premium"] not in ("none", "P1", "P2"):
                raise ValueError("premium is none, P1 or P2")
            tenant.premium = given["premium"]
        if "concealNames" in given:
            tenant.conceal_names = bool(given["concealNames"])
        if "notBought" in given:
            tenant.not_bought = frozenset(given["notBought"])
        tenant.facts |= {name: given[name] for name in tenant.facts.keys() & given.keys()}
        return {
            "premium": tenant.premium,
            "concealNames": tenant.conceal_names,
            "notBought": sorted(tenant.not_bought),
            **tenant.facts,
        }

    def _app(self, given: dict[str, Any]) -> Any:
        """Register an application or change one (`appId`)."""
        tenant = self._of(given)
        app = tenant.apps.get(given.get("appId", ""))
        if app is None:
            app = self._change(given).register_app(given.get("appId"))
        fields = {
            "secret": "secret", "displayName": "display_name", "permissions": "permissions",
            "roles": "roles", "certificate": "certificate", "federated": "federated",
        }  # fmt: skip
        for name, attribute in fields.items():
            if name in given:
                setattr(app, attribute, given[name])
        self._change(given).publish_app(app)
        return asdict(app)

    def _issue(self, given: dict[str, Any]) -> Any:
        """Any token a test wants: of a user or an application, expired, or signed by a stranger."""
        tenant = self._of(given)
        claims: dict[str, Any] = dict(given.get("claims", {}))
        if "roles" in given:
            claims["roles"] = given["roles"]
        if "user" in given:
            user = tenant.users.state(given["user"]) or {}
            claims |= {
                "oid": given["user"],
                "sub": given["user"],
                "preferred_username": user.get("userPrincipalName", ""),
                "name": user.get("displayName", ""),
                "scp": given.get("scope", "access_as_user"),
            }
        if given.get("groups"):
            claims |= groups_claims(tenant, claims.get("oid") or "")
        claims.setdefault("azp", next(iter(tenant.apps)))
        claims.setdefault("oid", tenant.apps[next(iter(tenant.apps))].object_id)
        token = self._mint.issue(
            given.get("authority", self._origin),
            given.get("tid", tenant.tenant_id),
            given["audience"],
            claims,
            int(given.get("expiresIn", LIFETIME)),
            foreign_key=bool(given.get("foreignKey")),
        )
        return {"token": token}
