"""The address that a request comes from, as the proxies before us say; unknown where there is none.

Each proxy appends to `X-Forwarded-For` whom it was called by. What stands before the entries of our
own proxies was written by the caller and is no evidence.
https://learn.microsoft.com/azure/frontdoor/front-door-http-headers-protocol
"""

from ipaddress import ip_address

from shared.web.http import Request


def address_of(request: Request, proxies: int) -> str | None:
    """Return the address that the outermost of `proxies` proxies of ours was called from.

    None without a proxy, and for what is no address. App Service's front end writes a port too.
    """
    entries = request.headers.get("x-forwarded-for", "").split(",")
    if not 0 < proxies <= len(entries):
        return None
    text = entries[-proxies].strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None
