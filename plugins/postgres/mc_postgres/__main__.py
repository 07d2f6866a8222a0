"""Run the plugin: the host starts it as a child process."""

from mc_postgres.plugin import PostgresPlugin
from mc_sdk import serve

serve(PostgresPlugin())
