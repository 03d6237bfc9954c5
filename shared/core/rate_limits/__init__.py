"""How much each may do in a while: one limit a file.

The defaults let through what one instance can answer, and stop what would keep it from answering
others: they guard against a script gone wild and a stolen key, not against a busy day. What is
counted for a tenant or an address is twice what is counted for a caller: no caller takes all.
"""
