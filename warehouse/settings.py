"""Where this installation keeps things; the environment is read here and nowhere else."""

import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT_HOME = "c360-home"


@dataclass(frozen=True)
class Settings:
    """One installation: its folders, its source connections and the resources a process may take."""

    home: Path
    core_banking_url: str | None = None
    tables: tuple[Path, ...] = (Path(__file__).parent / "tables",)
    memory_limit: str = "3GB"
    threads: int = 2
    versions_kept: int = 30
    landing_url: str | None = None
    published_url: str | None = None

    @classmethod
    def from_environment(cls, home: str | Path | None = None) -> "Settings":
        """Settings of this process: `home`, else C360_HOME, else ./c360-home; C360_* variables override the rest."""
        environment = os.environ
        return cls(
            home=Path(home or environment.get("C360_HOME") or DEFAULT_HOME).resolve(),
            core_banking_url=environment.get("C360_CORE_BANKING_URL"),
            memory_limit=environment.get("C360_MEMORY_LIMIT", cls.memory_limit),
            landing_url=environment.get("C360_LANDING_URL"),
            published_url=environment.get("C360_PUBLISHED_URL"),
            versions_kept=int(environment.get("C360_VERSIONS_KEPT", cls.versions_kept)),
            threads=int(environment.get("C360_THREADS", os.cpu_count() or 1)),
        )

    @property
    def sources(self) -> Path:
        """The simulated bank's own systems."""
        return self.home / "sources"

    @property
    def landing(self) -> Path:
        """What each source sent, unchanged, by source, table and business date; of a store, the copy worked on."""
        return _folder(self.landing_url) or self.home / "landing"

    @property
    def landing_store(self) -> str | None:
        """URL of the object storage that landed days are kept in, if any."""
        return _url(self.landing_url)

    @property
    def work(self) -> Path:
        """The build under way; anything here may be deleted."""
        return self.home / "work"

    @property
    def decisions(self) -> Path:
        """What stewards decided: append-only, never rebuilt."""
        return self.home / "decisions"

    @property
    def published(self) -> Path:
        """Immutable versions and the pointer to the current one; of a store, the copy worked on."""
        return _folder(self.published_url) or self.home / "published"

    @property
    def published_store(self) -> str | None:
        """URL of the object storage that versions are published to, if any."""
        return _url(self.published_url)

    @property
    def docs(self) -> Path:
        """Data Docs of the gates and the data dictionary, for people."""
        return self.home / "docs"


def _url(place: str | None) -> str | None:
    """A place that is a URL; a folder of this machine is none."""
    return place if place and "://" in place else None


def _folder(place: str | None) -> Path | None:
    """A place that is a folder of this machine."""
    return Path(place).resolve() if place and "://" not in place else None
