"""hubopt sizes and places a three-level logistics network.

Rooms, in the order the data flows through them: ``hubopt.data`` (geography to
instance), ``hubopt.instance``, ``hubopt.model``, ``hubopt.solve``,
``hubopt.solution``, ``hubopt.check`` and ``hubopt.viz``.
"""

__version__ = "0.1.0"
