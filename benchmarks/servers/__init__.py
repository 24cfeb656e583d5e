"""One module per server, with `serve(contender, application, listener, workers)`: until killed, on the address of the listener.

It does not listen yet. It shares its port (SO_REUSEPORT), for servers that can only be told a port and bind it themselves.
"""
