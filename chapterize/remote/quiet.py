"""What the HTTP library logs, without secrets: whoever runs us may listen to all loggers."""

from __future__ import annotations

import logging

from chapterize.remote.identity import blank_secrets

__all__ = ["quieten_logs"]

_LOGGERS = (
    *("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2"),
    *("httpcore.proxy", "httpcore.socks"),
)


class _Blank(logging.Filter):
    """An address may carry a token in its query, and an answer's headers may lead there."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = blank_secrets(record.getMessage()), ()
        return True


_BLANK = _Blank()


def quieten_logs() -> None:
    """Let those loggers tell no token from now on; it may be called any number of times."""
    for name in _LOGGERS:
        # A logger's filter does not see what its children log.
        logging.getLogger(name).addFilter(_BLANK)
