"""The textbook formulations that rivals are given, written straight from the numbers of a published file.

They share nothing with hubopt's model but the arrays in which a program is kept.
"""

from hubopt.bench.textbook.forms import FORMS, Form, program_of

__all__ = ["FORMS", "Form", "program_of"]
