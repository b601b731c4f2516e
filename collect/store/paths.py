"""Every path of a study's folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StudyPaths:
    """Where things are under the study's root."""

    root: Path

    @property
    def study(self) -> Path:
        """The resolved study file."""
        return self.root / "study.toml"

    @property
    def plan(self) -> Path:
        """Every planned trial."""
        return self.root / "plan.parquet"

    @property
    def parts(self) -> Path:
        """One file a finished trial: the truth."""
        return self.root / "parts"

    @property
    def failures(self) -> Path:
        """One file a failed attempt."""
        return self.root / "failures"

    @property
    def tmp(self) -> Path:
        """Files on their way; disposable."""
        return self.root / "tmp"

    @property
    def quarantine(self) -> Path:
        """What was found damaged; disposable."""
        return self.root / "quarantine"

    @property
    def datapackage(self) -> Path:
        """Description of the tables for other tools."""
        return self.root / "datapackage.json"

    def part(self, trial_id: str) -> Path:
        """The part of one trial."""
        return self.parts / f"{trial_id}.parquet"

    def failure(self, trial_id: str, attempt: int) -> Path:
        """The record of one failed attempt, counted from 1."""
        return self.failures / f"{trial_id}.{attempt}.json"

    def table(self, name: str) -> Path:
        """A tidy table: trials, curves or layers."""
        return self.root / f"{name}.parquet"

    def lock(self, name: str) -> Path:
        """A lock file that saves two collectors from doing the same work."""
        return self.tmp / f"{name}.lock"
