"""Many files: what there is to do, who does it, and what was done."""

__all__: list[str] = []
