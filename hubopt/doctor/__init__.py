"""Whether an installation is whole: what is wrong with it, what it goes without, and how to mend each."""

from hubopt.doctor.examined import Examined, State
from hubopt.doctor.run import examine

__all__ = ["Examined", "State", "examine"]
