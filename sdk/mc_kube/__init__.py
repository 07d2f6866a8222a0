"""Kubernetes for host and plugins: configuration, client, watch."""
