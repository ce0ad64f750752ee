"""The review page: a local web page to see, change and publish the chapters of one file."""

from chapterize.review.assembly import assemble
from chapterize.review.instance import Instance, announce, other_instance, take_link
from chapterize.review.project import Project
from chapterize.review.server import listen, serve

__all__ = [
    "Instance",
    "Project",
    "announce",
    "assemble",
    "listen",
    "other_instance",
    "serve",
    "take_link",
]
