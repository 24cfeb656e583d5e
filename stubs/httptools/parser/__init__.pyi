from httptools.parser.errors import (
    HttpParserCallbackError as HttpParserCallbackError,
    HttpParserError as HttpParserError,
    HttpParserInvalidMethodError as HttpParserInvalidMethodError,
    HttpParserInvalidURLError as HttpParserInvalidURLError,
    HttpParserUpgrade as HttpParserUpgrade,
)
from httptools.parser.parser import HttpRequestParser as HttpRequestParser
