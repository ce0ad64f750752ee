"""The review page: look at a draft, change it, publish it."""
