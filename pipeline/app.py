"""What every command is given: the folders, the signals and a way to start logging."""

from dataclasses import dataclass

from core.paths import Paths
from pipeline.interrupts import Interrupts


@dataclass(frozen=True, slots=True)
class App:
    """The folders of this installation and the signals of this process."""

    paths: Paths
    interrupts: Interrupts
