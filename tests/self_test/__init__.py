"""Whether the verdict can be trusted: series of which the truth is known, through the whole pipeline."""
