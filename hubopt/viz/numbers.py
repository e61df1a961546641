"""Numbers as people read them: three figures, thousands set apart, money in the units of the language."""

from __future__ import annotations

from hubopt.texts import Texts, entries


def plain(value: float | None, digits: int, texts: Texts) -> str:
    """``value`` with at most ``digits`` decimals and without trailing zeros; a dash for none."""
    if value is None or value != value:
        return texts("number.missing")
    shown = f"{value:,.{digits}f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if shown == "-0" else shown


class Numbers:
    """Formats amounts in the language of ``texts``; ``currency`` is the instance's."""

    def __init__(self, texts: Texts, currency: str = "CNY") -> None:
        self.texts = texts
        known = entries().get(f"money.{currency}")
        self.currency = currency if known is None else known[texts.lang]

    def figures(self, value: float | None) -> str:
        """About three figures: 1,234, 56.7, 8.91."""
        size = abs(value or 0.0)
        return plain(value, 0 if size >= 100 else 1 if size >= 10 else 2, self.texts)

    def exact(self, value: float | None) -> str:
        """Up to six decimals, for parameters."""
        return plain(value, 6, self.texts)

    def percent(self, share: float | None, digits: int = 1) -> str:
        """A share as a percentage; what is not quite nothing or not quite all does not round to it."""
        if share is None:
            return self.texts("number.missing")
        if 0.999 < share < 1 - 1e-9 and float(f"{100 * share:.{digits}f}") == 100:
            return self.texts("number.nearly-all")
        if digits == 1 and 0 < share < 0.0005:
            return self.texts("number.tiny-share")
        return plain(100 * share, digits, self.texts) + "%"

    def unit(self, unit: str, value: float | None) -> str:
        """An amount with its unit, ``unit`` being a key of the catalogue's units."""
        return self.texts("number.missing") if value is None else self.texts(f"unit.{unit}", value=self.figures(value))

    def money(self, value: float | None) -> str:
        """An amount of money in millions and billions, or in 万 and 亿."""
        if value is None:
            return self.texts("number.missing")
        large, middle = (float(step) for step in self.texts("money.steps").split())
        size = abs(value)
        word, divisor = ("large", large) if size >= large else ("middle", middle) if size >= middle else ("plain", 1.0)
        return self.texts(f"money.{word}", currency=self.currency, value=self.figures(value / divisor))

    def full_money(self, value: float | None) -> str:
        """An amount of money to the last unit, where figures are compared."""
        if value is None:
            return self.texts("number.missing")
        return self.texts("money.plain", currency=self.currency, value=plain(value, 0, self.texts))
