"""`--http`: what a request costs with its server, and what the clients see."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final, cast

from benchmarks.children import ContenderError, LineProcess, child_command
from benchmarks.connection import Connection
from benchmarks.contenders import BASELINE, Contender, choose_contenders
from benchmarks.contract import ENDPOINTS, Endpoint, WrongAnswerError, verify
