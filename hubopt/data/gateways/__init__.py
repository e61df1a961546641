"""Gateways: where goods enter and leave the network."""
