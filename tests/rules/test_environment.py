"""The ground the house stands on: settings closed by default, three roles, and servers that leave nothing behind."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured
from django.db import ProgrammingError, connections

from config import addresses, binaries, embedded, examine, run
from config.logs import Plain
from config.owner import as_owner
from config.routers import Keys
from tests.browser import chromium

# Joins the embedded Valkey (a database is named, so PostgreSQL is not needed), says so, and stays until its input ends.
GUEST = "from config import embedded; embedded.join(); print('in', flush=True); input()"


def asked(sentence: str) -> str:
    """Return what a real installation's settings say."""
    code = f"import django; django.setup(); from django.conf import settings as s; print(({sentence}), end='')"
    env = {**examine.production(), "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=embedded.BASE, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def state() -> Iterator[Path]:
    """A folder that the servers' user can reach; pytest's own are private."""
    place = Path(tempfile.mkdtemp(prefix="hs-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def guest(state: Path) -> subprocess.Popen[str]:
    env = {**os.environ, "HARBOUR_STATE": str(state), "DATABASE_URL": "postgres://elsewhere/harbour", "REDIS_URL": ""}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", GUEST], env=env, cwd=embedded.BASE, stdin=pipe, stdout=pipe, text=True)


def keeper(state: Path) -> int:
    return int((state / "keeper").read_text())


def gone(pid: int, seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def answering(line: redis.Redis, seconds: float = 10) -> dict[str, int]:
    """What a server says of itself, once it answers again."""
    until = time.monotonic() + seconds
    while True:
        try:
            return line.info("server")
        except redis.RedisError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@pytest.mark.nodb
class TestSettings:
    def test_a_real_installation_is_closed_without_being_asked_to(self):
        said = asked("s.DEBUG, s.ALLOWED_HOSTS, s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME")
        assert said == "(False, ['harbour.example'], True, '__Host-session', '__Host-csrf')"

    def test_the_keys_live_in_a_database_beside_the_cases_when_no_other_is_named(self):
        assert asked("s.DATABASES['keys']['NAME'], s.DATABASES['keys']['HOST']") == "('harbour_keys', 'database.example')"

    def test_nothing_but_ourselves_may_be_loaded(self):
        assert asked("s.CONTENT_SECURITY_POLICY['DIRECTIVES']['default-src'], 'unsafe' in str(s.CONTENT_SECURITY_POLICY)") == (
            """(["'none'"], False)"""
        )

    def test_a_secret_may_lie_in_a_file(self, tmp_path, monkeypatch):
        (tmp_path / "secret").write_text("from the file\n")
        monkeypatch.delenv("SECRET_KEY", raising=False)
        monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "secret"))
        assert addresses.secret("SECRET_KEY") == "from the file"

    def test_without_a_secret_it_does_not_start(self, monkeypatch):
        for name in ("SECRET_KEY", "SECRET_KEY_FILE"):
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE"):
            addresses.secret("SECRET_KEY")

    def test_an_address_may_hold_odd_passwords_folders_and_options(self, monkeypatch):
        monkeypatch.setenv("ONE", "postgres://app:p%40ss%3A@Db.example:5433/harbour?sslmode=require")
        one = addresses.database("ONE")
        assert (one["HOST"], one["PORT"], one["PASSWORD"]) == ("Db.example", 5433, "p@ss:")
        assert one["OPTIONS"] == {"sslmode": "require"}
        monkeypatch.setenv("ONE", "postgres://app@%2FTmp%2Fx/harbour")
        assert addresses.database("ONE")["HOST"] == "/Tmp/x"
        monkeypatch.setenv("ONE", "postgres://app@[::1]:5432/harbour")
        assert addresses.database("ONE")["HOST"] == "::1"

    def test_mail_goes_nowhere_unless_it_is_named(self, monkeypatch):
        assert asked("s.EMAIL_BACKEND").endswith("dummy.EmailBackend")
        monkeypatch.setenv("ONE", "smtp+starttls://me:secret@mail.example")
        assert addresses.email("ONE")["PORT"] == 587

    def test_what_is_installed_is_pinned(self):
        for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
            lines = (embedded.BASE / name).read_text().splitlines()
            assert all("==" in line for line in lines if line and not line.startswith(("#", "-r", "-c")))


@pytest.mark.nodb
class TestLogLines:
    def record(self, message: object, *arguments: object, exc_info: object = None) -> logging.LogRecord:
        return logging.makeLogRecord(
            {"name": "harbour.desk", "levelname": "INFO", "msg": message, "args": arguments, "exc_info": exc_info}
        )

    def test_what_somebody_typed_is_not_written(self):
        line = Plain().format(self.record("referral refused: %s", "Malika"))
        assert "referral refused" in line and "Malika" not in line

    def test_of_an_exception_only_its_type(self):
        try:
            raise ValueError("Malika")
        except ValueError as error:
            for message in ("page failed", error):
                line = Plain().format(self.record(message, exc_info=sys.exc_info()))
                assert line.endswith("ValueError") and "Malika" not in line

    def test_allowed_fields_are(self):
        record = self.record("outbox.sent")
        record.id, record.who = 7, "Malika"
        assert Plain().format(record).endswith("INFO harbour.desk outbox.sent id=7")


class TestRoles:
    @pytest.mark.parametrize("alias", ["default", "keys"])
    def test_pages_worker_and_tests_are_the_role_that_owns_nothing(self, alias):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
            assert cursor.fetchone() == ("harbour_app", False)
            with pytest.raises(ProgrammingError, match="permission denied"):
                cursor.execute("CREATE TABLE mine (id int)")

    @pytest.mark.django_db(databases=["default", "keys"], transaction=True)
    def test_the_owner_comes_and_goes(self):
        said = []
        for _ in range(2):
            with as_owner("keys"), connections["keys"].cursor() as cursor:
                cursor.execute("SELECT current_user")
                said.append(cursor.fetchone()[0])
            with connections["keys"].cursor() as cursor:
                cursor.execute("SELECT current_user")
                said.append(cursor.fetchone()[0])
        assert said == ["harbour_owner", "harbour_app"] * 2

    @pytest.mark.django_db(databases=["default", "keys"], transaction=True)
    def test_pages_and_worker_cannot_become_the_owner(self, settings):
        settings.DATABASE_OWNER = ""
        with pytest.raises(ImproperlyConfigured, match="DATABASE_OWNER"), as_owner("default"):
            pass

    @pytest.mark.nodb
    def test_wrapped_keys_and_cases_never_share_a_database(self):
        keys = Keys()
        assert keys.allow_migrate("keys", "relocation", "wrappedkey") and not keys.allow_migrate("keys", "relocation", "case")
        assert keys.allow_migrate("default", "relocation", "case")
        assert not keys.allow_migrate("default", "relocation", "wrappedkey")


@pytest.mark.nodb
class TestServersOfOurOwn:
    def test_three_at_once_share_one_and_the_last_one_stops_it(self, state):
        guests = [guest(state) for _ in range(3)]
        assert [g.stdout.readline() for g in guests] == ["in\n"] * 3
        one = keeper(state)
        for leaving in guests[:2]:
            leaving.communicate("\n")
        assert not gone(one, seconds=0.6)
        guests[2].communicate("\n")
        assert gone(one)

    def test_killing_its_only_guest_leaves_nothing(self, state):
        killed = guest(state)
        assert killed.stdout.readline() == "in\n"
        one = keeper(state)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert gone(one)
        assert sorted(path.name for path in state.iterdir()) == [
            "door", "keeper", "servers.log", "users", "valkey", "valkey-password",
        ]  # fmt: skip

    def test_a_server_that_is_killed_comes_back_until_nobody_needs_it(self, state, monkeypatch):
        staying = guest(state)
        assert staying.stdout.readline() == "in\n"
        monkeypatch.setenv("HARBOUR_STATE", str(state))
        line = redis.Redis(unix_socket_path=str(embedded.sockets() / "valkey.sock"), password=embedded.queue_password())
        first = line.info("server")["process_id"]
        os.kill(first, signal.SIGKILL)
        assert gone(first) and answering(line)["process_id"] != first
        one = keeper(state)
        staying.communicate("\n")
        assert gone(one) and not embedded.sockets().exists()

    def test_secrets_are_made_once_and_for_us_alone(self, state, monkeypatch):
        monkeypatch.setenv("HARBOUR_STATE", str(state))
        first, again = embedded.secret_of("key", "one"), embedded.secret_of("key", "two")
        assert first == again and first.read_text() == "one"
        assert first.stat().st_mode & 0o777 == 0o600

    @pytest.mark.skipif(not binaries.ROOT, reason="only root's servers run as somebody else")
    def test_a_state_out_of_reach_is_a_sentence_not_a_trace(self, tmp_path):
        refused = guest(tmp_path)
        refused.communicate()
        assert refused.returncode == 1

    @pytest.mark.parametrize(("command", "needed"), [("migrate", True), ("check", False), ("help", False), ("world", True)])
    def test_only_commands_that_need_a_database_start_one(self, command, needed, monkeypatch):
        monkeypatch.delenv("DATABASE_URL", raising=False)
        assert embedded.needed_by(["manage.py", command]) is needed
        assert not embedded.needed_by(["manage.py", command, "--help"])

    def test_named_servers_are_left_alone(self, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/harbour")
        monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
        assert not embedded.missing() and not embedded.needed_by(["manage.py", "migrate"])


@pytest.mark.nodb
class TestStart:
    def test_a_busy_port_is_named_with_a_free_one(self, monkeypatch):
        with socket.socket() as busy:
            busy.bind(("127.0.0.1", 0))
            busy.listen()
            monkeypatch.setenv("PORT", str(busy.getsockname()[1]))
            with pytest.raises(SystemExit, match=r"is in use\. .* make run PORT=\d+"):
                run.asked_port()

    @pytest.mark.parametrize("given", ["web", "0", "70000"])
    def test_what_is_no_port_is_said(self, given, monkeypatch):
        monkeypatch.setenv("PORT", given)
        with pytest.raises(SystemExit, match="is no port"):
            run.asked_port()

    def test_a_named_browser_is_taken_and_a_missing_one_is_explained(self, monkeypatch):
        monkeypatch.setenv("HARBOUR_CHROMIUM", sys.executable)
        assert chromium.find() == sys.executable
        monkeypatch.setenv("HARBOUR_CHROMIUM", "/nowhere/chromium")
        with pytest.raises(SystemExit, match="HARBOUR_CHROMIUM"):
            chromium.main()
