"""The warden: process 1 of one sandbox. It sets the sandbox up, watches it, pumps its output, ends it."""
