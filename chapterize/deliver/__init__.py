"""Delivery of finished videos: by the remote service, or made on this machine."""

from chapterize.deliver.conversation import Conversation
from chapterize.deliver.delivery import DeliverOptions, Delivery, Targets
from chapterize.deliver.offer import (
    MOST_BYTES,
    Choice,
    Offer,
    make_offer,
    named_uploads,
    offer_json,
    upload_name,
)
from chapterize.deliver.results import Delivered

__all__ = [
    "MOST_BYTES",
    "Choice",
    "Conversation",
    "DeliverOptions",
    "Delivered",
    "Delivery",
    "Offer",
    "Targets",
    "make_offer",
    "named_uploads",
    "offer_json",
    "upload_name",
]
