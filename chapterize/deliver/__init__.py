"""Remote if it can be, else here; says which, and why."""

from chapterize.deliver.conversation import Conversation
from chapterize.deliver.delivery import Delivered, DeliverOptions, Delivery, User
from chapterize.deliver.offer import (
    MOST_BYTES,
    Choice,
    Offer,
    make_offer,
    offer_json,
    upload_name,
)

__all__ = [
    "MOST_BYTES",
    "Choice",
    "Conversation",
    "DeliverOptions",
    "Delivered",
    "Delivery",
    "Offer",
    "User",
    "make_offer",
    "offer_json",
    "upload_name",
]
