"""Candidate sites: polygons of land, what speaks against each, and how suitable the rest are."""
