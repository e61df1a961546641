"""Maps and reports for people: each one HTML file in two languages that opens without a network."""

from hubopt.viz.map import network_map
from hubopt.viz.report import report_html

__all__ = ["network_map", "report_html"]
