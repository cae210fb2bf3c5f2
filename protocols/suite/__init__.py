"""All services from one command and one TOML file."""
