"""The language in which rows are asked for: `agent:main kind:cron source:auto changed:<5m -key:~run`."""
