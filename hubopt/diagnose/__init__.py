"""Why an instance has no plan under a policy, what would mend it, and what looks odd though no rule is broken."""

from hubopt.diagnose.change import Change, changed
from hubopt.diagnose.conflict import Conflict
from hubopt.diagnose.finding import Finding
from hubopt.diagnose.limits import Limit, limits_of
from hubopt.diagnose.mend import Mend
from hubopt.diagnose.odd import odd_instance, odd_result
from hubopt.diagnose.places import Place, Places, toml_lines
from hubopt.diagnose.proofs import proofs
from hubopt.diagnose.run import Diagnosis, diagnose
from hubopt.diagnose.words import Words

__all__ = [
    "Change", "Conflict", "Diagnosis", "Finding", "Limit", "Mend", "Place", "Places", "Words", "changed", "diagnose",
    "limits_of", "odd_instance", "odd_result", "proofs", "toml_lines",
]  # fmt: skip
