"""What a row finds, ready to be shown: lines of text cells, and goals with what was reached."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Goal:
    """A claim about one figure, and the figure."""

    claim: str
    found: str
    reached: bool


@dataclass
class Result:
    """One row of the benchmark: a small table of its own."""

    letter: str
    title: str
    columns: tuple[str, ...]
    lines: list[tuple[str, ...]] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def at_least(self, claim: str, found: float, wanted: float) -> None:
        """A goal that is a lower bound."""
        self.goals.append(Goal(f"{claim} >= {wanted:g}", f"{found:.2f}", found >= wanted))

    def below(self, claim: str, found: float, wanted: float, unit: str = "") -> None:
        """A goal that is an upper bound."""
        self.goals.append(Goal(f"{claim} < {wanted:g}{unit}", f"{found:.2f}{unit}", found < wanted))
