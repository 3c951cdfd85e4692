"""Every setting, read from the environment and closed by default."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from kombu import Exchange, Queue

from config import addresses, embedded

BASE_DIR = Path(__file__).resolve().parent.parent
embedded.announce()


def env(name: str, default: str = "") -> str:
    """Read one variable; an empty one counts as absent."""
    return os.environ.get(name) or default


# Who may talk to us, and how.
DEBUG = env("DEBUG") == "1"
INSECURE_LOCAL = env("HARBOUR_INSECURE_LOCAL") == "1"  # plain http on loopback: `make run` and the tests
SECURE = not INSECURE_LOCAL
SECRET_KEY = addresses.secret("SECRET_KEY")
ALLOWED_HOSTS = env("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
BEHIND_PROXY = env("HARBOUR_BEHIND_PROXY") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"  # with "no-referrer" browsers send "Origin: null", and every form is refused
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "relocation.safety.session"  # which says how long each part stays signed in
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # a sentence may name an alias: no cookie holds it
DATA_UPLOAD_MAX_MEMORY_SIZE = 15 * 1024 * 1024  # bytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a step for a wave is one form, with a field for each person
FILE_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024  # a little more than may be kept, so that the form says what is too large
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # nothing plain ever lies on a disk
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# What is stored, and where. The app connects as a role that owns nothing; only `migrate` and `flush` have the owner.
_default = addresses.database("DATABASE_URL")
DATABASES: dict[str, dict[str, Any]] = {
    "default": _default | {"ATOMIC_REQUESTS": True},
    "keys": addresses.database("KEYS_DATABASE_URL") or _default | {"NAME": f"{_default['NAME']}_keys"},
}
DATABASE_OWNER = env("DATABASE_OWNER")  # "user:password"; absent in web and worker
DATABASE_ROUTERS = ["config.routers.Keys"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env("REDIS_URL")
HARBOUR_KEY_FILE = env("HARBOUR_KEY_FILE")  # the master key, on a file system in memory
HARBOUR_CALL = env("HARBOUR_CALL")  # whom the page of a sealed house names, as it is to be shown to anybody
HARBOUR_LEAVE_TO = env("HARBOUR_LEAVE_TO")  # where "Leave now" leads; absent: an empty page of our own
HARBOUR_ALARM_COMMAND = env("HARBOUR_ALARM_COMMAND")
# The heads of the ledger's chains, signed: how often (minutes), into which folder, and the command that carries each away.
HARBOUR_ANCHOR_EVERY = int(env("HARBOUR_ANCHOR_EVERY", "60"))
HARBOUR_ANCHOR_FOLDER = env("HARBOUR_ANCHOR_FOLDER", str(embedded.state() / "anchors"))
HARBOUR_ANCHOR_COMMAND = env("HARBOUR_ANCHOR_COMMAND")
# Who was erased, as ids, where no restore takes it away.
HARBOUR_TOMBSTONE_FOLDER = env("HARBOUR_TOMBSTONE_FOLDER", str(embedded.state() / "tombstones"))
HARBOUR_BACKUP_KEY_FILE = env("HARBOUR_BACKUP_KEY_FILE")  # the operator's; never beside a backup
DATABASE_BACKUP = env("DATABASE_BACKUP")  # "user:password" of the role that reads every row; only for `backup`

VERIFY_ADDRESS = env("HARBOUR_VERIFY_ADDRESS", "http://localhost:8000/verify/")  # printed on papers that are sent

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "guardian",
    "allauth.account",  # allauth's second factor wants it; no page of it is ours
    "allauth.mfa",
    "axes",
    "relocation",
    "shelters",
    "logistics",
    "fiction",
    "config",  # last: it insists that every room has offered what others name
]
MIDDLEWARE = [
    "relocation.safety.headers.Headers",  # first, so that nothing answers past it
    "django.middleware.security.SecurityMiddleware",
    "config.static.Files",
    "relocation.safety.methods.KnownMethods",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "relocation.safety.threshold.Threshold",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "relocation.safety.gate.Edge",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# Who is who.
AUTH_USER_MODEL = "relocation.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
MFA_ADAPTER = "relocation.safety.factors.Sealing"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute off; a code counts once all the same
AXES_HANDLER = "relocation.safety.throttle.Counter"
AXES_USERNAME_CALLABLE = "relocation.safety.throttle.counted_name"
AXES_LOCKOUT_PARAMETERS = "relocation.safety.throttle.counters"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_FAILURE_LIMIT = 1  # of counters that are full, see relocation.safety.throttle
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # the ledger says who came in
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
# The door asks axes itself, with a request that carries nothing typed: no middleware; the address stands in each counter.
SILENCED_SYSTEM_CHECKS = ["axes.W002", "axes.W006"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": "relocation.safety.password.Varied"},
]

# What people see.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "relocation.desk.chrome.chrome",
            ],
            "libraries": {
                "harbour": "relocation.desk.templatetags.harbour",
                "alarms": "relocation.desk.templatetags.alarms",
                "notices": "relocation.desk.templatetags.notices",
            },
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # nothing to collect before a start
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian")), ("fr", _("French")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "__Host-language" if SECURE else "language"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "UTC"
USE_TZ = True

# What runs beside the pages. Jobs carry ids only, and are rows: the broker may forget everything.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in ("celery", "slow")]
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2}  # seconds
CELERY_TASK_PUBLISH_RETRY = False  # nobody waits for a doorbell: the clock rings too
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "relocation.jobs.tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
    "ladder": {"task": "logistics.ladder.look", "schedule": 15.0, "options": {"expires": 15}},
    "forget": {"task": "relocation.jobs.tasks.forget", "schedule": 600.0, "options": {"expires": 600}},
    "retention": {"task": "relocation.jobs.retaining.retention", "schedule": 3600.0, "options": {"expires": 3600}},
    "holds": {"task": "shelters.expiring.run_out", "schedule": 30.0, "options": {"expires": 30}},
    "anchors": {"task": "relocation.jobs.anchoring.anchors", "schedule": 60.0, "options": {"expires": 60}},
    "seats": {"task": "logistics.holds.sweep", "schedule": 60.0, "options": {"expires": 60}},
}

# What leaves: mail only where it is configured, and log lines that say nothing about anybody.
_email = addresses.email("EMAIL_URL")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _email else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _email.get("HOST", "localhost"), _email.get("PORT", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email.get("USER", ""), _email.get("PASSWORD", "")
EMAIL_TIMEOUT = 10  # seconds: an alarm does not wait behind a silent mail server
EMAIL_USE_TLS, EMAIL_USE_SSL = _email.get("STARTTLS", False), _email.get("TLS", False)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("EMAIL_FROM", "harbour@localhost")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "config.logs.Plain", "trace": DEBUG}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "harbour": {"level": "INFO"},
        "axes": {"level": "ERROR"},  # the ledger says who waits
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
