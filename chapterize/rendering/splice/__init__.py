"""Smart splice: encode the frames under titles, copy all others."""
