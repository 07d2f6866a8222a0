"""Headers that our host sends to a plugin's HTTP port, and the secret that makes a plugin believe them."""

PREFIX = "X-Mission-Control-"
"""A request from outside never carries these: the gateway removes them before it sets its own."""

USER_HEADER = "X-Mission-Control-User"
EMAIL_HEADER = "X-Mission-Control-User-Email"
ITEM_HEADER = "X-Mission-Control-Config-Id"
REQUEST_HEADER = "X-Mission-Control-Request-Id"
TIMEOUT_HEADER = "X-Mission-Control-Timeout"
"""Seconds after which the host gives up; absent for streams."""
PREFIX_HEADER = "X-Forwarded-Prefix"

SECRET_HEADER = "X-Mission-Control-Secret"
SECRET_ENV = "MISSION_CONTROL_PLUGIN_SECRET"
"""A fresh random text per launch, in the plugin's environment: who sends it in SECRET_HEADER is the host."""
