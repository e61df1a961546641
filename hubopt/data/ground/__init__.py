"""The ground a case stands on: coordinates, outlines, names, road fabric, sound geometry."""
