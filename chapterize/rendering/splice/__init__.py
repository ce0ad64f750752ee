"""The pictures under titles made anew, all others copied as they are."""
