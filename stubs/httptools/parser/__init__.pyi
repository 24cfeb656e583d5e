from httptools.parser.errors import HttpParserCallbackError, HttpParserError, HttpParserUpgrade
from httptools.parser.parser import HttpRequestParser

__all__ = ["HttpParserCallbackError", "HttpParserError", "HttpParserUpgrade", "HttpRequestParser"]
