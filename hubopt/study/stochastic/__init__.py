"""Two-stage decisions under uncertainty: sites and sizes now, flows when the scenario is known."""
