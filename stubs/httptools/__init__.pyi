from httptools.parser import (
    HttpParserCallbackError as HttpParserCallbackError,
    HttpParserError as HttpParserError,
    HttpParserInvalidMethodError as HttpParserInvalidMethodError,
    HttpParserInvalidURLError as HttpParserInvalidURLError,
    HttpParserUpgrade as HttpParserUpgrade,
    HttpRequestParser as HttpRequestParser,
)
