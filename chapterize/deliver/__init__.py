"""Delivery of finished videos: by the remote service, or made on this machine."""

from chapterize.deliver.conversation import Conversation, Said, unfinished_jobs
from chapterize.deliver.delivery import DeliverOptions, Delivery, Targets
from chapterize.deliver.exports import Export, refuse_target
from chapterize.deliver.offer import (
    Choice,
    Offer,
    consent_lines,
    make_offer,
    named_uploads,
    offer_json,
    service_at,
)
from chapterize.deliver.results import Delivered, delivered_json
from chapterize.deliver.sessions import (
    Source,
    files_in,
    has_costs_left,
    next_command,
    require_session_about,
    require_shown,
    session_about,
    state_of,
)

__all__ = [
    "Choice",
    "Conversation",
    "DeliverOptions",
    "Delivered",
    "Delivery",
    "Export",
    "Offer",
    "Said",
    "Source",
    "Targets",
    "consent_lines",
    "delivered_json",
    "files_in",
    "has_costs_left",
    "make_offer",
    "named_uploads",
    "next_command",
    "offer_json",
    "refuse_target",
    "require_session_about",
    "require_shown",
    "service_at",
    "session_about",
    "state_of",
    "unfinished_jobs",
]
