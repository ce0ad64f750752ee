"""The remote editing service: its client, sessions, messages, renders and journals."""
