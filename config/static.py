"""Our own files, compressed once when the program starts and kept in memory: nothing to collect, nothing to build."""

from __future__ import annotations

import gzip
import re
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import Redirect, Response, StaticFile

GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s|$))")


class Pressed:
    """A file with its gzip form. Whoever asks for a part, or takes no gzip, gets it as it is."""

    def __init__(self, plain: StaticFile, body: bytes) -> None:
        self.plain, self.body = plain, gzip.compress(body, 9, mtime=0)

    def get_response(self, method: str, asked: dict[str, Any]) -> Response:
        """What WhiteNoise sends for this request, in its smaller form where there may be one."""
        response = self.plain.get_response(method, asked)
        headers = [*response.headers, ("Vary", "Accept-Encoding")]
        if response.status != HTTPStatus.OK or not GZIP.search(asked.get("HTTP_ACCEPT_ENCODING", "")):
            return Response(response.status, headers, response.file)
        if response.file:
            response.file.close()
        headers = [(name, value) for name, value in headers if name != "Content-Length"]
        headers += [("Content-Encoding", "gzip"), ("Content-Length", str(len(self.body)))]
        return Response(response.status, headers, BytesIO(self.body) if response.file else None)


class Files(WhiteNoiseMiddleware):
    """WhiteNoise, with every text among our files compressed. Under DEBUG files change, and go out as they are."""

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        super().add_file_to_dictionary(url, path, stat_cache=stat_cache)
        plain = self.files[url]
        body = Path(path).read_bytes()
        if not isinstance(plain, Redirect) and len(gzip.compress(body)) < len(body):
            self.files[url] = Pressed(plain, body)
