"""The textbook formulations that rivals are given, written straight from the numbers of a published file.

They share nothing with hubopt's model but the arrays in which a program is kept.
"""

from hubopt.bench.textbook.forms import FORMS, form_for, program_of, sense_of

__all__ = ["FORMS", "form_for", "program_of", "sense_of"]
