"""Work outside the event loop."""

from fasterapi.concurrency.iteration import iterate_in_threadpool as iterate_in_threadpool
from fasterapi.concurrency.subinterpreters import SubInterpreterPool as SubInterpreterPool
from fasterapi.concurrency.subinterpreters import close_pools as close_pools
from fasterapi.concurrency.subinterpreters import run_in_executor as run_in_executor
from fasterapi.concurrency.subinterpreters import run_in_subinterpreter as run_in_subinterpreter
from fasterapi.concurrency.threads import run_in_threadpool as run_in_threadpool
from fasterapi.concurrency.threads import set_thread_limit as set_thread_limit
from fasterapi.concurrency.threads import thread_limit as thread_limit
