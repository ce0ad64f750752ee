"""A server for AI agents, over the Model Context Protocol (MCP) on stdin and stdout."""

from chapterize.mcp.server import serve

__all__ = ["serve"]
