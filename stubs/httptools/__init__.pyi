from httptools.parser import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser

__all__ = ["HttpParserCallbackError", "HttpParserError", "HttpParserUpgrade", "HttpRequestParser"]
