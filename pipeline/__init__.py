"""The ten stages from credentials to dashboard, the command line and the interactive mode."""
