"""Delivery of finished videos: by the remote service, or made on this machine."""

from chapterize.deliver.conversation import Conversation
from chapterize.deliver.delivery import DeliverOptions, Delivery, Targets
from chapterize.deliver.offer import (
    Choice,
    Offer,
    make_offer,
    named_uploads,
    offer_json,
    service_at,
)
from chapterize.deliver.results import Delivered, delivered_json

__all__ = [
    "Choice",
    "Conversation",
    "DeliverOptions",
    "Delivered",
    "Delivery",
    "Offer",
    "Targets",
    "delivered_json",
    "make_offer",
    "named_uploads",
    "offer_json",
    "service_at",
]
