"""Two tenants that differ in what is personal and in nothing else."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine

from shared.core import clock
from tests.api.conftest import OTHER, TENANT
from tests.fixtures.seed import Object, collect

PEOPLE = 12


DAY = date(2026, 11, 26)


NOW = clock.now()


@dataclass(frozen=True)
class World:
    """One tenant: what is personal is made of `mark` and of numbers that `turn` mixes up."""

    tenant: UUID
    mark: str
    turn: int

    def who(self, number: int) -> int:
        return number * self.turn % 13

    def text(self, kind: str, number: int) -> str:
        return f"{kind}{self.who(number)} {self.mark}"

    def mail(self, number: int) -> str:
        return f"K{self.who(number)}.{self.mark}@example.test"

    def days(self, number: int) -> int:
        return self.who(number) * 31 + 1

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.mark, self.mark.upper(), self.mark.capitalize()


A, B = World(TENANT, "himitsu", 5), World(OTHER, "naisho", 7)


def fill(engine: Engine, world: World) -> None:
    numbers = range(1, PEOPLE + 1)
    for dataset, objects in (
        ("users", [user(world, n) for n in numbers]),
        ("sign_in_activity", [activity(world, n) for n in numbers]),
        ("user_registration_details", [registration(world, n) for n in numbers]),
        ("role_definitions", [{"id": "ga", "display_name": "Global Administrator"}]),
        ("role_assignments", [assignment(world, n) for n in numbers if n % 2]),
        ("sign_ins", [sign_in(world, n) for n in numbers]),
        ("conditional_access_policies", [policy(n) for n in numbers]),
    ):
        collect(engine, world.tenant, dataset, objects, at=NOW - timedelta(minutes=5))
    for dataset, measured in (
        ("mailbox_usage", mailbox),
        ("onedrive_usage", drive),
        ("teams_user_activity", teams),
    ):
        lines = [measured(world, n) for n in numbers]
        collect(
            engine, world.tenant, dataset, lines, report_date=DAY, at=NOW - timedelta(minutes=5)
        )


def user(world: World, n: int) -> Object:
    return {
        "id": f"user-{n}",
        "display_name": world.text("Name", n) if n % 4 else None,
        "user_principal_name": world.mail(n),
        "mail": world.mail(n).lower(),
        "job_title": world.text("Job", n),
        "department": f"department {n % 3}",
        "account_enabled": n % 5 != 0,
        "created_at": datetime(2024, 1, n, tzinfo=UTC),
        "last_password_change_at": NOW - timedelta(days=world.days(n)),
        "assigned_licenses": [{}] * (n % 2),
    }


def activity(world: World, n: int) -> Object:
    at = NOW - timedelta(days=world.days(n))
    return {"id": f"user-{n}", "last_successful_sign_in_at": at, "last_sign_in_at": at}


def registration(world: World, n: int) -> Object:
    return {
        "id": f"user-{n}",
        "user_principal_name": world.mail(n),
        "display_name": world.text("Name", n),
        "is_mfa_registered": n % 2 == 0,
        "is_admin": n % 3 == 0,
    }


def assignment(world: World, n: int) -> Object:
    return {
        "id": f"held-{n}",
        "principal_id": f"user-{n}",
        "principal_type": "#microsoft.graph.user",
        "principal_display_name": world.text("Name", n),
        "role_definition_id": "ga",
        "directory_scope_id": "/",
    }


def sign_in(world: World, n: int) -> Object:
    return {
        "id": f"sign-in-{n}",
        "created_at": NOW - timedelta(days=n),
        "user_id": f"user-{n}",
        "user_principal_name": world.mail(n),
        "user_display_name": world.text("Name", n),
        "app_display_name": f"application {n % 2}",
        "ip_address": world.text("10.0.0.", n),
        "city": world.text("City", n),
        "country": "JP",
        "device_name": world.text("Device", n),
        "error_code": n % 2,
    }


def policy(n: int) -> Object:
    targets = {"users": {"includeUsers": [f"user-{n}"]}}
    return {
        "id": f"policy-{n}",
        "display_name": f"Policy {n}",
        "state": "enabled",
        "conditions": targets,
    }


def mailbox(world: World, n: int) -> Object:
    return {
        "id": world.mail(n),
        "user_principal_name": world.mail(n),
        "display_name": world.text("Name", n),
        "last_activity_date": DAY - timedelta(days=world.days(n)),
        "item_count": n,
    }


def drive(world: World, n: int) -> Object:
    return {
        "id": f"https://x.test/{world.mail(n)}",
        "site_url": f"https://x.test/{world.mail(n)}",
        "owner_display_name": world.text("Name", n),
        "owner_principal_name": world.mail(n).upper(),
        "last_activity_date": DAY - timedelta(days=world.days(n)),
        "file_count": n,
    }


def teams(world: World, n: int) -> Object:
    return {
        "id": world.mail(n),
        "user_id": f"user-{n}",
        "user_principal_name": world.mail(n),
        "last_activity_date": DAY - timedelta(days=world.days(n)),
        "call_count": n,
    }
